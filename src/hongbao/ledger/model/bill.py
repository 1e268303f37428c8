"""Bills of a payer, what they say of our numbers, and where they and the books differ.

A bill is what the payer's bank says of one account and one Beijing day. The books keep it as it
came and never change a payout by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hongbao.ledger.model.payout import Instant, State
    from hongbao.money import Fen


class BreakKind(StrEnum):
    """How a bill and the books differ, the loudest first."""

    MISSING_IN_LEDGER = "missing_in_ledger"
    """The bill has one of our numbers as paid, and the books do not."""
    PERIOD_CHANGED = "period_changed"
    """A bill that came later changes days that finance has closed."""
    DUPLICATE = "duplicate"
    """A movement of a number stands there twice."""
    DIRECTION = "direction"
    """Money came where it should have gone."""
    AMOUNT = "amount"
    """The bill has another amount than the books."""
    MISSING_IN_BILL = "missing_in_bill"
    """The books call it paid, and no bill of its days has it."""
    RETURN_MISSING = "return_missing"
    """The books say that money came back, and no bill of its days has it, or not all of it."""
    RETURN_UNEXPECTED = "return_unexpected"
    """The bill says that money came back, and the books do not."""
    FOREIGN = "foreign"
    """Movements of a kind that is these books' own, with numbers that are not."""
    UNKNOWN_KIND = "unknown_kind"
    """Movements of numbers that are not ours, of a kind that nobody has classed yet."""
    BALANCE_GAP = "balance_gap"
    """The balances do not follow from one another: a row is missing, doubled or wrong."""
    SUMMARY = "summary"
    """The bill was not read as a whole: its totals differ from its rows, or a line is no row."""


OF_PAYOUTS = frozenset(
    {
        BreakKind.MISSING_IN_LEDGER,
        BreakKind.DUPLICATE,
        BreakKind.DIRECTION,
        BreakKind.AMOUNT,
        BreakKind.MISSING_IN_BILL,
        BreakKind.RETURN_MISSING,
        BreakKind.RETURN_UNEXPECTED,
    }
)
"""The kinds that concern one payout; the others concern a bill, or all bills of a merchant."""


class BillEventKind(StrEnum):
    """What happened. Each body names its ``bill``, ``break`` or ``period``."""

    STORED = "stored"
    """A bill came: its facts."""
    MATCHED = "matched"
    """All its rows were looked up: what came of it."""
    OPENED = "opened"
    """A break was found, for the first time or again: all that is known of it."""
    CHANGED = "changed"
    """An open break shows otherwise now."""
    CLOSED = "closed"
    """A break shows no more, or a person closed it with a reason."""
    PERIOD_CLOSED = "period_closed"
    """Finance closed some days: their totals, and the bills that they are of."""
    PERIOD_REOPENED = "period_reopened"
    """A person opened such a period again, with a reason."""


class Learned(StrEnum):
    """Who moves money of a kind that bills name."""

    OWN = "own"
    """These books alone: a number of it that they do not know is a break."""
    OTHERS = "others"
    """Other systems of the merchant too: what they move is counted."""


class BillFacts(NamedTuple):
    """What a bill says as a whole.

    Attributes:
        rows: how many movements were read.
        rows_out: of them, how many took money.
        amount_in: fen that came.
        amount_out: fen that went.
        whole: whether its own totals are there and agree, and every line was read.
        bad_lines: how many lines are no rows.
        bad_line: the number of the first of them; None if there is none.
        opening: fen on the account before its first row; None if it has no rows.
        closing: fen after its last.
        gaps: how many balances do not follow from one another.
        gap_line: the line of the first of them.
    """

    rows: int
    rows_out: int
    amount_in: Fen
    amount_out: Fen
    whole: bool
    bad_lines: int
    bad_line: int | None
    opening: Fen | None
    closing: Fen | None
    gaps: int
    gap_line: int | None


NO_ROWS = BillFacts(0, 0, 0, 0, True, 0, None, None, None, 0, None)
"""Of a day on which nothing moved."""


class BillKey(NamedTuple):
    """Which bill it is.

    Attributes:
        merchant_id: whose, as the books number merchants.
        account: which of the merchant's accounts, as the payer calls it.
        day: the Beijing day, as days since the epoch.
    """

    merchant_id: int
    account: str
    day: int


class StoredBill(NamedTuple):
    """A bill that the books have.

    Attributes:
        id: the books' number of it. Of several for one account and day the highest counts.
        key: which it is.
        sha256: of its bytes, unpacked.
        plain_bytes: how many those are; none of a day on which nothing moved.
        facts: what it says as a whole.
        source: where it came from: a file's name, or how it was fetched.
        at: when it was stored.
        actor: by whom.
        matched_at: when its rows were matched; None if they are not yet.
    """

    id: int
    key: BillKey
    sha256: bytes
    plain_bytes: int
    facts: BillFacts
    source: str
    at: Instant
    actor: str
    matched_at: Instant | None


def current(bills: Iterable[StoredBill]) -> list[StoredBill]:
    """Of several bills of one account and day, the last that was stored; by account and day."""
    newest = {bill.key: bill for bill in sorted(bills, key=lambda it: it.id)}
    return [newest[key] for key in sorted(newest)]


class BookedMovement(NamedTuple):
    """A row of a bill that has one of our numbers.

    Attributes:
        bill_id: the bill.
        line: its line there.
        payout_id: whose number it has.
        attempt: which of that payout's numbers.
        outgoing: whether money went.
        amount: fen.
        booked_at: when, by the bill.
        flow: the payer's own number of the movement.
    """

    bill_id: int
    line: int
    payout_id: int
    attempt: int
    outgoing: bool
    amount: Fen
    booked_at: Instant
    flow: str


class ForeignGroup(NamedTuple):
    """Rows of a bill that are alike and whose numbers are not ours.

    Attributes:
        name: the kind of business, as the bill says it.
        kind: the kind of movement; the same.
        outgoing: whether money went.
        rows: how many.
        amount: fen in all.
        line: the first of them.
        prefixes: how many numbers begin with what, the most frequent first.
    """

    name: str
    kind: str
    outgoing: bool
    rows: int
    amount: Fen
    line: int
    prefixes: Sequence[tuple[str, int]]

    @property
    def label(self) -> str:
        """What such rows are called: ``交易/交易/in``."""
        return kind_label(self.name, self.kind, outgoing=self.outgoing)


def kind_label(name: str, kind: str, *, outgoing: bool) -> str:
    """One text for what a bill calls a movement."""
    return f"{name}/{kind}/{'out' if outgoing else 'in'}"


class BillMatch(NamedTuple):
    """What came of matching a bill.

    Attributes:
        movements: how many rows have our numbers.
        amount_in: fen that came with them.
        amount_out: fen that went with them.
        digest: SHA-256 of those movements, in order.
        own: what the bill calls them: see ``kind_label``.
        foreign: the other rows.
    """

    movements: int
    amount_in: Fen
    amount_out: Fen
    digest: bytes
    own: Sequence[str]
    foreign: Sequence[ForeignGroup]


class Expected(NamedTuple):
    """What the books expect bills to say of a payout.

    Attributes:
        payout_id: the payout.
        campaign_id: its campaign.
        amount: fen.
        people: how many share it.
        attempt: which of its numbers lives.
        billno: that number.
        state: where it stands.
        looked_at: whether it is going to be looked at again.
        first_call_at: when that number was first sent.
        sent_at: when it was paid, as far as is known.
        settled_at: when it was claimed or returned for good.
        refunded: fen that came back.
        kind: how it is paid; the books do not know what that means.
        code: the code of the last outcome, as the payer spells it.
    """

    payout_id: int
    campaign_id: int
    amount: Fen
    people: int
    attempt: int
    billno: str
    state: State
    looked_at: bool
    first_call_at: Instant | None
    sent_at: Instant | None
    settled_at: Instant | None
    refunded: Fen
    kind: str
    code: str | None


class Difference(NamedTuple):
    """A difference, as it is found.

    Attributes:
        kind: which.
        subject: what it is about, unique with the merchant and the kind.
        payout_id: the payout; None if it concerns none.
        bill_id: the bill that shows it; None if it is shown by all of them.
        line: the line of that bill.
        day: the Beijing day that it concerns.
        expected: fen by the books.
        found: fen by the bills.
        detail: what else there is to say, as short JSON; may be empty.
    """

    kind: BreakKind
    subject: str
    payout_id: int | None
    bill_id: int | None
    line: int | None
    day: int
    expected: Fen | None
    found: Fen | None
    detail: str = ""


class Break(NamedTuple):
    """A difference that was found and recorded.

    Attributes:
        id: the books' number of it.
        merchant_id: whose.
        difference: what it is.
        open: whether it still stands.
        opened_at: when it was found, for the last time that it was opened.
        closed_at: when it was closed; None while it is open.
        closed_by: the person, or what closed it by itself.
        reason: why it was closed.
        learned: of an unknown kind: who moves money of it.
    """

    id: int
    merchant_id: int
    difference: Difference
    open: bool
    opened_at: Instant
    closed_at: Instant | None
    closed_by: str | None
    reason: str | None
    learned: Learned | None


OVERDUE_DAYS = 3
"""After so many days a break that is open is overdue."""
BY_ITSELF = "reconcile"
"""Who closes a break that no longer shows."""
