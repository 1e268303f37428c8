"""A packet: its order, its status and its claims. It knows no settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hongbao.wire import endpoints
from hongbao.wire.status import STEPS, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.simulator.merchant import FundAccount
    from hongbao.wire.endpoints import Endpoint

NEVER = float("inf")
"""The ``due_at`` of a packet that waits for nothing."""

_BY_NAME = {endpoint.name: endpoint for endpoint in endpoints.ENDPOINTS}


class Terms(NamedTuple):
    """The fields that a repeat must have unchanged, besides the openid and the amount.

    A campaign's packets share one. ``client_ip`` and ``risk_info`` are left out: they describe the
    call and may differ in a repeat. Fields that were not given are empty.
    """

    call: str
    wxappid: str
    send_name: str
    wishing: str
    act_name: str
    remark: str
    scene_id: str
    total_num: str
    sub_mch_id: str
    msgappid: str
    consume_mch_id: str
    sender_name: str
    agentid: str
    sender_header_media_id: str
    hb_type: str
    risk_cntl: str

    @classmethod
    def of(cls, call: str, given: Mapping[str, str]) -> Terms:
        """The terms of a request."""
        get = given.get
        return cls(call, *[get(name, "") for name in _TERMS])


_TERMS = Terms._fields[1:]


class Received(NamedTuple):
    """One share that was claimed."""

    openid: str
    amount: int
    moment: float

    def __repr__(self) -> str:
        return f"Received(amount={self.amount}, moment={self.moment})"


@dataclass(slots=True, kw_only=True, eq=False)
class Packet:
    """One order. Amounts are fen, times are seconds since the epoch.

    Attributes:
        serial: unique in its world.
        mch_id: the merchant who pays.
        mch_billno: the merchant's number for it.
        terms: the rest of the order.
        re_openid: the receiver; empty for a preorder, which has none.
        total_amount: the sum of all shares.
        created_at: when the number was first stored.
        called_at: when a send with the number was last processed.
        status: see ``wire.status``.
        account: the account that paid; None until one has.
        paid_at: when it paid.
        payments: how many times money was taken for it. More than 1 is a bug.
        pending: whether a repeat is answered PROCESSING while it is SENDING.
        reason: why it is still SENDING, or why it FAILED.
        sent_at: when it was sent.
        due_at: when its status changes next without a request.
        shares: the remaining shares of a group packet; None before the first claim.
        claims: who claimed what, in order.
        claimed: the sum of ``claims``.
        refunded_at: when the rest came back.
    """

    serial: int
    mch_id: str
    mch_billno: str
    terms: Terms
    re_openid: str = field(repr=False)
    total_amount: int
    created_at: float
    called_at: float
    status: Status = Status.SENDING
    account: FundAccount | None = None
    paid_at: float | None = None
    payments: int = 0
    pending: bool = False
    reason: str = ""
    sent_at: float | None = None
    due_at: float = NEVER
    shares: list[int] | None = None
    claims: tuple[Received, ...] = ()
    claimed: int = 0
    refunded_at: float | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The call that ordered it."""
        return _BY_NAME[self.terms.call]

    @property
    def people(self) -> int:
        """How many people share it."""
        return int(self.terms.total_num or 1)

    @property
    def is_group(self) -> bool:
        """Whether several people share it."""
        return self.people > 1

    @property
    def refunded(self) -> int:
        """Fen that came back."""
        return 0 if self.refunded_at is None else self.total_amount - self.claimed

    def step(self, status: Status) -> None:
        """Change the status. A change that may not happen is a bug in the simulator."""
        if status not in STEPS[self.status]:
            raise AssertionError(f"{self.mch_billno}: {self.status} -> {status}")
        self.status = status
