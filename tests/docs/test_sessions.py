"""What the manual says is typed as it stands, page by page, and prints what it shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from session import DOCS, Session, blocks, is_shown, normal, text_of

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ["howto/testing.md", "howto/other-languages.md"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Session(tmp_path) as session:
        session.play(blocks(text_of(name)))
