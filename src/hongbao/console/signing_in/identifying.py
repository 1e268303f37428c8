"""Who somebody is: by name, password and second factor, each try counted before it is looked at."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, NamedTuple

from hongbao.console.signing_in import second_factor
from hongbao.console.signing_in.passwords import opened, sealed
from hongbao.ledger.model.account import (
    BY_ACCOUNT,
    BY_ADDRESS,
    ActKind,
    BrowserSession,
    UserAccount,
)
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.console.site import ConsoleSite
    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.model.payout import Instant

_AGENT_LENGTH_MAX = 200
FRESH_SECONDS = 300
"""So long after password and second factor were shown, what needs them again does not ask."""


class SignInAttempt(NamedTuple):
    """What somebody has typed to show who they are.

    Attributes:
        name: the account's.
        password: as it was typed.
        code: of the authenticator app, or one for when it is lost.
    """

    name: str
    password: str
    code: str


class Identified(NamedTuple):
    """What came of it.

    Attributes:
        account: who it is; None if it is not known, and nobody learns what was wrong.
        quiet_until: until when nobody may try, if that is why.
    """

    account: UserAccount | None
    quiet_until: Instant | None = None


def identify(site: ConsoleSite, shown: SignInAttempt, *, address: str, at: Instant) -> Identified:
    """Say who somebody is.

    Args:
        site: the console.
        shown: what was typed.
        address: of the browser.
        at: the wall's time.
    """
    accounts = site.accounts
    subjects = {
        sha256(f"account\n{shown.name}".encode()).digest(): BY_ACCOUNT,
        sha256(f"address\n{address}".encode()).digest(): BY_ADDRESS,
    }
    if (until := accounts.try_sign_in(subjects, at=at)) is not None:
        return Identified(None, until)
    account = accounts.find(shown.name)
    key = site.passwords.check(shown.password, None if account is None else account.password)
    if account is None or key is None or account.disabled or account.second_factor is None:
        return _refused(accounts, account, address=address, at=at)
    secret = opened(account.second_factor, key)
    if secret is None or not _is_second_factor(accounts, account, secret, shown.code, at=at):
        return _refused(accounts, account, address=address, at=at)
    accounts.forget_failures(subjects)
    if site.passwords.is_outdated(account.password or ""):
        stored, new_key = site.passwords.make(shown.password)
        accounts.reseal(account, password=stored, second_factor=sealed(secret, new_key), at=at)
    return Identified(account)


def _is_second_factor(
    accounts: Accounts, account: UserAccount, secret: str, code: str, *, at: Instant
) -> bool:
    step = second_factor.step_of(code, secret, at=at)
    if step is not None:
        return accounts.use_factor_step(account, step)
    return accounts.use_recovery(account, second_factor.recovery_hash(code))


def _refused(
    accounts: Accounts, account: UserAccount | None, *, address: str, at: Instant
) -> Identified:
    # Of a name that nobody has nothing is kept: it may be a password in the wrong field.
    by = "nobody" if account is None else account.name
    accounts.record(ActKind.SIGN_IN_REFUSED, by=by, at=at, facts={"address": address})
    return Identified(None)


def begin_session(
    site: ConsoleSite, account: UserAccount, *, address: str, agent: str, at: Instant
) -> str:
    """Sign a browser in, and give its cookie, of which the books keep only the hash."""
    cookie = token_urlsafe(32)
    session = BrowserSession(
        hash=cookie_hash(cookie),
        account_id=account.id,
        created_at=at,
        seen_at=at,
        expires_at=at + site.settings.session_hours * 3600 * SECOND,
        confirmed_at=at,
        address=address,
        agent="".join(it for it in agent if it.isprintable())[:_AGENT_LENGTH_MAX],
    )
    site.accounts.begin_session(session, account)
    return cookie


def cookie_hash(cookie: str) -> bytes:
    """What the books keep of a cookie, an invitation or another token."""
    return sha256(cookie.encode()).digest()


def is_fresh(session: BrowserSession, *, at: Instant) -> bool:
    """Whether password and second factor were shown lately."""
    return at - session.confirmed_at < FRESH_SECONDS * SECOND
