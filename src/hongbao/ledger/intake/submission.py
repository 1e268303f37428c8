"""Payouts put into the books: each key once, with its number, its first event and its totals."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from hongbao.business_key import is_normal
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.intake.keys import new_rows, stored_by_key
from hongbao.ledger.intake.numbering import numbering_of
from hongbao.ledger.intake.prefetcher import Prefetcher
from hongbao.ledger.intake.taking_over import take_over
from hongbao.ledger.model.campaign import GROWING, DecisionKind, Submitted, check_budget, extend
from hongbao.ledger.model.event import body_of, joined
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store import payee_tails
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import is_postgresql, now
from hongbao.ledger.store.decisions import campaign_with, decide
from hongbao.ledger.store.schema import ATTEMPT, PAYOUT
from hongbao.ledger.store.terms import terms_digests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.keys import Stored
    from hongbao.ledger.intake.numbering import Numbered
    from hongbao.ledger.model.campaign import Campaign, Entry
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.database import Database

_COLUMNS = (
    "id", "merchant_id", "campaign_id", "key", "row", "kind", "payee", "amount", "people",
    "terms_id", "attempt", "billno", "state", "task", "due_at", "calls", "answers", "tries",
    "claimed", "refunded", "seq",
)  # fmt: skip
# Two imports for one merchant go one after the other, chunk by chunk, so that the same key in both
# is seen and not run into. Claims do not wait for it.
_TURN = text("SELECT pg_advisory_xact_lock(1752133223, CAST(:merchant_id AS integer))")
_NEW_PAYOUTS = (
    select(PAYOUT.c.id, PAYOUT.c.attempt, PAYOUT.c.merchant_id, PAYOUT.c.billno)
    .where(PAYOUT.c.campaign_id == bindparam("campaign_id"), PAYOUT.c.row > bindparam("known"))
    .order_by(PAYOUT.c.billno)
)
_ATTEMPT_COLUMNS = ["payout_id", "number", "merchant_id", "billno"]
# The database has the numbers already: they need not be sent to it twice. In their order each page
# of their index, which soon is larger than the cache, is changed once.
_FIRST_ATTEMPTS = insert(ATTEMPT).from_select(_ATTEMPT_COLUMNS, _NEW_PAYOUTS)
_OTHER_FIRST_ATTEMPTS = insert(ATTEMPT).from_select(
    _ATTEMPT_COLUMNS,
    _NEW_PAYOUTS.where(~exists().where(ATTEMPT.c.payout_id == PAYOUT.c.id)),
)
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
) -> Submitted:
    """Add rows to a campaign, a transaction a chunk; see ``Book.submit``."""
    with database.reading() as connection:
        numbering = numbering_of(connection, campaign_id)
    total = Submitted()
    with closing(Prefetcher(map(numbering.apply, chunks))) as ahead:
        while (rows := ahead.take()) is not None:
            add = partial(
                _add, campaign_id, numbering.merchant_id, rows, ahead.begin, by=by,
                source_digest=source_digest,
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
    compare: bool,
) -> Submitted:
    """Add rows, but for those that the books have already with the same content.

    They are looked up if ``compare``, or if the first or the last of them is known. Else they are
    taken for new: looking up costs a tenth of the time, and the laws are constraints.
    """
    take_turn(connection, merchant_id)
    campaign = campaign_with(connection, campaign_id)
    if source_digest not in {None, campaign.source_digest}:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=f"somebody began to import another list ({campaign.source}) as campaign "
            f"{campaign.name} meanwhile; nothing more of this list was stored",
            remedy="Look at the campaign; then give this list another name, or extend that one.",
        )
    billnos = [billno for billno, *_ in rows]
    if not compare:
        # Books of earlier versions may hold keys in other spellings; no new one gets in.
        compare = not all(is_normal(entry.key) for _, entry, _ in rows) or bool(
            stored_by_key(connection, merchant_id, billnos[:1] + billnos[-1:])
        )
    stored = stored_by_key(connection, merchant_id, billnos) if compare else {}
    new = new_rows(connection, stored, rows) if compare else rows
    free = {key: it for key, it in stored.items() if it.free}
    if new:
        try:
            _check_grows(campaign, new)
            grow(connection, campaign, new, free, meanwhile, by=by, now=now(connection))
        except IntegrityError:
            if compare:
                raise
            raise _SomeKnown from None
    elsewhere = sum(row.campaign_id != campaign_id and not row.free for row in stored.values())
    return Submitted(new=len(new), known=len(rows) - len(new), elsewhere=elsewhere)


def take_turn(connection: Connection, merchant_id: int) -> None:
    """Wait for whoever else adds payouts of a merchant; see ``_TURN``."""
    if is_postgresql(connection):
        connection.execute(_TURN, {"merchant_id": merchant_id})


def _check_grows(campaign: Campaign, new: Sequence[Numbered]) -> None:
    if campaign.state not in GROWING or campaign.mandate is not None:
        what = "a standing campaign" if campaign.mandate is not None else campaign.state
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=f"campaign {campaign.name} is {what}: it takes no more rows",
            remedy="Give the list another name.",
        )
    amount = sum(entry.amount for _, entry, _ in new)
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
) -> None:
    """Store rows that the books do not have, of a campaign that this transaction has locked.

    ``free`` is what gives its key and number to one of them, by the key; ``meanwhile`` is called
    when the database works alone; ``more`` are columns of the campaign that change too.
    """
    amount = sum(entry.amount for _, entry, _ in new)
    terms = terms_digests(connection, {entry.terms_id for _, entry, _ in new})
    contents = ((*entry[:5], terms[entry.terms_id]) for _, entry, _ in new)
    grown = {
        "rows": campaign.rows + len(new),
        "planned": campaign.planned + amount,
        "digest": extend(campaign.digest, contents),
        **more,
    }
    if campaign.takes_payouts:  # its mandate was approved, and with it what is within it
        grown["approved_digest"] = grown["digest"]
    decide(connection, campaign, DecisionKind.EXTENDED, actor=by, now=now, changes=grown)
    ids = _new_ids(connection, len(new))
    changes = Changes(by, now)
    # Made one by one, since a row as it is stored takes several times the memory of its entry.
    changes.add(PAYOUT, _COLUMNS, _payout_rows(campaign, zip(ids, new, strict=True), now))
    changes.begin(ids, _first_bodies(new, terms, free))
    changes.totals.add(campaign.id, State.WAITING, amount, payouts=len(new))
    if campaign.takes_payouts:
        changes.open(campaign.id)
        changes.of_merchant(campaign.merchant_id).due(now)
    pairs = zip(ids, new, strict=True)
    taken = [(free[entry.key], it) for it, (_, entry, _) in pairs if entry.key in free]
    take_over(connection, changes, campaign, taken)
    changes.write(connection)
    payee_tails.add(connection, campaign.id, campaign.rows + 1, [it.payee for _, it, _ in new])
    # From here on the database works alone.
    meanwhile()
    connection.execute(
        _OTHER_FIRST_ATTEMPTS if free else _FIRST_ATTEMPTS,
        {"campaign_id": campaign.id, "known": campaign.rows},
    )


def _new_ids(connection: Connection, count: int) -> Sequence[int]:
    # Taken while the campaign is locked: in one campaign a later row has a higher id.
    if is_postgresql(connection):
        return connection.scalars(_NEW_IDS, {"count": count}).all()
    last = connection.scalar(select(func.max(PAYOUT.c.id))) or 0
    return range(last + 1, last + 1 + count)


def _payout_rows(
    campaign: Campaign, payouts: Iterable[tuple[int, Numbered]], now: Instant
) -> Iterator[tuple[object, ...]]:
    merchant, own, waiting, send = campaign.merchant_id, campaign.id, str(State.WAITING), Task.SEND
    for row, (payout_id, (billno, entry, _)) in enumerate(payouts, campaign.rows + 1):
        yield (
            payout_id, merchant, own, entry.key, row, entry.kind, entry.payee, entry.amount,
            entry.people, entry.terms_id, 1, billno, waiting, int(send), now, 0, 0, 0, 0, 0, 1,
        )  # fmt: skip


def _first_bodies(
    new: Iterable[Numbered], terms: Mapping[int, bytes], free: Mapping[str, Stored]
) -> Iterator[str]:
    ends = {terms_id: body_of({"terms": digest.hex()}) for terms_id, digest in terms.items()}
    for _, entry, facts in new:
        body = joined(facts, ends[entry.terms_id])
        if free and entry.key in free:
            body = joined(body, body_of({"took_over": free[entry.key].id}))
        yield body
