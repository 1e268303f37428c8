"""One merchant's bills, as a command or a worker deals with them: by its name in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.client.sync import RedPack
from hongbao.client.transfer.credentials import V3Credentials
from hongbao.client.transfer.sync import MerchantTransfer
from hongbao.configuration.payers import open_merchants
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.bill import BreakKind, current
from hongbao.reconcile.bill_fetching import (
    WARN_DAYS,
    asked_for,
    fetch,
    last_ready_day,
    missing_days,
)
from hongbao.reconcile.period_closing import close_period, look_at_period
from hongbao.reconcile.reconciling import reconcile
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection, Iterator, Sequence

    from hongbao.configuration.file import Configuration
    from hongbao.configuration.profile import Profile
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.bill import StoredBill
    from hongbao.ledger.model.period import Period
    from hongbao.reconcile.bill_fetching import Fetched
    from hongbao.reconcile.period_closing import PeriodLook
    from hongbao.reconcile.reconciling import Reconciled


@dataclass(frozen=True, slots=True, kw_only=True)
class BillsStanding:
    """How a merchant's bills stand.

    Attributes:
        first_day: the first Beijing day of which there is one; None if there are none.
        last_day: the last.
        stored: how many count: one an account and day.
        unmatched: how many of them are still to be matched.
        missing: the accounts and days that should have one and have none, oldest first.
        soon_lost: those of them that WeChat forgets within 30 days, or has forgotten.
        breaks: how many breaks of each kind are open.
    """

    first_day: int | None
    last_day: int | None
    stored: int
    unmatched: int
    missing: Sequence[tuple[str, int]]
    soon_lost: Sequence[tuple[str, int]]
    breaks: Counter[BreakKind]


class MerchantBills:
    """The bills of one merchant.

    Args:
        book: the books.
        configuration: the settings.
        profile: the merchant in them.

    Attributes:
        name: its name there.
        merchant_id: the books' number of it.

    Raises:
        LedgerError: if the books have nothing of it.
    """

    def __init__(self, book: Book, configuration: Configuration, profile: Profile) -> None:
        ids = {it.number: it.merchant_id for it in book.channels()}
        if profile.mch_id not in ids:
            raise LedgerError(
                code=LedgerCode.NOT_FOUND,
                problem=say("the books have nothing of merchant {name}", name=profile.name),
                remedy=say("Begin a campaign for it first."),
            )
        self._book, self._configuration, self._profile = book, configuration, profile
        # One merchant pays by several profiles, from several accounts: each has one bill.
        same = [it for it in configuration.profiles.values() if it.mch_id == profile.mch_id]
        self._accounts = list(dict.fromkeys(name for it in same for name in it.bill_accounts))
        self.name = profile.name
        self.merchant_id = ids[profile.mch_id]

    def account_in_files(self, account: str) -> str:
        """What the books call an account whose bill comes in a file: ``Basic@1900000999``.

        A provider's packets are paid from its sub-merchants' accounts, each with a bill that only
        the sub-merchant can have.
        """
        sub_mch_id = self._profile.values.get("sub_mch_id")
        return account if sub_mch_id is None else f"{account}@{sub_mch_id}"

    def fetch(
        self, *, by: str, since: int | None = None, until: int | None = None
    ) -> Iterator[Fetched]:
        """Have WeChat's bills that are missing; or those of certain days, whatever is there.

        Args:
            by: who asks.
            since: the first of these days; None for what is missing.
            until: the last; None for the last that can be had.

        Raises:
            ConfigurationError: if its key or certificate is not fit.
        """
        accounts, now = self._accounts, self._book.now()
        if since is None:
            wanted = asked_for(self._bills(), accounts, began=self._began(), now=now)
        else:
            days = range(since, (last_ready_day(now) if until is None else until) + 1)
            wanted = [(account, day) for day in days for account in accounts]
        if not wanted:
            return
        merchants, problems = open_merchants(self._configuration, [self.name])
        problems.raise_if_any()
        payer = merchants[self.name]
        with (
            MerchantTransfer(payer) if isinstance(payer, V3Credentials) else RedPack(payer)
        ) as client:
            yield from fetch(self._book, client, merchant_id=self.merchant_id, wanted=wanted, by=by)

    def reconcile(self, *, by: str, progress: Callable[[int], None] = lambda _: None) -> Reconciled:
        """Hold all bills against the books: see ``reconciling.reconcile``."""
        stops = self._configuration.reconcile_stops
        return reconcile(self._book, self.merchant_id, by=by, stops=stops, progress=progress)

    def look_at_period(self, first: int, last: int) -> PeriodLook:
        """What some days come to, and what is in the way of closing them."""
        return look_at_period(
            self._book.bills, self.merchant_id, first=first, last=last, accounts=self._accounts
        )

    def close_period(self, first: int, last: int, *, leave_open: bool, by: str) -> Period:
        """Close some days: see ``period_closing``.

        Raises:
            LedgerError: if something is in the way; it says what.
        """
        look = self.look_at_period(first, last)
        bills = self._book.bills
        return close_period(bills, self.merchant_id, look, leave_open=leave_open, by=by)

    def periods(self) -> list[Period]:
        """What was ever closed, in that order."""
        return self._book.bills.periods(self.merchant_id)

    def standing(self) -> BillsStanding:
        """How they stand."""
        bills, now = self._bills(), self._book.now()
        counted = current(bills)
        days = [bill.key.day for bill in counted]
        missing = missing_days(bills, self._accounts, began=self._began(), now=now)
        oldest = beijing.day_of(now) - WARN_DAYS
        return BillsStanding(
            first_day=min(days, default=None),
            last_day=max(days, default=None),
            stored=len(counted),
            unmatched=sum(bill.matched_at is None for bill in counted),
            missing=missing,
            soon_lost=[it for it in missing if it[1] <= oldest],
            breaks=self._book.bills.open_kinds(self.merchant_id),
        )

    def _bills(self) -> list[StoredBill]:
        return self._book.bills.of_merchant(self.merchant_id)

    def _began(self) -> int | None:
        return self._book.bills.began(self.merchant_id)


def merchants_of(
    book: Book, configuration: Configuration, names: Collection[str] | None
) -> list[MerchantBills]:
    """The merchants of some names, or of all: each merchant number once, if the books have it.

    Raises:
        ConfigurationError: if there is no such merchant.
        LedgerError: if the books have nothing of one that is named.
    """
    if names:
        profiles = [configuration.profile(name) for name in names]
    else:
        there = {it.number for it in book.channels()}
        profiles = [it for it in configuration.profiles.values() if it.mch_id in there]
    once = {profile.mch_id: profile for profile in reversed(profiles)}
    return [MerchantBills(book, configuration, it) for it in reversed(once.values())]
