"""Payouts whose money has come back are paid again, by rows of a supplement.

The payer says that all of it was returned: the number is spent for good, and what it paid is back.
So another number pays nobody twice. Its key is the first payout's key with a number: ``u1`` is paid
again as ``u1~2``, and if that comes back, too, as ``u1~3``. A key that something else has is passed
over.

What was paid again is found in the supplements that were stored by this verb, and nowhere else: no
key of a list is taken for one of theirs, whatever it ends in. Each of their keys has one number
behind the first payout's whole key, so that no two payouts share one. Whom a person has taken out
of such a supplement is not paid again; a supplement that was cancelled as a whole pays nobody.
"""

from __future__ import annotations

import json
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select, text

from hongbao.billno import derive_first
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, Entry
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum, ReturnedPlan
from hongbao.ledger.operations.retrying import MOST, paid_instead
from hongbao.ledger.store import bulk, merchants
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.decisions import CAMPAIGNS, campaign_named, campaign_of
from hongbao.ledger.store.rows import BOOKED, COLUMNS, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, DECISION, PAYOUT, STANDING
from hongbao.money import format_yuan
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout

_AGAIN = "~"
_RETURNED = (
    select(*COLUMNS)
    .select_from(BOOKED)
    .where(
        PAYOUT.c.campaign_id.in_(bindparam("campaigns", expanding=True)),
        STANDING.c.state == State.RETURNED.value,
    )
    .order_by(PAYOUT.c.campaign_id, PAYOUT.c.row)
)
_ROWS = (
    select(*COLUMNS)
    .select_from(BOOKED)
    .where(PAYOUT.c.campaign_id.in_(bindparam("campaigns", expanding=True)))
    .order_by(PAYOUT.c.id)
)
_BEGUN = select(DECISION.c.body).where(
    DECISION.c.campaign_id == bindparam("campaign_id"), DECISION.c.kind == str(DecisionKind.BEGUN)
)
# A key is looked up by its first number: there is no index of keys.
_HOLDERS = (
    select(*COLUMNS, CAMPAIGN.c.state.label("campaign_state"))
    .select_from(BOOKED.join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id))
    .where(PAYOUT.c.merchant_id == bindparam("merchant_id"), PAYOUT.c.successor.is_(None))
)
_IN_POSTGRESQL = _HOLDERS.where(text("payout.billno = ANY(CAST(:billnos AS text[]))"))
_IN_SQLITE = _HOLDERS.where(text("payout.billno IN (SELECT value FROM json_each(:billnos))"))
_AT_ONCE = 500


class _Again(NamedTuple):
    """A payout of a supplement of this verb.

    Attributes:
        payout: it.
        first: the key of the payout that was paid first.
        number: which payment of that it is; the first is 1.
        own: whether the supplement is the one that is being stored.
        void: whether its supplement was cancelled, and it with that: nobody decided about it alone.
    """

    payout: Payout
    first: str
    number: int
    own: bool
    void: bool


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
    chains = _chains(connection, family, own)
    firsts = {it.payout.id: it.first for chain in chains.values() for it in chain}
    rows = connection.execute(_RETURNED, {"campaigns": [it.id for it in family]})
    payouts = [payout_of(row) for row in rows]
    whole = [it for it in payouts if not it.claimed and it.refunded == it.amount]
    done, withdrawn, unpaid = [], [], []
    for it in whole:
        links = chains.get(firsts.get(it.id, it.key), [])
        later = [link for link in links if _counts(link) and link.payout.id > it.id]
        if not later:
            unpaid.append(it)
        elif all(link.payout.state is State.CANCELLED for link in later):
            withdrawn.append(it)
        else:
            done.append(it)
    instead = paid_instead(connection, family, unpaid)
    by_first = {firsts.get(it.id, it.key): it for it in unpaid if it.id not in instead}
    keys = _keys(connection, family[0].merchant_id, by_first, chains)
    instead |= {by_first[first].id for first, key in keys.items() if key is None}
    left = [first for first, key in keys.items() if key is not None]
    again = left[:MOST]
    return ReturnedPlan(
        again=_sum(by_first[first] for first in again),
        partly=_sum(it for it in payouts if it.claimed or it.refunded != it.amount),
        done=_sum(done),
        withdrawn=_sum(withdrawn),
        paid_instead=_sum(it for it in unpaid if it.id in instead),
        more=len(left) > len(again),
        entries=tuple(_entry(by_first[first], keys[first]) for first in again),
    )


def check(found: ReturnedPlan, name: str, expected: RefusedSum) -> None:
    """Let nothing be paid again but what was expected.

    Raises:
        LedgerError: if the count or the sum is another, or there is nothing.
    """
    if found.again != expected:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "{payouts} payouts of {yuan} yuan would be paid again, not {expected} of "
                "{expected_yuan} yuan",
                payouts=found.again.payouts,
                yuan=format_yuan(found.again.amount),
                expected=expected.payouts,
                expected_yuan=format_yuan(expected.amount),
            ),
            remedy=say("Look again at what would be paid, then confirm that."),
        )
    if not found.entries:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} has no returned payout that may be paid again", name=name),
            remedy=say("What was claimed in part is not paid again."),
        )


def check_stored(draft: Campaign, expected: RefusedSum) -> None:
    """Let no supplement become a draft that does not pay what was confirmed.

    Raises:
        LedgerError: if it has other rows, since the books changed meanwhile.
    """
    if (draft.rows, draft.planned) != expected:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "supplement {name} has {payouts} payouts of {yuan} yuan, not {expected} of "
                "{expected_yuan} yuan: the books changed meanwhile",
                name=draft.name,
                payouts=draft.rows,
                yuan=format_yuan(draft.planned),
                expected=expected.payouts,
                expected_yuan=format_yuan(expected.amount),
            ),
            remedy=say(
                "Nothing of it is sent. Cancel {name}, and look again at what would be paid.",
                name=draft.name,
            ),
        )


def source_of(name: str) -> str:
    """What a supplement of this verb says as the name of its list."""
    return f"returned of {name}"


def digest_of(name: str, reason: str) -> bytes:
    """What it says as the digest of its list: no list of a person has it."""
    return sha256(f"{source_of(name)}: {reason}".encode()).digest()


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
                problem=say(
                    "supplement {name} is {state}, and waits for a person",
                    name=part.name,
                    state=part.state.in_words,
                ),
                remedy=say(
                    "Approve {name}, or cancel {part}; then do this again.",
                    name=name,
                    part=part.name,
                ),
            )
    return campaign, f"{name}+{len(parts) + 1}", 0


def _family(connection: Connection, campaign: Campaign) -> list[Campaign]:
    what = None
    if campaign.state is CampaignState.CANCELLED:
        what = say("is cancelled")
    elif campaign.parent_id is not None:
        what = say("is a supplement")
    elif campaign.mandate is not None:
        what = say("is a standing campaign")
    if what is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} {what}: it takes no supplement", name=campaign.name, what=what
            ),
            remedy=say("If it is still owed, pay it by a campaign of its own, under another key."),
        )
    rows = connection.execute(
        CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id).order_by(CAMPAIGN.c.id)
    )
    return [campaign, *map(campaign_of, rows)]


def _chains(
    connection: Connection, family: Sequence[Campaign], own: int
) -> Mapping[str, list[_Again]]:
    """What supplements of this verb pay, by the key of the payout that was paid first."""
    chains: dict[str, list[_Again]] = defaultdict(list)
    void = {it.id: it.state is CampaignState.CANCELLED for it in family}
    ids = [it.id for it in family[1:] if _by_this_verb(connection, it, family[0].name)]
    for payout in map(payout_of, connection.execute(_ROWS, {"campaigns": ids})):
        first, _, number = payout.key.rpartition(_AGAIN)
        in_void = void[payout.campaign_id] and payout.state is State.CANCELLED
        chains[first].append(_Again(payout, first, int(number), payout.campaign_id == own, in_void))
    return chains


def _by_this_verb(connection: Connection, part: Campaign, name: str) -> bool:
    """Whether a supplement was stored by this verb: its digest is of its reason, not of a list."""
    if part.source != source_of(name):
        return False
    bodies = map(json.loads, connection.scalars(_BEGUN, {"campaign_id": part.id}))
    return any(part.source_digest == digest_of(name, str(it.get("reason"))) for it in bodies)


def _counts(link: _Again) -> bool:
    return not link.own and not link.void


def _keys(
    connection: Connection,
    merchant_id: int,
    unpaid: Mapping[str, Payout],
    chains: Mapping[str, list[_Again]],
) -> dict[str, str | None]:
    """The key under which each is paid again; None if a later list has done that under this key.

    Args:
        connection: in a transaction.
        merchant_id: who pays.
        unpaid: what came back, by the key of the payout that was paid first.
        chains: what supplements of this verb pay.
    """
    keys: dict[str, str | None] = dict.fromkeys(unpaid)
    numbers = {}
    for first in unpaid:
        links = chains.get(first, [])
        stored = [it.payout.key for it in links if it.own]
        if stored:
            keys[first] = stored[0]
        else:
            numbers[first] = max((it.number for it in links if not it.void), default=1) + 1
    while numbers:
        wanted = {first: f"{first}{_AGAIN}{number}" for first, number in numbers.items()}
        taken = _taken(connection, merchant_id, list(wanted.values()))
        keys |= {first: key for first, key in wanted.items() if key not in taken}
        numbers = {
            first: number + 1
            for first, number in numbers.items()
            if wanted[first] in taken and not _pays(taken[wanted[first]], unpaid[first])
        }
    return keys


def _pays(it: Payout, returned: Payout) -> bool:
    """Whether a later list pays the same receiver the same: somebody has done it by hand."""
    return (
        it.campaign_id > returned.campaign_id
        and it.state is not State.CANCELLED
        and (it.payee, it.amount, it.kind) == (returned.payee, returned.amount, returned.kind)
    )


def _taken(connection: Connection, merchant_id: int, keys: Sequence[str]) -> dict[str, Payout]:
    """The payouts that have these keys, but for those whose keys may be taken over."""
    found: dict[str, Payout] = {}
    statement = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    number = merchants.number_of(connection, merchant_id)
    for begin in range(0, len(keys), _AT_ONCE):
        billnos = derive_first(number, keys[begin : begin + _AT_ONCE])
        wanted = {"merchant_id": merchant_id, "billnos": bulk.texts(connection, billnos)}
        for *row, campaign_state in connection.execute(statement, wanted):
            it = payout_of(row)
            unsent = it.state is State.CANCELLED and it.attempt == 1 and not it.calls
            if not unsent or campaign_state != CampaignState.CANCELLED.value:
                found[it.key] = it
    return found


def _entry(it: Payout, key: str | None) -> Entry:
    return Entry(key or "", it.kind, it.payee, it.amount, it.people, it.terms_id)


def _sum(some: Iterable[Payout]) -> RefusedSum:
    found = RefusedSum()
    for it in some:
        found = found.plus(it.amount)
    return found
