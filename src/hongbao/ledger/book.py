"""The one door to the books: each verb is a transaction, and its SQL is in another module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.ledger.intake.appending import append, appended
from hongbao.ledger.intake.keys import known
from hongbao.ledger.intake.spellings import Spellings
from hongbao.ledger.intake.submission import submit
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.operations import (
    campaigns,
    cancelling,
    disclosing,
    merchant_limits,
    people,
    replacing,
)
from hongbao.ledger.queue import completing, counting, daily_limits, heartbeat
from hongbao.ledger.queue.claiming import claim
from hongbao.ledger.queue.recording import record
from hongbao.ledger.read.reader import Reader
from hongbao.ledger.store.database import now
from hongbao.ledger.store.terms import store_terms, terms_body

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_report import AuditReport
    from hongbao.ledger.intake.appending import Payment
    from hongbao.ledger.model.campaign import (
        Campaign,
        Entry,
        Known,
        ListedRow,
        Plan,
        Submitted,
    )
    from hongbao.ledger.model.causes import Causes
    from hongbao.ledger.model.death import WindowsOf
    from hongbao.ledger.model.job import ClaimedJobs, Job, Recorded
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant, Payout, Task
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.money import Fen


class Book(Reader):
    """The books, open. Any thread may use it; a process that is forked opens its own."""

    def set_merchant(self, number: str, limits: PayerLimits, *, by: str) -> int:
        """Set a merchant's limits, and return its number in the books. A new one is added.

        Args:
            number: the merchant's number at WeChat.
            limits: its limits from now on.
            by: the person or worker who sets them, for the merchant's history.
        """
        return self._change(merchant_limits.set_merchant, number, limits, by=check_actor(by))

    def stand(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a standing campaign: a draft without rows; programs add some once it is approved.

        Called again before it is approved, this gives it the mandate of the new plan.

        Args:
            plan: with a mandate, whose total is the budget.
            by: who begins it.

        Raises:
            LedgerError: if there is another campaign of this name, or this one is approved.
        """
        return self._change(campaigns.stand, plan, by=check_actor(by))

    def append(self, name: str, payment: Payment, *, by: str) -> Payout:
        """Add a payout to a standing campaign, within its mandate, and once for each key.

        Args:
            name: the name of the campaign.
            payment: the payment.
            by: the program that asks for it.

        Returns:
            The payout: a new one, or the one that the merchant already has under this key, in any
            campaign.

        Raises:
            InvalidRequest: if a fact is of a wrong type, or the key not in its normal form.
            KeyReused: if that one has other content. Nothing is stored.
            BudgetExceeded: if the payout exceeds the mandate. Nothing is stored.
            LedgerError: if the campaign takes no payouts, or none of this merchant; if the key is
                in a campaign that is not approved, or in a cancelled one that pays it to nobody.
                Nothing is stored.
        """
        return self._change(append, name, payment, by=check_actor(by))

    def appended(self, name: str, payment: Payment) -> Payout | None:
        """The payout that ``append`` would find under its key; None if it would store a new one.

        Raises:
            KeyReused: if it has other content.
            LedgerError: if there is no such campaign, or none of this merchant; if nobody will pay
                what is there, see ``append``.
        """
        return self._read(appended, name, payment)

    def end(self, name: str, *, by: str, reason: str) -> Campaign:
        """End a standing campaign for good: it takes no more payouts. Those that it has are paid.

        Raises:
            LedgerError: if it is no standing campaign, is not approved, or is cancelled.
        """
        return self._change(campaigns.end, name, by=check_actor(by), reason=reason)

    def begin_import(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a campaign, or go on with one of this name that is not approved yet.

        Args:
            plan: what is known of it before its rows.
            by: who begins it.

        Raises:
            LedgerError: if it takes no more rows, belongs to another merchant, or is over budget.
        """
        return self._change(campaigns.begin_import, plan, by=check_actor(by))

    def terms(self, bodies: Sequence[Mapping[str, object]]) -> list[int]:
        """Store what requests have in common, each content once, and return the number of each."""
        return self._database.run(lambda connection: store_terms(connection, bodies))

    def terms_body(self, terms_id: int) -> dict[str, Any]:
        """What was stored by ``terms``.

        Raises:
            LedgerError: if there is nothing under this number.
        """
        return self._read(terms_body, terms_id)

    def known(self, merchant_id: int, rows: Sequence[ListedRow]) -> list[Known | None]:
        """The payouts under known keys of a merchant, with differences; None for a new key."""
        return self._read(known, merchant_id, rows)

    @property
    def spellings(self) -> Spellings:
        """The search for keys in other spellings."""
        return Spellings(self._database)

    def given_today(self, merchant_id: int, payees: Collection[str]) -> dict[str, tuple[int, Fen]]:
        """How many payouts and how much money (fen) users have got on this Beijing day.

        Payouts in doubt count. Users who got nothing are left out.
        """
        with self._database.reading() as connection:
            day = beijing.day_of(now(connection))
            return daily_limits.given_today(connection, merchant_id, payees, day=day)

    def submit(
        self, campaign_id: int, chunks: Iterable[Sequence[Entry]], *, by: str,
        source_digest: bytes | None = None, progress: Callable[[int], None] | None = None,
    ) -> Submitted:  # fmt: skip
        """Add rows to a campaign. Rows that are already there with the same content are left alone.

        Each chunk is a transaction; a thread prepares the next one. ``progress`` gets the number of
        rows done. With ``source_digest`` nothing is added once another list is imported under the
        name.

        Raises:
            KeyReused: if a key is there with other content; nothing of that chunk is stored.
            LedgerError: if the campaign takes no more rows, or they exceed its budget.
        """
        return submit(
            self._database, campaign_id, chunks, by=check_actor(by), source_digest=source_digest,
            progress=progress,
        )  # fmt: skip

    def finish_import(self, name: str, *, by: str) -> Campaign:
        """End an import: all rows are stored, and the campaign is a draft."""
        return self._change(campaigns.finish_import, name, by=check_actor(by))

    def approve(self, name: str, *, digest: bytes, by: str) -> Campaign:
        """Approve a campaign, so that it is sent, if its rows are those that the approver saw.

        Args:
            name: the campaign.
            digest: the digest of the rows that the approver saw.
            by: the approver.

        Raises:
            IllegalTransition: if it is not a draft.
            LedgerError: if its rows have changed, or there are none.
        """
        check_actor(by)
        # In a transaction that writes, this would lock all workers out of SQLite for seconds.
        stored = self._read(campaigns.stored_digest, name)
        return self._change(campaigns.approve, name, digest=digest, stored=stored, by=by)

    def pause(self, name: str, *, by: str, reason: str) -> Campaign:
        """Stop sending a campaign until somebody resumes it. Queries go on.

        Raises:
            IllegalTransition: if it is not approved or running.
        """
        return self._change(campaigns.pause, name, by=check_actor(by), reason=reason)

    def resume(self, name: str, *, by: str) -> Campaign:
        """Go on with the same numbers: lift the stops of the campaign and of its merchant.

        Raises:
            IllegalTransition: if it is not approved, or is cancelled.
        """
        return self._change(campaigns.resume, name, by=check_actor(by))

    def cancel(self, name: str, *, by: str, reason: str) -> Campaign:
        """Cancel a campaign and its supplements; payouts that may be paid are queried.

        It takes several transactions. After an interruption, call it again to go on.

        Raises:
            LedgerError: if there is no campaign of this name.
        """
        for part in self._change(cancelling.begin, name, by=check_actor(by), reason=reason):
            self._take_back(part.name, by=by)
        return self.standing(name).campaign

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
        self._change(replacing.begin, name, by=check_actor(by), reason=reason)
        self._take_back(name, by=by)
        return self._change(replacing.replace, plan, by=by)

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
        return self._change(people.send_now, payout_id, by=check_actor(by))

    def declare_dead(self, payout_id: int, *, by: str, reason: str, windows: WindowsOf) -> Payout:
        """Mark a payout as refused on a person's word: ``people.declare_dead``.

        ``windows`` says by the kind of a payout how long it may still be paid: ``rails`` has it.

        Raises:
            LedgerError: if the rules do not allow it (yet); it says what is missing.
        """
        return self._change(
            people.declare_dead, payout_id, by=check_actor(by), reason=reason, windows=windows
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
        """Let a refused payout be sent again; see ``people.reopen``.

        ``override`` allows what may pay twice; ``windows`` only makes the advice better.

        Raises:
            LedgerError: if its number may still pay, its campaign is cancelled, a worker has it, or
                a later campaign pays the same.
        """
        return self._change(
            people.reopen,
            payout_id,
            by=check_actor(by),
            reason=reason,
            override=override,
            windows=windows,
        )

    def audit(
        self, *, progress: Callable[[int, int], object] | None = None, watch: Watch | None = None,
        processes: int = 1,
    ) -> AuditReport:  # fmt: skip
        """Check everything, and report what disagrees; see ``audit_books``. Workers may go on."""
        # It knows the migrations, and so Alembic, which takes 0.1 s to import.
        from hongbao.ledger.audits.audit_processes import audit_books  # noqa: PLC0415  # see above

        return audit_books(self._database, progress=progress, watch=watch, processes=processes)

    def next_due(self, campaign_id: int) -> dict[Task, Instant]:
        """When each task of a campaign is due next, whether or not it may be done then."""
        return self._read(counting.next_due, campaign_id)

    def causes(self, campaign_id: int) -> Causes:
        """The counts of a campaign that a breaker judges."""
        return self._read(counting.causes, campaign_id)

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        lease_seconds: float,
        horizon_seconds: float = 0.5,
        merchants: Collection[int] | None = None,
    ) -> ClaimedJobs:
        """Lease due payouts of the merchants that have waited longest.

        Args:
            worker: the worker's name, for the history of each payout that is sent.
            limit: the most payouts to lease.
            lease_seconds: after that another worker may claim them.
            horizon_seconds: how far ahead slots are taken, so that calls can be spread evenly.
            merchants: the merchants to consider; None for all in the books.

        Raises:
            LedgerError: if a history cannot hold the name of the worker.
            BookUnavailable: if the database fails.
        """
        return self._database.run(
            lambda connection: claim(
                connection, worker, limit=limit, lease_seconds=lease_seconds,
                horizon_seconds=horizon_seconds, merchants=merchants,
            )
        )  # fmt: skip

    def beat(self, worker: str) -> None:
        """Record a heartbeat of a worker in this process; ``workers`` shows it.

        Campaigns that have become complete are told so on this occasion, and when it leaves.
        """
        self._change(heartbeat.beat, worker)
        self._complete(by=worker)

    def leave(self, worker: str) -> None:
        """Record that a worker has ended."""
        self._database.run(lambda connection: heartbeat.leave(connection, worker))
        self._complete(by=worker)

    def _complete(self, *, by: str) -> None:
        for campaign_id in self._read(completing.done):
            self._change(completing.complete, campaign_id, by=by)

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]] = (),
        slow: Collection[int] = (),
    ) -> Recorded:
        """Record the results of calls, for all payouts that are still leased.

        Args:
            worker: the worker's name, for each payout's history.
            results: one step for each payout.
            stops: campaigns, and why nothing more must be sent for them or their merchants.
            slow: merchants that were called too often.

        Raises:
            IllegalTransition: if a step is not in the table of steps; nothing is recorded.
            LedgerError: if the results contradict each other; nothing is recorded.
            BookUnavailable: if the database fails; recording them again is safe.
        """
        return record(self._database, worker, results, stops=stops, slow=slow)
