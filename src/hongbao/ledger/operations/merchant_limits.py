"""Stores a merchant's limits in the books, as its settings give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from hongbao import beijing
from hongbao.ledger.store import standings
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.merchant_history import MerchantEventKind, change
from hongbao.ledger.store.schema import CAMPAIGN, MERCHANT, NEVER, PAYOUT, STANDING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant


def set_merchant(
    connection: Connection, number: str, limits: PayerLimits, *, by: str, now: Instant
) -> int:
    """Set a merchant's limits; a merchant that is new to the books is added.

    Returns:
        Its number in the books.
    """
    values = limit_columns(limits)
    connection.execute(
        insert_into(connection, MERCHANT)
        .values(number=number, arrival=0, turn=0, ready_at=NEVER, day=0, day_amount=0, **values)
        .on_conflict_do_nothing(index_elements=["number"])
    )
    row = connection.execute(
        select(MERCHANT).where(MERCHANT.c.number == number).with_for_update(key_share=True)
    ).one()
    changed = any(getattr(row, name) != value for name, value in values.items())
    # What a limit held back may go on now; and what was put off by a clock that was ahead, which
    # whoever begins to work looks at again.
    if changed or now < row.ready_at < NEVER:
        connection.execute(update(MERCHANT).where(MERCHANT.c.id == row.id).values(ready_at=now))
    if changed or not row.seq:
        change(connection, row, MerchantEventKind.LIMITS, by=by, now=now, **values)
    by_user = values["user_day_count_max"], values["user_day_amount_max"]
    if changed and by_user != (None, None):
        _note_users(connection, row.id, now)
    if row.seen_at < now:
        connection.execute(update(MERCHANT).where(MERCHANT.c.id == row.id).values(seen_at=now))
    return int(row.id)


def _note_users(connection: Connection, merchant_id: int, now: Instant) -> None:
    """Write down who got what, so that it counts: nobody needed it without a limit by user."""
    campaigns = connection.scalars(
        select(CAMPAIGN.c.id).where(CAMPAIGN.c.merchant_id == merchant_id)
    ).all()
    standings.dissolve(connection, campaigns)
    payee = select(PAYOUT.c.payee).where(PAYOUT.c.id == STANDING.c.payout_id).scalar_subquery()
    connection.execute(
        update(STANDING)
        .where(
            STANDING.c.campaign_id.in_(campaigns),
            STANDING.c.payee.is_(None),
            STANDING.c.day >= beijing.day_of(now) - 1,
        )
        .values(payee=payee)
    )


def limit_columns(limits: PayerLimits) -> dict[str, int | None]:
    """The columns of a merchant's row with its limits."""
    return {
        "interval": limits.interval,
        "burst": limits.burst,
        "day_amount_max": limits.day_amount_max,
        "user_day_count_max": limits.user_day_count_max,
        "user_day_amount_max": limits.user_day_amount_max,
        "opens": limits.opens,
        "closes": limits.closes,
    }
