"""Who has not claimed yet, and for how long they still can: for the merchant's own messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from hongbao import beijing
from hongbao.campaign.report.delimited import write_csv
from hongbao.campaign.report.files import is_workbook, whole
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.money import format_yuan
from hongbao.rails.known import RAILS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.payout_filter import Page
    from hongbao.money import Fen

REMINDER_COLUMNS = (
    "key", "openid", "kind", "amount_yuan", "unclaimed_yuan", "paid_at", "claim_until",
    "hours_left",
)  # fmt: skip
_FOREIGN = frozenset({"key", "openid", "kind"})
_MONEY = frozenset({"amount_yuan", "unclaimed_yuan"})
_NUMBERS = _MONEY | {"hours_left"}
_HOUR = 3_600 * SECOND
_AT_ONCE = 2_000


class ReminderLedger(Protocol):
    """What is asked of the books."""

    def payouts(self, asked: PayoutFilter, *, after: str | None, limit: int) -> Page:
        """The payouts that a filter names, a page at a time."""
        ...


class Unclaimed(NamedTuple):
    """A payout that may still be claimed, or confirmed.

    Attributes:
        payout: which.
        until: how long it may be claimed.
    """

    payout: Payout
    until: Instant

    @property
    def amount(self) -> Fen:
        """How much waits for the receiver."""
        return self.payout.unclaimed or self.payout.amount


def unclaimed(books: ReminderLedger, name: str, *, now: Instant) -> Iterator[Unclaimed]:
    """The payouts of a campaign that wait for their receivers and still may, the oldest first.

    They are those that are paid and not claimed, and those whose money is locked until the receiver
    confirms.

    Raises:
        LedgerError: if there is no such campaign.
    """
    paid = PayoutFilter(campaign=name, states=frozenset({State.SENT}), sent_since=0)
    locked = PayoutFilter(campaign=name, states=frozenset({State.AWAITING_USER}))
    for asked in (paid, locked):
        yield from _open(books, asked, now)


def _open(books: ReminderLedger, asked: PayoutFilter, now: Instant) -> Iterator[Unclaimed]:
    cursor = None
    while True:
        page = books.payouts(asked, after=cursor, limit=_AT_ONCE)
        for payout in page.items:
            seconds = RAILS.of(payout.kind).claim_seconds
            since = payout.first_call_at if payout.sent_at is None else payout.sent_at
            if seconds is not None and since is not None:
                until = since + seconds * SECOND
                if until > now:
                    yield Unclaimed(payout, until)
        if (cursor := page.next) is None:
            return


def write_reminder(path: Path, found: list[Unclaimed], *, now: Instant) -> Fen:
    """Write who has not claimed, in full, with the whole hours that are left.

    Args:
        path: of a ``.csv`` or ``.xlsx`` file.
        found: the payouts.
        now: the books' time.

    Returns:
        How much is unclaimed.

    Raises:
        ConfigurationError: if the file is of another kind or cannot be written.
    """
    rows = (_cells(it, now) for it in found)
    workbook = is_workbook(path)
    with whole(path) as part:
        if workbook:
            sheet = ReportSheet("unclaimed", REMINDER_COLUMNS, rows, _NUMBERS, _MONEY)
            write_xlsx(part, [sheet])
        else:
            write_csv(part, REMINDER_COLUMNS, rows, _FOREIGN)
    return sum(it.amount for it in found)


def _cells(it: Unclaimed, now: Instant) -> tuple[str, ...]:
    payout = it.payout
    paid_at = "" if payout.sent_at is None else beijing.text(payout.sent_at)
    return (
        payout.key, payout.payee, payout.kind, format_yuan(payout.amount),
        format_yuan(it.amount), paid_at, beijing.text(it.until), str((it.until - now) // _HOUR),
    )  # fmt: skip
