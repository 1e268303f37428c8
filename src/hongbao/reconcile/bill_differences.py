"""What is wrong with bills as a whole, and with rows whose numbers are not ours. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.ledger.model.bill import BreakKind, Difference, Learned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.ledger.model.bill import BillMatch, ForeignGroup, StoredBill
    from hongbao.ledger.model.period import Period


def whole_bills(bills: Sequence[StoredBill]) -> Iterator[Difference]:
    """Bills that do not agree with themselves, or not with the one of the day before.

    Args:
        bills: those that count, by account and day.
    """
    before: StoredBill | None = None
    closing: int | None = None
    for bill in bills:
        facts = bill.facts
        if not facts.whole:
            detail = {"bad_lines": facts.bad_lines} if facts.bad_lines else {}
            yield _of_bill(BreakKind.SUMMARY, bill, line=facts.bad_line, **detail)
        if before is None or before.key != bill.key._replace(day=bill.key.day - 1):
            closing = None  # nobody knows what moved in between
        follows = closing is None or facts.opening is None or facts.opening == closing
        if facts.gaps or not follows:
            yield _of_bill(
                BreakKind.BALANCE_GAP,
                bill,
                line=facts.gap_line if facts.gaps else None,
                expected=None if follows else closing,
                found=None if follows else facts.opening,
                gaps=facts.gaps + (not follows),
            )
        before = bill
        closing = closing if not facts.rows else facts.closing


def foreign_rows(
    matched: Sequence[tuple[StoredBill, BillMatch]], learned: Mapping[str, Learned]
) -> Iterator[Difference]:
    """Rows whose numbers are not ours.

    Args:
        matched: the bills that count, with what came of matching them.
        learned: what people said of kinds, by their labels.
    """
    own = {label for _, match in matched for label in match.own}
    unknown: dict[str, tuple[StoredBill, ForeignGroup]] = {}
    for bill, match in matched:
        for group in match.foreign:
            whose = learned.get(group.label, Learned.OWN if group.label in own else None)
            if whose is None:
                unknown.setdefault(group.label, (bill, group))
            elif whose is Learned.OWN:
                yield _of_group(BreakKind.FOREIGN, bill, group, f"{_name(bill)}/{group.label}")
    for label, (bill, group) in unknown.items():
        yield _of_group(BreakKind.UNKNOWN_KIND, bill, group, label)


def changed_periods(bills: Sequence[StoredBill], periods: Iterable[Period]) -> Iterator[Difference]:
    """Days that finance has closed, of which other bills count now.

    Args:
        bills: those that count.
        periods: what was ever closed.
    """
    for period in periods:
        first, last = period.facts.first_day, period.facts.last_day
        there = [it for it in bills if first <= it.key.day <= last]
        others = [it for it in there if it.id not in set(period.facts.bills)]
        if not period.stands or not others:
            continue
        closed = sum(it.own_out + it.others_out for it in period.facts.accounts)
        yield Difference(
            kind=BreakKind.PERIOD_CHANGED,
            subject=f"{beijing.date(first)}/{beijing.date(last)}/{period.id}",
            payout_id=None,
            bill_id=others[0].id,
            line=None,
            day=others[0].key.day,
            expected=closed,
            found=sum(it.facts.amount_out for it in there),
            detail=_json({"period": period.id, "bills": [_name(it) for it in others]}),
        )


def _of_bill(
    kind: BreakKind,
    bill: StoredBill,
    *,
    line: int | None,
    expected: int | None = None,
    found: int | None = None,
    **detail: int,
) -> Difference:
    return Difference(
        kind=kind,
        subject=_name(bill),
        payout_id=None,
        bill_id=bill.id,
        line=line,
        day=bill.key.day,
        expected=expected,
        found=found,
        detail=_json(detail),
    )


def _of_group(kind: BreakKind, bill: StoredBill, group: ForeignGroup, subject: str) -> Difference:
    return Difference(
        kind=kind,
        subject=subject,
        payout_id=None,
        bill_id=bill.id,
        line=group.line,
        day=bill.key.day,
        expected=None,
        found=group.amount,
        detail=_json({"rows": group.rows, "numbers": [list(it) for it in group.prefixes]}),
    )


def _name(bill: StoredBill) -> str:
    """Such as ``Basic/2026-11-29``."""
    return f"{bill.key.account}/{beijing.date(bill.key.day)}"


def _json(detail: Mapping[str, object]) -> str:
    if not detail:
        return ""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
