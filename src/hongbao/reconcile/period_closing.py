"""Closes days of a merchant for finance: what they come to, and what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError
from hongbao.ledger.model.bill import BreakKind, current
from hongbao.ledger.model.period import AccountTotals, PeriodFacts
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.ledger.bills.bills import Bills
    from hongbao.ledger.model.bill import BillMatch, Break, StoredBill
    from hongbao.ledger.model.period import Period
    from hongbao.money import Fen
    from hongbao.sentences import Sentence

DAYS_MAX = 366
"""A period is a year at most."""
NAMED_MAX = 5
"""So many obstacles of a sort are named; the others are counted."""
_EXPLAINS = frozenset({BreakKind.AMOUNT, BreakKind.DUPLICATE})
"""Why the bills may have more or less of our payments than the books."""


class PeriodLook(NamedTuple):
    """What some days come to, before they are closed.

    Attributes:
        facts: what would be recorded.
        obstacles: why they cannot be closed yet, in words; none if they can be.
        open_breaks: the breaks of these days that are open.
    """

    facts: PeriodFacts
    obstacles: Sequence[Sentence]
    open_breaks: Sequence[Break]


def look_at_period(
    bills: Bills, merchant_id: int, *, first: int, last: int, accounts: Sequence[str]
) -> PeriodLook:
    """What some days of a merchant come to, and what is in the way of closing them.

    Args:
        bills: the bills in the books.
        merchant_id: whose.
        first: the first Beijing day, as days since the epoch.
        last: the last.
        accounts: those that it pays from; others count from their first bill on.

    Raises:
        InvalidRequest: if the days are in no order, or too many.
    """
    if not 0 <= last - first < DAYS_MAX:
        rule = say("0 to {most} days after the first", most=DAYS_MAX - 1)
        raise InvalidRequest(field="until", rule=rule, found=say("another day"))
    stored = current(bills.of_merchant(merchant_id))
    inside = [it for it in stored if first <= it.key.day <= last]
    matches = bills.matches(inside)
    totals = [
        _totals(bills, [it for it in inside if it.key.account == account], matches)
        for account in sorted({it.key.account for it in inside})
    ]
    every = [
        it
        for it in bills.breaks(merchant_id, only_open=False)
        if first <= it.difference.day <= last
    ]
    opened = [it for it in every if it.open]
    facts = PeriodFacts(first, last, totals, [it.id for it in inside], [it.id for it in opened])
    obstacles = [
        *_absent(stored, first, last, _since(bills, merchant_id, stored, accounts)),
        *_unmatched(inside),
        *_untied(totals, every),
    ]
    return PeriodLook(facts, obstacles, opened)


def close_period(
    bills: Bills, merchant_id: int, look: PeriodLook, *, leave_open: bool, by: str
) -> Period:
    """Close what was looked at.

    Args:
        bills: the bills in the books.
        merchant_id: whose.
        look: what was looked at.
        leave_open: whether the breaks that are open stay so; their numbers are recorded.
        by: who closes it.

    Raises:
        LedgerError: if something is in the way; it says what.
    """
    if look.obstacles:
        problem = say("not everything is there: {obstacle}", obstacle=look.obstacles[0])
        raise _in_the_way(problem, say("Do that first, then close it."))
    if look.open_breaks and not leave_open:
        numbers = _named(str(it.id) for it in look.open_breaks)
        raise _in_the_way(
            say("breaks of these days are open: {breaks}", breaks=numbers),
            say("Close them with a reason, or have them left open: the period then names them."),
        )
    return bills.close_period(merchant_id, look.facts, by=by)


def _totals(
    bills: Bills, of_account: Sequence[StoredBill], matches: dict[int, BillMatch]
) -> AccountTotals:
    """What the bills of one account come to, in the order of days."""
    found = [matches[it.id] for it in of_account if it.id in matches]
    facts = [it.facts for it in of_account]
    own_in, own_out = sum(it.amount_in for it in found), sum(it.amount_out for it in found)
    moved = [it for it in facts if it.rows]
    paid, unpaid = bills.booked(of_account)
    return AccountTotals(
        account=of_account[0].key.account,
        opening=moved[0].opening if moved else None,
        own_out=own_out,
        own_in=own_in,
        others_out=sum(it.amount_out for it in facts) - own_out,
        others_in=sum(it.amount_in for it in facts) - own_in,
        closing=moved[-1].closing if moved else None,
        paid=paid,
        unpaid_out=unpaid,
    )


def _since(
    bills: Bills, merchant_id: int, stored: Sequence[StoredBill], accounts: Sequence[str]
) -> dict[str, int]:
    """From which day on there should be a bill of each account."""
    began = bills.began(merchant_id)
    days: dict[str, int] = {} if began is None else dict.fromkeys(accounts, beijing.day_of(began))
    for it in stored:
        days[it.key.account] = min(it.key.day, days.get(it.key.account, it.key.day))
    return days


def _absent(
    stored: Sequence[StoredBill], first: int, last: int, since: Mapping[str, int]
) -> Iterator[Sentence]:
    """Bills that are not there, also of the day after: it may have what was sent at midnight."""
    there = {(it.key.account, it.key.day) for it in stored}
    if not any(first <= day <= last for _, day in there):
        yield say("there is no bill of these days")
        return
    missing = [
        f"{account}/{beijing.date(day)}"
        for day in range(first, last + 2)
        for account in sorted(since)
        if day >= since[account] and (account, day) not in there
    ]
    if missing:
        yield say("bills are missing: {bills}", bills=_named(missing))


def _unmatched(inside: Sequence[StoredBill]) -> Iterator[Sentence]:
    waiting = [it for it in inside if it.matched_at is None]
    if waiting:
        yield say("bills are not matched yet: {bills}", bills=_named(map(_name, waiting)))
    torn = [it for it in inside if not it.facts.whole]
    if torn:
        yield say("bills are not whole: {bills}", bills=_named(map(_name, torn)))


def _untied(totals: Sequence[AccountTotals], breaks: Sequence[Break]) -> Iterator[Sentence]:
    loose = [it.account for it in totals if not it.ties]
    if loose:
        yield say("what moved is not what the balances say: {accounts}", accounts=_named(loose))
    explained = any(it.difference.kind in _EXPLAINS for it in breaks)
    differs: Fen = sum(it.differs for it in totals)
    if differs and not explained:
        yield say("bills and books differ by {fen} fen, and no break says why", fen=differs)


def _name(bill: StoredBill) -> str:
    return f"{bill.key.account}/{beijing.date(bill.key.day)}"


def _named(names: Iterable[str]) -> str:
    """The first of them, and how many there are if these are not all."""
    every = list(names)
    more = f" … ({len(every)})" if len(every) > NAMED_MAX else ""
    return ", ".join(every[:NAMED_MAX]) + more


def _in_the_way(problem: Sentence, remedy: Sentence) -> LedgerError:
    return LedgerError(code=LedgerCode.WRONG_STATE, problem=problem, remedy=remedy)
