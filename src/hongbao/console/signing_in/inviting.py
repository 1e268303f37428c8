"""Invitations: a link with which one person chooses a password and a second factor, once."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING

from hongbao.beijing import DAY
from hongbao.console.signing_in import second_factor
from hongbao.console.signing_in.identifying import cookie_hash
from hongbao.console.signing_in.passwords import sealed

if TYPE_CHECKING:
    from hongbao.console.signing_in.passwords import Passwords
    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.model.payout import Instant

HOLDS = DAY


def invite(accounts: Accounts, name: str | None, *, by: str, at: Instant) -> str:
    """The path of a new link.

    Args:
        accounts: the books'.
        name: of the account; None for the first admin's.
        by: who invites.
        at: the wall's time.

    Raises:
        LedgerError: if there is no such account.
    """
    token = token_urlsafe(32)
    accounts.invite(cookie_hash(token), name=name, by=by, at=at, expires_at=at + HOLDS)
    return f"/setup?token={token}"


def accept(
    accounts: Accounts,
    token: str,
    *,
    passwords: Passwords,
    name: str,
    password: str,
    secret: str,
    step: int,
    at: Instant,
) -> list[str]:
    """Use a link, and give the recovery codes, which are shown once and kept as hashes.

    Args:
        accounts: the books'.
        token: of the link.
        passwords: hashes the password.
        name: what the first admin wants to be called.
        password: the new one.
        secret: the authenticator app's.
        step: of the code that showed that the app has it.
        at: the wall's time.

    Raises:
        LedgerError: if the link is unknown, used or too old, or the name cannot be.
    """
    stored, key = passwords.make(password)
    codes = second_factor.new_recovery_codes()
    accounts.accept(
        cookie_hash(token), name=name, password=stored, second_factor=sealed(secret, key),
        factor_step=step, recovery=[second_factor.recovery_hash(it) for it in codes], at=at,
    )  # fmt: skip
    return codes
