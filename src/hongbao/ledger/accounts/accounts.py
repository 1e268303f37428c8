"""The door to the console's accounts: each verb is a transaction.

The time is an argument everywhere: it is the wall's, by which authenticator apps go, and not the
books', which is a simulator's in a rehearsal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, select

from hongbao.ledger.accounts import account_rows, browser_sessions
from hongbao.ledger.accounts.acts import acts_before, add_act
from hongbao.ledger.model.account import ActKind, BrowserSession, Role, UserAccount
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.store.console_schema import CONSOLE_ACCOUNT, CONSOLE_INVITATION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.account import SignInDelay
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.database import Database

T = TypeVar("T")


class Accounts:
    """Who may sign in to the console, who is signed in, and what they did.

    Args:
        database: the books' database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def _read(self, verb: Callable[..., T], /, *args: object, **named: object) -> T:
        with self._database.reading() as connection:
            return verb(connection, *args, **named)

    def _change(self, verb: Callable[..., T], /, *args: object, **named: object) -> T:
        return self._database.run(lambda connection: verb(connection, *args, **named))

    def all(self) -> list[UserAccount]:
        """All accounts, by their names."""
        return self._read(account_rows.all_accounts)

    def find(self, name: str) -> UserAccount | None:
        """The account of this name; None if there is none."""
        return self._read(account_rows.find_account, name)

    def get(self, name: str) -> UserAccount:
        """The account of this name.

        Raises:
            LedgerError: if there is none.
        """
        return self._read(account_rows.get_account, name)

    def add(self, name: str, roles: Collection[Role], *, by: str, at: Instant) -> UserAccount:
        """Add an account that signs in nobody before its invitation is used.

        Raises:
            LedgerError: if the name or the roles cannot be, or the name is taken.
        """
        return self._change(account_rows.add_account, name, roles, by=check_actor(by), at=at)

    def change(
        self,
        name: str,
        *,
        by: str,
        at: Instant,
        roles: Collection[Role] | None = None,
        disabled: bool | None = None,
    ) -> UserAccount:
        """Give an account other roles, or disable or enable it. Disabling ends its sessions.

        Raises:
            LedgerError: if there is none of this name, or no admin would be left.
        """

        def work(connection: Connection) -> UserAccount:
            account = account_rows.get_account(connection, name)
            wanted = replace(
                account,
                roles=account.roles if roles is None else frozenset(roles),
                disabled=account.disabled if disabled is None else disabled,
            )
            if wanted.disabled:
                browser_sessions.end_sessions(connection, account.id)
            account_rows.change_account(
                connection, wanted, kind=ActKind.CHANGED, by=check_actor(by), at=at
            )
            return wanted

        return self._database.run(work)

    def reset(self, name: str, *, by: str, at: Instant) -> UserAccount:
        """Take password, second factor and sessions away; an invitation lets the person in again.

        Raises:
            LedgerError: if there is none of this name.
        """

        def work(connection: Connection) -> UserAccount:
            account = account_rows.get_account(connection, name)
            wanted = account_rows.forget_credentials(connection, account)
            account_rows.change_account(
                connection, wanted, kind=ActKind.CHANGED, by=check_actor(by), at=at
            )
            return wanted

        return self._database.run(work)

    def invite(
        self, hashed: bytes, *, name: str | None, by: str, at: Instant, expires_at: Instant
    ) -> None:
        """Store a link with which a person chooses a password, once.

        Args:
            hashed: SHA-256 of the link's token.
            name: the account's; None for one that makes the first admin.
            by: who invites.
            at: when.
            expires_at: until when it holds.

        Raises:
            LedgerError: if there is no such account.
        """

        def work(connection: Connection) -> None:
            account = None if name is None else account_rows.get_account(connection, name)
            account_rows.store_invitation(
                connection,
                hashed,
                account_id=None if account is None else account.id,
                at=at,
                expires_at=expires_at,
            )
            facts = {} if account is None else {"account_name": account.name}
            add_act(connection, ActKind.INVITED, by=check_actor(by), at=at, facts=facts)

        self._database.run(work)

    def invited(self, hashed: bytes, *, at: Instant) -> tuple[bool, UserAccount | None]:
        """Whether a link holds, and the account that it is for; None for the first admin's."""

        def look(connection: Connection) -> tuple[bool, UserAccount | None]:
            row = connection.execute(
                select(CONSOLE_INVITATION.c.account_id).where(
                    CONSOLE_INVITATION.c.hash == hashed, CONSOLE_INVITATION.c.expires_at > at
                )
            ).one_or_none()
            if row is None:
                return False, None
            number = row.account_id
            return True, None if number is None else account_rows.account_by_id(connection, number)

        return self._read(look)

    def accept(
        self,
        hashed: bytes,
        *,
        name: str,
        password: str,
        second_factor: bytes,
        factor_step: int,
        recovery: Collection[bytes],
        at: Instant,
    ) -> UserAccount:
        """Use a link: the person has chosen a password and a second factor.

        Args:
            hashed: SHA-256 of the link's token.
            name: what the first admin wants to be called; others have a name already.
            password: as it is stored.
            second_factor: as it is stored.
            factor_step: the time step of the code that was shown.
            recovery: the hashes of the recovery codes.
            at: when.

        Raises:
            LedgerError: if the link is unknown, used or too old, or the name cannot be.
        """

        def work(connection: Connection) -> UserAccount:
            number = account_rows.use_invitation(connection, hashed, at=at)
            if number is None:
                account = account_rows.add_account(connection, name, {Role.ADMIN}, by=name, at=at)
            else:
                account = account_rows.account_by_id(connection, number)
            wanted = replace(account, password=password, second_factor=second_factor)
            account_rows.change_account(
                connection, wanted, kind=ActKind.ACCEPTED, by=account.name, at=at
            )
            account_rows.use_factor_step(connection, account.id, factor_step)
            account_rows.store_recovery(connection, account.id, recovery)
            return wanted

        return self._database.run(work)

    def set_password(
        self, account: UserAccount, *, password: str, second_factor: bytes, keep: bytes, at: Instant
    ) -> None:
        """Give an account another password, and end its other sessions.

        Args:
            account: whose.
            password: as it is stored.
            second_factor: sealed with the new password.
            keep: the hash of the session that stays.
            at: when.
        """

        def work(connection: Connection) -> None:
            now = account_rows.account_by_id(connection, account.id)
            wanted = replace(now, password=password, second_factor=second_factor)
            browser_sessions.end_sessions(connection, account.id, but=keep)
            account_rows.change_account(
                connection, wanted, kind=ActKind.CHANGED, by=account.name, at=at
            )

        self._database.run(work)

    def reseal(
        self, account: UserAccount, *, password: str, second_factor: bytes, at: Instant
    ) -> None:
        """Store the same password at another cost, unless it has changed meanwhile."""

        def work(connection: Connection) -> None:
            now = account_rows.account_by_id(connection, account.id)
            if now.password == account.password:
                wanted = replace(now, password=password, second_factor=second_factor)
                account_rows.change_account(
                    connection, wanted, kind=ActKind.CHANGED, by=account.name, at=at
                )

        self._database.run(work)

    def use_factor_step(self, account: UserAccount, step: int) -> bool:
        """Use up a time step of the second factor; False if it, or a later one, was used."""
        return self._change(account_rows.use_factor_step, account.id, step)

    def use_recovery(self, account: UserAccount, hashed: bytes) -> bool:
        """Use up a recovery code; False if there is no such one."""
        return self._change(account_rows.use_recovery, account.id, hashed)

    def try_sign_in(self, subjects: Mapping[bytes, SignInDelay], *, at: Instant) -> Instant | None:
        """Note one more try; see ``browser_sessions.try_sign_in``. Until when not, if not now."""
        return self._change(browser_sessions.try_sign_in, subjects, at=at)

    def forget_failures(self, subjects: Collection[bytes]) -> None:
        """A sign-in went well: nobody of these waits any more."""
        self._change(browser_sessions.forget_failures, subjects)

    def begin_session(self, session: BrowserSession, account: UserAccount) -> None:
        """Sign a browser in."""

        def work(connection: Connection) -> None:
            browser_sessions.store_session(connection, session)
            add_act(
                connection, ActKind.SIGNED_IN, by=account.name, at=session.created_at,
                facts={"address": session.address},
            )  # fmt: skip

        self._database.run(work)

    def session(self, hashed: bytes, *, at: Instant) -> tuple[BrowserSession, UserAccount] | None:
        """The session of a cookie, given as its hash, and whose it is; None if it has ended."""

        def look(connection: Connection) -> tuple[BrowserSession, UserAccount] | None:
            found = browser_sessions.find_session(connection, hashed, at=at)
            if found is None:
                return None
            return found, account_rows.account_by_id(connection, found.account_id)

        return self._read(look)

    def touch(self, session: BrowserSession, *, at: Instant) -> None:
        """Note that a session was seen."""
        self._change(browser_sessions.touch, session.hash, at=at)

    def confirm(self, session: BrowserSession, account: UserAccount, *, at: Instant) -> None:
        """Note that the person has shown password and second factor again."""

        def work(connection: Connection) -> None:
            browser_sessions.confirm(connection, session.hash, at=at)
            add_act(connection, ActKind.CONFIRMED, by=account.name, at=at, facts={})

        self._database.run(work)

    def end_session(self, hashed: bytes, *, by: str, at: Instant) -> None:
        """Sign a browser out: its cookie is worth nothing any more."""

        def work(connection: Connection) -> None:
            browser_sessions.end_session(connection, hashed)
            add_act(connection, ActKind.SIGNED_OUT, by=by, at=at, facts={})

        self._database.run(work)

    def end_sessions(self, account: UserAccount, *, by: str, at: Instant, keep: bytes = b"") -> int:
        """End the sessions of an account, but for one; gives how many they were."""

        def work(connection: Connection) -> int:
            count = browser_sessions.end_sessions(connection, account.id, but=keep)
            facts = {"account_name": account.name, "sessions": count}
            add_act(connection, ActKind.SESSIONS_ENDED, by=by, at=at, facts=facts)
            return count

        return self._database.run(work)

    def sessions(self, account: UserAccount, *, at: Instant) -> list[BrowserSession]:
        """The sessions of an account, newest first."""
        return self._read(browser_sessions.sessions_of, account.id, at=at)

    def alive(self, hashes: Collection[bytes], *, at: Instant) -> set[bytes]:
        """Those of some sessions, given as hashes, that have not ended."""
        return self._read(browser_sessions.alive, hashes, at=at)

    def spend_form(self, hashed: bytes, *, at: Instant, expires_at: Instant) -> bool:
        """Note that a form was sent; False if it was before."""
        return self._change(browser_sessions.spend_form, hashed, at=at, expires_at=expires_at)

    def record(self, kind: ActKind, *, by: str, at: Instant, facts: Mapping[str, Any]) -> None:
        """Add to the history of what people did. It holds no receiver and no secret."""
        self._change(add_act, kind, by=check_actor(by), at=at, facts=facts)

    def acts(self, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """What people did, newest first; ``before`` is the ``seq`` of the last one shown."""
        return self._read(acts_before, before=before, limit=limit)

    def is_empty(self) -> bool:
        """Whether nobody can sign in yet: then the first admin is to be made."""
        count = select(func.count()).select_from(CONSOLE_ACCOUNT)
        used = count.where(CONSOLE_ACCOUNT.c.password.is_not(None))
        return self._read(lambda connection: not connection.scalar(used))
