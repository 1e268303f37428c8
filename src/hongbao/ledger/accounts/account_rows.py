"""Accounts, their invitations and recovery codes, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from hongbao.english import joined
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.accounts.acts import add_act
from hongbao.ledger.accounts.browser_sessions import end_sessions
from hongbao.ledger.model.account import ActKind, Role, UserAccount
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.store.console_schema import (
    CONSOLE_ACCOUNT,
    CONSOLE_INVITATION,
    CONSOLE_RECOVERY,
)
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant

NAME_LENGTH_MAX = 64
_COLUMNS = [it for it in CONSOLE_ACCOUNT.c if it.name != "factor_step"]


def account_of(row: Row[Any]) -> UserAccount:
    """An account as it is stored."""
    found = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    # A word that is no role allows nothing, and the account's digest shows it to an audit.
    roles = frozenset(map(Role, set(found.pop("roles").split()) & set(Role)))
    factor = found.pop("second_factor")
    return UserAccount(
        roles=roles, second_factor=None if factor is None else bytes(factor), **found
    )


def all_accounts(connection: Connection) -> list[UserAccount]:
    """All of them, by their names."""
    query = select(*_COLUMNS).order_by(CONSOLE_ACCOUNT.c.name)
    return [account_of(row) for row in connection.execute(query)]


def account_by_id(connection: Connection, account_id: int) -> UserAccount:
    """One that is there."""
    query = select(*_COLUMNS).where(CONSOLE_ACCOUNT.c.id == account_id)
    return account_of(connection.execute(query).one())


def find_account(connection: Connection, name: str) -> UserAccount | None:
    """The account of this name; None if there is none."""
    row = connection.execute(select(*_COLUMNS).where(CONSOLE_ACCOUNT.c.name == name)).one_or_none()
    return None if row is None else account_of(row)


def get_account(connection: Connection, name: str) -> UserAccount:
    """The account of this name.

    Raises:
        LedgerError: if there is none.
    """
    found = find_account(connection, name)
    if found is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the console has no account {name!r}", name=name[:NAME_LENGTH_MAX]),
            remedy=say("Check the name: letter case counts."),
        )
    return found


def add_account(
    connection: Connection, name: str, roles: Collection[Role], *, by: str, at: Instant
) -> UserAccount:
    """Add an account that signs in nobody yet.

    Raises:
        LedgerError: if the name or the roles cannot be, or the name is taken.
    """
    _check_name(name)
    _check_roles(roles)
    if find_account(connection, name) is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("the console has an account {name!r} already", name=name),
            remedy=say("Take another name."),
        )
    row = connection.execute(
        CONSOLE_ACCOUNT.insert()
        .values(
            name=name, roles=_written(roles), factor_step=0, disabled=False, created_at=at,
        )
        .returning(*_COLUMNS)
    ).one()  # fmt: skip
    account = account_of(row)
    _record(connection, ActKind.ADDED, account, by=by, at=at)
    return account


def change_account(
    connection: Connection, account: UserAccount, *, kind: ActKind, by: str, at: Instant
) -> None:
    """Store an account as it is to be, and record that.

    Raises:
        LedgerError: if nobody could look after accounts any more.
    """
    _check_roles(account.roles)
    connection.execute(
        update(CONSOLE_ACCOUNT)
        .where(CONSOLE_ACCOUNT.c.id == account.id)
        .values(
            roles=_written(account.roles),
            password=account.password,
            second_factor=account.second_factor,
            disabled=account.disabled,
        )
    )
    _check_admins(connection)
    _record(connection, kind, account, by=by, at=at)


def forget_credentials(connection: Connection, account: UserAccount) -> UserAccount:
    """An account without password, second factor, codes, invitations and sessions."""
    for table in (CONSOLE_RECOVERY, CONSOLE_INVITATION):
        connection.execute(delete(table).where(table.c.account_id == account.id))
    end_sessions(connection, account.id)
    return replace(account, password=None, second_factor=None)


def store_invitation(
    connection: Connection, hashed: bytes, *, account_id: int | None, at: Instant,
    expires_at: Instant,
) -> None:  # fmt: skip
    """Store a link; a person has one at a time."""
    expired = CONSOLE_INVITATION.c.expires_at <= at
    same = (
        CONSOLE_INVITATION.c.account_id.is_(None)
        if account_id is None
        else CONSOLE_INVITATION.c.account_id == account_id
    )
    connection.execute(delete(CONSOLE_INVITATION).where(expired | same))
    connection.execute(
        CONSOLE_INVITATION.insert().values(
            hash=hashed, account_id=account_id, expires_at=expires_at
        )
    )


def use_invitation(connection: Connection, hashed: bytes, *, at: Instant) -> int | None:
    """Use up a link, and give the account that it is for; None for the first admin's.

    Raises:
        LedgerError: if it is unknown, used or too old.
    """
    gone = connection.execute(
        delete(CONSOLE_INVITATION)
        .where(CONSOLE_INVITATION.c.hash == hashed, CONSOLE_INVITATION.c.expires_at > at)
        .returning(CONSOLE_INVITATION.c.account_id)
    ).one_or_none()
    if gone is None:
        raise LedgerError(
            code=LedgerCode.GONE,
            problem=say("this link was used already, or is too old"),
            remedy=say("Ask for another one."),
        )
    found: int | None = gone.account_id
    return found


def store_recovery(connection: Connection, account_id: int, codes: Collection[bytes]) -> None:
    """Replace the recovery codes of an account, given as hashes."""
    connection.execute(delete(CONSOLE_RECOVERY).where(CONSOLE_RECOVERY.c.account_id == account_id))
    connection.execute(
        CONSOLE_RECOVERY.insert(), [{"account_id": account_id, "hash": it} for it in codes]
    )


def use_recovery(connection: Connection, account_id: int, hashed: bytes) -> bool:
    """Use up a recovery code; False if there is no such one."""
    gone = connection.execute(
        delete(CONSOLE_RECOVERY).where(
            CONSOLE_RECOVERY.c.account_id == account_id, CONSOLE_RECOVERY.c.hash == hashed
        )
    )
    return gone.rowcount > 0


def use_factor_step(connection: Connection, account_id: int, step: int) -> bool:
    """Use up a time step of the second factor; False if it, or a later one, was used."""
    changed = connection.execute(
        update(CONSOLE_ACCOUNT)
        .where(CONSOLE_ACCOUNT.c.id == account_id, CONSOLE_ACCOUNT.c.factor_step < step)
        .values(factor_step=step)
    )
    return changed.rowcount > 0


def _record(
    connection: Connection, kind: ActKind, account: UserAccount, *, by: str, at: Instant
) -> None:
    facts = {
        "account": account.id, "name": account.name, "roles": _written(account.roles),
        "disabled": account.disabled, "sha256": account.digest,
    }  # fmt: skip
    add_act(connection, kind, by=by, at=at, facts=facts)


def _check_admins(connection: Connection) -> None:
    padded = " " + CONSOLE_ACCOUNT.c.roles + " "
    admins = connection.scalar(
        select(func.count()).where(
            padded.contains(f" {Role.ADMIN} "), CONSOLE_ACCOUNT.c.disabled.is_(False)
        )
    )
    if not admins:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("nobody would be left who looks after accounts"),
            remedy=say("Make somebody else an admin first."),
        )


def _check_name(name: str) -> None:
    check_actor(name)
    if len(name) > NAME_LENGTH_MAX or name != name.strip():
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("this cannot be the name of an account"),
            remedy=say(
                "Give 1 to {most} printable characters, without blanks around them.",
                most=NAME_LENGTH_MAX,
            ),
        )


def _check_roles(roles: Collection[Role]) -> None:
    if not roles:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("an account needs a role"),
            remedy=say("There are {roles}.", roles=joined(Role)),
        )


def _written(roles: Collection[Role]) -> str:
    return " ".join(sorted(roles))
