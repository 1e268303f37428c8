"""Payouts put into the books: each key once, with its number, its first event and its totals.

Each function is a part of one transaction, which ``Book`` holds.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, text

from hongbao.billno import new_billno
from hongbao.errors import LedgerError
from hongbao.ledger import bulk
from hongbao.ledger.campaign import GROWING, DecisionKind, Submitted, extend
from hongbao.ledger.campaigns import check_budget
from hongbao.ledger.database import is_postgresql
from hongbao.ledger.decisions import campaign_with, decide, no_campaign
from hongbao.ledger.event import GENESIS, EventKind, digest
from hongbao.ledger.keys import new_entries, stored_by_key
from hongbao.ledger.payout import State, Task
from hongbao.ledger.schema import ATTEMPT, BOOK, CAMPAIGN, EVENT, MERCHANT, PAYOUT
from hongbao.ledger.tallies import Tallies
from hongbao.ledger.terms import terms_digests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.campaign import Campaign, Entry
    from hongbao.ledger.payout import Instant

    _Numbered = tuple[str, Entry]

_COLUMNS = (
    "id", "merchant_id", "campaign_id", "key", "row", "kind", "payee", "amount", "people",
    "terms_id", "attempt", "billno", "state", "task", "due_at", "calls", "answers", "tries",
    "claimed", "refunded", "seq",
)  # fmt: skip
_EVENT_COLUMNS = tuple(column.name for column in EVENT.c)
# Two imports for one merchant go one after the other, chunk by chunk, so that the same key in both
# is seen and not run into. Claims do not wait for it.
_TURN = text("SELECT pg_advisory_xact_lock(0x686f6e67, CAST(:merchant_id AS integer))")
# The database has the numbers already: they need not be sent to it twice. In their order each page
# of their index, which soon is larger than the cache, is changed once.
_FIRST_ATTEMPTS = insert(ATTEMPT).from_select(
    ["payout_id", "number", "merchant_id", "billno"],
    select(PAYOUT.c.id, PAYOUT.c.attempt, PAYOUT.c.merchant_id, PAYOUT.c.billno)
    .where(PAYOUT.c.campaign_id == bindparam("campaign_id"), PAYOUT.c.row > bindparam("known"))
    .order_by(PAYOUT.c.billno),
)
_NEW_IDS = text("SELECT nextval('payout_id_seq') FROM generate_series(1, :count)")


def submit(
    connection: Connection, campaign_id: int, entries: Sequence[Entry], *, by: str, now: Instant
) -> Submitted:
    """Add rows to a campaign, but for those that the books have already with the same content.

    Raises:
        KeyReused: if a key is there with other content; nothing of the chunk is stored.
        LedgerError: if the campaign takes no more rows, or they come to more than its budget.
    """
    merchant = connection.execute(
        select(MERCHANT.c.id, MERCHANT.c.number)
        .join(CAMPAIGN, CAMPAIGN.c.merchant_id == MERCHANT.c.id)
        .where(CAMPAIGN.c.id == campaign_id)
    ).one_or_none()
    if merchant is None:
        raise no_campaign(campaign_id)
    if is_postgresql(connection):
        connection.execute(_TURN, {"merchant_id": merchant.id})
    campaign = campaign_with(connection, campaign_id)
    billnos = [new_billno(merchant.number, entry.key) for entry in entries]
    stored = stored_by_key(connection, merchant.id, billnos)
    new = new_entries(connection, stored, entries, billnos)
    if new:
        _grow(connection, campaign, new, by=by, now=now)
    elsewhere = sum(row.campaign_id != campaign_id for row in stored.values())
    return Submitted(new=len(new), known=len(entries) - len(new), elsewhere=elsewhere)


def _grow(
    connection: Connection,
    campaign: Campaign,
    new: list[_Numbered],
    *,
    by: str,
    now: Instant,
) -> None:
    if campaign.state not in GROWING:
        raise LedgerError(
            problem=f"campaign {campaign.name} is {campaign.state}: it takes no more rows",
            remedy="Give the list another name.",
        )
    amount = sum(entry.amount for _, entry in new)
    check_budget(campaign.name, campaign.planned + amount, campaign.budget)
    terms = terms_digests(connection, {entry.terms_id for _, entry in new})
    changes = {
        "rows": campaign.rows + len(new),
        "planned": campaign.planned + amount,
        "digest": extend(campaign.digest, ((*entry[:5], terms[entry[5]]) for _, entry in new)),
    }
    decide(connection, campaign, DecisionKind.EXTENDED, actor=by, now=now, changes=changes)
    ids = _new_ids(connection, len(new))
    salt = book_salt(connection)
    # Made one by one, since a row as it is stored takes several times the memory of its entry.
    payouts = _payout_rows(campaign, zip(ids, new, strict=True), now)
    bulk.insert(connection, PAYOUT, _COLUMNS, payouts)
    connection.execute(_FIRST_ATTEMPTS, {"campaign_id": campaign.id, "known": campaign.rows})
    events = _first_events(zip(ids, new, strict=True), terms, salt, by, now)
    bulk.insert(connection, EVENT, _EVENT_COLUMNS, events)
    totals = Tallies(by)
    totals.add(campaign.id, State.WAITING, amount, payouts=len(new))
    totals.write(connection)


def _new_ids(connection: Connection, count: int) -> Sequence[int]:
    # Taken while the campaign is locked: in one campaign a later row has a higher id.
    if is_postgresql(connection):
        return connection.scalars(_NEW_IDS, {"count": count}).all()
    last = connection.scalar(select(func.max(PAYOUT.c.id))) or 0
    return range(last + 1, last + 1 + count)


def _payout_rows(
    campaign: Campaign, payouts: Iterable[tuple[int, _Numbered]], now: Instant
) -> Iterator[tuple[object, ...]]:
    merchant, own, waiting, send = campaign.merchant_id, campaign.id, str(State.WAITING), Task.SEND
    for row, (payout_id, (billno, entry)) in enumerate(payouts, campaign.rows + 1):
        yield (
            payout_id, merchant, own, entry.key, row, entry.kind, entry.payee, entry.amount,
            entry.people, entry.terms_id, 1, billno, waiting, int(send), now, 0, 0, 0, 0, 0, 1,
        )  # fmt: skip


def _first_events(
    payouts: Iterable[tuple[int, _Numbered]],
    terms: Mapping[int, bytes],
    salt: bytes,
    by: str,
    now: Instant,
) -> Iterator[tuple[object, ...]]:
    kind = str(EventKind.SUBMITTED)
    kinds: dict[str, str] = {}
    ends = {terms_id: digest.hex() for terms_id, digest in terms.items()}
    for payout_id, (billno, entry) in payouts:
        if entry.kind not in kinds:
            kinds[entry.kind] = json.dumps(entry.kind, ensure_ascii=False)
        # The JSON that ``event.chain`` would make of it, at a third of the time.
        body = (
            f'{{"amount":{entry.amount},"attempt":1,"billno":"{billno}",'
            f'"kind":{kinds[entry.kind]},"payee":"{payee_hash(salt, entry.payee)}",'
            f'"people":{entry.people},"state":"waiting","terms":"{ends[entry.terms_id]}"}}'
        )
        chained = digest(GENESIS, payout_id, 1, now, kind, by, body)
        yield payout_id, 1, now, kind, by, body, chained


def payee_hash(salt: bytes, payee: str) -> str:
    """What stands for a receiver in an event: hexadecimal digits of a salted SHA-256."""
    return sha256(salt + payee.encode()).hexdigest()


def book_salt(connection: Connection) -> bytes:
    """The salt of these books."""
    return bytes(connection.execute(select(BOOK.c.salt)).scalar_one())
