"""The one door to the books: each verb is a transaction, and its SQL is in another module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.ledger.bills.bills import Bills
from hongbao.ledger.intake.appending import append, append_all, appended
from hongbao.ledger.intake.keys import known
from hongbao.ledger.intake.spellings import Spellings
from hongbao.ledger.intake.submission import submit
from hongbao.ledger.model.actor import check_actor, check_reason
from hongbao.ledger.model.approval import ANYBODY
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.signature import OperatorDecision
from hongbao.ledger.operations import campaigns, channel_limits, returned
from hongbao.ledger.operations.verbs import Operations
from hongbao.ledger.queue import completing, counting, daily_limits, heartbeat
from hongbao.ledger.queue.claiming import claim
from hongbao.ledger.queue.recording import record
from hongbao.ledger.read.reader import Reader
from hongbao.ledger.store import kept_requests
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import campaign_named
from hongbao.ledger.store.terms import store_terms, terms_body

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_report import AuditReport
    from hongbao.ledger.intake.appending import Payment
    from hongbao.ledger.model.approval import ApprovalPolicy
    from hongbao.ledger.model.campaign import Campaign, Entry, ListedRow
    from hongbao.ledger.model.causes import Causes
    from hongbao.ledger.model.job import ClaimedJobs, Job, Recorded
    from hongbao.ledger.model.kept_request import KeptRequest
    from hongbao.ledger.model.known import Known, Submitted
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant, Payout, Task
    from hongbao.ledger.model.retry import RefusedSum, ReturnedPlan
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.money import Fen


class Book(Operations, Reader):
    """The books, open. Any thread may use it; a process that is forked opens its own."""

    def set_channel(
        self, number: str, rail: str, limits: PayerLimits, *, by: str, keep: bool = False
    ) -> int:
        """Set the limits of a merchant's channel. A new channel or merchant is added.

        Limits that two people have agreed on stay as they are: see ``accept_limits``.

        Args:
            number: the merchant's number at WeChat.
            rail: the name of the way in which the channel pays, such as "redpack".
            limits: its limits from now on.
            by: the person or worker who sets them, for the channel's history.
            keep: whether a channel that is there keeps its limits.

        Returns:
            The channel's number in the books.
        """
        return self._change(
            channel_limits.set_channel, number, rail, limits, by=check_actor(by), keep=keep
        )

    def stand(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a standing campaign: a draft without rows; programs add some once it is approved.

        Called again before it is approved, this gives it the mandate of the new plan.

        Args:
            plan: with a mandate, whose total is the budget.
            by: who begins it.

        Raises:
            LedgerError: if there is another campaign of this name, or this one is approved.
        """
        what = OperatorDecision(
            what="begin standing", campaign=plan.name,
            facts={"source_digest": plan.source_digest.hex()},
        )  # fmt: skip
        return self._decided(what, campaigns.stand, plan, by=by)

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

    def append_all(self, name: str, payments: Sequence[Payment], *, by: str) -> list[Payout]:
        """Add several payouts as ``append`` does: all of them, or none.

        Raises:
            HongbaoError: see ``append``.
        """
        return self._change(append_all, name, payments, by=check_actor(by))

    def appended(self, name: str, payment: Payment) -> Payout | None:
        """The payout that ``append`` would find under its key; None if it would store a new one.

        Raises:
            KeyReused: if it has other content.
            LedgerError: if there is no such campaign, or none of this merchant; if nobody will pay
                what is there, see ``append``.
        """
        return self._read(appended, name, payment)

    def begin_import(self, plan: Plan, *, by: str) -> Campaign:
        """Begin a campaign, or go on with one of this name that is not approved yet.

        Args:
            plan: what is known of it before its rows.
            by: who begins it.

        Raises:
            LedgerError: if it takes no more rows, belongs to another merchant, or is over budget.
        """
        what = OperatorDecision(
            what="store list", campaign=plan.name,
            facts={"source_digest": plan.source_digest.hex()},
        )  # fmt: skip
        return self._decided(what, campaigns.begin_import, plan, by=by)

    def terms(self, bodies: Sequence[Mapping[str, object]]) -> list[int]:
        """Store what requests have in common, each content once, and return the number of each."""
        return self._database.run(lambda connection: store_terms(connection, bodies))

    def terms_body(self, terms_id: int) -> dict[str, Any]:
        """What was stored by ``terms``.

        Raises:
            LedgerError: if there is nothing under this number.
        """
        return self._read(terms_body, terms_id)

    def kept_request(self, payout_id: int, attempt: int) -> KeptRequest | None:
        """The request that is stored of an attempt, to be sent byte for byte; None if none is."""
        return self._read(kept_requests.find, payout_id, attempt)

    def keep_request(self, payout_id: int, attempt: int, request: KeptRequest) -> KeptRequest:
        """Store a request before it is sent; gives the one that is to be sent.

        That is another one, if another worker has stored it since.
        """
        return self._database.run(
            lambda connection: kept_requests.keep(connection, payout_id, attempt, request)
        )

    def known(self, merchant_id: int, rows: Sequence[ListedRow]) -> list[Known | None]:
        """The payouts under known keys of a merchant, with differences; None for a new key."""
        return self._read(known, merchant_id, rows)

    @property
    def spellings(self) -> Spellings:
        """The search for keys in other spellings."""
        return Spellings(self._database)

    @property
    def bills(self) -> Bills:
        """The payer's bills, and where they and the books differ."""
        return Bills(self._database)

    @property
    def accounts(self) -> Accounts:
        """The accounts of the console, and what was done with them."""
        # Whoever pays has no use for them.
        from hongbao.ledger.accounts.accounts import Accounts  # noqa: PLC0415  # see above

        return Accounts(self._database)

    def given_today(self, channel_id: int, payees: Collection[str]) -> dict[str, tuple[int, Fen]]:
        """What users have got by a channel on this Beijing day: payouts, and money (fen).

        Payouts in doubt count. Users who got nothing are left out.
        """
        with self._database.reading() as connection:
            day = beijing.day_of(now(connection))
            return daily_limits.given_today(connection, channel_id, payees, day=day)

    def submit(
        self, campaign_id: int, chunks: Iterable[Sequence[Entry]], *, by: str,
        source_digest: bytes | None = None, progress: Callable[[int], None] | None = None,
        keeps: Sequence[str] = (),
    ) -> Submitted:  # fmt: skip
        """Add rows to a campaign. Rows that are already there with the same content are left alone.

        Each chunk is a transaction; a thread prepares the next one. ``progress`` gets the number of
        rows done. With ``source_digest`` nothing is added once another list is imported under the
        name. ``keeps`` names the columns that entries keep sealed.

        Raises:
            KeyReused: if a key is there with other content; nothing of that chunk is stored.
            LedgerError: if the campaign takes no more rows, or they exceed its budget.
        """
        return submit(
            self._database, campaign_id, chunks, by=check_actor(by), source_digest=source_digest,
            progress=progress, keeps=keeps,
        )  # fmt: skip

    def returned_plan(self, name: str) -> ReturnedPlan:
        """What ``retry_returned`` would pay again now, and what not. Changes nothing.

        Raises:
            LedgerError: if there is no such campaign, or it takes no supplement.
        """
        return self._read(returned.plan, name)

    def retry_returned(
        self, name: str, *, expected: RefusedSum, by: str, reason: str,
        policy: ApprovalPolicy = ANYBODY,
    ) -> Campaign:  # fmt: skip
        """Pay again what came back whole: a supplement, which is a draft until it is approved.

        Each payout gets a key and a number of its own, and never a second one, however often this
        is called; whom a person took out of such a supplement stays out. After an interruption,
        call it again to go on.

        Args:
            name: the campaign.
            expected: how many payouts, and how much money, as ``returned_plan`` has just said it.
            by: who decides it.
            reason: why.
            policy: who must approve it; what the campaign wants counts, too.

        Raises:
            LedgerError: if there are none; with the code ``changed`` if they are others by now; if
                another supplement waits for its approval.
        """
        check_reason(reason)
        digest = returned.digest_of(name, reason)
        campaign, supplement, own = self._read(returned.supplement, name, digest)
        found = self._read(returned.plan, name, own=own)
        returned.check(found, name, expected)
        plan = Plan(
            name=supplement, channel_id=campaign.channel_id, profile=campaign.profile, budget=None,
            source=returned.source_of(name), source_digest=digest, parent=name, adds=False,
            why={"returned": found.again.payouts, "fen": found.again.amount, "reason": reason},
            policy=campaign.policy.stricter(policy),
        )  # fmt: skip
        begun = self.begin_import(plan, by=by)
        self.submit(begun.id, [found.entries], by=by, source_digest=digest)
        returned.check_stored(self._read(campaign_named, supplement), expected)
        return self.finish_import(supplement, by=by)

    def finish_import(self, name: str, *, by: str) -> Campaign:
        """End an import: all rows are stored, and the campaign is a draft."""
        return self._change(campaigns.finish_import, name, by=check_actor(by))

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
        channels: Collection[int] | None = None,
    ) -> ClaimedJobs:
        """Lease due payouts of the channels that have waited longest.

        Args:
            worker: the worker's name, for the history of each payout that is sent.
            limit: the most payouts to lease.
            lease_seconds: after that another worker may claim them.
            horizon_seconds: how far ahead slots are taken, so that calls can be spread evenly.
            channels: the channels to consider; None for all in the books.

        Raises:
            LedgerError: if a history cannot hold the name of the worker.
            BookUnavailable: if the database fails.
        """
        return self._database.run(
            lambda connection: claim(
                connection, worker, limit=limit, lease_seconds=lease_seconds,
                horizon_seconds=horizon_seconds, channels=channels,
            )
        )  # fmt: skip

    def beat(self, worker: str) -> None:
        """Record a heartbeat of a worker in this process; ``workers`` shows it.

        Campaigns that have become complete are marked so now, and when it leaves; those that were
        scheduled for now go on.
        """
        self._change(heartbeat.beat, worker)
        self.begin_scheduled(by=worker)
        self._complete(by=worker)

    def leave(self, worker: str) -> None:
        """Record that a worker has ended."""
        self._database.run(lambda connection: heartbeat.leave(connection, worker))
        self._complete(by=worker)

    def _complete(self, *, by: str) -> None:
        found = self._read(completing.done)
        for begun in range(0, len(found), completing.AT_ONCE):
            some = found[begun : begun + completing.AT_ONCE]
            self._change(completing.complete, some, by=by)

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
            stops: campaigns, and why nothing more must be sent for them or their channels.
            slow: channels that were called too often.

        Raises:
            IllegalTransition: if a step is not in the table of steps; nothing is recorded.
            LedgerError: if the results contradict each other; nothing is recorded.
            BookUnavailable: if the database fails; recording them again is safe.
        """
        return record(self._database, worker, results, stops=stops, slow=slow)
