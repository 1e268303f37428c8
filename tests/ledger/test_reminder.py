"""Who has not claimed yet is written with the hours that are left, and nobody else is."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from desk import HOUR, accepted, refused, step
from hongbao.campaign.report.reminder import REMINDER_COLUMNS, unclaimed, write_reminder
from hongbao.errors import ConfigurationError, LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk


def paid(desk: Desk) -> None:
    """Spring: one is claimed, one refused, and two are paid an hour and a half apart."""
    desk.campaign(4)
    first, *_ = jobs = desk.jobs()
    rest = {job.payout.key: job for job in jobs}
    desk.record(
        (rest["spring/0"], accepted(first)),
        (rest["spring/1"], refused(rest["spring/1"])),
        (
            rest["spring/2"],
            step(rest["spring/2"], EventKind.FOUND, State.RECEIVED, sent_at=desk.clock.now,
                 settled_at=desk.clock.now, claimed=100),
        ),
    )  # fmt: skip
    late = accepted(rest["spring/3"])
    desk.clock.pass_(1.5 * HOUR)
    desk.book.query_now(rest["spring/3"].payout.id, by="anna")
    [again] = [it for it in desk.jobs() if it.payout.key == "spring/3"]
    found = step(
        again, EventKind.FOUND, State.SENT, task=late.task, due_at=late.due_at,
        sent_at=desk.clock.now,
    )  # fmt: skip
    desk.record((again, found))


def test_those_who_can_still_claim_are_written_the_oldest_first(desk: Desk, tmp_path: Path) -> None:
    paid(desk)
    desk.clock.pass_(0.75 * HOUR)
    now = desk.clock.now
    found = list(unclaimed(desk.book, "spring", now=now))
    for name in ("a.csv", "a.xlsx"):
        assert write_reminder(tmp_path / name, found, now=now) == 200
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        [header, *rows] = csv.reader(stream)
    assert tuple(header) == REMINDER_COLUMNS
    assert [(row[0], row[1], row[3], row[4], row[7]) for row in rows] == [
        ("spring/0", "oUSER_spring_0", "1.00", "1.00", "21"),
        ("spring/3", "oUSER_spring_3", "1.00", "1.00", "23"),
    ]
    assert rows[0][5:7] == ["2026-11-23 10:00:00", "2026-11-24 10:00:00"]
    sheet = load_workbook(tmp_path / "a.xlsx")["unclaimed"]
    assert [row[7].value for row in sheet.iter_rows()] == ["hours_left", 21, 23]


def test_whoever_can_claim_no_more_is_left_out(desk: Desk) -> None:
    paid(desk)
    desk.clock.pass_(22.5 * HOUR)
    assert [it.payout.key for it in unclaimed(desk.book, "spring", now=desk.clock.now)] == [
        "spring/3"
    ]
    desk.clock.pass_(2 * HOUR)
    assert not list(unclaimed(desk.book, "spring", now=desk.clock.now))


def test_a_campaign_or_a_file_that_cannot_be_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        list(unclaimed(desk.book, "winter", now=0))
    for name in ("a.txt", "nowhere/a.csv"):
        with pytest.raises(ConfigurationError):
            write_reminder(tmp_path / name, [], now=0)
