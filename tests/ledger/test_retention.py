"""How old events are taken out of books on PostgreSQL, as ``docs/postgresql.md`` says it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk import accepted, refused
from hongbao.errors import LedgerError
from hongbao.ledger.audits.audit_report import FindingCode

if TYPE_CHECKING:
    from desk import Desk

_PAGE = Path(__file__).parents[2] / "docs" / "postgresql.md"


def recipes() -> list[str]:
    """The page's SQL, with partitions of two payouts instead of five million."""
    found = re.findall(r"^```sql\n(.*?)^```$", _PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text.replace("10000000", "100").replace("5000000", "3") for text in found]


def do(desk: Desk, recipe: str) -> None:
    """Do it, in a transaction of ours instead of its own."""
    with desk.transaction() as connection:
        for statement in recipe.split(";\n"):
            if statement.strip() not in {"", "BEGIN", "COMMIT"}:
                connection.exec_driver_sql(statement)


def test_books_go_on_with_partitions_and_without_the_oldest(desk: Desk) -> None:
    if not desk.database.is_postgresql:
        return  # SQLite has no partitions
    desk.campaign(4)
    paid, no = desk.jobs(2)
    desk.record((paid, accepted(paid)), (no, refused(no)))
    divide, take_out = recipes()
    do(desk, divide)
    with pytest.raises(LedgerError, match="never changed"), desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE event SET actor = 'nobody'")
    later = desk.jobs(2)
    desk.record(*((job, accepted(job)) for job in later))
    assert desk.book.audit().findings == ()
    assert [len(desk.book.history(job.payout.id)) for job in (paid, *later)] == [3, 3, 3]
    do(desk, take_out)
    assert {(one.code, one.subject) for one in desk.book.audit().findings} >= {
        (FindingCode.CHAIN, job.payout.billno) for job in (paid, no)
    }
    # That it was stored, and that its first call was begun, stands elsewhere.
    assert [len(desk.book.history(job.payout.id)) for job in (paid, *later)] == [2, 3, 3]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE event DROP CONSTRAINT event_pkey1",
        "DROP TRIGGER event_update ON event",
        "ALTER TABLE event_0 DISABLE TRIGGER event_update",
        "ALTER TABLE event_1 DISABLE TRIGGER ALL",
        (
            "CREATE TRIGGER more BEFORE INSERT ON event_1 FOR EACH ROW EXECUTE FUNCTION "
            "suppress_redundant_updates_trigger()"
        ),
    ],
)
def test_a_law_that_is_taken_away_from_a_table_in_partitions_is_found(
    desk: Desk, statement: str
) -> None:
    if not desk.database.is_postgresql:
        return
    do(desk, recipes()[0])
    do(desk, statement)
    assert {it.code for it in desk.book.audit().findings} == {FindingCode.SCHEMA}


@pytest.mark.parametrize("table", ["event", "event_0", "event_1"])
def test_no_partition_can_be_emptied(desk: Desk, table: str) -> None:
    if not desk.database.is_postgresql:
        return
    do(desk, recipes()[0])
    with pytest.raises(LedgerError, match="never changed"), desk.transaction() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table}")
    assert desk.book.audit().findings == ()
