"""What the manual says is typed as it stands, page by page, and prints what it shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from postgres_process import programs

from session import Session, blocks, text_of

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["books"]

# Each with the programs that it needs beside Python and a shell.
PAGES = {
    "tutorial.md": "curl",
    "client.md": "",
    "howto/many-merchants.md": "curl",
    "howto/mini-program.md": "",
    "howto/other-languages.md": "curl go java keytool node",
    "howto/provider.md": "curl awk",
    "howto/testing.md": "",
    "howto/timeout.md": "curl",
    "howto/wecom.md": "",
    "explanation/books.md": "",
    "explanation/numbers.md": "",
}
"""Those that are typed from their top to their end."""

OF_OTHERS = {
    "cli.md": "tests/cli/test_docs_of_commands.py",
    "howto/postgresql.md": "below",
    "lists.md": "tests/campaign/test_lists_doc.py",
    "simulator.md": "tests/simulator/test_simulator_doc.py",
}
"""Pages whose tests type what they show in another way."""

RUN_NOWHERE = {"configuration.md"}
"""Command lines that stand in cli.md too."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = [program for program in PAGES[name].split() if shutil.which(program) is None]
    if missing:
        pytest.skip(f"there is no {', '.join(missing)}")
    monkeypatch.chdir(tmp_path)
    with Session(tmp_path) as session:
        session.play(blocks(text_of(name)))


def test_the_page_about_postgresql_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    monkeypatch.chdir(tmp_path)
    server = postgres.partition("@")[2].partition("/")[0]
    with Session(tmp_path, {"db.internal": server}, programs=programs()) as session:
        session.play(blocks(text_of("howto/postgresql.md")))
