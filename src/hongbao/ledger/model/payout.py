"""A payout: what we owe one person, where it stands, and which steps it may take.

Pure values. Times are whole microseconds since the epoch (``Instant``), money is fen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

from hongbao.errors import Disposition, IllegalTransition

if TYPE_CHECKING:
    from hongbao.money import Fen

Instant: TypeAlias = int
"""Microseconds since the epoch. Both databases keep it as it is."""

SECOND: Instant = 1_000_000


class State(StrEnum):
    """Where a payout stands. Each says where its money is."""

    WAITING = "waiting"
    """To be sent, for the first time or again. Nothing was paid, and nothing can be before the next
    call."""
    IN_DOUBT = "in_doubt"
    """A call was begun and its outcome is not known: it may or may not be paid. A refusal stands
    here too until a query has confirmed it."""
    SENT = "sent"
    """Paid; the receiver has not claimed it yet, or, of a group packet, not all of it."""
    RECEIVED = "received"
    """Paid and claimed."""
    RETURNED = "returned"
    """Paid, and what was not claimed came back."""
    REFUSED = "refused"
    """Not paid, and not to be sent any more: a query said after the last call that no order of its
    number lives, or a person said so. Only a person reopens it."""
    CANCELLED = "cancelled"
    """Taken back before any call that could still pay."""


STEPS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.IN_DOUBT, State.REFUSED, State.CANCELLED}),
    State.IN_DOUBT: frozenset(
        {State.WAITING, State.SENT, State.RECEIVED, State.RETURNED, State.REFUSED}
    ),
    State.SENT: frozenset({State.RECEIVED, State.RETURNED}),
    # Books of older versions call refused what no query has confirmed. What the payer says is so.
    State.REFUSED: frozenset({State.WAITING, State.IN_DOUBT}),
    State.RECEIVED: frozenset(),
    State.RETURNED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""The whole table. The database refuses every other step, by a trigger made from it."""

PAID = frozenset({State.SENT, State.RECEIVED, State.RETURNED})
"""The money left the merchant's account (and partly came back, of a returned one)."""


def check_step(earlier: State, later: State, *, billno: str) -> None:
    """Let a payout stay or take one step of the table.

    Raises:
        IllegalTransition: for any other step.
    """
    if later is not earlier and later not in STEPS[earlier]:
        raise IllegalTransition(billno=billno, earlier=earlier, later=later)


class Task(IntEnum):
    """What is to be done with a payout when it is due. Lower ones go first."""

    QUERY = 0
    """Ask what became of it: its outcome is not known. Goes on while a campaign is paused."""
    SEND = 1
    """Send it, for the first time or again with the same number."""
    LOOK = 2
    """Ask whether it was claimed or returned. First to wait when calls are short."""


_BADNESS = {None: 0, Disposition.NO: 0, Disposition.OPEN: 1, Disposition.UNKNOWN: 2}


def worst(first: Disposition | None, second: Disposition | None) -> Disposition | None:
    """The join of two dispositions of one number (NO < OPEN < UNKNOWN).

    The worst outcome of all calls on a number stands until a query settles it.
    """
    return second if _BADNESS[second] > _BADNESS[first] else first or second


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One row of the books.

    Attributes:
        id: the books' own number.
        merchant_id: the row of the merchant that pays.
        campaign_id: the row of the campaign that it belongs to.
        key: its business key, unique with its merchant for ever; in no repr, for many make it of
            the receiver.
        row: its place in the campaign, from 1.
        kind: how it is paid; the books do not know what that means.
        payee: whom; in full in the books alone, and in no repr.
        amount: fen.
        people: among how many it is shared; 1 unless it is shared.
        terms_id: the row of the further content of its request.
        attempt: the number of its live attempt, from 1.
        billno: that attempt's order number.
        state: where it stands.
        task: what is next; None if nothing is.
        due_at: when; while it is claimed, the end of the lease. None if there is no task.
        lease: the token of the worker that has claimed it.
        calls: sends begun with this billno.
        answers: how many sends had begun when the last outcome of a send was recorded. Fewer than
            ``calls`` outside a lease: a worker died in a call.
        doubt: the worst disposition of the sends with this billno that no query has settled.
        first_call_at: when the first send with this billno began that may have left an order.
        resend_until: until when it may be sent without asking first; None for a first send.
        tries: how often its task was done without getting on; what that means is the policy's.
        code: the code of the last outcome, in the words of whoever pays.
        reason: the text of the last outcome, for people.
        listid: the payer's own number of a paid packet.
        voucher: what the receiver needs to collect it, where that is needed; in no repr.
        sent_at: when it was found to be paid.
        settled_at: when it was claimed or returned for good.
        claimed: fen that were claimed.
        refunded: fen that came back.
        day: the Beijing day of the last send, as days since the epoch; daily limits count by it.
        seq: how many events it has.
    """

    id: int
    merchant_id: int
    campaign_id: int
    key: str = field(repr=False)
    row: int
    kind: str
    payee: str = field(repr=False)
    amount: Fen
    people: int
    terms_id: int
    attempt: int
    billno: str
    state: State
    task: Task | None
    due_at: Instant | None
    lease: int | None
    calls: int
    answers: int
    doubt: Disposition | None
    first_call_at: Instant | None
    resend_until: Instant | None
    tries: int
    code: str | None
    reason: str | None
    listid: str | None
    voucher: str | None = field(repr=False)
    sent_at: Instant | None
    settled_at: Instant | None
    claimed: Fen
    refunded: Fen
    day: int | None
    seq: int

    @property
    def never_ordered(self) -> bool:
        """Whether no call so far can have left an order with the payer: as before a first one."""
        return self.answers == self.calls and self.doubt in {None, Disposition.NO}

    def on_its_way(self, now: Instant) -> bool:
        """Whether a worker is sending it, and no call before this one may have paid.

        It is in doubt as the books keep it, so that a crash leaves it so; people read it as on its
        way until the lease is over. What a worker that died left behind counts too while another
        one asks about it.
        """
        leased = self.lease is not None and self.due_at is not None and self.due_at > now
        in_call = self.state is State.IN_DOUBT and self.answers < self.calls
        return leased and in_call and self.doubt is not Disposition.UNKNOWN

    @property
    def confirming(self) -> bool:
        """Whether every call was refused, and a query has yet to say that there is no order.

        What these books remember is not what the payer remembers: an earlier life of them, lost or
        restored, may have paid this number.
        """
        return self.state is State.IN_DOUBT and self.never_ordered

    @property
    def unclaimed(self) -> Fen:
        """Fen that are paid and neither claimed nor returned."""
        return self.amount - self.claimed - self.refunded if self.state in PAID else 0
