"""Adds, changes, disables and enables endpoints, each by an event of a chained history.

Each function is a part of one transaction, which ``WebhookBook`` holds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.endpoint import EndpointEventKind, EndpointState, types_text
from hongbao.ledger.model.outgoing import About
from hongbao.ledger.store import outbox
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.histories import append
from hongbao.ledger.store.webhook_schema import DELIVERY, ENDPOINT, ENDPOINT_EVENT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.outgoing import OutgoingType
    from hongbao.ledger.model.payout import Instant

_NAME = re.compile("[0-9A-Za-z_-]{1,64}")


def add(
    connection: Connection,
    name: str,
    url: str,
    types: Collection[OutgoingType],
    *,
    position: int,
    by: str,
    now: Instant,
) -> None:
    """Add an endpoint, or give the one of this name another URL or other types.

    Args:
        connection: the transaction.
        name: as the settings have it.
        url: where to post.
        types: what to tell; empty for all.
        position: a new one receives what happened after this.
        by: who says so.
        now: when.

    Raises:
        LedgerError: if the name cannot be one.
    """
    if _NAME.fullmatch(name) is None:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("an endpoint cannot be called so"),
            remedy=say(
                "Take 1 to 64 letters, digits, '-' and '_': it is a table of hongbao.toml too."
            ),
        )
    values: dict[str, object] = {"url": url, "types": types_text(types)}
    first = {**values, "state": EndpointState.ACTIVE.value}
    created = connection.scalar(
        insert_into(connection, ENDPOINT)
        .values(name=name, position=position, turn=0, failures=0, seq=0, **first)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(ENDPOINT.c.id)
    )
    row = locked(connection, name)
    if created is not None:
        _tell(connection, row, EndpointEventKind.ADDED, by=by, now=now, facts={"name": name},
              changes=first)  # fmt: skip
        return
    changes = {column: value for column, value in values.items() if getattr(row, column) != value}
    if changes:
        _tell(connection, row, EndpointEventKind.CHANGED, by=by, now=now, changes=changes)


def disable(connection: Connection, name: str, *, reason: str, by: str, now: Instant) -> None:
    """Post nothing more to it.

    Raises:
        LedgerError: if there is none of this name, or no reason is given.
    """
    check_reason(reason)
    disable_row(connection, locked(connection, name), reason=reason, by=by, now=now)


def disable_row(
    connection: Connection, row: Row[Any], *, reason: str, by: str, now: Instant
) -> None:
    """The same, of a row that this transaction has locked."""
    if row.state == EndpointState.ACTIVE:
        off: dict[str, object] = {"state": EndpointState.DISABLED.value}
        _tell(connection, row, EndpointEventKind.DISABLED, by=by, now=now,
              facts={"reason": reason}, changes=off)  # fmt: skip


def enable(connection: Connection, name: str, *, by: str, now: Instant) -> None:
    """Post to it again, beginning with what has not arrived.

    Raises:
        LedgerError: if there is none of this name.
    """
    row = locked(connection, name)
    if row.state == EndpointState.DISABLED:
        _tell(connection, row, EndpointEventKind.ENABLED, by=by, now=now,
              changes={"state": EndpointState.ACTIVE.value})  # fmt: skip
        _fresh(connection, row, now)


def replay(connection: Connection, name: str, *, after: int, by: str, now: Instant) -> None:
    """Tell it once more what happened after a position.

    Raises:
        LedgerError: if there is none of this name, or it has not come so far.
    """
    row = locked(connection, name)
    if not 0 <= after <= row.position:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say(
                "endpoint {name} is at position {position}, so {after} cannot be replayed",
                name=name,
                position=row.position,
                after=after,
            ),
            remedy=say("Give a position that it has passed."),
        )
    _tell(connection, row, EndpointEventKind.REPLAYED, by=by, now=now, facts={"after": after},
          changes={})  # fmt: skip
    connection.execute(update(ENDPOINT).where(ENDPOINT.c.id == row.id).values(position=after))
    _fresh(connection, row, now)


def locked(connection: Connection, name: str) -> Row[Any]:
    """The endpoint of this name, locked.

    Raises:
        LedgerError: if there is none.
    """
    query = select(ENDPOINT).where(ENDPOINT.c.name == name).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_endpoint(name)
    return row


def no_endpoint(name: str) -> LedgerError:
    """Says that there is no such endpoint."""
    return LedgerError(
        code=LedgerCode.NOT_FOUND,
        problem=say("the books have no endpoint {name!r}", name=name),
        remedy=say("Run: hongbao webhook list"),
    )


def _fresh(connection: Connection, row: Row[Any], now: Instant) -> None:
    """Let everything that has not arrived be tried anew, and at once."""
    values = {"failures": 0, "quiet_until": None}
    connection.execute(update(ENDPOINT).where(ENDPOINT.c.id == row.id).values(values))
    of_it = (DELIVERY.c.endpoint_id == row.id, DELIVERY.c.lease.is_(None))
    connection.execute(update(DELIVERY).where(*of_it).values(tries=0, due_at=now))


def _tell(
    connection: Connection,
    row: Row[Any],
    kind: EndpointEventKind,
    *,
    by: str,
    now: Instant,
    changes: dict[str, object],
    facts: dict[str, object] | None = None,
) -> None:
    append(
        connection, ENDPOINT_EVENT, ENDPOINT, of=row.id, seq=row.seq, kind=kind, actor=by, now=now,
        facts={**(facts or {}), **changes}, changes=changes,
    )  # fmt: skip
    if kind is EndpointEventKind.DISABLED:
        outbox.put(connection, {(f"{About.ENDPOINT}.{kind}", row.seq + 1): [row.id]}, now=now)
