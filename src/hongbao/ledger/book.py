"""The one door to the books: a verb is a transaction, and its SQL stands in its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.ledger.audits.audit import audit
from hongbao.ledger.intake.appending import append
from hongbao.ledger.intake.keys import known
from hongbao.ledger.intake.spellings import Spellings
from hongbao.ledger.intake.submission import submit
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.operations import campaigns, cancelling, merchant_limits, people, replacing
from hongbao.ledger.queue import counting, daily_limits, heartbeat
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
        """Give a merchant its limits, and get the books' own number of it: a new one if need be.

        Args:
            number: the payer's own number of it.
            limits: what it allows, from now on.
            by: who says so, a person or a worker; it stands in the merchant's history.
        """
        return self._change(merchant_limits.set_merchant, number, limits, by=check_actor(by))

    def stand(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a standing campaign: a draft without rows; programs add some once it is approved.

        Again, before anybody has approved it, it gets the mandate of this plan.

        Args:
            plan: with a mandate, of which the total is the budget.
            by: who begins it.

        Raises:
            LedgerError: if there is another campaign of this name, or this one is approved.
        """
        return self._change(campaigns.stand, plan, by=check_actor(by))

    def append(self, name: str, payment: Payment, *, by: str) -> Payout:
        """Add a payout to a standing campaign, within its mandate, and once for each key.

        Args:
            name: of the campaign.
            payment: what is to be paid.
            by: which program asks for it.

        Returns:
            The payout: a new one, or the one that the merchant has under this key already, in
            whichever campaign.

        Raises:
            KeyReused: if that one has other content. Nothing is stored.
            BudgetExceeded: if the payout goes beyond the mandate. Nothing is stored.
            LedgerError: if the campaign takes no payouts, or of another merchant. The same.
        """
        return self._change(append, name, payment, by=check_actor(by))

    def end(self, name: str, *, by: str, reason: str) -> Campaign:
        """Let a standing campaign take no more payouts, for good. What it has is paid.

        Raises:
            LedgerError: if it is no standing campaign, or nobody approved it, or it is cancelled.
        """
        return self._change(campaigns.end, name, by=check_actor(by), reason=reason)

    def begin_import(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a campaign, or go on with one of this name that nobody has approved yet.

        Args:
            plan: what is said of it before its rows come.
            by: who begins it.

        Raises:
            LedgerError: if it takes no more rows, belongs to another merchant, or is over budget.
        """
        return self._change(campaigns.begin_import, plan, by=check_actor(by))

    def terms(self, bodies: Sequence[Mapping[str, object]]) -> list[int]:
        """Store what requests have in common, each content once, and give the numbers of each."""
        return self._database.run(lambda connection: store_terms(connection, bodies))

    def terms_body(self, terms_id: int) -> dict[str, Any]:
        """What was stored by ``terms``.

        Raises:
            LedgerError: if there is nothing of this number.
        """
        return self._read(terms_body, terms_id)

    def known(self, merchant_id: int, rows: Sequence[ListedRow]) -> list[Known | None]:
        """Which keys of a merchant the books have already, and what differs; None for a new one."""
        return self._read(known, merchant_id, rows)

    @property
    def spellings(self) -> Spellings:
        """Where keys are looked for in other spellings."""
        return Spellings(self._database)

    def given_today(self, merchant_id: int, payees: Collection[str]) -> dict[str, tuple[int, Fen]]:
        """How many payouts and how much money (fen) users have got on this Beijing day.

        What is in doubt counts. Users who got nothing are left out.
        """
        with self._database.reading() as connection:
            day = beijing.day_of(now(connection))
            return daily_limits.given(connection, merchant_id, payees, day=day)

    def submit(
        self, campaign_id: int, chunks: Iterable[Sequence[Entry]], *, by: str,
        source_digest: bytes | None = None, progress: Callable[[int], None] | None = None,
    ) -> Submitted:  # fmt: skip
        """Add rows to a campaign. What is there already, with the same content, is left alone.

        A chunk is a transaction; the next one comes from a thread. ``progress`` gets the rows done.
        With ``source_digest`` nothing is added once another list is imported under the name.

        Raises:
            KeyReused: if a key is there with other content; nothing of that chunk is stored.
            LedgerError: if the campaign takes no more rows, or they come to more than its budget.
        """
        return submit(
            self._database, campaign_id, chunks, by=check_actor(by), source_digest=source_digest,
            progress=progress,
        )  # fmt: skip

    def finish_import(self, name: str, *, by: str) -> Campaign:
        """All rows are there: the campaign is a draft."""
        return self._change(campaigns.finish_import, name, by=check_actor(by))

    def approve(self, name: str, *, digest: bytes, by: str) -> Campaign:
        """Let a campaign be sent, if its rows are those that the approver was shown.

        Args:
            name: which.
            digest: what the approver was shown.
            by: the approver.

        Raises:
            IllegalTransition: if it is not a draft.
            LedgerError: if its rows are others, or there are none.
        """
        check_actor(by)
        # Read in a transaction that writes, it would keep all workers from SQLite for seconds.
        stored = self._read(campaigns.stored_digest, name)
        return self._change(campaigns.approve, name, digest=digest, stored=stored, by=by)

    def pause(self, name: str, *, by: str, reason: str) -> Campaign:
        """Send nothing more of a campaign until somebody resumes it. Queries go on.

        Raises:
            IllegalTransition: if it is not approved or running.
        """
        return self._change(campaigns.pause, name, by=check_actor(by), reason=reason)

    def resume(self, name: str, *, by: str) -> Campaign:
        """Go on with the same numbers: lift what stops the campaign, and what its merchant.

        Raises:
            IllegalTransition: if nobody approved it, or it is cancelled.
        """
        return self._change(campaigns.resume, name, by=check_actor(by))

    def cancel(self, name: str, *, by: str, reason: str) -> Campaign:
        """Send nothing more of a campaign and its supplements; what may be paid is asked about.

        Several transactions. Whoever is interrupted cancels again, and it goes on.

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

        That one is cancelled and gets another name; its keys are free. Several transactions:
        whoever is interrupted replaces again, and it goes on.

        Raises:
            LedgerError: if there is no such campaign, or a call was made for it, or somebody
                approved it.
        """
        name = plan.name
        self._change(replacing.begin, name, by=check_actor(by), reason=reason)
        self._take_back(name, by=by)
        return self._change(replacing.replace, plan, by=by)

    def query_now(self, payout_id: int, *, by: str) -> Payout:
        """Ask about a payout as soon as a slot is free: see ``people.query_now``."""
        return self._change(people.query_now, payout_id, by=check_actor(by))

    def send_now(self, payout_id: int, *, by: str) -> Payout:
        """Send a payout as soon as a slot is free, with the same number: ``people.send_now``."""
        return self._change(people.send_now, payout_id, by=check_actor(by))

    def declare_dead(self, payout_id: int, *, by: str, reason: str, windows: WindowsOf) -> Payout:
        """Take a payout as refused on a person's word: ``people.declare_dead``.

        ``windows`` say by the kind of a payout how long it may still be paid: ``rails`` has them.

        Raises:
            LedgerError: if the law does not allow it (yet); it says what is missing.
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
        """Have a refused payout sent again, as ``people.reopen`` says.

        ``override`` is for what may pay twice; ``windows`` make for better advice alone.

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
        self, *, progress: Callable[[int, int], None] | None = None, watch: Watch | None = None
    ) -> AuditReport:
        """Look at everything, and say what disagrees; see ``audit.audit``. Workers may go on."""
        return self._read(audit, progress=progress, watch=watch)

    def next_due(self, campaign_id: int) -> dict[Task, Instant]:
        """When each task is due next in a campaign, whether or not it may be done then."""
        return self._read(counting.next_due, campaign_id)

    def causes(self, campaign_id: int) -> Causes:
        """What a breaker judges of a campaign."""
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
        """Lease what is due, of the merchants that have waited longest.

        Args:
            worker: who claims, in the history of each payout that is sent.
            limit: how many payouts at most.
            lease_seconds: after that another worker may have them.
            horizon_seconds: how far ahead slots are taken, so that calls can be spread evenly.
            merchants: whose payouts; None for all merchants of the books.

        Raises:
            LedgerError: if ``worker`` is no name that a history can hold.
            BookUnavailable: if the database fails.
        """
        return self._database.run(
            lambda connection: claim(
                connection, worker, limit=limit, lease_seconds=lease_seconds,
                horizon_seconds=horizon_seconds, merchants=merchants,
            )
        )  # fmt: skip

    def beat(self, worker: str) -> None:
        """Say that a worker of this process is alive; ``workers`` shows it."""
        self._change(heartbeat.beat, worker)

    def leave(self, worker: str) -> None:
        """Say that a worker has ended."""
        self._database.run(lambda connection: heartbeat.leave(connection, worker))

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]] = (),
        slow: Collection[int] = (),
    ) -> Recorded:
        """Write down what calls brought, of all payouts that are still leased.

        Args:
            worker: who says so, in each payout's history.
            results: a step for each payout; no payout twice.
            stops: campaigns, and why nothing more must be sent for them or their merchants.
            slow: merchants that were called too often.

        Raises:
            IllegalTransition: if a step is not in the table of steps; nothing at all is recorded.
            LedgerError: if results contradict themselves; nothing at all is recorded.
            BookUnavailable: if the database fails; recording them again is safe.
        """
        return record(self._database, worker, results, stops=stops, slow=slow)
