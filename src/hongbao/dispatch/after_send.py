"""What follows from the outcome of a send. Nothing here is refused on the word of a repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch.decision import Decision, awaiting, handed_over, harmless
from hongbao.dispatch.schedule import after, growing, moment, next_look
from hongbao.dispatch.stops import NOT_SENT_MARK, of_code, unreachable, unsendable
from hongbao.errors import Disposition
from hongbao.ledger.model.death import OTHER_ORDER
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task, worst
from hongbao.ledger.model.step import Step
from hongbao.rails.port import Course, When

if TYPE_CHECKING:
    from hongbao.dispatch.decision import DecisionContext
    from hongbao.ledger.model.payout import Instant
    from hongbao.rails.outcome import (
        CallNotSent,
        Refusal,
        SendAccepted,
        SendTaken,
        Unknown,
        Unsendable,
    )
    from hongbao.rails.port import Reaction

# Named once: to look a member of an Enum up takes as long as to make half a step.
_ACCEPTED, _SENT, _LOOK = EventKind.ACCEPTED, State.SENT, Task.LOOK

NOT_SENT = "NOT_SENT"
UNSENDABLE = "UNSENDABLE"
"""Our own codes, beside a rail's."""


def accepted(context: DecisionContext, outcome: SendAccepted) -> Decision:
    """It is paid, whatever earlier calls of its number came to."""
    payout = context.payout
    now = context.now
    look_at = next_look(now, now=now, retry=context.rail.retry)
    listid, voucher = outcome.listid or payout.listid, outcome.voucher or payout.voucher
    # Nearly every payout comes here: with the fields' names this takes three times as long.
    step = Step(
        payout, _ACCEPTED, _SENT, _LOOK, look_at, True,  # answered
        None, None, 0, None, None,  # no doubt, nothing to send again, no tries, code or reason
        listid, voucher, now, None, payout.claimed, payout.refunded,
    )  # fmt: skip
    return Decision(step)


def taken(context: DecisionContext, outcome: SendTaken) -> Decision:
    """Its money is locked, whatever earlier calls of its number came to."""
    return Decision(step=awaiting(context, EventKind.ACCEPTED, listid=outcome.listid))


def refused(context: DecisionContext, outcome: Refusal) -> Decision:
    """By the table, unless an earlier call may have left an order: then a query must settle it."""
    row = context.rail.reaction(outcome.code)
    doubt = worst(context.earlier, outcome.disposition)
    clean = harmless(doubt)
    if row.course is Course.REFUSE and clean:
        step = _to_confirm(context, outcome.code, outcome.text)
    elif row.course is Course.AGAIN and doubt is not Disposition.UNKNOWN:
        step = _postponed(context, row, outcome, doubt)
    else:
        step = _in_doubt(context, EventKind.UNKNOWN, When.SOON, outcome.code, outcome.text)
    stop = of_code(context, outcome.code, outcome.text)
    return Decision(step=step, stop=stop, slow=row.slow)


def unknown(context: DecisionContext, outcome: Unknown) -> Decision:
    """It may be paid: nothing but a query, or a repeat after one, tells."""
    row = context.rail.reaction(outcome.code)
    when = row.when if row.course is Course.QUERY else When.SOON
    step = _in_doubt(context, EventKind.UNKNOWN, when, outcome.code, outcome.why)
    stop = of_code(context, outcome.code, outcome.why)
    return Decision(step=step, stop=stop, slow=row.slow)


def not_sent(context: DecisionContext, outcome: CallNotSent) -> Decision:
    """This call did nothing; what earlier ones may have done stands."""
    retry, tries = context.retry, context.again(NOT_SENT)
    hopeless = tries >= retry.not_sent_max
    if context.earlier is Disposition.UNKNOWN:
        step = _in_doubt(context, EventKind.NOT_SENT, When.SOON, NOT_SENT, outcome.why)
    else:
        wait = growing(retry.not_sent_seconds, retry.not_sent_seconds_max, tries)
        step = _waiting(
            context,
            EventKind.NOT_SENT,
            context.earlier,
            due_at=after(context.now, wait),
            # Whoever resumes begins to count anew.
            tries=0 if hopeless else tries,
            code=NOT_SENT,
            reason=outcome.why,
        )
    if tries == retry.not_sent_slow:
        step = step._replace(mark=NOT_SENT_MARK)
    stop = unreachable(outcome.why, tries) if hopeless else None
    return Decision(step=step, stop=stop, slow=tries >= retry.not_sent_slow)


def not_sendable(context: DecisionContext, outcome: Unsendable) -> Decision:
    """No byte left, and none will before something is fixed."""
    stop = unsendable(outcome.why) if outcome.settings else None
    if not harmless(context.earlier):
        step = _in_doubt(context, EventKind.NOT_SENT, When.SOON, UNSENDABLE, outcome.why)
    elif not outcome.settings:
        step = _to_confirm(context, UNSENDABLE, outcome.why)
    else:
        tries = context.again(UNSENDABLE)
        step = _waiting(
            context,
            EventKind.NOT_SENT,
            context.earlier,
            due_at=after(context.now, context.retry.repeat_seconds),
            tries=tries,
            code=UNSENDABLE,
            reason=outcome.why,
        )
        step = handed_over(step) if tries >= context.retry.holds_max else step
    return Decision(step=step, stop=stop)


def _to_confirm(context: DecisionContext, code: str, reason: str) -> Step:
    """Refused, once a query says that no order of the number lives.

    These books may have been restored or be new: that this is their first call does not say that it
    is the number's. And WeChat, for one, looks at the number last.
    """
    return context.stays()._replace(
        kind=EventKind.REFUSED,
        state=State.IN_DOUBT,
        task=Task.QUERY,
        due_at=after(context.now, context.retry.confirm_seconds),
        answered=True,
        doubt=Disposition.NO,
        resend_until=None,
        tries=0,
        code=code,
        reason=reason,
    )


def _postponed(
    context: DecisionContext, row: Reaction, outcome: Refusal, doubt: Disposition | None
) -> Step:
    retry, code = context.retry, outcome.code
    tries = context.again(code)
    step = _waiting(
        context,
        EventKind.POSTPONED,
        doubt,
        due_at=moment(row.when, now=context.now, tries=tries, retry=retry),
        tries=tries,
        code=code,
        reason=outcome.text,
    )
    if row.mark is not None and tries == 1:
        step = step._replace(mark=row.mark)
    # A cause that leaves no order and stops the sending is fixed by then, or it is this row's.
    most = retry.holds_max if row.stop is not None and harmless(doubt) else retry.again_max
    return handed_over(step) if tries >= most else step


def _waiting(
    context: DecisionContext,
    kind: EventKind,
    doubt: Disposition | None,
    *,
    due_at: Instant,
    tries: int,
    code: str,
    reason: str,
) -> Step:
    """To be sent again with the same number."""
    fresh = harmless(doubt)
    return context.stays()._replace(
        kind=kind,
        state=State.WAITING,
        task=Task.SEND,
        due_at=due_at,
        answered=True,
        doubt=doubt,
        resend_until=None if fresh else context.payout.resend_until or context.fresh_until,
        tries=tries,
        code=code,
        reason=reason,
    )


def _in_doubt(
    context: DecisionContext, kind: EventKind, when: When, code: str | None, reason: str
) -> Step:
    """To be asked about."""
    tries = context.payout.tries + 1
    known_before = context.payout.calls > 1 and context.earlier is not Disposition.UNKNOWN
    if known_before and context.contradicts(code):
        # Every earlier call was refused: the order with the other content is none of ours.
        code = OTHER_ORDER
    return context.stays()._replace(
        kind=kind,
        state=State.IN_DOUBT,
        task=Task.QUERY,
        due_at=moment(when, now=context.now, tries=tries, retry=context.retry),
        answered=True,
        doubt=Disposition.UNKNOWN,
        resend_until=context.payout.resend_until or context.fresh_until,
        tries=tries,
        code=context.coded(code),
        reason=reason,
    )
