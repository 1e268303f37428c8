"""Finds business keys that the books already have, and the differences if a key comes again.

A key is looked up by its first number, which is derived from it: an index of long random keys for
the sake of the same law would cost a third of an import.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import bindparam, select, text

from hongbao.billno import derive_first
from hongbao.business_key import is_normal
from hongbao.errors import InvalidRequest, KeyReused
from hongbao.ledger.model.campaign import (
    CampaignState,
    mask,
    mask_key,
    masked_repr,
)
from hongbao.ledger.model.known import Known
from hongbao.ledger.model.payout import State
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.decisions import CAMPAIGNS
from hongbao.ledger.store.merchants import number_of
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT
from hongbao.ledger.store.terms import terms_body, terms_digests
from hongbao.sealing import is_sealed
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.numbering import Numbered
    from hongbao.ledger.model.campaign import Campaign, Entry, ListedRow

Differences: TypeAlias = "list[tuple[str, str, str]]"
"""``(field, in the books, now)`` for each field that differs."""

_SEALED, _ANOTHER = say("one that is kept sealed"), say("another one")
_CONTENT = ("kind", "payee", "amount", "people")


class Stored(NamedTuple):
    """The payout that the books have under a key."""

    id: int
    campaign_id: int
    state: str
    key: str
    kind: str
    payee: str
    amount: int
    people: int
    terms_id: int
    attempt: int
    calls: int
    seq: int
    taken_back: bool

    @property
    def free(self) -> bool:
        """Whether it was cancelled before any call, with its campaign: its key may be taken over.

        One person whom somebody has taken out of a campaign that goes on keeps the key: who asks
        for the same payment again does not mean to undo that.
        """
        unsent = self.attempt == 1 and not self.calls
        return self.state == State.CANCELLED and unsent and self.taken_back

    def __repr__(self) -> str:
        return masked_repr(self)


_TAKEN_BACK = (
    select(CAMPAIGN.c.state == CampaignState.CANCELLED.value)
    .where(CAMPAIGN.c.id == PAYOUT.c.campaign_id)
    .scalar_subquery()
)
_HOLDERS = (
    select(*(COLUMNS[PLACES[name]] for name in Stored._fields[:-1]), _TAKEN_BACK)
    .select_from(BOOKED)
    .where(PAYOUT.c.merchant_id == bindparam("merchant_id"), PAYOUT.c.successor.is_(None))
)
_IN_POSTGRESQL = _HOLDERS.where(text("payout.billno = ANY(CAST(:billnos AS text[]))"))
_IN_SQLITE = _HOLDERS.where(text("payout.billno IN (SELECT value FROM json_each(:billnos))"))


def known(
    connection: Connection, merchant_id: int, rows: Sequence[ListedRow]
) -> list[Known | None]:
    """The payouts under known keys; None for a new key. A free one has no differences.

    Raises:
        LedgerError: if the books have no such merchant.
    """
    number = number_of(connection, merchant_id)
    billnos = derive_first(number, [row.key for row in rows])
    stored = stored_by_key(connection, merchant_id, billnos)
    terms = terms_digests(connection, {it.terms_id for it in stored.values()})
    return [
        _known(connection, stored[row.key], row, terms) if row.key in stored else None
        for row in rows
    ]


def stored_by_key(
    connection: Connection, merchant_id: int, billnos: list[str]
) -> dict[str, Stored]:
    """The payouts in the books under the keys with these first numbers."""
    statement = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    wanted = bulk.texts(connection, billnos)
    rows = connection.execute(statement, {"merchant_id": merchant_id, "billnos": wanted})
    return {row.key: Stored._make(row) for row in rows}


def _known(
    connection: Connection, stored: Stored, row: ListedRow, terms: Mapping[int, bytes]
) -> Known:
    differences: Differences = []
    if not stored.free:
        differences = _differences(stored, row)
        if terms[stored.terms_id] != row.terms:
            before = terms_body(connection, stored.terms_id)
            differences += _differing_terms(before, json.loads(row.body))
    return Known(
        payout_id=stored.id,
        campaign_id=stored.campaign_id,
        state=State(stored.state),
        differences=tuple(differences),
        free=stored.free,
    )


def _differences(was: Stored | Entry, row: Entry | ListedRow) -> Differences:
    differences = []
    for name in _CONTENT:
        before, after = getattr(was, name), getattr(row, name)
        if before == after:
            continue
        if name == "payee":
            before, after = mask(before), mask(after)
        differences.append((name, str(before), str(after)))
    return differences


def _differing_terms(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    return [
        (name, _shown(was, _SEALED), _shown(now, _ANOTHER))
        for name in sorted(before.keys() | after.keys())
        if (was := before.get(name)) != (now := after.get(name))
    ]


def _shown(said: object, sealed: str) -> str:
    return sealed if is_sealed(said) else str(said)


def _entry_differences(
    connection: Connection, rails: Mapping[int, Differences], was: Stored | Entry, entry: Entry
) -> Differences:
    differences = _differences(was, entry)
    if isinstance(was, Stored):
        differences = rails.get(was.campaign_id, []) + differences
    if was.terms_id != entry.terms_id:
        bodies = (terms_body(connection, it.terms_id) for it in (was, entry))
        differences += _differing_terms(*bodies)
    return differences


def _other_rails(
    connection: Connection, campaign: Campaign, stored: Iterable[Stored]
) -> dict[int, Differences]:
    """How a campaign differs from those that have some of its keys and pay by another rail."""
    others = {it.campaign_id for it in stored} - {campaign.id}
    if not others:
        return {}
    rows = connection.execute(
        CAMPAIGNS.where(
            CAMPAIGN.c.id.in_(sorted(others)), CAMPAIGN.c.channel_id != campaign.channel_id
        )
    )
    now = f"{campaign.rail} (campaign {campaign.name})"
    return {row.id: [("rail", f"{row.rail} (campaign {row.name})", now)] for row in rows}


def check_same(
    connection: Connection,
    campaign: Campaign,
    was: Stored,
    entry: Entry,
    terms: Mapping[str, Any],
    *,
    said: Collection[str] | None,
) -> None:
    """Let a payment that comes again be the payout that the books have.

    Args:
        connection: a transaction.
        campaign: the campaign that shall pay it.
        was: what the books have.
        entry: the payment, whose terms have no number yet.
        terms: its terms.
        said: the names of the terms that must be the same; None for all.

    Raises:
        KeyReused: if it is another payment.
    """
    before = terms_body(connection, was.terms_id)
    if said is not None:
        before, terms = ({name: it[name] for name in said if name in it} for it in (before, terms))
    rails = _other_rails(connection, campaign, [was]).get(was.campaign_id, [])
    if differences := rails + _differences(was, entry) + _differing_terms(before, terms):
        raise _reused(entry, differences)


def _reused(entry: Entry, differences: Differences) -> KeyReused:
    return KeyReused(key=mask_key(entry.key, entry.payee), differences=tuple(differences))


def new_rows(
    connection: Connection,
    campaign: Campaign,
    stored: Mapping[str, Stored],
    rows: Sequence[Numbered],
) -> list[Numbered]:
    """The rows that the books do not have, each once. A row with a free key counts as new.

    Raises:
        InvalidRequest: if a new key is not in its normal form.
        KeyReused: if a key is in the books, or comes twice, with other content; or if a campaign
            has it that pays by another rail than the one that shall have these rows.
    """
    held = {key: it for key, it in stored.items() if not it.free}
    rails = _other_rails(connection, campaign, held.values())
    seen: dict[str, Stored | Entry] = {**held}
    new = []
    for row in rows:
        _, entry = row
        was = seen.get(entry.key)
        if was is None:
            if entry.key not in stored and not is_normal(entry.key):
                raise InvalidRequest(
                    field="key",
                    rule=say("in its normal form: see hongbao.business_key"),
                    found=say("one with blanks around it, or in other characters"),
                )
            seen[entry.key] = entry
            new.append(row)
        elif differences := _entry_differences(connection, rails, was, entry):
            raise _reused(entry, differences)
    return new
