"""Turns many results into changes of their payouts, their channels and the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.english import joined
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.event import (
    BodyTemplate,
    EventKind,
    behind_id,
    body_of,
    digest_of,
    quoted,
)
from hongbao.ledger.model.payout import PAID, State, Task, check_step
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.salt import salted_hash
from hongbao.ledger.store.schema import STANDING
from hongbao.ledger.store.tallies import HOUR
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.step import Step
    from hongbao.ledger.store.changes import Changes
    from hongbao.money import Fen

_STEP = Shape(
    (
        "state", "task", "due_at", "answers", "doubt", "resend_until", "tries", "code", "reason",
        "listid", "voucher", "sent_at", "settled_at", "claimed", "refunded", "seq", "hash",
    ),
    ("payout_id", "lease", "seq"),
)  # fmt: skip
_ACCEPTED, _LOOK = EventKind.ACCEPTED.value, int(Task.LOOK)
_SENT, _IN_DOUBT = State.SENT.value, State.IN_DOUBT.value
ACCEPTED_BODY = BodyTemplate("listid", "sent_at", answers=1, state=State.SENT, tries=0).body
# As ``Step`` has them: the kind, the state and the task; from ``answered`` to the reason; and from
# ``settled_at`` on.
_PLAIN_BEGINS = (EventKind.ACCEPTED, State.SENT, Task.LOOK)
_PLAIN_GOES_ON = (True, None, None, 0, None, None)
_PLAIN_ENDS = (None, 0, 0, None, None)
_FIRST = tuple(name for name in standings.COLUMNS if name not in {"lease", "billno"})
_PLAIN = (
    "payout_id", "campaign_id", "row", "amount", "payee", "due_at", "first_call_at", "listid",
    "sent_at", "day", "hash",
)  # fmt: skip
_ALL_PLAIN = {
    "state": _SENT, "task": _LOOK, "attempt": 1, "calls": 1, "answers": 1, "tries": 0, "claimed": 0,
    "refunded": 0, "seq": 3,
}  # fmt: skip


class Closing(NamedTuple):
    """What results take out of a range of first calls.

    Attributes:
        range_id: the range.
        lease: the token with which its calls were begun.
        payouts: how many.
        amount: fen that they come to.
    """

    range_id: int
    lease: int | None
    payouts: int
    amount: int


class Batch:
    """The results of one transaction.

    Args:
        changes: collects what will be written.
        salt: returns the salt of these books; few batches need it.
    """

    def __init__(self, changes: Changes, salt: Callable[[], bytes]) -> None:
        self._changes = changes
        self._salt = salt
        self._rows = changes.rows(_STEP, alike={"lease": None})
        self._first: list[tuple[Any, ...]] = []
        self._plain: list[tuple[Any, ...]] = []
        self._ranges: dict[tuple[int, int | None], list[int]] = {}

    def add(self, results: Iterable[tuple[Job, Step]], standing: Container[int]) -> None:
        """Add results.

        Args:
            results: calls, and what follows from each.
            standing: of the payouts that were begun in a range those that have a standing by now.

        Raises:
            IllegalTransition: if a step is not in the table of steps.
            LedgerError: if a step changes facts without an event in the history.
        """
        plain = []
        for job, step in results:
            stands = job.range_id is None or job.payout.id in standing
            if not stands and _is_plain(step):
                plain.append((job, step))
            else:
                self._add(job, step, stands=stands)
        self._accept(plain)

    def _add(self, job: Job, step: Step, *, stands: bool) -> None:
        payout = job.payout
        facts = _facts(payout, step)
        seq, last = payout.seq, job.hash
        kind = step.kind or _noted(payout, step)
        if step.kind is None and facts:
            raise LedgerError(
                code=LedgerCode.BUG,
                problem=say(
                    "a step of {billno} changes {facts} without an event",
                    billno=payout.billno,
                    facts=joined(sorted(facts)),
                ),
                remedy=say("This is a fault of the program: please report it."),
            )
        if kind is not None:
            seq += 1
            body = body_of(self._with_outcome(payout, step, facts))
            last = self._changes.event(last, payout.id, seq, kind.value, body)
        self._put(job, step, seq, last, stands=stands)
        self._count(job, step)
        # A claim in progress sees this payout as leased, and looks again when the lease ends. If it
        # is due before that, the channel's row must say so.
        if step.due_at is not None and step.due_at < job.lease_until:
            self._changes.of_channel(job.channel_id).due(step.due_at)

    def _accept(self, results: Iterable[tuple[Job, Step]]) -> None:
        """Add nearly all results as ``_add`` does, in a fraction of its time."""
        changes, events = self._changes, []
        sums: dict[tuple[int, int, int | None, Instant], list[int]] = {}
        behind = behind_id(3, changes.now, _ACCEPTED, changes.actor, "")
        for job, step in results:
            payout, due_at, listid, sent_at = step.payout, step.due_at, step.listid, step.sent_at
            number, campaign, amount = payout.id, payout.campaign_id, payout.amount
            body = ACCEPTED_BODY((quoted(listid or ""), sent_at or 0))
            last = digest_of(job.hash, number, behind + body)
            events.append((number, body, last))
            self._plain.append(
                (
                    number, campaign, payout.row, amount, payout.payee if job.by_user else None,
                    due_at, payout.first_call_at, listid, sent_at, payout.day, last,
                )
            )  # fmt: skip
            of = campaign, job.range_id or 0, payout.lease, (sent_at or 0) // HOUR
            if of in sums:
                sums[of][0] += 1
                sums[of][1] += amount
            else:
                sums[of] = [1, amount]
            if due_at is not None and due_at < job.lease_until:
                changes.of_channel(job.channel_id).due(due_at)
        changes.happened(_ACCEPTED, 3, events)
        for (campaign, range_id, lease, hour), (payouts, amount) in sums.items():
            self._leave(range_id, lease, amount, payouts=payouts)
            changes.totals.move(campaign, _IN_DOUBT, _SENT, amount, payouts=payouts)
            changes.totals.paid(campaign, hour * HOUR, amount, payouts=payouts)

    def _leave(
        self, range_id: int | None, lease: int | None, amount: Fen, *, payouts: int = 1
    ) -> None:
        left = self._ranges.setdefault((range_id or 0, lease), [0, 0])
        left[0] += payouts
        left[1] += amount

    def _put(self, job: Job, step: Step, seq: int, last: bytes, *, stands: bool) -> None:
        payout = job.payout
        task = None if step.task is None else int(step.task)
        answers = payout.calls if step.answered else payout.answers
        doubt = None if step.doubt is None else step.doubt.value
        if stands:
            self._rows.append(
                (
                    step.state.value, task, step.due_at, answers, doubt, step.resend_until,
                    step.tries, step.code, step.reason, step.listid, step.voucher, step.sent_at,
                    step.settled_at, step.claimed, step.refunded, seq, last,
                    payout.id, payout.lease, payout.seq,
                )
            )  # fmt: skip
        else:
            self._first.append(
                (
                    payout.id, payout.campaign_id, payout.row, payout.amount,
                    payout.payee if job.by_user else None, step.state.value, task, step.due_at, 1,
                    payout.calls, answers, doubt, payout.first_call_at, step.resend_until,
                    step.tries, step.code, step.reason, step.listid, step.voucher, step.sent_at,
                    step.settled_at, step.claimed, step.refunded, payout.day, seq, last,
                )
            )  # fmt: skip
            self._leave(job.range_id, payout.lease, payout.amount)

    def close(self) -> list[Closing]:
        """Give the changes the standings of those that had none, and say what leaves its range."""
        if self._first:
            self._changes.add(STANDING, _FIRST, self._first)
        if self._plain:
            self._changes.add(STANDING, _PLAIN, self._plain, alike=_ALL_PLAIN)
        return [Closing(*of, *left) for of, left in sorted(self._ranges.items())]

    def _count(self, job: Job, step: Step) -> None:
        payout, totals = job.payout, self._changes.totals
        before, after = payout.state, step.state
        campaign, amount = payout.campaign_id, payout.amount
        if (
            after is not before
            or step.claimed != payout.claimed
            or step.refunded != payout.refunded
        ):
            totals.add(campaign, before, -amount, -payout.claimed, -payout.refunded, payouts=-1)
            totals.add(campaign, after, amount, step.claimed, step.refunded)
        if after in PAID and before not in PAID:
            totals.paid(campaign, step.sent_at or self._changes.now, amount)
        claimed, refunded = step.claimed - payout.claimed, step.refunded - payout.refunded
        if claimed or refunded:
            totals.came(campaign, self._changes.now, claimed, refunded)
        if step.mark is not None:
            totals.cause(campaign, step.mark)
        gives_up = after is State.REFUSED and before is not after
        # Counted now, not when a query has confirmed it: the breaker must be quick.
        if step.kind is EventKind.REFUSED or (gives_up and not payout.confirming):
            totals.cause(campaign, step.code or "")
        if payout.day is not None and after is not before:
            if gives_up:
                self._changes.of_channel(job.channel_id).release(payout.day, amount)
            elif before is State.REFUSED:
                self._changes.of_channel(job.channel_id).release(payout.day, -amount)

    def _with_outcome(self, payout: Payout, step: Step, facts: dict[str, Any]) -> dict[str, Any]:
        # Each of these three that is left out counts as empty: see ``replay``.
        facts["tries"] = step.tries
        if step.voucher != payout.voucher and step.voucher is not None:
            facts["voucher"] = salted_hash(self._salt(), step.voucher)
        if step.proof is not None:
            facts["proof"] = step.proof
        if step.code is not None:
            facts["code"] = step.code
        if step.reason is not None:
            facts["reason"] = step.reason
        return facts


def _is_plain(step: Step) -> bool:
    """Whether a first call was accepted, and nothing else is to be said."""
    return bool(
        step[1:4] == _PLAIN_BEGINS
        and step[5:11] == _PLAIN_GOES_ON
        and step[14:] == _PLAIN_ENDS
        and step.listid
        and step.sent_at
        and step.voucher is None
    )


def _noted(payout: Payout, step: Step) -> EventKind | None:
    """The event of a step that has no kind; None if it needs none."""
    same = (step.tries, step.code, step.reason) == (payout.tries, payout.code, payout.reason)
    return None if same else EventKind.NOTED


def _facts(payout: Payout, step: Step) -> dict[str, Any]:
    """The columns of ``rows.REPLAYED`` that a step changes."""
    facts: dict[str, Any] = {}
    if step.state is not payout.state:
        check_step(payout.state, step.state, billno=payout.billno)
        facts["state"] = step.state
    if step.answered and payout.answers != payout.calls:
        facts["answers"] = payout.calls
    if step.doubt is not payout.doubt:
        facts["doubt"] = step.doubt
    if step.resend_until != payout.resend_until:
        facts["resend_until"] = step.resend_until
    if step.listid != payout.listid:
        facts["listid"] = step.listid
    if step.sent_at != payout.sent_at:
        facts["sent_at"] = step.sent_at
    if step.settled_at != payout.settled_at:
        facts["settled_at"] = step.settled_at
    if step.claimed != payout.claimed:
        facts["claimed"] = step.claimed
    if step.refunded != payout.refunded:
        facts["refunded"] = step.refunded
    return facts
