"""What people decide in the books: each verb is a transaction, and its SQL is beside this."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.signature import OperatorDecision
from hongbao.ledger.operations import (
    approving,
    campaigns,
    cancelling,
    disclosing,
    people,
    pruning,
    reopening,
    replacing,
    retrying,
    scheduling,
    stopping,
)
from hongbao.ledger.operations.deciding import Deciding
from hongbao.ledger.store import expiry
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import campaign_named

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hongbao.ledger.model.campaign import Campaign, Plan
    from hongbao.ledger.model.death import WindowsOf
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.retry import RefusedSum, RetryPlan
    from hongbao.ledger.operations.pruning import Prunable


class Operations(Deciding):
    """The books, as people act on campaigns and on single payouts."""

    def end(self, name: str, *, by: str, reason: str) -> Campaign:
        """End a standing campaign for good: it takes no more payouts. Those that it has are paid.

        Raises:
            LedgerError: if it is no standing campaign, is not approved, or is cancelled.
        """
        what = OperatorDecision(what="end", campaign=name, facts={"reason": reason})
        return self._decided(what, campaigns.end, name, by=by, reason=reason)

    def approve(
        self, name: str, *, digest: bytes, by: str, policy: ApprovalPolicy = ANYBODY
    ) -> Campaign:
        """Approve a campaign, so that it is sent, if its rows are those that the approver saw.

        Where two people must approve it, it stays a draft until the second one has, within a day.

        Args:
            name: the campaign.
            digest: the digest of the rows that the approver saw.
            by: the approver.
            policy: what the approver's settings want; the campaign's own policy counts, too.

        Raises:
            IllegalTransition: if it is not a draft.
            LedgerError: if its rows have changed, or there are none; with the code ``same_person``
                if somebody else has to approve it.
        """
        check_actor(by)
        # In a transaction that writes, this would lock all workers out of SQLite for seconds.
        stored = self._read(campaigns.stored_digest, name)
        shown = self._read(campaign_named, name)
        facts: dict[str, int | str] = {
            "digest": digest.hex(),
            "rows": shown.rows,
            "planned": shown.planned,
        }
        return self._decided(
            OperatorDecision(what="approve", campaign=name, facts=facts), approving.approve, name,
            digest=digest, stored=stored, policy=policy, by=by,
        )  # fmt: skip

    def reject(self, name: str, *, by: str, reason: str) -> Campaign:
        """Give a draft back to who made it, with a reason: nobody approves it as it is.

        It waits for another list or more rows, or for ``withdraw_approval``, which takes the
        rejection back.

        Raises:
            LedgerError: if no reason is given, it is no draft, or it is rejected already.
        """
        what = OperatorDecision(what="reject", campaign=name, facts={"reason": reason})
        return self._decided(what, approving.reject, name, by=by, reason=reason)

    def withdraw_approval(self, name: str, *, by: str, reason: str) -> Campaign:
        """Take back what was approved of a campaign, or its rejection: it is a draft again.

        Raises:
            LedgerError: if nobody has approved or rejected it, or a call was made for it.
        """
        what = OperatorDecision(what="withdraw approval", campaign=name, facts={"reason": reason})
        return self._decided(what, approving.withdraw, name, by=by, reason=reason)

    def pause(self, name: str, *, by: str, reason: str) -> Campaign:
        """Stop sending a campaign until somebody resumes it. Queries go on.

        Raises:
            IllegalTransition: if it is not approved or running.
        """
        what = OperatorDecision(what="pause", campaign=name, facts={"reason": reason})
        return self._decided(what, campaigns.pause, name, by=by, reason=reason)

    def resume(self, name: str, *, by: str) -> Campaign:
        """Go on with the same numbers: lift the stops of the campaign and of its channel.

        Raises:
            IllegalTransition: if it is not approved, or is cancelled.
        """
        return self._decided(
            OperatorDecision(what="resume", campaign=name), campaigns.resume, name, by=by
        )

    def schedule(self, name: str, *, at: Instant, by: str) -> Campaign:
        """Send nothing of a campaign before a time; then it goes on by itself, if it is approved.

        A worker that is alive looks every ten seconds whether a time has come. ``resume`` lets it
        go on before.

        Args:
            name: the campaign; its supplements are meant, too.
            at: the time.
            by: who says so.

        Raises:
            LedgerError: if the time has passed, or the campaign is cancelled or paused already.
        """
        what = OperatorDecision(what="schedule", campaign=name, facts={"begins": at})
        return self._decided(what, scheduling.schedule, name, at=at, by=by)

    def begin_scheduled(self, *, by: str) -> None:
        """Let campaigns go on whose time has come, as each worker does now and then.

        What was approved, or scheduled, more than a day ago and has not begun is a draft again.
        """
        with self._database.reading() as connection:
            expired = expiry.expired(connection, now=now(connection))
            due = scheduling.due(connection, now=now(connection))
        for it in expired:
            self._change(approving.expire, it.name, by=check_actor(by))
        for campaign_id in due:
            self._change(scheduling.go_on, campaign_id, by=check_actor(by))

    def cancel(self, name: str, *, by: str, reason: str) -> Campaign:
        """Cancel a campaign and its supplements; payouts that may be paid are queried.

        It takes several transactions. After an interruption, call it again to go on.

        Raises:
            LedgerError: if there is no campaign of this name.
        """
        what = OperatorDecision(what="cancel", campaign=name, facts={"reason": reason})
        actor, parts = self._decided_by(what, cancelling.begin, name, by=by, reason=reason)
        for part in parts:
            self._take_back(part.name, by=actor)
        return self._read(campaign_named, name)

    def _take_back(self, name: str, *, by: str) -> None:
        after = 0
        while after := self._change(cancelling.take_back, name, after=after, by=by):
            pass

    def replace(self, plan: Plan, *, by: str, reason: str) -> Campaign:
        """Begin another list under the name of a campaign of which nothing was ever sent.

        The old campaign is cancelled and gets another name; its keys are free. It takes several
        transactions. After an interruption, call it again to go on.

        Raises:
            LedgerError: if there is no such campaign, a call was made for it, or it is approved.
        """
        name = plan.name
        what = OperatorDecision(
            what="replace", campaign=name, facts={"source_digest": plan.source_digest.hex()}
        )
        actor, _ = self._decided_by(what, replacing.begin, name, by=by, reason=reason)
        self._take_back(name, by=actor)
        return self._change(replacing.replace, plan, by=actor)

    def disclose(self, counts: Mapping[int, int], *, what: str, by: str) -> None:
        """Record that receivers are shown in full to somebody, before they are.

        Args:
            counts: of how many payouts of which campaign, by the campaign's id.
            what: where they are shown, such as ``report``.
            by: to whom.

        Raises:
            LedgerError: if there is no such campaign.
        """
        self._change(disclosing.disclose, counts, what=what, by=check_actor(by))

    def query_now(self, payout_id: int, *, by: str) -> Payout:
        """Query a payout as soon as a slot is free: see ``people.query_now``."""
        return self._change(people.query_now, payout_id, by=check_actor(by))

    def send_now(self, payout_id: int, *, by: str) -> Payout:
        """Send a payout as soon as a slot is free, with the same number: ``people.send_now``."""
        return self._decided(
            OperatorDecision(what="send now", payout=payout_id), people.send_now, payout_id, by=by
        )

    def retry_plan(self, name: str, *, codes: Collection[str] = ()) -> RetryPlan:
        """What ``retry`` would send again now, and what not. Changes nothing.

        Args:
            name: the campaign; its supplements are meant, too.
            codes: only those whose last outcome had one of these; none is any.

        Raises:
            LedgerError: if there is no such campaign, or it is cancelled.
        """
        with self._database.reading() as connection:
            return retrying.plan(connection, name, codes=codes, now=now(connection))

    def retry(
        self,
        name: str,
        *,
        expected: RefusedSum,
        by: str,
        reason: str,
        codes: Collection[str] = (),
    ) -> RetryPlan:
        """Send refused payouts again by one decision: see ``retrying``.

        Args:
            name: the campaign; its supplements are meant, too.
            expected: how many payouts, and how much money, as ``retry_plan`` has just said it.
            by: who decides it.
            reason: why.
            codes: as of ``retry_plan``.

        Returns:
            What was sent again, and what was not.

        Raises:
            LedgerError: if there are none, or the campaign is cancelled; with the code ``changed``
                if they are others by now. Nothing is changed.
        """
        facts: dict[str, int | str] = {
            "payouts": expected.payouts, "amount": expected.amount,
            "codes": " ".join(sorted(codes)), "reason": reason,
        }  # fmt: skip
        return self._decided(
            OperatorDecision(what="retry", campaign=name, facts=facts), retrying.retry, name,
            codes=codes, expected=expected, by=by, reason=reason,
        )  # fmt: skip

    def stop_all(self, *, by: str, reason: str) -> int:
        """Send nothing any more, for any merchant that the books have, until ``resume_all``.

        Calls that are on their way end as they would have, and queries go on. Once
        ``Standing.on_the_way`` of no campaign has any payout, the last call has ended.

        Returns:
            How many merchants were stopped; those that were by an earlier call are not counted.

        Raises:
            LedgerError: if no reason is given.
        """
        what = OperatorDecision(what="stop all", facts={"reason": reason})
        return self._decided(what, stopping.stop_all, by=by, reason=reason)

    def resume_all(self, *, by: str) -> int:
        """Send again for the merchants that ``stop_all`` has stopped; gives how many they are.

        Campaigns that are paused stay so.
        """
        return self._decided(OperatorDecision(what="resume all"), stopping.resume_all, by=by)

    def prunable(self, *, until: Instant) -> Prunable:
        """What ``prune`` would delete of the outbox now: see ``pruning``. Changes nothing."""
        return self._read(pruning.prunable, until=until)

    def prune(self, *, until: Instant) -> int:
        """Delete what the outbox says of the time before a moment; gives how many rows that is.

        What an endpoint has not read stays, and the last row. A program that keeps a position of
        its own must have read so far: else it gets the code ``gone``. No history is touched.
        """
        before, deleted = self.prunable(until=until).before, 0
        while some := self._database.run(partial(pruning.prune, before=before)):
            deleted += some
        return deleted

    def cancel_payout(self, payout_id: int, *, by: str, reason: str) -> Payout:
        """Take one person out of a campaign, before any call that could pay: ``people.cancel``.

        Raises:
            LedgerError: if it was called and may be paid, or a worker has it.
        """
        what = OperatorDecision(what="cancel payout", payout=payout_id)
        return self._decided(what, people.cancel, payout_id, by=by, reason=reason)

    def note(self, payout_id: int, *, by: str, text: str) -> Payout:
        """Write a remark into a payout's history; its own receiver in it is masked.

        Raises:
            LedgerError: if it is empty or longer than 1,000 characters, or a worker has the payout.
        """
        return self._change(people.note, payout_id, by=check_actor(by), text=text)

    def declare_dead(self, payout_id: int, *, by: str, reason: str, windows: WindowsOf) -> Payout:
        """Mark a payout as refused on a person's word: ``people.declare_dead``.

        ``windows`` says by the kind of a payout how long it may still be paid: ``rails`` has it.

        Raises:
            LedgerError: if the rules do not allow it (yet); it says what is missing.
        """
        what = OperatorDecision(what="declare dead", payout=payout_id)
        return self._decided(
            what, people.declare_dead, payout_id, by=by, reason=reason, windows=windows
        )

    def reopen(
        self,
        payout_id: int,
        *,
        by: str,
        reason: str,
        override: bool = False,
        windows: WindowsOf | None = None,
    ) -> Payout:
        """Let a refused payout be sent again; see ``reopening.reopen``.

        ``override`` allows what may pay twice; ``windows`` only makes the advice better.

        Raises:
            LedgerError: if its number may still pay, its campaign is cancelled, a worker has it, or
                a later campaign pays the same.
        """
        return self._decided(
            OperatorDecision(what="reopen", payout=payout_id, facts={"override": int(override)}),
            reopening.reopen,
            payout_id,
            by=by,
            reason=reason,
            override=override,
            windows=windows,
        )
