"""All transfers of a world: how they go on with time, and what money they move.

Money is locked when a transfer waits for its user: it has left the account, and is nobody's until
the user has it or it comes back. Only here does money of transfers move.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from hongbao.simulator.clock import beijing_day
from hongbao.simulator.packet import NEVER
from hongbao.simulator.settings import CancelRace
from hongbao.simulator.transfer.notices import Notices
from hongbao.simulator.transfer.order import (
    CONFIRMED_BY_USER,
    SimulatedAuthorization,
    SimulatedTransfer,
    transfer_bill_no,
)
from hongbao.wire.transfer.state import FINAL, TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hongbao.simulator.merchant import FundAccount, SimulatedMerchant
    from hongbao.simulator.transfer.notices import Notice
    from hongbao.simulator.world import World

OVERDUE = "OVERDUE_CLOSE"


class TransferBook:
    """The transfers and authorisations of a world.

    Args:
        world: whose clock, merchants, users and settings it has.

    Attributes:
        notices: what WeChat wants to tell merchants.
        held: how many transfers and authorisations there ever were.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._transfers: dict[tuple[str, str], SimulatedTransfer] = {}
        self._authorizations: dict[tuple[str, str], SimulatedAuthorization] = {}
        self._by_wechats_number: dict[str, SimulatedTransfer] = {}
        self._short: list[SimulatedTransfer] = []  # wait for a balance
        self._days: dict[tuple[str, int, str], int] = {}  # by merchant, day and openid, or ""
        self.notices = Notices()
        self.held = 0

    def find(self, mch_id: str, out_bill_no: str) -> SimulatedTransfer | None:
        """A transfer in the state in which the world was last settled."""
        return self._transfers.get((mch_id, out_bill_no))

    def find_authorization(self, mch_id: str, number: str) -> SimulatedAuthorization | None:
        """An authorisation by the merchant's number."""
        return self._authorizations.get((mch_id, number))

    def authorizations_of(self, mch_id: str) -> Iterator[SimulatedAuthorization]:
        """A merchant's authorisations."""
        return (it for it in self._authorizations.values() if it.mch_id == mch_id)

    def find_by_wechats_number(self, number: str) -> SimulatedTransfer | None:
        """A transfer by WeChat's own number."""
        return self._by_wechats_number.get(number)

    def orders(self) -> Iterator[SimulatedTransfer | SimulatedAuthorization]:
        """All transfers and authorisations."""
        yield from self._transfers.values()
        yield from self._authorizations.values()

    def transfers(self) -> Iterator[SimulatedTransfer]:
        """All transfers, in the order in which they came."""
        return iter(self._transfers.values())

    def transfers_after(self, count: int) -> list[SimulatedTransfer]:
        """Those after the first ones, in order; costs nothing for those before."""
        new = max(0, len(self._transfers) - count)
        latest = list(islice(reversed(self._transfers.values()), new))
        latest.reverse()
        return latest

    def take(
        self,
        merchant: SimulatedMerchant,
        document: Mapping[str, Any],
        *,
        call: str,
        openid: str,
        name: str = "",
    ) -> SimulatedTransfer:
        """Take a new transfer, and go on with it as far as it goes at once."""
        now = self._world.clock.now()
        self.held += 1
        transfer = SimulatedTransfer(
            serial=self.held,
            mch_id=merchant.mch_id,
            out_bill_no=document["out_bill_no"],
            call=call,
            document=document,
            openid=openid,
            name=name,
            created_at=now,
            updated_at=now,
        )
        self._transfers[merchant.mch_id, transfer.out_bill_no] = transfer
        self._by_wechats_number[transfer_bill_no(transfer)] = transfer
        self._count(transfer, transfer.amount)
        locking = self._world.settings.transfer_locking_seconds
        if locking > 0:
            self._wait(transfer, now + locking)
        else:
            self._lock_or_wait(transfer, now)
        return transfer

    def amount_of_day(self, mch_id: str, day: int, openid: str = "") -> int:
        """Fen transferred on a Beijing day that did not come back; to one user if given."""
        return self._days.get((mch_id, day, openid), 0)

    def cancel(self, transfer: SimulatedTransfer) -> bool:
        """Begin to take a transfer back; False if it is too late."""
        now = self._world.clock.now()
        if transfer.state in (TransferState.CANCELING, TransferState.CANCELLED):
            return True
        if transfer.state in FINAL or transfer.state is TransferState.TRANSFERING:
            return False
        if transfer in self._short:
            self._short.remove(transfer)
        transfer.step(TransferState.CANCELING, now)
        self._wait(transfer, now + self._world.settings.transfer_cancel_seconds)
        return True

    def may_confirm(self, transfer: SimulatedTransfer) -> bool:
        """Whether its page works now."""
        settings = self._world.settings
        waits = transfer.state is TransferState.WAIT_USER_CONFIRM
        if transfer.state is TransferState.CANCELING and transfer.is_locked:
            waits = settings.transfer_cancel_race is CancelRace.USER
        end = transfer.created_at + settings.transfer_confirm_seconds
        return waits and self._world.clock.now() < end

    def confirm(self, transfer: SimulatedTransfer, ends: str = "") -> None:
        """The user confirms. The caller has asked ``may_confirm``.

        If the transfer has another name than the user, it fails: ``NAME_NOT_CORRECT``.

        Args:
            transfer: which.
            ends: why the user does not get it after all: a ``fail_reason``.
        """
        now = self._world.clock.now()
        transfer.step(TransferState.TRANSFERING, now)
        user = self._world.users.get(transfer.openid)
        other = user is not None and transfer.name and user.name not in {"", transfer.name}
        transfer.ends = ends or ("NAME_NOT_CORRECT" if other else "")
        self._wait(transfer, now + self._world.settings.transfer_paying_seconds)
        self._world.settle()

    def fail(self, transfer: SimulatedTransfer, reason: str) -> None:
        """End a transfer that is not final, without paying."""
        self.touch(transfer)
        if transfer in self._short:
            self._short.remove(transfer)
        self._end(transfer, TransferState.FAIL, self._world.clock.now(), reason)

    def authorize(
        self, merchant: SimulatedMerchant, document: Mapping[str, Any], openid: str
    ) -> SimulatedAuthorization:
        """Ask a user for an authorisation."""
        self.held += 1
        authorization = SimulatedAuthorization(
            serial=self.held,
            mch_id=merchant.mch_id,
            out_authorization_no=document["out_authorization_no"],
            document=document,
            openid=openid,
            created_at=self._world.clock.now(),
        )
        key = merchant.mch_id, authorization.out_authorization_no
        self._authorizations[key] = authorization
        self.touch(authorization)
        return authorization

    def agree(self, authorization: SimulatedAuthorization) -> None:
        """The user agrees."""
        authorization.state = "TAKING_EFFECT"
        authorization.authorized_at = self._world.clock.now()
        self.touch(authorization)
        self.notices.of_authorization(authorization, authorization.authorized_at)

    def close(self, authorization: SimulatedAuthorization, reason: str) -> None:
        """It ends."""
        authorization.state, authorization.close_reason = "CLOSED", reason
        authorization.closed_at = self._world.clock.now()
        self.touch(authorization)
        self.notices.of_authorization(authorization, authorization.closed_at)

    def restart(self) -> None:
        """Forget everything."""
        self._transfers.clear()
        self._authorizations.clear()
        self._by_wechats_number.clear()
        self._short.clear()
        self._days.clear()
        self.notices = Notices()
        self.held = 0

    # Time ----------------------------------------------------------------------------------------

    def settle_short(self, moment: float) -> None:
        """Lock the money of those that waited for it, in their order, as far as it goes."""
        for transfer in self._short[:]:
            if self._account(transfer).balance >= transfer.amount:
                self._short.remove(transfer)
                self._lock(transfer, moment)

    def touch(self, order: SimulatedTransfer | SimulatedAuthorization) -> None:
        """Note that an order has changed."""
        if self._world.touched is not None:
            self._world.touched.orders[order.serial] = order

    def recall(
        self, order: SimulatedTransfer | SimulatedAuthorization, notices: Iterable[Notice]
    ) -> None:
        """Restore an order of an earlier run; call it in the order of the serials.

        Accounts, totals, days and wallets are recomputed from it.
        """
        self.held = order.serial
        for notice in notices:
            self.notices.recall(notice)
        if isinstance(order, SimulatedAuthorization):
            self._authorizations[order.mch_id, order.out_authorization_no] = order
            return
        self._transfers[order.mch_id, order.out_bill_no] = order
        self._by_wechats_number[transfer_bill_no(order)] = order
        debited = order.amount * order.payments
        if order.account is not None:
            order.account.recall(debited=debited, refunded=order.returned)
        self._world.count_transfer(
            order.mch_id, debited=debited, claimed=order.paid, refunded=order.returned
        )
        if order.paid:
            self._world.register(order.openid, order.appid).wallet += order.paid
        if order.state not in (TransferState.FAIL, TransferState.CANCELLED):
            self._count(order, order.amount)
        if order.due_at != NEVER:
            self._world.wait_for(order, order.due_at)
        if order.state is TransferState.PROCESSING:
            self._short.append(order)

    def step(self, transfer: SimulatedTransfer, moment: float) -> None:
        """Take the next step of a transfer that is due."""
        self.touch(transfer)
        transfer.due_at = NEVER
        match transfer.state:
            case TransferState.ACCEPTED:
                self._lock_or_wait(transfer, moment)
            case TransferState.PROCESSING | TransferState.WAIT_USER_CONFIRM:
                if transfer in self._short:
                    self._short.remove(transfer)
                # No source names the reason of one whose balance never came.
                self._end(transfer, TransferState.FAIL, moment, OVERDUE)
            case TransferState.TRANSFERING if transfer.ends:
                self._end(transfer, TransferState.FAIL, moment, transfer.ends)
            case TransferState.TRANSFERING:
                self._pay(transfer, moment)
            case TransferState.CANCELING:
                self._end(transfer, TransferState.CANCELLED, moment)
            case _:
                raise AssertionError(f"{transfer.out_bill_no} is {transfer.state} and due")

    # Money ---------------------------------------------------------------------------------------

    def _lock_or_wait(self, transfer: SimulatedTransfer, moment: float) -> None:
        transfer.step(TransferState.PROCESSING, moment)
        if self._account(transfer).balance >= transfer.amount:
            self._lock(transfer, moment)
            return
        self._short.append(transfer)
        self._wait(transfer, transfer.created_at + self._world.settings.transfer_confirm_seconds)

    def _lock(self, transfer: SimulatedTransfer, moment: float) -> None:
        account = self._account(transfer)
        self.touch(transfer)
        account.debit(transfer.amount)
        transfer.account, transfer.locked_at = account, moment
        transfer.payments += 1
        self._world.count_transfer(transfer.mch_id, debited=transfer.amount)
        transfer.step(TransferState.WAIT_USER_CONFIRM, moment)
        if transfer.call in CONFIRMED_BY_USER:
            settings = self._world.settings
            end = transfer.created_at + settings.transfer_confirm_seconds
            self._wait(transfer, end + settings.transfer_close_lag_seconds)
        else:
            transfer.step(TransferState.TRANSFERING, moment)
            self._pay(transfer, moment)

    def _pay(self, transfer: SimulatedTransfer, moment: float) -> None:
        transfer.step(TransferState.SUCCESS, moment)
        transfer.paid_at, transfer.due_at = moment, NEVER
        self._world.register(transfer.openid, transfer.appid).wallet += transfer.amount
        self._world.count_transfer(transfer.mch_id, claimed=transfer.amount)
        self.notices.of_transfer(transfer, moment)

    def _end(
        self, transfer: SimulatedTransfer, state: TransferState, moment: float, reason: str = ""
    ) -> None:
        transfer.step(state, moment)
        transfer.fail_reason, transfer.due_at = reason, NEVER
        self._count(transfer, -transfer.amount)
        if transfer.account is not None:
            transfer.account.refund(transfer.amount)
            transfer.returned_at = moment
            self._world.count_transfer(transfer.mch_id, refunded=transfer.amount)
        self.notices.of_transfer(transfer, moment)

    def _count(self, transfer: SimulatedTransfer, amount: int) -> None:
        day = beijing_day(transfer.created_at)
        for openid in ("", transfer.openid):
            key = transfer.mch_id, day, openid
            self._days[key] = self._days.get(key, 0) + amount

    def _account(self, transfer: SimulatedTransfer) -> FundAccount:
        return self._world.merchants[transfer.mch_id].paying_account

    def _wait(self, transfer: SimulatedTransfer, due_at: float) -> None:
        self.touch(transfer)
        transfer.due_at = due_at
        self._world.wait_for(transfer, due_at)
