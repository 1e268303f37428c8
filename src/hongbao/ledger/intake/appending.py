"""One payout that a program asks for, added to a standing campaign within its mandate.

All of it is one transaction that has locked the campaign: two programs at once cannot come to more
together than was approved, and a key is stored once whoever asks for it, and however often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao import beijing
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.intake.keys import new_rows, stored_by_key
from hongbao.ledger.intake.numbering import numbering_of
from hongbao.ledger.intake.submission import grow, take_turn
from hongbao.ledger.model.campaign import Campaign, CampaignState, Entry
from hongbao.ledger.model.mandate import DaySum, check_mandate
from hongbao.ledger.store.decisions import campaign_named, locked
from hongbao.ledger.store.rows import COLUMNS, payout_of
from hongbao.ledger.store.schema import EVENT, PAYOUT
from hongbao.ledger.store.terms import store_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.money import Fen


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
        number: the payer's own number of the merchant that must pay it.
        profile: the settings that must pay it.
    """

    key: str = field(repr=False)
    kind: str
    payee: str = field(repr=False)
    amount: Fen
    people: int
    terms: Mapping[str, object]
    number: str
    profile: str


def append(connection: Connection, name: str, payment: Payment, *, by: str, now: Instant) -> Payout:
    """Add a payout to a standing campaign; see ``Book.append``."""
    numbering = numbering_of(connection, campaign_named(connection, name).id)
    # In the order of locks that ``database`` names: the turn of imports, merchant, campaign.
    take_turn(connection, numbering.merchant_id)
    campaign = locked(connection, name)
    _check_payer(campaign, numbering.mch_id, payment)
    (terms_id,) = store_terms(connection, [payment.terms])
    entry = Entry(
        payment.key, payment.kind, payment.payee, payment.amount, payment.people, terms_id
    )
    rows = numbering.apply([entry])
    billno = rows[0][0]
    stored = stored_by_key(connection, numbering.merchant_id, [billno])
    if new_rows(connection, stored, rows):
        _check_takes(campaign)
        added = _of_its_day(connection, campaign, now).plus(payment.amount)
        planned = campaign.planned + payment.amount
        if campaign.mandate is not None:
            check_mandate(
                name, campaign.mandate, amount=payment.amount, planned=planned, today=added
            )
        free = {key: it for key, it in stored.items() if it.free}
        # The campaign's own sum is that of the latest day that has begun, and never goes back.
        later = campaign.added is None or added.day >= campaign.added.day
        more = {"day": added.day, "day_amount": added.amount, "day_count": added.payouts}
        grow(connection, campaign, rows, free, by=by, now=now, more=more if later else {})
        stored = stored_by_key(connection, numbering.merchant_id, [billno])
    found = select(*COLUMNS).where(PAYOUT.c.id == stored[payment.key].id)
    return payout_of(connection.execute(found).one())


def _check_payer(campaign: Campaign, number: str, payment: Payment) -> None:
    """Let a payout be paid by the merchant of its campaign: its number is derived from that."""
    if (number, campaign.profile) != (payment.number, payment.profile):
        raise LedgerError(
            code=LedgerCode.OTHER_PAYER,
            problem=f"campaign {campaign.name} is paid by {campaign.profile!r} ({number}), not "
            f"{payment.profile!r} ({payment.number})",
            remedy="Name its merchant, or another campaign.",
        )


def _check_takes(campaign: Campaign) -> None:
    if campaign.takes_payouts:
        return
    if campaign.mandate is None:
        problem = "a list, and what was approved of it is all that it pays"
        remedy = "Begin a standing campaign: hongbao campaign stand"
    elif campaign.state is CampaignState.DRAFT:
        problem = "not approved yet"
        remedy = f"Run: hongbao campaign approve {campaign.name}"
    else:
        problem = "cancelled" if campaign.state is CampaignState.CANCELLED else "ended"
        remedy = "Begin another standing campaign."
    raise LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=f"campaign {campaign.name} is {problem}: it takes no payouts",
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
        select(func.count(), func.coalesce(func.sum(PAYOUT.c.amount), 0))
        .join(EVENT, (EVENT.c.payout_id == PAYOUT.c.id) & (EVENT.c.seq == 1))
        .where(
            PAYOUT.c.campaign_id == campaign.id,
            EVENT.c.at >= begins,
            EVENT.c.at < begins + beijing.DAY,
        )
    ).one()
    return DaySum(day, int(amount), int(count))
