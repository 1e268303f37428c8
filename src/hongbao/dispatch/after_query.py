"""What follows from the outcome of a query: of a payout in doubt, or of one that is sent.

Only here does a number become dead, or paid without having been accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch.case import Decision, handed_over, harmless
from hongbao.dispatch.schedule import after, growing, next_look
from hongbao.dispatch.settlement import PAID_STATUSES, misfit, other_order, settle
from hongbao.dispatch.stops import of_code, unsendable
from hongbao.errors import Disposition
from hongbao.ledger.model.campaign import mask
from hongbao.ledger.model.death import NOT_FOUND, OTHER_ORDER, Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import OrderStatus
from hongbao.rails.port import Course

if TYPE_CHECKING:
    from hongbao.dispatch.case import Case
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import CallNotSent, Found, Unanswered, Unsendable

MISFIT = "MISFIT"
"""Our own code for a reply that does not fit what the books know."""

_OVER = frozenset({State.RECEIVED, State.RETURNED, State.REFUSED, State.CANCELLED})


def found(case: Case, outcome: Found) -> Decision:
    """The provider says what became of it."""
    if (problem := other_order(case.payout, outcome)) is not None:
        return Decision(step=_misfit(case, OTHER_ORDER, _says(case, problem)))
    if (problem := misfit(case.payout, outcome)) is not None:
        return Decision(step=_misfit(case, MISFIT, _says(case, problem)))
    state = case.payout.state
    if state is State.REFUSED and outcome.status is not OrderStatus.FAILED:
        return Decision(step=_alive(case, _says(case, outcome.said)))
    if state in _OVER - {State.REFUSED}:
        return Decision(step=case.stays())
    if case.payout.calls == 0 and outcome.status is not OrderStatus.FAILED:
        return Decision(step=_known_before(case))
    match outcome.status:
        case OrderStatus.FAILED:
            step = _dead(case, outcome)
        case OrderStatus.PENDING | OrderStatus.HELD:
            step = _unconfirmed(case, _sending(case, outcome))
        case status if status in PAID_STATUSES:
            settled = _is_ours(case, outcome)
            step = _paid(case, outcome) if settled else _of_another(case, outcome)
        case _:
            unknown = f"{_says(case, outcome.said)}, which is not known here"
            step = _unconfirmed(case, _asked_later(case, unknown))
    return Decision(step=step)


def not_found(case: Case) -> Decision:
    """It proves nothing: the send may be on its way, or never have come.

    But for a number of which every call was refused: then nothing is on its way, and what the
    provider does not know, it did not pay.
    """
    payout, retry, doubt = case.payout, case.retry, case.earlier
    if payout.confirming or (payout.state is State.REFUSED and harmless(doubt)):
        return Decision(step=_not_known(case))
    if payout.state in _OVER:
        return Decision(step=case.stays())
    if payout.state is State.SENT:
        return Decision(step=_looked_at(case, payout.reason))
    wait = growing(retry.not_found_seconds, retry.not_found_seconds_max, payout.tries)
    asked = case.stays()._replace(
        tries=payout.tries + 1,
        code=NOT_FOUND,
        reason=f"{case.rail.provider} does not know the number (yet)",
    )
    if doubt is not Disposition.UNKNOWN:
        step = _send(case, asked, EventKind.NOT_FOUND, doubt)
        if step.resend_until == payout.resend_until:
            step = step._replace(kind=None, answered=False)
    elif (due_at := after(case.now, wait)) < case.fresh_until:
        asking = case.rail.reaction(payout.code)
        step = _send(case, asked, EventKind.NOT_FOUND, doubt)._replace(
            due_at=due_at,
            code=case.coded(NOT_FOUND),
            mark=asking.mark if asking.course is Course.QUERY else None,
        )
    elif case.now < case.held_until:
        step = asked._replace(task=Task.QUERY, due_at=due_at, code=case.coded(NOT_FOUND))
    else:
        step = handed_over(asked)
    return Decision(step=step)


def unanswered(case: Case, outcome: Unanswered) -> Decision:
    """The query failed. Where the merchant is at fault, a send would fare no better."""
    row = case.rail.reaction(outcome.code)
    stop = of_code(case, outcome.code, outcome.why)
    return Decision(step=_failed(case, outcome.why), stop=stop, slow=row.slow)


def not_asked(case: Case, outcome: CallNotSent) -> Decision:
    """No byte of the query left."""
    return Decision(step=_failed(case, outcome.why))


def not_askable(case: Case, outcome: Unsendable) -> Decision:
    """No query can be made before something is fixed."""
    stop = unsendable(outcome.why) if outcome.settings else None
    step = _failed(case, outcome.why)
    never = case.payout.confirming and not outcome.settings
    return Decision(step=handed_over(step) if never else step, stop=stop)


def _says(case: Case, what: str) -> str:
    return f"{case.rail.provider} says {what}"


def _dead(case: Case, outcome: Found) -> Step:
    """A query says FAILED: of all outcomes the one that proves a number dead by itself."""
    step = _proven(case, Proof.FAILED)
    if case.payout.confirming or case.payout.state is State.REFUSED:
        return step
    return step._replace(code=OrderStatus.FAILED.value, reason=outcome.reason)


def _not_known(case: Case) -> Step:
    """The provider knows no order of a number of which every call was refused."""
    if not case.forgotten:
        return _proven(case, Proof.NOT_FOUND)
    if case.payout.state is State.REFUSED:
        return case.stays()
    return handed_over(case.stays())


def _proven(case: Case, proof: Proof) -> Step:
    """Refused for good, for the reason that the refusal gave."""
    return case.stays()._replace(
        kind=EventKind.PROVEN_DEAD,
        state=State.REFUSED,
        answered=True,
        doubt=Disposition.NO,
        resend_until=None,
        tries=0,
        proof=proof,
    )


def _unconfirmed(case: Case, step: Step) -> Step:
    """A number of which every call was refused has an order, from another life of these books.

    So from now on it may be paid, and that it is not known would prove nothing.
    """
    if not case.payout.confirming or step.kind is not None:
        return step
    return step._replace(
        kind=EventKind.FOUND,
        answered=True,
        doubt=Disposition.UNKNOWN,
        resend_until=case.fresh_until,
    )


def _alive(case: Case, problem: str) -> Step:
    """The books call it refused, and the provider has an order: its word is what counts."""
    return _asked_at_once(case, f"{problem} of a payout that was refused")


def _is_ours(case: Case, outcome: Found) -> bool:
    """Whether a paid order has our content, where it was said to be another's perhaps.

    It has if a call of these books made it, if our receiver claimed it, or if nobody got anything
    of it. No call of ours made it where the code is ``OTHER_ORDER``: each had been refused.
    """
    payout = case.payout
    if not case.contradicted or payout.state is State.SENT:
        return True
    earliest = after(case.first_call_at, -case.retry.clock_seconds)
    may_be_ours = payout.calls > 1 and payout.code != OTHER_ORDER
    made_by_us = may_be_ours and outcome.sent_at is not None and outcome.sent_at >= earliest
    claimed_by_ours = payout.people == 1 and payout.payee in outcome.receivers
    return made_by_us or claimed_by_ours or settle(payout, outcome) == (0, payout.amount)


def _of_another(case: Case, outcome: Found) -> Step:
    """Paid, but not to be proven as what these books wanted: to another receiver, or otherwise."""
    payout = case.payout
    what = f"{case.rail.provider} has this number with another receiver, amount or text"
    to = f"to a receiver whom it does not name; in the books it is {mask(payout.payee)}"
    if outcome.receivers:
        to = f"to {', '.join(map(mask, outcome.receivers))}; in the books: {mask(payout.payee)}"
    step = case.stays()._replace(
        code=OTHER_ORDER, reason=f"{what}, and says {outcome.said} {to}", tries=0
    )
    return handed_over(step)


def _sending(case: Case, outcome: Found) -> Step:
    """It is on its way; or, with a reason, held back and paid only if the number comes again."""
    pending = outcome.status is OrderStatus.PENDING
    if pending or case.payout.state is State.SENT or case.contradicted:
        working = f"{case.rail.provider} is still working on it"
        return _asked_later(case, outcome.reason or working)
    held = case.stays()._replace(reason=outcome.reason)
    if case.now < case.held_until:
        step = _send(case, held, EventKind.FOUND, Disposition.OPEN)
        return step._replace(state=State.WAITING)
    return held._replace(task=Task.QUERY, due_at=after(case.now, case.retry.late_query_seconds))


def _paid(case: Case, outcome: Found) -> Step:
    payout, retry = case.payout, case.retry
    if payout.state is State.WAITING:
        return _paid_after_all(case)
    if _wants_voucher(case, outcome):
        step = _send(case, case.stays(), EventKind.FOUND, Disposition.UNKNOWN)
        return step._replace(reason="paid; sent again with the same number for its voucher")
    claimed, refunded = settle(payout, outcome)
    over = claimed + refunded == payout.amount
    look = _next_look(case)
    if outcome.status is OrderStatus.RETURNING:
        look = min(look, after(case.now, retry.refund_seconds))
    listid = payout.listid or outcome.listid or None
    known = (payout.claimed, payout.refunded, payout.listid)
    if payout.state is State.SENT and known == (claimed, refunded, listid):
        return case.stays()._replace(task=Task.LOOK, due_at=look, tries=0, code=None, reason=None)
    paid = State.RETURNED if refunded else State.RECEIVED
    return case.stays()._replace(
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
        sent_at=case.now if payout.sent_at is None else payout.sent_at,
        settled_at=(outcome.settled_at or case.now) if over else None,
        claimed=claimed,
        refunded=refunded,
    )


def _paid_after_all(case: Case) -> Step:
    """The books thought that it could not be paid before another call, and it is.

    What was held back was paid by itself. From WAITING no step leads to SENT, so it is in
    doubt first, and asked about again at once.
    """
    return _asked_at_once(case, _says(case, "that it is paid"))


def _asked_at_once(case: Case, reason: str) -> Step:
    """In doubt, whatever the books thought."""
    return case.stays()._replace(
        kind=EventKind.FOUND,
        state=State.IN_DOUBT,
        task=Task.QUERY,
        due_at=after(case.now, case.retry.repeat_seconds),
        answered=True,
        doubt=Disposition.UNKNOWN,
        reason=reason,
    )


def _known_before(case: Case) -> Step:
    """The provider knows a number that these books have never sent: they come from an older backup.

    Sending it is how they learn what it came to, and pays nothing again.
    """
    return case.stays()._replace(
        task=Task.SEND,
        due_at=after(case.now, case.retry.repeat_seconds),
        reason=f"{case.rail.provider} knows the number already",
    )


def _wants_voucher(case: Case, outcome: Found) -> bool:
    """Whether its receiver can collect it only with what the lost reply of the send held."""
    payout = case.payout
    kind = case.rail.kinds.get(payout.kind)
    return (
        kind is not None
        and kind.voucher
        and payout.voucher is None
        and payout.state is State.IN_DOUBT
        and outcome.status is OrderStatus.WAITING_FOR_USER
        and payout.calls < case.retry.voucher_calls_max
        and case.now < case.fresh_until
    )


def _send(case: Case, step: Step, kind: EventKind, doubt: Disposition | None) -> Step:
    """To be sent again with the same number, without another query before it.

    Soon, but a little later each time: of a campaign that was cancelled nothing is sent, and the
    same query comes instead.
    """
    retry, tries = case.retry, case.payout.tries + 1
    due_at = after(case.now, growing(retry.query_seconds, retry.query_seconds_max, tries))
    until = case.fresh_until
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


def _asked_later(case: Case, reason: str) -> Step:
    """Nothing has changed; it takes minutes to days."""
    payout, retry = case.payout, case.retry
    if payout.state is State.SENT:
        return _looked_at(case, reason)
    wait = growing(retry.processing_seconds, retry.processing_seconds_max, payout.tries)
    return _asked_in(case, wait)._replace(tries=payout.tries + 1, reason=reason)


def _looked_at(case: Case, reason: str | None) -> Step:
    """Nothing new of a packet that is sent."""
    return case.stays()._replace(task=Task.LOOK, due_at=_next_look(case), tries=0, reason=reason)


def _failed(case: Case, why: str) -> Step:
    """What the query was to tell is as open as before."""
    retry, tries = case.retry, case.payout.tries + 1
    wait = growing(retry.query_seconds, retry.query_seconds_max, tries)
    step = _asked_in(case, wait)._replace(tries=tries)
    # Why it was refused is what people want to know meanwhile.
    return step if case.payout.confirming else step._replace(reason=f"the query failed: {why}")


def _misfit(case: Case, code: str, problem: str) -> Step:
    """Ask some times more, for a reply may be damaged; then a person must look."""
    if case.payout.state is State.REFUSED:
        return _alive(case, problem)
    retry, tries = case.retry, case.again(MISFIT)
    wait = growing(retry.query_seconds, retry.query_seconds_max, tries)
    step = _asked_in(case, wait)._replace(tries=tries, code=MISFIT, reason=problem)
    if tries < retry.misfits_max and not case.contradicted and case.payout.state not in _OVER:
        return _unconfirmed(case, step)
    return handed_over(step._replace(code=OTHER_ORDER if case.contradicted else code))


def _asked_in(case: Case, seconds: int) -> Step:
    """The same question again, after so many seconds; of what is over, none."""
    state, retry = case.payout.state, case.retry
    step, due_at = case.stays(), after(case.now, seconds)
    if state in _OVER:
        return step
    if state is State.SENT:
        return step._replace(task=Task.LOOK, due_at=min(due_at, _next_look(case)))
    if case.now >= case.held_until:
        due_at = max(due_at, after(case.now, retry.late_query_seconds))
    return step._replace(task=Task.QUERY, due_at=due_at)


def _next_look(case: Case) -> Instant:
    sent_at = case.payout.sent_at
    return next_look(case.now if sent_at is None else sent_at, now=case.now, retry=case.retry)
