"""What a query's figures come to: what is claimed, what is back, and whether it can be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.campaign import mask
from hongbao.ledger.model.payout import PAID, State
from hongbao.rails.outcome import OrderStatus
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from hongbao.money import Fen
    from hongbao.rails.outcome import Found

SAYS = marked("{provider} says {what}")
"""What a query said, as the books keep it."""
PAID_STATUSES = frozenset(
    {
        OrderStatus.WAITING_FOR_USER,
        OrderStatus.COLLECTED,
        OrderStatus.RETURNING,
        OrderStatus.RETURNED,
    }
)
LOCKED_STATUSES = frozenset({OrderStatus.LOCKED, OrderStatus.CONFIRMED, OrderStatus.CANCELLING})
UNPAID_STATUSES = (
    frozenset({OrderStatus.PENDING, OrderStatus.HELD, OrderStatus.FAILED}) | LOCKED_STATUSES
)


def settle(payout: Payout, outcome: Found) -> tuple[Fen, Fen]:
    """Fen that are claimed, and fen that came back.

    A packet for one person is claimed or returned as a whole, and real replies leave the figure
    out. Of a group's packet only the figures count: which status it has while it is claimed in
    part is not documented.
    """
    claimed, refunded = outcome.claimed, outcome.refunded
    if outcome.status is OrderStatus.RETURNING:
        refunded = payout.refunded  # on its way is not back
    if payout.people == 1:
        if outcome.status is OrderStatus.COLLECTED and not claimed:
            claimed = payout.amount
        if outcome.status is OrderStatus.RETURNED and not refunded:
            refunded = payout.amount - claimed
    return claimed, refunded


def other_order(payout: Payout, outcome: Found) -> str | None:
    """What the provider says of another payment than this payout, in words; None if nothing."""
    if outcome.amount != payout.amount:
        return say(
            "{amount} fen, which are {known} in the books",
            amount=outcome.amount,
            known=payout.amount,
        )
    # A group's packet goes to whoever is quick.
    strangers = (name for name in outcome.receivers if name != payout.payee)
    stranger = next(strangers, None) if payout.people == 1 else None
    if stranger is not None:
        return say(
            "that {stranger} claimed it, not {payee}",
            stranger=mask(stranger),
            payee=mask(payout.payee),
        )
    return None


def misfit(payout: Payout, outcome: Found) -> str | None:
    """What the provider says that cannot be true of this payout, in words; None if nothing."""
    status, state = outcome.status, payout.state
    paid = status in PAID_STATUSES
    claimed, refunded = settle(payout, outcome)
    less = claimed < payout.claimed or refunded < payout.refunded
    unpaid = status in UNPAID_STATUSES
    wrong = (
        (
            claimed + refunded > payout.amount,
            say("that more was claimed and returned than was sent"),
        ),
        (
            unpaid and claimed + refunded > 0,
            say("{said}, and that some of it was claimed or returned", said=outcome.said),
        ),
        (paid and less, say("that less is claimed or returned than it said before")),
        (
            (status is OrderStatus.FAILED or status in LOCKED_STATUSES) and state in PAID,
            say("{said} of a packet that it had accepted", said=outcome.said),
        ),
        (
            state is State.CANCELLED and (paid or status in UNPAID_STATUSES - {OrderStatus.FAILED}),
            say("{said} of a payout that is {state} in the books", said=outcome.said, state=state),
        ),
    )
    return next((words for it_is, words in wrong if it_is), None)


def paid_otherwise(payout: Payout, outcome: Found, *, provider: str) -> str:
    """That its number is paid with other content than the payout has, as far as is known."""
    facts = {"provider": provider, "said": outcome.said, "payee": mask(payout.payee)}
    if not outcome.receivers:
        return say(
            "{provider} has this number with another receiver, amount or text, and says {said} to "
            "a receiver whom it does not name; in the books it is {payee}",
            **facts,
        )
    return say(
        "{provider} has this number with another receiver, amount or text, and says {said} to "
        "{receivers}; in the books: {payee}",
        receivers=", ".join(map(mask, outcome.receivers)),
        **facts,
    )
