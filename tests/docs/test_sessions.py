"""What the manual says is typed as it stands, page by page, and prints what it shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from postgres_process import programs

from hongbao import RedPack
from session import DOCS, ROOT, Session, blocks, is_shown, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.testing.wechat import SimulatedWeChat

pytest_plugins = ["books"]

# Each with the programs that it needs beside Python and a shell.
PAGES = {
    "tutorial.md": "curl",
    "client.md": "",
    "howto/bills.md": "curl",
    "howto/console-admin.md": "",
    "howto/many-merchants.md": "curl",
    "howto/mini-program.md": "",
    "howto/other-languages.md": "curl go java keytool node",
    "howto/pay-from-a-program.md": "",
    "howto/provider.md": "curl awk",
    "howto/reconcile.md": "curl sed",
    "howto/testing.md": "",
    "howto/timeout.md": "curl",
    "howto/phone.md": "curl grep",
    "howto/transfers.md": "curl",
    "howto/transfer-campaign.md": "curl",
    "howto/webhooks.md": "",
    "howto/wecom.md": "",
    "explanation/books.md": "",
    "explanation/numbers.md": "",
}
"""Those that are typed from their top to their end."""

OF_OTHERS = {
    "cli.md": "tests/cli/test_docs_of_commands.py",
    "howto/frameworks.md": "tests/cli/test_frameworks_page.py",
    "howto/postgresql.md": "tests/docs/test_sessions.py",
    "lists.md": "tests/campaign/test_lists_doc.py",
    "simulator.md": "tests/simulator/test_simulator_doc.py",
}
"""Pages with tests of their own, which type what they show in another way."""


def test_every_page_with_something_to_type_is_typed() -> None:
    found = {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if any(block.is_run for block in blocks(path.read_text(encoding="utf-8")))
    }
    typed = PAGES.keys() | OF_OTHERS.keys()
    assert {name for name in found if not name.startswith("zh/")} == typed  # those are the same
    for test in OF_OTHERS.values():
        assert (ROOT / test).exists()


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


@pytest.mark.parametrize(
    ("name", "heading"), [("README.md", "## A campaign"), ("README.zh-CN.md", "## 一场活动")]
)
def test_the_campaign_of_a_readme_can_be_pasted(
    name: str, heading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "recipients.csv", tmp_path)
    section = (ROOT / name).read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    with Session(tmp_path) as session:
        session.play(blocks(section))
    assert "paid,已付款,5," in (tmp_path / "spring-report.summary.csv").read_text("utf-8-sig")


def test_the_page_about_postgresql_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    monkeypatch.chdir(tmp_path)
    server = postgres.partition("@")[2].partition("/")[0]
    with Session(tmp_path, {"db.internal": server}, programs=programs()) as session:
        session.play(blocks(text_of("howto/postgresql.md")))


def test_the_code_that_the_page_about_tests_mends_did_pay_twice(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    names: dict[str, Any] = {}
    exec(compile(blocks(text_of("howto/testing.md"))[0].text, "page", "exec"), names)
    wechat_in_memory.fail({"fault": "lose_reply", "nth": 1})
    red_pack = RedPack(wechat_in_memory.merchant(), transport=wechat_in_memory.transport())
    assert names["reward"](red_pack, "order-1", "oBob_00000000000000000000002") == "paid"
    assert wechat_in_memory.totals().debited == 400


@pytest.mark.parametrize(
    ("shown", "is_it"),
    [
        ("a  3\nb", True),
        ("a 3\n...", True),
        ("...\na 3\nb\n...", True),
        ("a ...\nb", True),
        ("a 3", False),
        ("b", False),
        ("a 4\nb", False),
        ("a 3\n...\nc", False),
    ],
)
def test_a_page_must_show_what_is_printed(shown: str, is_it: bool) -> None:  # noqa: FBT001
    assert is_shown(shown, "a 3\nb\n") is is_it


def test_what_differs_from_day_to_day_does_not_matter() -> None:
    assert is_shown("at 2026-11-23 10:00:00 by a@b", "at 2027-01-02 11:12:13 by c@d")
    assert not is_shown("at 2026-11-23", "at dawn")
