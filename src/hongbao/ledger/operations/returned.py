"""Payouts whose money has come back are paid again, by rows of a supplement.

The payer says that all of it was returned: the number is spent for good, and what it paid is back.
So another number pays nobody twice. Its key is derived from the first one, so that however often
this is asked for, each returned payout is paid again once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState, Entry
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum, ReturnedPlan
from hongbao.ledger.operations.retrying import MOST, paid_instead
from hongbao.ledger.store.decisions import CAMPAIGNS, campaign_named, campaign_of
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout

_AGAIN = "~"
_STATE = COLUMNS[PLACES["state"]].element
_RETURNED = (
    select(*COLUMNS)
    .select_from(BOOKED)
    .where(
        PAYOUT.c.campaign_id.in_(bindparam("campaigns", expanding=True)),
        STANDING.c.state == State.RETURNED.value,
    )
    .order_by(PAYOUT.c.campaign_id, PAYOUT.c.row)
)
_THERE = (
    select(PAYOUT.c.key)
    .select_from(BOOKED)
    .where(
        PAYOUT.c.merchant_id == bindparam("merchant_id"),
        PAYOUT.c.key.in_(bindparam("keys", expanding=True)),
        PAYOUT.c.campaign_id != bindparam("own"),
        str(State.CANCELLED) != _STATE,
    )
)
_AT_ONCE = 500


def plan(connection: Connection, name: str, *, own: int = 0) -> ReturnedPlan:
    """Which returned payouts of a campaign and its supplements would be paid again now.

    Args:
        connection: in a transaction.
        name: the campaign.
        own: the supplement in which they are being stored, whose keys do not count as taken.

    Raises:
        LedgerError: if there is no such campaign, or it takes no supplement.
    """
    family = _family(connection, campaign_named(connection, name))
    rows = connection.execute(_RETURNED, {"campaigns": [it.id for it in family]})
    payouts = [payout_of(row) for row in rows]
    whole = [it for it in payouts if not it.claimed and it.refunded == it.amount]
    taken = _taken(connection, family[0].merchant_id, [key_again(it.key) for it in whole], own)
    instead = paid_instead(connection, family, whole)
    done = [it for it in whole if key_again(it.key) in taken]
    others = [it for it in whole if key_again(it.key) not in taken and it.id in instead]
    left = [it for it in whole if key_again(it.key) not in taken and it.id not in instead]
    again = left[:MOST]
    return ReturnedPlan(
        again=_sum(again),
        partly=_sum(it for it in payouts if it.claimed or it.refunded != it.amount),
        done=_sum(done),
        paid_instead=_sum(others),
        more=len(left) > len(again),
        entries=tuple(
            Entry(key_again(it.key), it.kind, it.payee, it.amount, it.people, it.terms_id)
            for it in again
        ),
    )


def check(found: ReturnedPlan, name: str, expected: RefusedSum) -> None:
    """Let nothing be paid again but what was expected.

    Raises:
        LedgerError: if the count or the sum is another, or there is nothing.
    """
    if found.again != expected:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=f"{found.again.payouts} payouts of {found.again.amount} fen would be paid "
            f"again, not {expected.payouts} of {expected.amount}",
            remedy="Look again at what would be paid, then confirm that.",
        )
    if not found.entries:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=f"campaign {name} has no returned payout that may be paid again",
            remedy="What was claimed in part is not paid again.",
        )


def key_again(key: str) -> str:
    """The key under which a returned payout is paid again: ``u1`` as ``u1~2``, that as ``u1~3``."""
    first, mark, number = key.rpartition(_AGAIN)
    if mark and number.isascii() and number.isdigit():
        return f"{first}{_AGAIN}{int(number) + 1}"
    return f"{key}{_AGAIN}2"


def supplement(
    connection: Connection, name: str, source_digest: bytes
) -> tuple[Campaign, str, int]:
    """The campaign, and the name and id (0 if it is new) of the supplement for what is paid again.

    Raises:
        LedgerError: if another supplement is not approved yet.
    """
    campaign = campaign_named(connection, name)
    rows = connection.execute(CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id)).all()
    parts = [campaign_of(row) for row in rows]
    for part in parts:
        if part.state is CampaignState.IMPORTING and part.source_digest == source_digest:
            return campaign, part.name, part.id
        if part.state in {CampaignState.IMPORTING, CampaignState.DRAFT}:
            raise LedgerError(
                code=LedgerCode.WRONG_STATE,
                problem=f"supplement {part.name} is {part.state}, and waits for a person",
                remedy=f"Approve {name}, or cancel {part.name}; then do this again.",
            )
    return campaign, f"{name}+{len(parts) + 1}", 0


def _family(connection: Connection, campaign: Campaign) -> list[Campaign]:
    what = None
    if campaign.state is CampaignState.CANCELLED:
        what = "is cancelled"
    elif campaign.parent_id is not None:
        what = "is a supplement"
    elif campaign.mandate is not None:
        what = "is a standing campaign"
    if what is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=f"campaign {campaign.name} {what}: it takes no supplement",
            remedy="If it is still owed, pay it by a campaign of its own, under another key.",
        )
    rows = connection.execute(
        CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id).order_by(CAMPAIGN.c.id)
    )
    return [campaign, *map(campaign_of, rows)]


def _taken(connection: Connection, merchant_id: int, keys: Sequence[str], own: int) -> set[str]:
    found: set[str] = set()
    for begin in range(0, len(keys), _AT_ONCE):
        wanted = {
            "merchant_id": merchant_id, "keys": keys[begin : begin + _AT_ONCE], "own": own,
        }  # fmt: skip
        found.update(connection.scalars(_THERE, wanted))
    return found


def _sum(some: Iterable[Payout]) -> RefusedSum:
    found = RefusedSum()
    for it in some:
        found = found.plus(it.amount)
    return found
