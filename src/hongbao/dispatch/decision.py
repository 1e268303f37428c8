"""The context of a decision (a claimed payout, the time, its rail), and the decision itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.dispatch.schedule import after, next_look
from hongbao.errors import Disposition
from hongbao.ledger.model.death import OTHER_ORDER
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.step import Step

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.step import Stop
    from hongbao.rails.port import Rail
    from hongbao.rails.retry import RetryPolicy

_DAY = 86_400


class Decision(NamedTuple):
    """What follows from an outcome.

    Attributes:
        step: where the payout stands now, for the books.
        stop: why sending must stop until a person has looked; None if it goes on.
        slow: whether the merchant's rate must fall.
    """

    step: Step
    stop: Stop | None = None
    slow: bool = False


class DecisionContext(NamedTuple):
    """Everything that a decision depends on besides the outcome.

    Attributes:
        payout: as it was claimed; if the call was a send, it is counted.
        task: what was done.
        now: when its outcome is known, by the books' clock.
        rail: the rail that pays it.
        submitted_at: when the payout was submitted to the books, if that is known.
    """

    payout: Payout
    task: Task
    now: Instant
    rail: Rail
    submitted_at: Instant | None = None

    @property
    def retry(self) -> RetryPolicy:
        """How patient the engine is."""
        return self.rail.retry

    @property
    def earlier(self) -> Disposition | None:
        """The worst that the calls before this one may have done, as far as no query settled it.

        A call that was begun and never recorded may have paid.
        """
        payout = self.payout
        begun = payout.calls - 1 if self.task is Task.SEND else payout.calls
        return Disposition.UNKNOWN if payout.answers < begun else payout.doubt

    @property
    def fresh_until(self) -> Instant:
        """Until when a number that the provider does not know is sent again."""
        return after(self.first_call_at, self.retry.resend_seconds)

    @property
    def held_until(self) -> Instant:
        """Until when a number is sent again that the provider holds back with a reason."""
        return after(self.first_call_at, self.retry.query_only_seconds)

    @property
    def first_call_at(self) -> Instant:
        """When the first send of the number began; now, if none did."""
        first = self.payout.first_call_at
        return self.now if first is None else first

    @property
    def forgotten(self) -> bool:
        """Whether the provider may have forgotten the number, so that NOT_FOUND proves nothing.

        An earlier life of the books may have sent it as soon as the payout was put into them.
        """
        submitted_at = self.submitted_at
        known = self.retry.answers_seconds - _DAY  # a margin for clocks that differ
        return submitted_at is None or self.now >= after(submitted_at, known)

    def contradicts(self, code: str | None) -> bool:
        """Whether a code says that the number has an order with other content than ours."""
        return code == OTHER_ORDER or self.rail.reaction(code).contradicts

    @property
    def contradicted(self) -> bool:
        """Whether the provider has said so of this payout."""
        return self.contradicts(self.payout.code)

    def coded(self, code: str | None) -> str | None:
        """A code for the next step, but for one that must not be forgotten before it is settled."""
        return self.payout.code if self.contradicted else code

    def again(self, code: str) -> int:
        """How many times in a row, with this one, the outcome has this code."""
        return self.payout.tries + 1 if self.payout.code == code else 1

    def stays(self) -> Step:
        """The step that changes nothing: what follows is said as a difference from it."""
        payout = self.payout
        return Step(
            payout=payout,
            kind=None,
            state=payout.state,
            task=None,
            due_at=None,
            answered=False,
            doubt=payout.doubt,
            resend_until=payout.resend_until,
            tries=payout.tries,
            code=payout.code,
            reason=payout.reason,
            listid=payout.listid,
            voucher=payout.voucher,
            sent_at=payout.sent_at,
            settled_at=payout.settled_at,
            claimed=payout.claimed,
            refunded=payout.refunded,
        )


def awaiting(context: DecisionContext, kind: EventKind, *, listid: str) -> Step:
    """Its money is locked until its receiver confirms: no other number for it, and none is paid."""
    return context.stays()._replace(
        kind=kind,
        state=State.AWAITING_USER,
        task=Task.LOOK,
        due_at=next_look(context.first_call_at, now=context.now, retry=context.retry),
        answered=True,
        doubt=Disposition.OPEN,
        resend_until=None,
        tries=0,
        code=None,
        reason=None,
        listid=listid or context.payout.listid,
    )


def next_look_of(context: DecisionContext) -> Instant:
    """When an order that is known is looked at next, by its age."""
    payout = context.payout
    since = payout.first_call_at if payout.state is State.AWAITING_USER else payout.sent_at
    return next_look(context.now if since is None else since, now=context.now, retry=context.retry)


def handed_over(step: Step) -> Step:
    """The same, but nothing is done any more before a person asks for it."""
    payout = step.payout
    # A step without a kind has not counted a call whose outcome was lost into the doubt.
    lost = step.kind is None and payout.answers < payout.calls and step.state is not State.SENT
    return step._replace(
        kind=EventKind.HANDED_OVER,
        task=None,
        due_at=None,
        answered=True,
        doubt=Disposition.UNKNOWN if lost else step.doubt,
    )


def harmless(doubt: Disposition | None) -> bool:
    """Whether no call so far can have left an order: it is as before a first send."""
    return doubt is None or doubt is Disposition.NO
