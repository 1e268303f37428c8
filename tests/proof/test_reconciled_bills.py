"""Whole systems whose bills are wrong: what a seed plants is found, and nothing else is."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from hongbao import BillAccount, beijing
from hongbao.ledger.model.bill import BreakKind, Learned
from hongbao.ledger.model.payout import PAID
from hongbao.reconcile.bill_fetching import FetchEnd
from hongbao.reconcile.reconciling import reconcile
from laws import check
from proof_stage import DAY, Stage
from second_life import Life
from seeded_system import SeededSystem
from seeded_transfers import SeededTransfers
from transfer_stage import check_transfers
from witness import Planted, days_of, expected, fetch_all, told_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.bill import Break
    from proof_stage import Payers
    from shelf import Shelf

_FIRST, _, _LAST = os.environ.get("PROOF_SEEDS", "12").rpartition("-")
SEEDS = range(int(_FIRST), int(_LAST) + 1) if _FIRST else range(int(_LAST))
FAULTS = ("bill_missing_row", "bill_doubled_row", "bill_wrong_amount")
AT_ITSELF = {BreakKind.BALANCE_GAP, BreakKind.SUMMARY}


@pytest.mark.parametrize(
    "seed",
    [pytest.param(it, marks=[pytest.mark.postgres] if it % 9 == 8 else []) for it in SEEDS],
)
def test_each_difference_that_is_planted_in_bills_is_found_and_nothing_else_is(
    seed: int, payers: Payers, request: pytest.FixtureRequest
) -> None:
    shelf: Shelf = request.getfixturevalue("on_postgresql" if seed % 9 == 8 else "on_sqlite")
    system = SeededSystem(seed, payers, shelf, Life.FIRST)
    _check_system(system, seed, check)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [pytest.param(it, marks=[pytest.mark.postgres] if it % 9 == 6 else []) for it in SEEDS[::3]],
)
def test_so_it_is_with_bills_of_transfers_whether_or_not_they_have_what_was_only_locked(
    seed: int, payers: Payers, request: pytest.FixtureRequest
) -> None:
    shelf: Shelf = request.getfixturevalue("on_postgresql" if seed % 9 == 6 else "on_sqlite")
    system = SeededTransfers(seed, payers, shelf, Life.FIRST)
    system.stage.wechat.set(transfer_unpaid_in_bill=seed % 2 == 0)
    _check_system(system, seed, check_transfers)


def _check_system(system: SeededSystem, seed: int, check_laws: Callable[..., None]) -> None:
    try:
        system.rage()
        system.recover()
        check_laws(system.stage, ended=True)
        system.stage.time.advance(4 * DAY)
        merchants = {it.merchant_id: it.number for it in system.stage.book.channels()}
        for merchant_id, number in merchants.items():
            _check_bills(system.stage, merchant_id, number, Random(seed))
        check_laws(system.stage, ended=True)
    except BaseException as error:
        error.add_note(
            f"PROOF_SEEDS={seed}-{seed} python -m pytest tests/proof/test_reconciled_bills.py"
        )
        raise


def _check_bills(stage: Stage, merchant_id: int, mch_id: str, dice: Random) -> None:
    """Plant something, find it; take it away, and see that it closes by itself."""
    days = days_of(stage, mch_id, BillAccount.BASIC)
    numbers = sorted({row.voucher for rows in days.values() for row in rows})
    planted = [
        Planted(dice.choice(FAULTS), number)
        for number in dice.sample(numbers, min(len(numbers), dice.choice((0, 1, 1, 2))))
    ]
    summary, foreign = dice.random() < 0.2, dice.random() < 0.3
    rules: list[dict[str, object]] = [it.rule for it in planted]
    rules += [{"fault": "bill_broken_summary"}] if summary else []
    rules += [{"fault": "bill_foreign_rows"}] if foreign else []
    _fetch_late(stage, merchant_id, mch_id, rules, days_late=dice.choice((0, 1, 2)))
    payouts = [it for it in stage.payouts() if it.merchant_id == merchant_id]
    paid = {it.billno for it in payouts if it.state in PAID}
    locked = {it for it in numbers if stage.wechat.transfer(it, mch_id=mch_id) is not None} - paid
    wanted = set(expected(days, planted, paid=paid, locked=locked))
    told = {day for day, rows in told_of(days, planted).items() if rows}
    if summary:
        wanted |= {(BreakKind.SUMMARY, beijing.date(day)) for day in told}
    taught, found = _teach(stage, merchant_id)
    assert found == wanted
    assert (taught >= {"交易/交易/in", "退款/退款/out"}) is bool(foreign and told)
    # WeChat corrects its bills: both are kept, the later one counts, and nothing is left.
    stage.wechat.recover()
    again = fetch_all(stage, merchant_id, mch_id, again=True)
    if planted:
        assert {it.end for it in again} & {FetchEnd.CORRECTED, FetchEnd.STORED}
    reconcile(stage.book, merchant_id, by="clerk", stops=False)
    assert [_name(it) for it in stage.book.bills.breaks(merchant_id)] == []


def _fetch_late(
    stage: Stage, merchant_id: int, mch_id: str, rules: list[dict[str, object]], *, days_late: int
) -> None:
    """Fetch and reconcile, first without the last bills, which are late."""
    late = {"fault": "bill_late", "seconds": days_late * DAY}
    stage.wechat.fail(*rules, *([late] if days_late else []))
    fetched = fetch_all(stage, merchant_id, mch_id)
    assert {it.end for it in fetched} <= {FetchEnd.STORED, FetchEnd.EMPTY, FetchEnd.NOT_READY}
    waiting = [it.day for it in fetched if it.end is FetchEnd.NOT_READY]
    assert len(set(waiting)) == days_late
    early = reconcile(stage.book, merchant_id, by="clerk", stops=False)
    stage.wechat.fail(*rules)
    fetched = fetch_all(stage, merchant_id, mch_id)
    assert {it.day for it in fetched if it.end is FetchEnd.STORED} <= set(waiting)
    later = reconcile(stage.book, merchant_id, by="clerk", stops=False)
    # What is found before the last bills come is found for good.
    assert early.opened == [] or later.closed == 0


def _teach(stage: Stage, merchant_id: int) -> tuple[set[str], set[tuple[BreakKind, str]]]:
    """Say once of each kind that is not ours that others move it.

    Returns:
        Those kinds, and all other breaks that are open.
    """
    bills, taught = stage.book.bills, set()
    for it in list(bills.breaks(merchant_id)):
        if it.difference.kind is BreakKind.UNKNOWN_KIND:
            taught.add(it.difference.subject)
            bills.close(it.id, by="anna", reason="not red packets", learned=Learned.OTHERS)
    assert not reconcile(stage.book, merchant_id, by="clerk", stops=False).opened
    return taught, {_name(it) for it in bills.breaks(merchant_id)}


def _name(it: Break) -> tuple[BreakKind, str]:
    kind, subject = it.difference.kind, it.difference.subject
    return (kind, subject.partition("/")[2]) if kind in AT_ITSELF else (kind, subject)
