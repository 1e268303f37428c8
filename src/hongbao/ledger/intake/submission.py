"""Payouts put into the books: each key once, with its number, when it came, and its totals."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, select, text

from hongbao.business_key import are_normal
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.intake.keys import new_rows, stored_by_key
from hongbao.ledger.intake.numbering import numbering_of
from hongbao.ledger.intake.prefetcher import Prefetcher
from hongbao.ledger.intake.storing import RowColumns, store
from hongbao.ledger.intake.taking_over import take_over
from hongbao.ledger.model.campaign import (
    GROWING,
    DecisionKind,
    check_budget,
    extend,
)
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.known import Submitted
from hongbao.ledger.model.payout import State
from hongbao.ledger.store import bulk, kept, payee_tails
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import driver_rows, is_postgresql, now
from hongbao.ledger.store.decisions import campaign_with, decide
from hongbao.ledger.store.phases import phase_of
from hongbao.ledger.store.schema import ATTEMPT, PAYOUT, SUBMISSION
from hongbao.ledger.store.terms import terms_digests
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.keys import Stored
    from hongbao.ledger.intake.numbering import Numbered
    from hongbao.ledger.model.campaign import Campaign, Entry
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.database import Database

_SUBMISSION = tuple(column.name for column in SUBMISSION.c)
# Two imports for one merchant go one after the other, chunk by chunk, so that the same key in both
# is seen and not run into. Claims do not wait for it.
_TURN = text("SELECT pg_advisory_xact_lock(1752133223, CAST(:merchant_id AS integer))")
# A first number that is a later one of another payout. Hardly a merchant has many of those.
_HAS_LATER_NUMBERS = select(exists().where(ATTEMPT.c.merchant_id == bindparam("merchant_id")))
_LATER_NUMBERS = (
    select(func.count())
    .select_from(ATTEMPT)
    .where(ATTEMPT.c.merchant_id == bindparam("merchant_id"))
)
_IN_POSTGRESQL = _LATER_NUMBERS.where(text("attempt.billno = ANY(CAST(:billnos AS text[]))"))
_IN_SQLITE = _LATER_NUMBERS.where(text("attempt.billno IN (SELECT value FROM json_each(:billnos))"))
_NEW_IDS = text("SELECT nextval('payout_id_seq') FROM generate_series(1, :count)")


class _SomeKnown(Exception):
    """Rows were taken for new, and the books have some of them: nothing of the chunk was stored."""


def submit(
    database: Database,
    campaign_id: int,
    chunks: Iterable[Sequence[Entry]],
    *,
    by: str,
    source_digest: bytes | None,
    progress: Callable[[int], None] | None,
    keeps: Sequence[str] = (),
) -> Submitted:
    """Add rows to a campaign, a transaction a chunk; see ``Book.submit``."""
    with database.reading() as connection:
        numbering = numbering_of(connection, campaign_id)
    total = Submitted()
    with closing(Prefetcher(map(numbering.apply, chunks))) as ahead:
        while (rows := ahead.take()) is not None:
            add = partial(
                _add, campaign_id, numbering.merchant_id, rows, ahead.begin, by=by,
                source_digest=source_digest, keeps=keeps,
            )  # fmt: skip
            try:
                total += database.run(partial(add, compare=False))
            except _SomeKnown:
                total += database.run(partial(add, compare=True))
            if progress:
                progress(total.new + total.known)
    return total


def _add(
    campaign_id: int,
    merchant_id: int,
    rows: Sequence[Numbered],
    meanwhile: Callable[[], None],
    connection: Connection,
    *,
    by: str,
    source_digest: bytes | None,
    keeps: Sequence[str],
    compare: bool,
) -> Submitted:
    """Add rows, but for those that the books have already with the same content.

    They are looked up if ``compare``, or if the first or the last of them is known. Else they are
    taken for new: looking up costs a tenth of the time, and the laws are constraints.
    """
    take_turn(connection, merchant_id)
    campaign = campaign_with(connection, campaign_id)
    _check_source(campaign, source_digest)
    billnos = [billno for billno, _ in rows]
    if not compare:
        # Books of earlier versions may hold keys in other spellings; no new one gets in.
        compare = not are_normal([entry.key for _, entry in rows]) or bool(
            stored_by_key(connection, merchant_id, billnos[:1] + billnos[-1:])
        )
    stored = stored_by_key(connection, merchant_id, billnos) if compare else {}
    new = new_rows(connection, campaign, stored, rows) if compare else rows
    free = {key: it for key, it in stored.items() if it.free}
    if new:
        try:
            _check_grows(connection, campaign, new)
            at = now(connection)
            grow(connection, campaign, new, free, meanwhile, by=by, now=at, keeps=keeps)
        except connection.dialect.loaded_dbapi.IntegrityError:
            if compare:
                raise
            raise _SomeKnown from None
    elsewhere = sum(row.campaign_id != campaign_id and not row.free for row in stored.values())
    return Submitted(new=len(new), known=len(rows) - len(new), elsewhere=elsewhere)


def take_turn(connection: Connection, merchant_id: int) -> None:
    """Wait for whoever else adds payouts of a merchant; see ``_TURN``."""
    if is_postgresql(connection):
        connection.execute(_TURN, {"merchant_id": merchant_id})


def _check_source(campaign: Campaign, source_digest: bytes | None) -> None:
    if source_digest not in {None, campaign.source_digest}:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "somebody began to import another list ({source}) as campaign {name} "
                "meanwhile; nothing more of this list was stored",
                source=campaign.source,
                name=campaign.name,
            ),
            remedy=say(
                "Look at the campaign; then give this list another name, or extend that one."
            ),
        )


def _check_grows(connection: Connection, campaign: Campaign, new: Sequence[Numbered]) -> None:
    if campaign.state not in GROWING or campaign.mandate is not None:
        what = (
            say("a standing campaign")
            if campaign.mandate is not None
            else phase_of(connection, campaign).in_words
        )
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} is {what}: it takes no more rows", name=campaign.name, what=what
            ),
            remedy=say("Give the list another name."),
        )
    amount = sum([entry.amount for _, entry in new])
    check_budget(campaign.name, campaign.planned + amount, campaign.budget)


def grow(
    connection: Connection,
    campaign: Campaign,
    new: Sequence[Numbered],
    free: Mapping[str, Stored],
    meanwhile: Callable[[], None] = lambda: None,
    *,
    by: str,
    now: Instant,
    more: Mapping[str, object] = MappingProxyType({}),
    keeps: Sequence[str] = (),
) -> None:
    """Store rows that the books do not have, of a campaign that this transaction has locked.

    ``free`` is what gives its key and number to one of them, by the key; ``meanwhile`` is called
    when the database works alone; ``more`` are columns of the campaign that change too; ``keeps``
    are the columns of the list that are kept sealed.
    """
    columns = RowColumns.of(new)
    amount = sum(columns.amounts)
    terms = terms_digests(connection, set(columns.terms))
    contents = zip(*columns[:5], map(terms.__getitem__, columns.terms), strict=True)
    grown = {
        "rows": campaign.rows + len(new),
        "planned": campaign.planned + amount,
        "digest": extend(campaign.digest, contents),
        **more,
    }
    if campaign.takes_payouts:  # its mandate was approved, and with it what is within it
        grown["approved_digest"] = grown["digest"]
    first = campaign.rows + 1
    decide(
        connection, campaign, DecisionKind.EXTENDED, actor=by, now=now, changes=grown,
        why=kept.facts(keeps, first, columns.kept),
    )  # fmt: skip
    ids = _new_ids(connection, len(new))
    _check_numbers(connection, campaign.merchant_id, columns.billnos)
    changes = Changes(by, now)
    changes.add(SUBMISSION, _SUBMISSION, [(campaign.id, first, now, by)])
    changes.totals.add(campaign.id, State.WAITING, amount, payouts=len(new))
    if campaign.takes_payouts:
        changes.open(campaign.id)
        changes.of_channel(campaign.channel_id).due(now)
    taken = _taken(free, ids, first, new) if free else {}
    take_over(connection, changes, campaign, taken)
    fresh = [it for it in ids if it not in taken] if taken else ids
    changes.imply(EventKind.SUBMITTED.value, 1, fresh)
    store(connection, campaign, ids, columns, meanwhile)
    changes.write(connection)
    payee_tails.add(connection, campaign.id, first, columns.payees)


def _taken(
    free: Mapping[str, Stored], ids: Iterable[int], first: int, new: Iterable[Numbered]
) -> dict[int, tuple[Stored, int, str, Entry]]:
    """What ``take_over`` takes: the free payouts whose keys some of the new ones have."""
    return {
        payout_id: (free[entry.key], row, billno, entry)
        for payout_id, row, (billno, entry) in zip(ids, count(first), new, strict=False)
        if entry.key in free
    }


def _check_numbers(connection: Connection, merchant_id: int, billnos: Sequence[str]) -> None:
    """Let no first number be a later one of another payout: a payout's own are kept in two tables.

    Raises:
        LedgerError: if one is.
    """
    values = {"merchant_id": merchant_id}
    if not connection.scalar(_HAS_LATER_NUMBERS, values):
        return
    statement = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    wanted = bulk.texts(connection, billnos)
    if connection.scalar(statement, {**values, "billnos": wanted}):
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "the books have the number of a new row as a later number of another payout"
            ),
            remedy=say("Run: hongbao audit"),
        )


def _new_ids(connection: Connection, number: int) -> Sequence[int]:
    # Taken while the campaign is locked: in one campaign a later row has a higher id.
    if is_postgresql(connection):
        return [taken for (taken,) in driver_rows(connection, _NEW_IDS, {"count": number})]
    last = connection.scalar(select(func.max(PAYOUT.c.id))) or 0
    return range(last + 1, last + 1 + number)
