"""The demo's accounts: what queries say of every number, against what the simulator says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.cli.demo.calls.payouts import End, query
from hongbao.cli.demo.calls.recipients import Kind
from hongbao.testing.control_client import Totals
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hongbao.cli.demo.calls.payouts import Clients, Payout
    from hongbao.wire.replies import PacketInfo

_PAID = frozenset({Status.SENT, Status.RECEIVED, Status.RFUND_ING, Status.REFUND})


@dataclass(slots=True)
class KindBooks:
    """One kind of packet; amounts in fen.

    Attributes:
        rows: of the list.
        accepted: packets that were accepted.
        debited: what they cost.
        claims: how often somebody claimed.
        claimed: what they got.
        refunded: what came back.
        not_accepted: rows that were refused, or wrong, or nothing new.
    """

    rows: int = 0
    accepted: int = 0
    debited: int = 0
    claims: int = 0
    claimed: int = 0
    refunded: int = 0
    not_accepted: int = 0


def ask_for_all(
    payouts: Sequence[Payout], clients: Clients, *, after_each: Callable[[], None]
) -> dict[str, PacketInfo]:
    """What WeChat says of every number that it was told, each asked for once.

    Args:
        payouts: all rows.
        clients: who asks.
        after_each: called after each query, for the pace and the progress bar.

    Raises:
        OutcomeUnknown: if a query fails.
    """
    found: dict[str, PacketInfo] = {}
    for payout in numbers_told(payouts):
        info = query(payout, clients)
        after_each()
        if info is not None:
            found[payout.mch_billno] = info
    return found


def numbers_told(payouts: Sequence[Payout]) -> list[Payout]:
    """The first row of each number that reached WeChat."""
    told = [payout for payout in payouts if payout.end not in {End.INVALID, End.NOT_SENT}]
    return list({payout.mch_billno: payout for payout in reversed(told)}.values())[::-1]


def by_kind(payouts: Sequence[Payout], infos: dict[str, PacketInfo]) -> dict[Kind, KindBooks]:
    """The accounts of each kind, out of what queries said."""
    books = {kind: KindBooks() for kind in Kind}
    for payout in payouts:
        book = books[payout.row.kind]
        book.rows += 1
        good = payout.end is End.ACCEPTED and not payout.repeats
        book.accepted += good
        book.not_accepted += not good
    for payout in numbers_told(payouts):
        info = infos.get(payout.mch_billno)
        if info is not None:
            _add(books[payout.row.kind], info)
    return books


def totals_of(books: Iterable[KindBooks]) -> Totals:
    """Where the money is by our accounts."""
    every = list(books)
    debited = sum(book.debited for book in every)
    claimed = sum(book.claimed for book in every)
    refunded = sum(book.refunded for book in every)
    return Totals(debited, claimed, refunded, debited - claimed - refunded)


def _add(book: KindBooks, info: PacketInfo) -> None:
    if info.status in _PAID:
        book.debited += info.total_amount
    book.claims += len(info.claims)
    book.claimed += info.claimed_amount
    book.refunded += info.refund_amount
