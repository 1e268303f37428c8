"""Audits from the page: in a process of their own, one at a time; checkpoints; acts in words."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from console_stage import send
from hongbao.checkpoint.key_files import make_key, read_key
from hongbao.checkpoint.taking import take
from hongbao.console.pages.records import DEEDS, KINDS
from hongbao.console.routes import ROUTES
from hongbao.ledger.model.account import ActKind, Role

if TYPE_CHECKING:
    from pathlib import Path

    from console_stage import ConsoleStage
    from hongbao.console.auditing import AuditRun

ON = "/audit"


@pytest.fixture
def console_settings(tmp_path: Path) -> dict[str, Any]:
    """Settings with a folder of checkpoints."""
    key = make_key(tmp_path / "signing.key", "shop.example/books")
    (tmp_path / "kept").mkdir()
    return {"port": 0, "checkpoints": "kept", "checkpoint_key": str(key.verifying)}


def ended(console: ConsoleStage) -> AuditRun:
    """The audit that runs, once it is over."""
    assert console.site.audits.wait(60)
    run = console.site.audits.run
    assert run is not None
    return run


def test_an_audit_runs_beside_the_pages_and_its_result_stays(console: ConsoleStage) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    console.pay(2, claimed=1)
    client = console.client(Role.FINANCE)
    assert send(client, "/audit/run", on=ON).headers["location"] == "/audit?done=audit-begun"
    assert send(client, "/audit/run", on=ON).headers["location"] == "/audit?done=audit-runs"
    run = ended(console)
    assert run.report is not None
    assert (run.report.findings_count, run.report.payouts, run.by) == (0, 3, "finance")
    assert "every chain, every fen" in client.get(ON).text
    act = next(it for it in console.site.accounts.acts() if it.kind == ActKind.AUDITED)
    assert json.loads(act.body)["findings"] == 0


def test_what_an_audit_finds_is_shown(console: ConsoleStage) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    path = console.site.configuration.database_url().removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE channel SET day_amount_max = 7")
    client = console.client(Role.ADMIN)
    send(client, "/audit/run", on=ON)
    run = ended(console)
    assert run.report is not None
    assert run.report.findings_count == 1
    page = client.get(ON).text
    assert "1 finding." in page
    assert "day_amount_max is 7" in page
    assert "Stop all workers" in page


def test_books_are_held_against_a_checkpoint_and_only_one_that_is_signed(
    console: ConsoleStage, tmp_path: Path
) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    take(console.book, tmp_path / "kept" / "monday", read_key(tmp_path / "signing.key"))
    (tmp_path / "kept" / "forged").write_text("not signed", encoding="utf-8")
    client = console.client(Role.FINANCE)
    page = client.get(ON).text
    assert "2 files" in page
    assert 'value="monday"' in page
    assert 'value="forged"' not in page
    send(client, "/audit/run", on=ON, checkpoint="monday")
    run = ended(console)
    assert run.problem == ""
    assert run.report is not None
    assert (run.report.findings_count, run.checkpoint) == (0, "monday")
    for name in ("forged", "../signing.key", "monday.heads", "none"):
        send(client, "/audit/run", on=ON, checkpoint=name)
        assert ended(console).problem or console.site.audits.run == run


def test_a_process_that_is_ended_is_said_so(console: ConsoleStage) -> None:
    console.account("root", Role.ADMIN)
    desk = console.site.audits
    send(console.client(Role.FINANCE), "/audit/run", on=ON)
    desk.close()
    run = ended(console)
    assert run.report is not None or "ended from outside" in run.problem


def test_every_form_is_said_in_words() -> None:
    forms = {it.path for it in ROUTES if it.method == "POST" and it.roles is not None}
    assert forms - DEEDS.keys() == set()
    assert set(KINDS) == set(ActKind)


def test_acts_are_shown_as_what_was_done(console: ConsoleStage) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    maker = console.client(Role.MAKER)
    send(maker, "/campaigns/spring/pause", on="/campaigns/spring", reason="lunch")
    page = console.client(Role.ADMIN).get(ON).text
    assert "paused campaign spring" in page
    assert "{name}" not in page
