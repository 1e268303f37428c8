"""The sessions of browsers, the waits after failed sign-ins, and the forms that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from hongbao.beijing import DAY, MINUTE
from hongbao.ledger.model.account import BrowserSession
from hongbao.ledger.store.console_schema import (
    CONSOLE_ACCOUNT,
    CONSOLE_DELAY,
    CONSOLE_FORM,
    CONSOLE_SESSION,
)
from hongbao.ledger.store.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.account import SignInDelay
    from hongbao.ledger.model.payout import Instant

_FORGOTTEN_AFTER = DAY
"""After so long without one, failed sign-ins of somebody are forgotten."""


def store_session(connection: Connection, session: BrowserSession) -> None:
    """Begin a session; those that have ended by themselves are removed on this occasion."""
    over = CONSOLE_SESSION.c.expires_at <= session.created_at
    connection.execute(delete(CONSOLE_SESSION).where(over))
    values = {name: getattr(session, name) for name in CONSOLE_SESSION.c.keys()}  # noqa: SIM118  # a collection of columns
    connection.execute(CONSOLE_SESSION.insert().values(values))


def find_session(connection: Connection, hashed: bytes, *, at: Instant) -> BrowserSession | None:
    """The session of a cookie, given as its hash; None if it has ended or is of nobody."""
    query = (
        select(CONSOLE_SESSION)
        .join(CONSOLE_ACCOUNT, CONSOLE_ACCOUNT.c.id == CONSOLE_SESSION.c.account_id)
        .where(
            CONSOLE_SESSION.c.hash == hashed,
            CONSOLE_SESSION.c.expires_at > at,
            CONSOLE_ACCOUNT.c.disabled.is_(False),
        )
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else session_of(row)


def session_of(row: Row[Any]) -> BrowserSession:
    """A session as it is stored."""
    found = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    return BrowserSession(hash=bytes(found.pop("hash")), **found)


def alive(connection: Connection, hashes: Collection[bytes], *, at: Instant) -> set[bytes]:
    """Those of some sessions that have not ended."""
    query = (
        select(CONSOLE_SESSION.c.hash)
        .join(CONSOLE_ACCOUNT, CONSOLE_ACCOUNT.c.id == CONSOLE_SESSION.c.account_id)
        .where(
            CONSOLE_SESSION.c.hash.in_(hashes),
            CONSOLE_SESSION.c.expires_at > at,
            CONSOLE_ACCOUNT.c.disabled.is_(False),
        )
    )
    return {bytes(it) for it in connection.scalars(query)}


def sessions_of(connection: Connection, account_id: int, *, at: Instant) -> list[BrowserSession]:
    """The sessions of an account that have not ended, newest first."""
    query = select(CONSOLE_SESSION).where(
        CONSOLE_SESSION.c.account_id == account_id, CONSOLE_SESSION.c.expires_at > at
    )
    rows = connection.execute(query.order_by(CONSOLE_SESSION.c.created_at.desc()))
    return [session_of(row) for row in rows]


def touch(connection: Connection, hashed: bytes, *, at: Instant) -> None:
    """Note that a session was seen."""
    connection.execute(
        update(CONSOLE_SESSION)
        .where(CONSOLE_SESSION.c.hash == hashed, CONSOLE_SESSION.c.seen_at < at - MINUTE)
        .values(seen_at=at)
    )


def confirm(connection: Connection, hashed: bytes, *, at: Instant) -> None:
    """Note that the person has shown password and second factor again."""
    connection.execute(
        update(CONSOLE_SESSION).where(CONSOLE_SESSION.c.hash == hashed).values(confirmed_at=at)
    )


def end_session(connection: Connection, hashed: bytes) -> None:
    """End one; its cookie is worth nothing any more."""
    connection.execute(delete(CONSOLE_SESSION).where(CONSOLE_SESSION.c.hash == hashed))


def end_sessions(connection: Connection, account_id: int, *, but: bytes = b"") -> int:
    """End all of an account but one, given as its hash; gives how many they were."""
    gone = connection.execute(
        delete(CONSOLE_SESSION).where(
            CONSOLE_SESSION.c.account_id == account_id, CONSOLE_SESSION.c.hash != but
        )
    )
    return gone.rowcount


def try_sign_in(
    connection: Connection, subjects: Mapping[bytes, SignInDelay], *, at: Instant
) -> Instant | None:
    """Note one more try, as a failure until ``forget_failures`` says otherwise.

    So tries at the same moment count, too.

    Args:
        connection: in a transaction that writes.
        subjects: who tries, as hashes, and how long each waits.
        at: when.

    Returns:
        None if it may be tried; else until when not, and nothing is noted.
    """
    old = CONSOLE_DELAY.c.at < at - _FORGOTTEN_AFTER
    connection.execute(delete(CONSOLE_DELAY).where(old))
    for subject in sorted(subjects):  # in one order, so that no two wait for each other
        connection.execute(
            insert_into(connection, CONSOLE_DELAY)
            .values(subject=subject, failures=0, quiet_until=0, at=at)
            .on_conflict_do_nothing(index_elements=["subject"])
        )
    query = select(CONSOLE_DELAY).where(CONSOLE_DELAY.c.subject.in_(subjects))
    rows = connection.execute(query.order_by(CONSOLE_DELAY.c.subject).with_for_update()).all()
    until: Instant = max(row.quiet_until for row in rows)
    if until > at:
        return until
    for row in rows:
        failures = row.failures + 1
        quiet_until = at + subjects[bytes(row.subject)].after(failures)
        connection.execute(
            update(CONSOLE_DELAY)
            .where(CONSOLE_DELAY.c.subject == row.subject)
            .values(failures=failures, quiet_until=quiet_until, at=at)
        )
    return None


def forget_failures(connection: Connection, subjects: Collection[bytes]) -> None:
    """A sign-in went well: nobody of these waits any more."""
    connection.execute(delete(CONSOLE_DELAY).where(CONSOLE_DELAY.c.subject.in_(subjects)))


def spend_form(connection: Connection, hashed: bytes, *, at: Instant, expires_at: Instant) -> bool:
    """Note that a form was sent; False if it was before."""
    connection.execute(delete(CONSOLE_FORM).where(CONSOLE_FORM.c.expires_at <= at))
    stored = connection.execute(
        insert_into(connection, CONSOLE_FORM)
        .values(hash=hashed, expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=["hash"])
        .returning(CONSOLE_FORM.c.hash)  # of an INSERT psycopg counts no rows
    )
    return stored.one_or_none() is not None
