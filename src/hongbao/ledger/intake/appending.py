"""One payout that a program asks for, added to a standing campaign within its mandate.

All of it is one transaction that has locked the campaign: two programs at once cannot come to more
together than was approved, and a key is stored once whoever asks for it, and however often. The key
is looked up before anything else is judged, since who asks again may have other settings by now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao import beijing
from hongbao.billno import derive_billno
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.intake.keys import check_same, new_rows, stored_by_key
from hongbao.ledger.intake.numbering import check_types, numbering_of
from hongbao.ledger.intake.submission import grow, take_turn
from hongbao.ledger.model.campaign import (
    GROWING,
    Campaign,
    CampaignState,
    DecisionKind,
    Entry,
    mask_key,
)
from hongbao.ledger.model.mandate import DaySum, check_mandate
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.decisions import campaign_named, campaign_with, decide, locked
from hongbao.ledger.store.rows import BOOKED, COLUMNS, SUBMITTED_AT, payout_of
from hongbao.ledger.store.schema import PAYOUT
from hongbao.ledger.store.terms import store_terms
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.intake.keys import Stored
    from hongbao.ledger.intake.numbering import Numbering
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.money import Fen

_UNPAID = frozenset({State.WAITING, State.REFUSED, State.CANCELLED})
"""What a cancelled campaign pays nobody of."""

_LOW_FIFTHS = 4
"""So many fifths of a budget are used when it is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a program asks for.

    Attributes:
        key: its business key, in its normal form.
        kind: how it is paid.
        payee: whom; in no repr.
        amount: fen.
        people: among how many it is shared.
        terms: the further content of its request.
        said: which of the terms the program said itself: a payout that is there already is compared
            with these alone, since settings may have changed. None for all.
        number: the payer's own number of the merchant that must pay it.
        rail: the way in which it must be paid.
        profile: the settings that must pay it.
    """

    key: str = field(repr=False)
    kind: str
    payee: str = field(repr=False)
    amount: Fen
    people: int
    terms: Mapping[str, object]
    said: Collection[str] | None = None
    number: str
    rail: str
    profile: str

    def entry(self, terms_id: int) -> Entry:
        """As a row."""
        return Entry(self.key, self.kind, self.payee, self.amount, self.people, terms_id)


def append(connection: Connection, name: str, payment: Payment, *, by: str, now: Instant) -> Payout:
    """Add a payout to a standing campaign; see ``Book.append``."""
    numbering = numbering_of(connection, campaign_named(connection, name).id)
    # In the order of locks that ``database`` names: the turn of imports, channel, campaign.
    take_turn(connection, numbering.merchant_id)
    campaign = locked(connection, name)
    stored = _stored(connection, campaign, numbering, payment)
    if stored is None or stored.free:
        _check_payer(campaign, numbering.mch_id, payment, payment.profile)
        (terms_id,) = store_terms(connection, [payment.terms])
        free = {} if stored is None else {payment.key: stored}
        entries = numbering.apply([payment.entry(terms_id)])
        rows = new_rows(connection, campaign, free, entries)
        _check_takes(campaign)
        added = _of_its_day(connection, campaign, now).plus(payment.amount)
        planned = campaign.planned + payment.amount
        if campaign.mandate is not None:
            check_mandate(
                name, campaign.mandate, amount=payment.amount, planned=planned, today=added
            )
        # The campaign's own sum is that of the latest day that has begun, and never goes back.
        later = campaign.added is None or added.day >= campaign.added.day
        more = {"day": added.day, "day_amount": added.amount, "day_count": added.payouts}
        grow(connection, campaign, rows, free, by=by, now=now, more=more if later else {})
        _warn(connection, campaign_named(connection, name), payment.amount, by=by, now=now)
        stored = _stored(connection, campaign, numbering, payment)
    else:
        _check_pays(connection, stored)
    return _payout(connection, stored)


def append_all(
    connection: Connection, name: str, payments: Iterable[Payment], *, by: str, now: Instant
) -> list[Payout]:
    """Add several payouts to a standing campaign; see ``Book.append_all``."""
    return [append(connection, name, payment, by=by, now=now) for payment in payments]


def _warn(connection: Connection, campaign: Campaign, added: Fen, *, by: str, now: Instant) -> None:
    """Decide that a budget is low, with the payout that makes it so."""
    if campaign.budget is None:
        return
    low = campaign.budget * _LOW_FIFTHS
    if (campaign.planned - added) * 5 < low <= campaign.planned * 5:
        decide(
            connection, campaign, DecisionKind.BUDGET_LOW, actor=by, now=now, changes={},
            why={"left_fen": campaign.budget - campaign.planned},
        )  # fmt: skip


def appended(connection: Connection, name: str, payment: Payment) -> Payout | None:
    """The payout that the books have under a key already; see ``Book.appended``."""
    campaign = campaign_named(connection, name)
    stored = _stored(connection, campaign, numbering_of(connection, campaign.id), payment)
    if stored is None or stored.free:
        return None
    _check_pays(connection, stored)
    return _payout(connection, stored)


def _stored(
    connection: Connection, campaign: Campaign, numbering: Numbering, payment: Payment
) -> Stored | None:
    """What the books have under the key of a payment.

    Raises:
        KeyReused: if it has other content and its key is not free.
    """
    _check_payer(campaign, numbering.mch_id, payment, campaign.profile)
    entry = payment.entry(0)
    check_types([entry])
    billno = derive_billno(numbering.mch_id, payment.key)
    stored = stored_by_key(connection, numbering.merchant_id, [billno]).get(payment.key)
    if stored is not None and not stored.free:
        check_same(connection, campaign, stored, entry, payment.terms, said=payment.said)
    return stored


def _payout(connection: Connection, stored: Stored | None) -> Payout:
    mine = PAYOUT.c.id == (0 if stored is None else stored.id)
    found = select(*COLUMNS).select_from(BOOKED).where(mine)
    return payout_of(connection.execute(found).one())


def _check_payer(campaign: Campaign, number: str, payment: Payment, profile: str) -> None:
    """Let a payout be paid by the merchant of its campaign: its number is derived from that."""
    if (number, campaign.rail, campaign.profile) != (payment.number, payment.rail, profile):
        raise LedgerError(
            code=LedgerCode.OTHER_PAYER,
            problem=say(
                "campaign {name} is paid by {payer}, not {other}",
                name=campaign.name,
                payer=_payer(campaign.profile, number, campaign.rail),
                other=_payer(payment.profile, payment.number, payment.rail),
            ),
            remedy=say("Name its merchant, or another campaign."),
        )


def _payer(profile: str, number: str, rail: str) -> str:
    return say("{profile!r} ({number}) with {rail}", profile=profile, number=number, rail=rail)


def _check_pays(connection: Connection, known: Stored) -> None:
    """Let no program take for stored what nobody has approved, or will ever send."""
    campaign = campaign_with(connection, known.campaign_id, lock=False)
    name, key = campaign.name, mask_key(known.key, known.payee)
    if campaign.state in GROWING:
        why = say("nobody has approved that campaign: nothing of it is paid")
        remedy = say(
            "If it is to pay this, run: hongbao campaign approve {name}. If not, run: hongbao "
            "campaign cancel {name}. Then enqueue the payout again.",
            name=name,
        )
        if campaign.state is not CampaignState.DRAFT:
            remedy = say("Finish its import. {then}", then=remedy)
    elif campaign.state is not CampaignState.CANCELLED or known.state not in _UNPAID:
        return
    elif known.state == State.WAITING:
        why = say("that campaign is being cancelled")
        remedy = say(
            "Enqueue the payout again when that is done. If it broke off, run again: "
            "hongbao campaign cancel {name}",
            name=name,
        )
    else:
        state = State(known.state)
        why = say(
            "it is {state} there; that campaign is cancelled, and sends nothing more",
            state=state.in_words,
        )
        remedy = say(
            "Nobody is paid under this key any more. If it is still owed, give it another key."
        )
        if state is State.REFUSED:
            remedy = say(
                "Nobody is paid under this key any more. See what may be done: hongbao payout "
                "reopen {key}",
                key=key,
            )
    problem = say("campaign {name} has the payout {key!r}, and {why}", name=name, key=key, why=why)
    raise LedgerError(code=LedgerCode.WRONG_STATE, problem=problem, remedy=remedy)


def _check_takes(campaign: Campaign) -> None:
    if campaign.takes_payouts:
        return
    if campaign.mandate is None:
        problem = say("a list, and what was approved of it is all that it pays")
        remedy = say("Begin a standing campaign: hongbao campaign stand")
    elif campaign.state is CampaignState.DRAFT:
        problem = say("not approved yet")
        remedy = say("Run: hongbao campaign approve {name}", name=campaign.name)
    else:
        problem = say("cancelled") if campaign.state is CampaignState.CANCELLED else say("ended")
        remedy = say("Begin another standing campaign.")
    raise LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=say(
            "campaign {name} is {what}: it takes no payouts", name=campaign.name, what=problem
        ),
        remedy=remedy,
    )


def _of_its_day(connection: Connection, campaign: Campaign, now: Instant) -> DaySum:
    """What was added to a campaign on the day of an addition, by the time that its event has.

    A day may come again: a clock is set back, or a transaction began before midnight and has waited
    for its locks since. Then it is counted anew, since the campaign's row has the latest day alone.
    """
    day, last = beijing.day_of(now), campaign.added
    if last is None or last.day < day:
        return DaySum(day, 0, 0)
    if last.day == day:
        return last
    begins = beijing.day_begins(day)
    count, amount = connection.execute(
        select(func.count(), func.coalesce(func.sum(PAYOUT.c.amount), 0)).where(
            PAYOUT.c.campaign_id == campaign.id,
            SUBMITTED_AT.between(begins, begins + beijing.DAY - 1),
        )
    ).one()
    return DaySum(day, int(amount), int(count))
