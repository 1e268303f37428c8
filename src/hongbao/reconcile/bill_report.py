"""The totals of a merchant's bills, day by day: what is ours, what is others', to the fen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.ledger.model.bill import current
from hongbao.money import format_yuan
from hongbao.sentences import said
from hongbao.views.columns import in_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.bills.bills import Bills
    from hongbao.money import Fen


class BillDay(NamedTuple):
    """One account and day; amounts are fen.

    Attributes:
        account: which account.
        day: which Beijing day.
        bill: the books' number of the bill.
        sha256: of its bytes, in hex.
        opening: what was on the account before; None of a day on which nothing moved.
        own_in: what came with our numbers: money that was not claimed.
        own_out: what went with our numbers: packets.
        others_in: what came otherwise.
        others_out: what went otherwise.
        closing: what was on the account afterwards.
        breaks: how many breaks of this day are open.
    """

    account: str
    day: int
    bill: int
    sha256: str
    opening: Fen | None
    own_in: Fen
    own_out: Fen
    others_in: Fen
    others_out: Fen
    closing: Fen | None
    breaks: int

    @property
    def ties(self) -> bool:
        """Whether what was there, came and went is what is left."""
        if self.opening is None or self.closing is None:
            return True
        moved = self.own_in + self.others_in - self.own_out - self.others_out
        return self.opening + moved == self.closing


def bill_days(
    bills: Bills, merchant_id: int, *, since: int | None = None, until: int | None = None
) -> list[BillDay]:
    """The totals of all bills that count and are matched, by account and day.

    Args:
        bills: where they are stored.
        merchant_id: whose.
        since: the first Beijing day.
        until: the last.
    """
    counted = [
        bill
        for bill in current(bills.of_merchant(merchant_id))
        if (since is None or since <= bill.key.day) and (until is None or bill.key.day <= until)
    ]
    matches = bills.matches(counted)
    breaks = [it.difference for it in bills.breaks(merchant_id)]
    accounts = {bill.id: bill.key.account for bill in counted}
    found = []
    for bill in counted:
        match = matches.get(bill.id)
        if match is None:
            continue
        facts, key = bill.facts, bill.key
        # One that no bill shows is reported with the first account of its day.
        first = next(it for it in counted if it.key.day == key.day)
        found.append(
            BillDay(
                account=key.account,
                day=key.day,
                bill=bill.id,
                sha256=bill.sha256.hex(),
                opening=facts.opening,
                own_in=match.amount_in,
                own_out=match.amount_out,
                others_in=facts.amount_in - match.amount_in,
                others_out=facts.amount_out - match.amount_out,
                closing=facts.closing,
                breaks=sum(
                    it.day == key.day
                    and (accounts.get(it.bill_id or 0, first.key.account) == key.account)
                    for it in breaks
                ),
            )
        )
    return found


def document(days: Sequence[BillDay]) -> list[dict[str, object]]:
    """The days for a program; amounts in fen."""
    return [{**it._asdict(), "day": beijing.date(it.day), "ties": it.ties} for it in days]


def text(days: Sequence[BillDay]) -> str:
    """The days for people; amounts in yuan."""
    head = (
        said("day"), said("account"), said("opening"), said("ours out"), said("ours in"),
        said("others out"), said("others in"), said("closing"), said("breaks"),
    )  # fmt: skip
    sums = [
        sum(getattr(it, name) for it in days)
        for name in ("own_out", "own_in", "others_out", "others_in")
    ]
    last = (said("all"), "", "", *map(format_yuan, sums), "", str(sum(it.breaks for it in days)))
    return in_columns([head, *map(_cells, days), last], right=range(2, len(head)))


def _cells(it: BillDay) -> tuple[str, ...]:
    opening, closing = (
        "" if balance is None else _signed(balance) for balance in (it.opening, it.closing)
    )
    moved = (it.own_out, it.own_in, it.others_out, it.others_in)
    return (
        beijing.date(it.day), it.account, opening, *map(_signed, moved),
        closing + ("" if it.ties else " !"), str(it.breaks),
    )  # fmt: skip


def _signed(amount: Fen) -> str:
    return f"-{format_yuan(-amount)}" if amount < 0 else format_yuan(amount)
