"""A transfer and an authorisation as WeChat keeps them. They know no settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hongbao.simulator.packet import NEVER
from hongbao.wire.transfer.state import STEPS, TransferState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.simulator.merchant import FundAccount

_HEAD = "13300"
CONFIRMED_BY_USER = frozenset({"transfer", "transfer_asking_authorization"})
"""The calls whose transfers wait for their user."""


@dataclass(slots=True, kw_only=True, eq=False)
class SimulatedTransfer:
    """One transfer. Amounts are fen, times are seconds since the epoch.

    Attributes:
        serial: unique in its world.
        mch_id: the merchant who pays.
        out_bill_no: the merchant's number.
        call: which of the calls made it.
        document: the request, whose repeat must have the same content.
        openid: who receives.
        name: the receiver's, if one was sent, as a person writes it.
        created_at: when it was first taken.
        updated_at: when its state changed last.
        state: see ``wire.transfer.state``.
        fail_reason: why it is FAIL.
        account: the account that its money is locked on; None until it is.
        locked_at: when it was.
        payments: how many times money was taken for it. More than 1 is a bug.
        paid_at: when the user had it.
        returned_at: when the money came back.
        ends: how it ends once the user has confirmed, if not in SUCCESS: a ``fail_reason``.
        due_at: when its state changes next without a request.
        receipt_at: when a receipt was applied for.
    """

    serial: int
    mch_id: str
    out_bill_no: str
    call: str
    document: Mapping[str, Any] = field(repr=False)
    openid: str = field(repr=False)
    name: str = field(repr=False)
    created_at: float
    updated_at: float
    state: TransferState = TransferState.ACCEPTED
    fail_reason: str = ""
    account: FundAccount | None = None
    locked_at: float | None = None
    payments: int = 0
    paid_at: float | None = None
    returned_at: float | None = None
    ends: str = ""
    due_at: float = NEVER
    receipt_at: float | None = None

    @property
    def amount(self) -> int:
        """``transfer_amount``."""
        amount: int = self.document["transfer_amount"]
        return amount

    @property
    def appid(self) -> str:
        """Under which it was made."""
        return str(self.document["appid"])

    @property
    def is_locked(self) -> bool:
        """Whether its money is neither the merchant's nor the user's."""
        return self.locked_at is not None and self.paid_at is None and self.returned_at is None

    @property
    def paid(self) -> int:
        """Fen that the user has."""
        return 0 if self.paid_at is None else self.amount

    @property
    def returned(self) -> int:
        """Fen that came back."""
        return 0 if self.returned_at is None else self.amount

    def step(self, state: TransferState, moment: float) -> None:
        """Change the state. A change that may not happen is a bug in the simulator."""
        if state not in STEPS[self.state]:
            raise AssertionError(f"{self.out_bill_no}: {self.state} -> {state}")
        self.state, self.updated_at = state, moment


@dataclass(slots=True, kw_only=True, eq=False)
class SimulatedAuthorization:
    """An authorisation to be paid without confirming.

    Attributes:
        serial: unique in its world.
        mch_id: the merchant who asked.
        out_authorization_no: the merchant's number.
        document: the request.
        openid: who was asked.
        created_at: when it was asked for.
        state: WAIT_USER_CONFIRM, TAKING_EFFECT or CLOSED.
        authorized_at: when the user agreed.
        closed_at: when it ended.
        close_reason: why.
    """

    serial: int
    mch_id: str
    out_authorization_no: str
    document: Mapping[str, Any] = field(repr=False)
    openid: str = field(repr=False)
    created_at: float
    state: str = "WAIT_USER_CONFIRM"
    authorized_at: float | None = None
    closed_at: float | None = None
    close_reason: str = ""

    @property
    def authorization_id(self) -> str:
        """WeChat's number, once it is in effect."""
        return "" if self.authorized_at is None else f"13300{self.mch_id}AUTH{self.serial:010d}"


def transfer_bill_no(transfer: SimulatedTransfer) -> str:
    """WeChat's own number of a transfer: 34 digits."""
    return f"{_HEAD}{transfer.mch_id.rjust(12, '0')}{transfer.serial:017d}"
