"""No filter, and no figure, has the database look through all payouts: each follows an index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

import read_books
from hongbao.ledger.audits import audit_page
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.read import figures
from hongbao.ledger.read.figures import Span
from hongbao.ledger.read.payouts import payouts
from read_books import after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from desk import Desk

Statement = tuple[str, Any]

LARGE = ("payout", "standing", "submission", "event")
"""Tables that grow with each payout."""
SMALL = ("standing_code", "standing_handed_over", "standing_unknown")
"""Indexes that hold few payouts: one of them may be read from its beginning."""

_NAMES = ", ".join(f"'{it}'::regclass" for it in LARGE)
_AS_IF_LARGE = (
    # Few rows are looked through, and how many there are the server last saw in some other test.
    f"UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE oid IN ({_NAMES})",
    f"DELETE FROM pg_statistic WHERE starelid IN ({_NAMES})",
    "SET LOCAL enable_seqscan = off",
)


def asked_by(desk: Desk, read: Callable[[Connection], object]) -> list[Statement]:
    """The statements by which something is read."""
    said: list[Statement] = []

    def note(*call: Any) -> None:
        said.append((call[2], call[3]))

    with desk.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        read(connection)
    return said


def walks(desk: Desk, statements: list[Statement]) -> Iterator[str]:
    """The steps of their plans in which payouts are looked through without a bound."""
    for statement, values in dict.fromkeys((sql, str(values)) for sql, values in statements):
        del values
        arguments = next(it for sql, it in statements if sql == statement)
        with desk.transaction() as connection:
            if not desk.database.is_postgresql:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", arguments)
                steps = [row[3] for row in rows]
                yield from (
                    it for it in steps if it.startswith(tuple(f"SCAN {it}" for it in LARGE))
                )
                continue
            savepoint = connection.begin_nested()
            for sql in _AS_IF_LARGE:
                connection.exec_driver_sql(sql)
            [[plans]] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", arguments)
            savepoint.rollback()
            plans = json.loads(plans) if isinstance(plans, str) else plans
            yield from _unbounded(plans[0]["Plan"])


def _unbounded(plan: dict[str, Any]) -> Iterator[str]:
    index = str(plan.get("Index Name"))
    of_payouts = plan.get("Relation Name") in LARGE or index.startswith(LARGE)
    bounded = "Index Cond" in plan or "Recheck Cond" in plan or index in SMALL
    if of_payouts and not bounded:
        yield json.dumps(plan)
    for part in plan.get("Plans", ()):
        yield from _unbounded(part)


def test_no_filter_and_no_pair_looks_through_all_payouts(desk: Desk) -> None:
    read_books.fill(desk)
    bad = {}
    alone, pairs = read_books.filters()
    for asked in (*alone, *pairs[::5]):
        for cursor in (None, desk.book.payouts(asked, limit=1).next):
            statements = asked_by(
                desk,
                lambda it, a=asked, c=cursor: payouts(it, a, after=c, limit=2),  # type: ignore[misc]
            )
            if found := list(walks(desk, statements)):
                bad[repr(asked)] = found[0]
    assert bad == {}


def test_a_plan_that_looks_through_all_payouts_would_be_noticed(desk: Desk) -> None:
    desk.campaign(3)
    everything = asked_by(
        desk, lambda it: it.exec_driver_sql("SELECT * FROM payout WHERE kind = 'group'").all()
    )
    assert list(walks(desk, everything))


def test_no_figure_looks_through_all_payouts(desk: Desk) -> None:
    read_books.fill(desk)
    now = desk.clock.now
    bounds: dict[str, Any] = {"since": 0, "until": after(24), "campaign": None, "merchant": None}
    for read in (
        lambda it: figures.figures(it, Span.DAY, **bounds),
        lambda it: figures.codes(it, campaign="spring", merchant=None),
        lambda it: figures.codes(it, campaign=None, merchant=None),
        lambda it: figures.unknown(it, now=now, limit=100),
        lambda it: payouts(it, PayoutFilter(), after=None, limit=5),
    ):
        found = walks(desk, asked_by(desk, read))
        assert [it for it in found if not any(name in it for name in SMALL)] == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_page_of_an_audit_reads_no_payout_before_it(desk: Desk, *, whole: bool) -> None:
    read_books.fill(desk)
    asked = asked_by(desk, lambda it: next(audit_page.pages(it, after=2, last=9, whole=whole)))
    assert list(walks(desk, asked)) == []
