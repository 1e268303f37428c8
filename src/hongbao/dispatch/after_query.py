"""What follows from the outcome of a query: of a payout in doubt, or of one that is sent.

Only here does a number become dead, or paid without having been accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch import settlement
from hongbao.dispatch.decision import Decision, awaiting, handed_over, harmless, next_look_of
from hongbao.dispatch.schedule import after, growing
from hongbao.dispatch.stops import of_code, unsendable
from hongbao.errors import Disposition
from hongbao.ledger.model.death import NOT_FOUND, OTHER_ORDER, Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.outgoing import RETURNING
from hongbao.ledger.model.payout import LOOKED_AT, TAKING_BACK, State, Task
from hongbao.rails.outcome import OrderStatus
from hongbao.rails.port import Course
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.dispatch.decision import DecisionContext
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import CallNotSent, Found, Unanswered, Unsendable

MISFIT = "MISFIT"
"""Our own code for a reply that does not fit what the books know."""

_OVER = frozenset({State.RECEIVED, State.RETURNED, State.REFUSED, State.CANCELLED})


def found(context: DecisionContext, outcome: Found) -> Decision:
    """The provider says what became of it."""
    if (problem := settlement.other_order(context.payout, outcome)) is not None:
        return Decision(step=_misfit(context, OTHER_ORDER, _says(context, problem)))
    if (problem := settlement.misfit(context.payout, outcome)) is not None:
        return Decision(step=_misfit(context, MISFIT, _says(context, problem)))
    state = context.payout.state
    if state is State.REFUSED and outcome.status is not OrderStatus.FAILED:
        return Decision(step=_alive(context, _says(context, outcome.said)))
    if state in _OVER - {State.REFUSED}:
        return Decision(step=context.stays())
    if context.payout.calls == 0 and outcome.status is not OrderStatus.FAILED:
        return Decision(step=_known_before(context))
    stop = None
    match outcome.status:
        case OrderStatus.FAILED:
            step, stop = _dead(context, outcome), of_code(context, outcome.code, outcome.reason)
        case status if status in settlement.LOCKED_STATUSES:
            step = _locked(context, outcome)
        case OrderStatus.PENDING | OrderStatus.HELD:
            step = _unconfirmed(context, _sending(context, outcome))
        case status if status in settlement.PAID_STATUSES:
            settled = _is_ours(context, outcome)
            step = _paid(context, outcome) if settled else _of_another(context, outcome)
        case _:
            unknown = say("{said}, which is not known here", said=outcome.said)
            step = _unconfirmed(context, _asked_later(context, _says(context, unknown)))
    return Decision(step=step, stop=stop)


def not_found(context: DecisionContext) -> Decision:
    """It proves nothing: the send may be on its way, or never have come.

    But for a number of which every call was refused: then nothing is on its way, and what the
    provider does not know, it did not pay.
    """
    payout, retry, doubt = context.payout, context.retry, context.earlier
    if payout.confirming or (payout.state is State.REFUSED and harmless(doubt)):
        return Decision(step=_not_known(context))
    if payout.state in _OVER:
        return Decision(step=context.stays())
    if payout.state in LOOKED_AT:
        return Decision(step=_looked_at(context, payout.reason))
    wait = growing(retry.not_found_seconds, retry.not_found_seconds_max, payout.tries)
    asked = context.stays()._replace(
        tries=payout.tries + 1,
        code=NOT_FOUND,
        reason=say("{provider} does not know the number (yet)", provider=context.rail.provider),
    )
    if doubt is not Disposition.UNKNOWN:
        step = _send(context, asked, EventKind.NOT_FOUND, doubt)
        if step.resend_until == payout.resend_until:
            step = step._replace(kind=None, answered=False)
    elif (due_at := after(context.now, wait)) < context.fresh_until:
        asking = context.rail.reaction(payout.code)
        step = _send(context, asked, EventKind.NOT_FOUND, doubt)._replace(
            due_at=due_at,
            code=context.coded(NOT_FOUND),
            mark=asking.mark if asking.course is Course.QUERY else None,
        )
    elif context.now < context.held_until:
        step = asked._replace(task=Task.QUERY, due_at=due_at, code=context.coded(NOT_FOUND))
    else:
        step = handed_over(asked)
    return Decision(step=step)


def unanswered(context: DecisionContext, outcome: Unanswered) -> Decision:
    """The query failed. Where the merchant is at fault, a send would fare no better."""
    row = context.rail.reaction(outcome.code)
    stop = of_code(context, outcome.code, outcome.why)
    return Decision(step=_failed(context, outcome.why), stop=stop, slow=row.slow)


def not_asked(context: DecisionContext, outcome: CallNotSent) -> Decision:
    """No byte of the query left."""
    return Decision(step=_failed(context, outcome.why))


def not_askable(context: DecisionContext, outcome: Unsendable) -> Decision:
    """No query can be made before something is fixed."""
    stop = unsendable(outcome.why) if outcome.settings else None
    step = _failed(context, outcome.why)
    never = context.payout.confirming and not outcome.settings
    return Decision(step=handed_over(step) if never else step, stop=stop)


def _says(context: DecisionContext, what: str) -> str:
    return say(settlement.SAYS, provider=context.rail.provider, what=what)


def _dead(context: DecisionContext, outcome: Found) -> Step:
    """A query says FAILED: of all outcomes the one that proves a number dead by itself."""
    step = _proven(context, Proof.FAILED)
    if context.payout.confirming or context.payout.state is State.REFUSED:
        return step
    return step._replace(code=outcome.code or OrderStatus.FAILED.value, reason=outcome.reason)


def _not_known(context: DecisionContext) -> Step:
    """The provider knows no order of a number of which every call was refused."""
    if not context.forgotten:
        return _proven(context, Proof.NOT_FOUND)
    if context.payout.state is State.REFUSED:
        return context.stays()
    return handed_over(context.stays())


def _proven(context: DecisionContext, proof: Proof) -> Step:
    """Refused for good, for the reason that the refusal gave."""
    return context.stays()._replace(
        kind=EventKind.PROVEN_DEAD,
        state=State.REFUSED,
        answered=True,
        doubt=Disposition.NO,
        resend_until=None,
        tries=0,
        proof=proof,
    )


def _unconfirmed(context: DecisionContext, step: Step) -> Step:
    """A number of which every call was refused has an order, from another life of these books.

    So from now on it may be paid, and that it is not known would prove nothing.
    """
    if not context.payout.confirming or step.kind is not None:
        return step
    return step._replace(
        kind=EventKind.FOUND,
        answered=True,
        doubt=Disposition.UNKNOWN,
        resend_until=context.fresh_until,
    )


def _alive(context: DecisionContext, problem: str) -> Step:
    """The books call it refused, and the provider has an order: its word is what counts."""
    return _asked_at_once(context, say("{problem} of a payout that was refused", problem=problem))


def _is_ours(context: DecisionContext, outcome: Found) -> bool:
    """Whether a paid order has our content, where it was said to be another's perhaps.

    It has if a call of these books made it, if our receiver claimed it, or if nobody got anything
    of it. No call of ours made it where the code is ``OTHER_ORDER``: each had been refused.
    """
    payout = context.payout
    if not context.contradicted or payout.state is State.SENT:
        return True
    earliest = after(context.first_call_at, -context.retry.clock_seconds)
    may_be_ours = payout.calls > 1 and payout.code != OTHER_ORDER
    made_by_us = may_be_ours and outcome.sent_at is not None and outcome.sent_at >= earliest
    claimed_by_ours = payout.people == 1 and payout.payee in outcome.receivers
    return made_by_us or claimed_by_ours or settlement.settle(payout, outcome) == (0, payout.amount)


def _of_another(context: DecisionContext, outcome: Found) -> Step:
    """Paid, but not to be proven as what these books wanted: to another receiver, or otherwise."""
    reason = settlement.paid_otherwise(context.payout, outcome, provider=context.rail.provider)
    return handed_over(context.stays()._replace(code=OTHER_ORDER, reason=reason, tries=0))


def _sending(context: DecisionContext, outcome: Found) -> Step:
    """It is on its way; or, with a reason, held back and paid only if the number comes again."""
    pending = outcome.status is OrderStatus.PENDING
    if pending or context.payout.state in LOOKED_AT or context.contradicted:
        working = say("{provider} is still working on it", provider=context.rail.provider)
        return _asked_later(context, outcome.reason or working)
    held = context.stays()._replace(reason=outcome.reason)
    if context.now < context.held_until:
        step = _send(context, held, EventKind.FOUND, Disposition.OPEN)
        return step._replace(state=State.WAITING)
    return held._replace(
        task=Task.QUERY, due_at=after(context.now, context.retry.late_query_seconds)
    )


def _paid(context: DecisionContext, outcome: Found) -> Step:
    payout, retry = context.payout, context.retry
    if payout.state is State.WAITING:
        return _paid_after_all(context)
    if _wants_voucher(context, outcome):
        step = _send(context, context.stays(), EventKind.FOUND, Disposition.UNKNOWN)
        return step._replace(reason=say("paid; sent again with the same number for its voucher"))
    claimed, refunded = settlement.settle(payout, outcome)
    over = claimed + refunded == payout.amount
    look, code = next_look_of(context), None
    if outcome.status is OrderStatus.RETURNING:
        look, code = min(look, after(context.now, retry.refund_seconds)), RETURNING
    listid = payout.listid or outcome.listid or None
    known = (payout.claimed, payout.refunded, payout.listid)
    if payout.state is State.SENT and known == (claimed, refunded, listid):
        return context.stays()._replace(
            task=Task.LOOK, due_at=look, tries=0, code=code, reason=None
        )
    paid = State.RETURNED if refunded else State.RECEIVED
    return context.stays()._replace(
        kind=EventKind.FOUND,
        state=paid if over else State.SENT,
        task=None if over else Task.LOOK,
        due_at=None if over else look,
        answered=True,
        doubt=None,
        resend_until=None,
        tries=0,
        code=None,
        reason=None,
        listid=listid,
        sent_at=context.now if payout.sent_at is None else payout.sent_at,
        settled_at=(outcome.settled_at or context.now) if over else None,
        claimed=claimed,
        refunded=refunded,
    )


def _locked(context: DecisionContext, outcome: Found) -> Step:
    """Its money is locked. What is to be taken back is, unless its receiver was faster."""
    payout, retry = context.payout, context.retry
    if payout.state is State.WAITING:
        return _asked_at_once(context, _says(context, outcome.said))
    if payout.state is not State.AWAITING_USER:
        return awaiting(context, EventKind.FOUND, listid=outcome.listid)
    step = context.stays()
    if payout.code != TAKING_BACK:
        return step._replace(task=Task.LOOK, due_at=next_look_of(context), tries=0, reason=None)
    tries = payout.tries + 1
    wait = growing(retry.query_seconds, retry.query_seconds_max, tries)
    return step._replace(
        task=Task.CANCEL if outcome.status is OrderStatus.LOCKED else Task.LOOK,
        due_at=after(context.now, wait),
        tries=tries,
        reason=_says(context, outcome.said),
    )


def _paid_after_all(context: DecisionContext) -> Step:
    """The books thought that it could not be paid before another call, and it is.

    What was held back was paid by itself. From WAITING no step leads to SENT, so it is in
    doubt first, and asked about again at once.
    """
    return _asked_at_once(context, _says(context, say("that it is paid")))


def _asked_at_once(context: DecisionContext, reason: str) -> Step:
    """In doubt, whatever the books thought."""
    return context.stays()._replace(
        kind=EventKind.FOUND,
        state=State.IN_DOUBT,
        task=Task.QUERY,
        due_at=after(context.now, context.retry.repeat_seconds),
        answered=True,
        doubt=Disposition.UNKNOWN,
        reason=reason,
    )


def _known_before(context: DecisionContext) -> Step:
    """The provider knows a number that these books have never sent: they come from an older backup.

    Sending it is how they learn what it came to, and pays nothing again.
    """
    return context.stays()._replace(
        task=Task.SEND,
        due_at=after(context.now, context.retry.repeat_seconds),
        reason=say("{provider} knows the number already", provider=context.rail.provider),
    )


def _wants_voucher(context: DecisionContext, outcome: Found) -> bool:
    """Whether its receiver can collect it only with what the lost reply of the send held."""
    payout = context.payout
    kind = context.rail.kinds.get(payout.kind)
    return (
        kind is not None
        and kind.voucher
        and payout.voucher is None
        and payout.state is State.IN_DOUBT
        and outcome.status is OrderStatus.WAITING_FOR_USER
        and payout.calls < context.retry.voucher_calls_max
        and context.now < context.fresh_until
    )


def _send(context: DecisionContext, step: Step, kind: EventKind, doubt: Disposition | None) -> Step:
    """To be sent again with the same number, without another query before it.

    Soon, but a little later each time: of a campaign that was cancelled nothing is sent, and the
    same query comes instead.
    """
    retry, tries = context.retry, context.payout.tries + 1
    due_at = after(context.now, growing(retry.query_seconds, retry.query_seconds_max, tries))
    until = context.fresh_until
    if doubt is not Disposition.UNKNOWN:
        until = max(until, after(due_at, retry.window_seconds))
    return step._replace(
        kind=kind,
        task=Task.SEND,
        due_at=due_at,
        answered=True,
        tries=tries,
        doubt=doubt,
        resend_until=None if harmless(doubt) else until,
    )


def _asked_later(context: DecisionContext, reason: str) -> Step:
    """Nothing has changed; it takes minutes to days."""
    payout, retry = context.payout, context.retry
    if payout.state in LOOKED_AT:
        return _looked_at(context, reason)
    wait = growing(retry.processing_seconds, retry.processing_seconds_max, payout.tries)
    return _asked_in(context, wait)._replace(tries=payout.tries + 1, reason=reason)


def _looked_at(context: DecisionContext, reason: str | None) -> Step:
    """Nothing new of an order that is known."""
    return context.stays()._replace(
        task=Task.LOOK, due_at=next_look_of(context), tries=0, reason=reason
    )


def _failed(context: DecisionContext, why: str) -> Step:
    """What the query was to tell is as open as before."""
    retry, tries = context.retry, context.payout.tries + 1
    wait = growing(retry.query_seconds, retry.query_seconds_max, tries)
    step = _asked_in(context, wait)._replace(tries=tries)
    # Why it was refused is what people want to know meanwhile.
    if context.payout.confirming:
        return step
    return step._replace(reason=say("the query failed: {why}", why=why))


def _misfit(context: DecisionContext, code: str, problem: str) -> Step:
    """Ask some times more, for a reply may be damaged; then a person must look.

    What is to be taken back stays so, until its horizon: each cancel has counted as a try.
    """
    if context.payout.state is State.REFUSED:
        return _alive(context, problem)
    asked = TAKING_BACK if context.payout.code == TAKING_BACK else MISFIT
    retry, tries = context.retry, context.again(asked)
    step = _asked_in(context, growing(retry.query_seconds, retry.query_seconds_max, tries))
    step = step._replace(tries=tries, code=asked, reason=problem)
    again = asked == TAKING_BACK or tries < retry.misfits_max
    if again and not context.contradicted and context.payout.state not in _OVER:
        return _unconfirmed(context, step)
    return handed_over(step._replace(code=OTHER_ORDER if context.contradicted else code))


def _asked_in(context: DecisionContext, seconds: int) -> Step:
    """The same question again, after so many seconds; of what is over, none."""
    state, retry = context.payout.state, context.retry
    step, due_at = context.stays(), after(context.now, seconds)
    if state in _OVER:
        return step
    if state in LOOKED_AT:
        return step._replace(task=Task.LOOK, due_at=min(due_at, next_look_of(context)))
    if context.now >= context.held_until:
        due_at = max(due_at, after(context.now, retry.late_query_seconds))
    return step._replace(task=Task.QUERY, due_at=due_at)
