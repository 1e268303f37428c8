"""What a query's figures come to: what is claimed, what is back, and whether it can be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.campaign import mask
from hongbao.ledger.model.payout import PAID, State
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.dispatch.outcome import Found
    from hongbao.ledger.model.payout import Payout
    from hongbao.money import Fen

PAID_STATUSES = frozenset({Status.SENT, Status.RECEIVED, Status.RFUND_ING, Status.REFUND})


def settle(payout: Payout, outcome: Found) -> tuple[Fen, Fen]:
    """Fen that are claimed, and fen that came back.

    A packet for one person is claimed or returned as a whole, and real replies leave the figure
    out. Of a group's packet only the figures count: which status it has while it is claimed in
    part is not documented.
    """
    claimed, refunded = outcome.claimed, outcome.refunded
    if outcome.status is Status.RFUND_ING:
        refunded = payout.refunded  # on its way is not back
    if payout.people == 1:
        if outcome.status is Status.RECEIVED and not claimed:
            claimed = payout.amount
        if outcome.status is Status.REFUND and not refunded:
            refunded = payout.amount - claimed
    return claimed, refunded


def other_order(payout: Payout, outcome: Found) -> str | None:
    """What of a reply says that it is about another payment than this payout, in words."""
    if outcome.amount != payout.amount:
        return f"WeChat says {outcome.amount} fen, which are {payout.amount} in the books"
    # A group's packet goes to whoever is quick.
    strangers = (name for name in outcome.receivers if name != payout.payee)
    stranger = next(strangers, None) if payout.people == 1 else None
    if stranger is not None:
        return f"WeChat says that {mask(stranger)} claimed it, not {mask(payout.payee)}"
    return None


def misfit(payout: Payout, outcome: Found) -> str | None:
    """What of a reply cannot be true of this payout, in words."""
    status, state = outcome.status, payout.state
    paid = status in PAID_STATUSES
    claimed, refunded = settle(payout, outcome)
    less = claimed < payout.claimed or refunded < payout.refunded
    unpaid = status in {Status.FAILED, Status.SENDING}
    wrong = (
        (
            claimed + refunded > payout.amount,
            "WeChat says that more was claimed and returned than was sent",
        ),
        (
            unpaid and claimed + refunded > 0,
            f"WeChat says {status}, and that some of it was claimed or returned",
        ),
        (paid and less, "WeChat says that less is claimed or returned than it said before"),
        (
            status is Status.FAILED and state in PAID,
            "WeChat says FAILED of a packet that it had accepted",
        ),
        (
            state is State.CANCELLED and (paid or status is Status.SENDING),
            f"WeChat says {status} of a payout that is {state} in the books",
        ),
    )
    return next((words for it_is, words in wrong if it_is), None)
