"""The queue of webhooks: makes deliveries of what happened, hands them out, records the outcomes.

Of what happened to one payout or campaign, an endpoint gets one event after the other: the next is
handed out only when the one before has arrived. Of different ones it gets many at once.

Each function is a part of one transaction, which has locked the row of the endpoint.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, or_, select, update

from hongbao.ledger.delivery.endpoints import disable_row
from hongbao.ledger.model.endpoint import EndpointState, Handed, WebhookDelivery, types_of
from hongbao.ledger.model.outgoing import About
from hongbao.ledger.read.feed import Change, changes
from hongbao.ledger.read.outgoing import outgoing
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.schema import OUTBOX
from hongbao.ledger.store.webhook_schema import DELIVERY, ENDPOINT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.endpoint import Attempt
    from hongbao.ledger.model.payout import Instant

BACKLOG_MAX = 2_000
"""With so many deliveries waiting, no further ones are made for an endpoint: the outbox keeps what
happened, so the queue stays small however long an endpoint is away."""

_AT_ONCE = 500
_KEY = ("endpoint_id", "about", "subject", "seq")
_SAME = [DELIVERY.c[name] == bindparam(f"its_{name}") for name in _KEY]
_HELD = [*_SAME, DELIVERY.c.lease == bindparam("its_lease")]
_ARRIVED = delete(DELIVERY).where(*_HELD)
_FAILED = (
    update(DELIVERY)
    .where(*_HELD)
    .values(tries=DELIVERY.c.tries + 1, due_at=bindparam("then"), lease=None)
)
_CLAIMED = (
    update(DELIVERY).where(*_SAME).values(due_at=bindparam("until"), lease=bindparam("token"))
)
_BEFORE = DELIVERY.alias("before")
_DUE = (
    select(
        *(DELIVERY.c[name] for name in ("position", "at", "about", "subject", "seq", "kind")),
        DELIVERY.c.tries,
    )
    .where(
        DELIVERY.c.endpoint_id == bindparam("endpoint"),
        DELIVERY.c.due_at <= bindparam("now"),
        ~exists().where(
            _BEFORE.c.endpoint_id == DELIVERY.c.endpoint_id,
            _BEFORE.c.about == DELIVERY.c.about,
            _BEFORE.c.subject == DELIVERY.c.subject,
            _BEFORE.c.seq < DELIVERY.c.seq,
        ),
    )
    .order_by(DELIVERY.c.due_at, DELIVERY.c.position)
    .limit(bindparam("room"))
)


def anything_due(connection: Connection, endpoints: Collection[int], *, now: Instant) -> bool:
    """Whether there is anything to make or to hand out now for some endpoints."""
    last = select(func.max(OUTBOX.c.position)).scalar_subquery()
    due = exists().where(DELIVERY.c.endpoint_id == ENDPOINT.c.id, DELIVERY.c.due_at <= now)
    active = select(ENDPOINT.c.id).where(
        ENDPOINT.c.id.in_(list(endpoints)),
        ENDPOINT.c.state == str(EndpointState.ACTIVE),
        or_(ENDPOINT.c.quiet_until.is_(None), ENDPOINT.c.quiet_until <= now),
        or_(ENDPOINT.c.position < last, due),
    )
    return connection.execute(active.limit(1)).first() is not None


def record(connection: Connection, attempts: Sequence[Attempt], *, by: str, now: Instant) -> None:
    """Record what came of deliveries, for all that are still leased with the same token."""
    by_endpoint = sorted(attempts, key=lambda it: it.delivery.endpoint)
    for endpoint, its in groupby(by_endpoint, key=lambda it: it.delivery.endpoint):
        _record(connection, endpoint, list(its), by=by, now=now)


def _record(
    connection: Connection, endpoint: int, attempts: list[Attempt], *, by: str, now: Instant
) -> None:
    query = select(ENDPOINT).where(ENDPOINT.c.id == endpoint).with_for_update()
    row = connection.execute(query).one()
    arrived = [_key(it.delivery) for it in attempts if it.arrived]
    failed = [
        {**_key(it.delivery), "then": now + (it.wait or 0)} for it in attempts if not it.arrived
    ]
    if arrived:
        connection.execute(_ARRIVED, arrived)
    if failed:
        connection.execute(_FAILED, failed)
    pause = max(it.pause for it in attempts)
    values: dict[str, object] = {"answer": attempts[-1].answer}
    if arrived:
        values |= {"delivered_at": now, "failures": 0, "quiet_until": None}
    elif pause:
        # All at once are one failure: they met the same trouble.
        values |= {"failures": row.failures + 1, "quiet_until": now + pause}
    connection.execute(update(ENDPOINT).where(ENDPOINT.c.id == endpoint).values(values))
    for it in attempts:
        if it.gone or (not it.arrived and it.wait is None):
            why = say("it answered 410")
            if not it.gone:
                why = say("it failed for three days: {answer}", answer=it.answer)
            disable_row(connection, row, reason=why, by=by, now=now)
            break


def _key(delivery: WebhookDelivery) -> dict[str, Any]:
    event = delivery.event
    return {
        "its_endpoint_id": delivery.endpoint,
        "its_about": event.about.value,
        "its_subject": event.subject,
        "its_seq": event.version,
        "its_lease": delivery.lease,
    }


def claim(
    connection: Connection,
    rooms: Mapping[int, int],
    *,
    end: int,
    lease: Instant,
    now: Instant,
) -> Handed:
    """Make deliveries of what happened, and hand out those that are due.

    Args:
        connection: the transaction.
        rooms: how many more deliveries each endpoint may have at once; of others none is made.
        end: up to where the outbox may be read, as ``feed.end`` has given it before.
        lease: so many microseconds another waits before it takes them over.
        now: the books' time.
    """
    found: list[WebhookDelivery] = []
    more = False
    rows = connection.execute(
        select(ENDPOINT)
        .where(ENDPOINT.c.state == str(EndpointState.ACTIVE), ENDPOINT.c.id.in_(list(rooms)))
        .order_by(ENDPOINT.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        more = _make(connection, row, end=end, now=now) or more
        left = rooms[row.id]
        if left > 0 and (row.quiet_until is None or row.quiet_until <= now):
            # One that fails is tried with one delivery, not with all that it may have.
            found += _claim(connection, row, 1 if row.failures else left, now + lease, now)
    return Handed(found, more)


def _make(connection: Connection, row: Row[Any], *, end: int, now: Instant) -> bool:
    """Make deliveries of what happened next; whether something after it was not read."""
    if row.position >= end:
        return False
    waiting = connection.scalar(
        select(func.count()).select_from(DELIVERY).where(DELIVERY.c.endpoint_id == row.id)
    )
    if (waiting or 0) >= BACKLOG_MAX:
        return False
    news = changes(connection, after=row.position, end=end, limit=_AT_ONCE)
    if not news:
        return False
    kinds = {(it.about, it.subject, it.seq): it.kind for it in news}
    types = types_of(row.types)
    made = [
        {
            "endpoint_id": row.id, "about": it.about.value, "subject": it.subject,
            "seq": it.version, "kind": kinds[it.about, it.subject, it.version],
            "position": it.position, "at": it.at, "tries": 0, "due_at": now,
        }
        for it in outgoing(connection, news)
        if not types or it.type in types
    ]  # fmt: skip
    if made:
        # What is replayed may be waiting already.
        connection.execute(insert_into(connection, DELIVERY).on_conflict_do_nothing(), made)
    position = news[-1].position
    its = update(ENDPOINT).where(ENDPOINT.c.id == row.id)
    connection.execute(its.values(position=position))
    return position < end


def _claim(
    connection: Connection, row: Row[Any], room: int, until: Instant, now: Instant
) -> list[WebhookDelivery]:
    due = connection.execute(_DUE, {"endpoint": row.id, "now": now, "room": room}).all()
    if not due:
        return []
    token = row.turn + 1
    connection.execute(update(ENDPOINT).where(ENDPOINT.c.id == row.id).values(turn=token))
    keys = [
        {"its_endpoint_id": row.id, "its_about": it.about, "its_subject": it.subject,
         "its_seq": it.seq, "until": until, "token": token}
        for it in due
    ]  # fmt: skip
    connection.execute(_CLAIMED, keys)
    tries = {(it.about, it.subject, it.seq): it.tries for it in due}
    asked = [Change(it.position, it.at, About(it.about), *it[3:6]) for it in due]
    return [
        WebhookDelivery(
            row.id, event, tries[event.about.value, event.subject, event.version], token
        )
        for event in outgoing(connection, asked)
    ]
