"""Recomputes the running totals from packets and transfers, and says where they differ. Slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator.holdings import MoneyTotals
from hongbao.wire.status import Status
from hongbao.wire.transfer.state import FINAL, TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.simulator.merchant import FundAccount, SimulatedMerchant
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.world import World

_PAID_FOR = frozenset({Status.SENT, Status.RECEIVED, Status.RFUND_ING, Status.REFUND})


class BooksDisagree(AssertionError):
    """The simulator lost or created money, which is a bug in the simulator."""


def check(world: World) -> None:
    """Check every packet, account and wallet of a world.

    Raises:
        BooksDisagree: if anything does not add up to the fen.
    """
    packets = list(world.packets())
    for packet in packets:
        _check_packet(packet)
    transfers = list(world.transfers.transfers())
    for transfer in transfers:
        _check_transfer(transfer)
    orders: list[_Order] = [*map(_of_packet, packets), *map(_of_transfer, transfers)]
    _check_totals("all", world.totals(), orders)
    for merchant in world.merchants.values():
        own = [order for order in orders if order.mch_id == merchant.mch_id]
        _check_totals(merchant.mch_id, world.totals(merchant.mch_id), own)
        _check_account(merchant, "basic", merchant.basic, own)
        _check_account(merchant, "operating", merchant.operating, own)
    wallets = sum(user.wallet for user in world.users.values())
    _agree("wallets", wallets, world.totals().claimed)


def _check_packet(packet: Packet) -> None:
    name = packet.mch_billno
    paid = packet.account is not None
    _agree(f"{name}: payments", packet.payments, int(paid))
    if packet.status in _PAID_FOR and not paid:
        raise BooksDisagree(f"{name} is {packet.status} and was never paid")
    if packet.status is Status.FAILED and paid:
        raise BooksDisagree(f"{name} is FAILED and was paid")
    _agree(f"{name}: claims", packet.claimed, sum(claim.amount for claim in packet.claims))
    if any(claim.amount < 1 for claim in packet.claims):
        raise BooksDisagree(f"{name} has a share of less than 1 fen")
    if packet.shares is not None:
        left = packet.total_amount - packet.claimed
        _agree(f"{name}: shares that are left", sum(packet.shares), left)
    if packet.status is Status.REFUND:
        _agree(f"{name}: an end", packet.claimed + packet.refunded, packet.total_amount)


def _check_transfer(transfer: SimulatedTransfer) -> None:
    name, state = transfer.out_bill_no, transfer.state
    locked = transfer.account is not None
    _agree(f"{name}: payments", transfer.payments, int(locked))
    if transfer.paid_at is not None and transfer.returned_at is not None:
        raise BooksDisagree(f"{name} was paid and came back")
    if (state is TransferState.SUCCESS) is not (transfer.paid_at is not None):
        raise BooksDisagree(f"{name} is {state}, but was {'' if transfer.paid else 'not '}paid")
    if state in FINAL and transfer.is_locked:
        raise BooksDisagree(f"{name} is {state} and its money is locked")


class _Order(NamedTuple):
    """What an order of either kind moved, in fen."""

    mch_id: str
    account: FundAccount | None
    debited: int
    claimed: int
    refunded: int


def _of_packet(packet: Packet) -> _Order:
    debited = packet.total_amount * packet.payments
    return _Order(packet.mch_id, packet.account, debited, packet.claimed, packet.refunded)


def _of_transfer(transfer: SimulatedTransfer) -> _Order:
    debited = transfer.amount * transfer.payments
    return _Order(transfer.mch_id, transfer.account, debited, transfer.paid, transfer.returned)


def _check_totals(whose: str, totals: MoneyTotals, orders: Iterable[_Order]) -> None:
    debited = claimed = refunded = 0
    for order in orders:
        debited += order.debited
        claimed += order.claimed
        refunded += order.refunded
    for name, running, walked in zip(
        MoneyTotals._fields, totals, (debited, claimed, refunded), strict=True
    ):
        _agree(f"{name} of {whose}", running, walked)
    if totals.in_flight < 0:
        raise BooksDisagree(f"{totals.in_flight} fen of {whose} are in flight")


def _check_account(
    merchant: SimulatedMerchant, name: str, account: FundAccount, orders: Iterable[_Order]
) -> None:
    own = [order for order in orders if order.account is account]
    whose = f"{name} account of {merchant.mch_id}"
    _agree(f"debits of the {whose}", account.debited, sum(order.debited for order in own))
    _agree(f"returns to the {whose}", account.refunded, sum(order.refunded for order in own))
    left = account.topped_up - account.debited + account.refunded
    _agree(f"balance of the {whose}", account.balance, left)


def _agree(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise BooksDisagree(f"{what}: {found}, but it should be {expected}")
