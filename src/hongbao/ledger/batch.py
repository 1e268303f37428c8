"""What many results change: rows of payouts, their histories, their merchants and the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.errors import LedgerError
from hongbao.ledger import bulk, merchants
from hongbao.ledger.event import EventKind, chain
from hongbao.ledger.payout import State, check_step
from hongbao.ledger.salt import salted_hash
from hongbao.ledger.schema import EVENT, PAYOUT
from hongbao.ledger.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from hongbao.ledger.event import Event
    from hongbao.ledger.job import Job
    from hongbao.ledger.payout import Instant, Payout
    from hongbao.ledger.step import Step

_EVENT = tuple(column.name for column in EVENT.c)
_FENCE = ("id", "lease", "seq")
_CHANGED = (
    "state", "task", "due_at", "answers", "doubt", "resend_until", "tries", "code", "reason",
    "listid", "voucher", "sent_at", "settled_at", "claimed", "refunded", "seq",
)  # fmt: skip


class Batch:
    """The results of one transaction.

    Args:
        worker: who brought them.
        now: the books' time.
        salt: gives that of these books; few batches need it.
    """

    def __init__(self, worker: str, now: Instant, salt: Callable[[], bytes]) -> None:
        self._worker = worker
        self._now = now
        self._salt = salt
        self._rows: list[tuple[Any, ...]] = []
        self._events: list[Event] = []
        self._tallies = Tallies(worker)
        self._merchants: dict[int, merchants.News] = {}

    def add(self, job: Job, step: Step) -> None:
        """Take a result.

        Raises:
            IllegalTransition: if its step is not in the table of steps.
            LedgerError: if it changes facts without telling it in the history.
        """
        payout = job.payout
        facts = _facts(payout, step)
        seq = payout.seq
        kind = step.kind or _noted(payout, step)
        if step.kind is None and facts:
            raise LedgerError(
                problem=f"a step of {payout.billno} changes {', '.join(sorted(facts))} without "
                "an event",
                remedy="This is a fault of the program: please report it.",
            )
        if kind is not None:
            seq += 1
            self._events.append(self._event(job, step, kind, facts))
        task = step.task
        self._rows.append(
            (
                step.state.value, None if task is None else int(task), step.due_at,
                payout.calls if step.answered else payout.answers,
                None if step.doubt is None else step.doubt.value, step.resend_until, step.tries,
                step.code, step.reason, step.listid, step.voucher, step.sent_at, step.settled_at,
                step.claimed, step.refunded, seq,
                payout.id, payout.lease, payout.seq,
            )
        )  # fmt: skip
        self._count(payout, step)
        # A claim that is under way sees this payout as leased, and looks again when the lease ends.
        # What is due before that, it must be told.
        if step.due_at is not None and step.due_at < job.lease_until:
            self._of_merchant(payout).due(step.due_at)

    def write(self, connection: Connection) -> bool:
        """Write all but the totals.

        Returns:
            Whether all payouts still had their lease. If not, the transaction must be undone.
        """
        written = bulk.update(
            connection, PAYOUT, _CHANGED, _FENCE, self._rows, alike={"lease": None}
        )
        if written != len(self._rows):
            return False
        bulk.insert(connection, EVENT, _EVENT, self._events)
        merchants.tell(connection, self._merchants.values(), now=self._now)
        return True

    def write_totals(self, connection: Connection) -> None:
        """Write the totals: the last thing in the transaction."""
        self._tallies.write(connection)

    def _count(self, payout: Payout, step: Step) -> None:
        before, after = payout.state, step.state
        campaign, amount = payout.campaign_id, payout.amount
        if (
            after is not before
            or step.claimed != payout.claimed
            or step.refunded != payout.refunded
        ):
            add = self._tallies.add
            add(campaign, before, -amount, -payout.claimed, -payout.refunded, payouts=-1)
            add(campaign, after, amount, step.claimed, step.refunded)
        if step.mark is not None:
            self._tallies.cause(campaign, step.mark)
        gives_up = after is State.REFUSED and before is not after
        # At once, not when a query has confirmed it: whoever judges by it must be quick.
        if step.kind is EventKind.REFUSED or (gives_up and not payout.confirming):
            self._tallies.cause(campaign, step.code or "")
        if payout.day is not None and after is not before:
            if gives_up:
                self._of_merchant(payout).release(payout.day, amount)
            elif before is State.REFUSED:
                self._of_merchant(payout).release(payout.day, -amount)

    def _of_merchant(self, payout: Payout) -> merchants.News:
        return self._merchants.setdefault(payout.merchant_id, merchants.News(payout.merchant_id))

    def _event(self, job: Job, step: Step, kind: EventKind, facts: dict[str, Any]) -> Event:
        payout = job.payout
        # What is not given of these three is nothing: see ``replay``.
        facts["tries"] = step.tries
        if step.voucher != payout.voucher and step.voucher is not None:
            facts["voucher"] = salted_hash(self._salt(), step.voucher)
        if step.proof is not None:
            facts["proof"] = step.proof
        if step.code is not None:
            facts["code"] = step.code
        if step.reason is not None:
            facts["reason"] = step.reason
        return chain(
            job.hash, payout_id=payout.id, seq=payout.seq + 1, at=self._now,
            kind=str(kind), actor=self._worker, facts=facts,
        )  # fmt: skip


def _noted(payout: Payout, step: Step) -> EventKind | None:
    """What a step without an event of its own leaves in the history; None if nothing."""
    same = (step.tries, step.code, step.reason) == (payout.tries, payout.code, payout.reason)
    return None if same else EventKind.NOTED


def _facts(payout: Payout, step: Step) -> dict[str, Any]:
    """What a step changes of ``rows.REPLAYED``."""
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
