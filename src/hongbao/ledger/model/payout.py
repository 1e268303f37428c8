"""A payout: what we owe one person, its state, and the steps that it may take.

Pure values. Times are whole microseconds since the epoch (``Instant``), money is fen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

from hongbao.errors import Disposition, IllegalTransition
from hongbao.sentences import Sentence, say

if TYPE_CHECKING:
    from hongbao.money import Fen

Instant: TypeAlias = int
"""Microseconds since the epoch. Both databases store it unchanged."""

SECOND: Instant = 1_000_000


class State(StrEnum):
    """The state of a payout. Each says where its money is."""

    WAITING = "waiting"
    """To be sent, for the first time or again. Nothing has been paid, and nothing can be before the
    next call."""
    IN_DOUBT = "in_doubt"
    """A call was begun and its outcome is not known: it may or may not be paid. A refused payout is
    here, too, until a query has confirmed the refusal."""
    AWAITING_USER = "awaiting_user"
    """The payer has taken it and locked its money, which is neither paid nor free: its receiver has
    to confirm, or the payer closes it."""
    SENT = "sent"
    """Paid; the receiver has not claimed it yet, or, of a group packet, not all of it."""
    RECEIVED = "received"
    """Paid and claimed."""
    RETURNED = "returned"
    """Paid, and the unclaimed money came back."""
    REFUSED = "refused"
    """Not paid, and not to be sent any more: after the last call a query, or a person, said that
    its number has no live order. Only a person can reopen it."""
    CANCELLED = "cancelled"
    """Withdrawn before any call that could still pay."""

    @property
    def in_words(self) -> Sentence:
        """As people write it: ``in doubt``."""
        return _IN_WORDS[self]


_IN_WORDS = {
    State.WAITING: say("waiting"),
    State.IN_DOUBT: say("in doubt"),
    State.AWAITING_USER: say("awaiting user"),
    State.SENT: say("sent"),
    State.RECEIVED: say("received"),
    State.RETURNED: say("returned"),
    State.REFUSED: say("refused"),
    State.CANCELLED: say("cancelled"),
}

STEPS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.IN_DOUBT, State.REFUSED, State.CANCELLED}),
    State.IN_DOUBT: frozenset(
        {
            State.WAITING,
            State.AWAITING_USER,
            State.SENT,
            State.RECEIVED,
            State.RETURNED,
            State.REFUSED,
        }
    ),
    State.AWAITING_USER: frozenset({State.RECEIVED, State.REFUSED}),
    State.SENT: frozenset({State.RECEIVED, State.RETURNED}),
    # Older versions marked payouts as refused without a query. What the payer says now prevails.
    State.REFUSED: frozenset({State.WAITING, State.IN_DOUBT}),
    State.RECEIVED: frozenset(),
    State.RETURNED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""All steps that are allowed. A trigger that is made from this table refuses every other one."""

PAID = frozenset({State.SENT, State.RECEIVED, State.RETURNED})
"""The money has left the merchant's account; part of a returned payout has come back."""

UNSETTLED = frozenset({State.WAITING, State.IN_DOUBT, State.AWAITING_USER})
"""Neither paid nor given up: a campaign with one of these is not complete."""

LOOKED_AT = frozenset({State.AWAITING_USER, State.SENT})
"""Its order is known, and is looked at now and then for what its receiver does."""

TAKING_BACK = "TAKING_BACK"
"""The code of a payout that is being taken back before its receiver confirms."""


def check_step(earlier: State, later: State, *, billno: str) -> None:
    """Accept a payout that stays in its state or takes a step of the table.

    Raises:
        IllegalTransition: for any other step.
    """
    if later is not earlier and later not in STEPS[earlier]:
        raise IllegalTransition(billno=billno, earlier=earlier, later=later)


class Task(IntEnum):
    """What to do with a payout when it is due. Lower ones go first."""

    QUERY = 0
    """Ask what became of it: its outcome is not known. This goes on while a campaign is paused."""
    SEND = 1
    """Send it, for the first time or again with the same number."""
    LOOK = 2
    """Ask whether it was claimed or returned. This waits first when calls are short."""
    CANCEL = 3
    """Ask the payer to take it back before its receiver confirms. It goes on while a campaign is
    paused. A payer takes fewer of these."""


_BADNESS = {None: 0, Disposition.NO: 0, Disposition.OPEN: 1, Disposition.UNKNOWN: 2}


def worst(first: Disposition | None, second: Disposition | None) -> Disposition | None:
    """The join of two dispositions of one number (NO < OPEN < UNKNOWN).

    The worst outcome of all calls on a number counts until a query settles it.
    """
    return second if _BADNESS[second] > _BADNESS[first] else first or second


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One row of the books.

    Attributes:
        id: its number in the books.
        merchant_id: the row of the merchant that pays.
        campaign_id: the row of its campaign.
        key: its business key, for ever unique with its merchant; never in a repr, since it is
            often made from the receiver.
        row: its place in the campaign, from 1.
        kind: how it is paid; the books do not know what that means.
        payee: the receiver; in full only in the books, and never in a repr.
        amount: fen.
        people: how many people share it; 1 unless it is shared.
        terms_id: the row with the rest of its request's content.
        attempt: the number of its live attempt, from 1.
        billno: that attempt's order number.
        state: see ``State``.
        task: the next task; None if there is none.
        due_at: when the task is due; while it is claimed, the end of the lease. None without a
            task.
        lease: the token of the worker that has claimed it.
        calls: how many sends were begun with this billno.
        answers: how many sends had begun when the last outcome of a send was recorded. If it is
            less than ``calls`` outside a lease, a worker died in a call.
        doubt: the worst disposition of the sends with this billno that no query has settled.
        first_call_at: when the first send with this billno that may have left an order began.
        resend_until: until when it may be sent without a query first; None for a first send.
        tries: how often its task was done without progress; the policy interprets it.
        code: the code of the last outcome, as the payer spells it.
        reason: the text of the last outcome, for people.
        listid: the payer's own number of a paid packet.
        voucher: what the receiver needs to collect it, if anything; never in a repr.
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
        """Whether no call so far can have left an order with the payer."""
        return self.answers == self.calls and self.doubt in {None, Disposition.NO}

    def on_its_way(self, now: Instant) -> bool:
        """Whether a worker is sending it, and no call before this one may have paid.

        The books store it as in doubt, so that it stays so after a crash; people see it as on its
        way until the lease ends. A payout of a dead worker counts, too, while another worker asks
        about it.
        """
        leased = self.lease is not None and self.due_at is not None and self.due_at > now
        in_call = self.state is State.IN_DOUBT and self.answers < self.calls
        return leased and in_call and self.doubt is not Disposition.UNKNOWN

    @property
    def confirming(self) -> bool:
        """Whether every call was refused, and a query has yet to confirm that there is no order.

        What these books remember is not what the payer remembers: books that were lost or restored
        may have paid this number before.
        """
        return self.state is State.IN_DOUBT and self.never_ordered

    @property
    def unclaimed(self) -> Fen:
        """The fen that are paid and neither claimed nor returned."""
        return self.amount - self.claimed - self.refunded if self.state in PAID else 0
