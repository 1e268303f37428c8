"""People with an account of the console, what they may do, and the sessions of their browsers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.beijing import MINUTE
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant


class Role(StrEnum):
    """What a person may do in the console. A person may have several."""

    ADMIN = "admin"
    """Accounts and settings; neither makes nor approves campaigns by this role."""
    MAKER = "maker"
    """Makes campaigns and looks after them."""
    CHECKER = "checker"
    """Approves what others have made."""
    FINANCE = "finance"
    """Reads everything, and takes it along."""
    VIEWER = "viewer"
    """Reads; receivers stay masked."""


class ActKind(StrEnum):
    """What somebody did in the console. A change of an account names it by ``account``."""

    INVITED = "invited"
    """A link was made with which a person chooses a password."""
    ADDED = "added"
    ACCEPTED = "accepted"
    """A person has chosen a password and a second factor."""
    CHANGED = "changed"
    """An account's roles or password are others now, or it is disabled or enabled."""
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    CONFIRMED = "confirmed"
    """A person who was signed in has shown password and second factor again."""
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    DID = "did"
    """A page changed something; the body says which, and what it is about."""
    AUDITED = "audited"
    """An audit ended that somebody had begun here; the body says with how many findings."""
    LOOKED = "looked"
    """Receivers were shown in full, or taken along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAccount:
    """A person's account.

    Attributes:
        id: its row.
        name: signs in, and stands in histories as the one who did something.
        roles: what the person may do.
        password: a slow hash; None before the invitation is used.
        second_factor: the secret of the authenticator app, sealed with the password.
        disabled: whether it signs in nobody.
        created_at: when it was added.
    """

    id: int
    name: str
    roles: frozenset[Role]
    password: str | None = field(repr=False)
    second_factor: bytes | None = field(repr=False)
    disabled: bool
    created_at: Instant

    @property
    def digest(self) -> str:
        """SHA-256 over all that decides who signs in and what they may do; acts hold it."""
        factor = self.second_factor
        said = [
            self.id, self.name, sorted(self.roles), self.password,
            None if factor is None else factor.hex(), self.disabled, self.created_at,
        ]  # fmt: skip
        return sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """A browser that is signed in.

    Attributes:
        hash: SHA-256 of the cookie.
        account_id: whose.
        created_at: when it signed in.
        seen_at: when it was last seen, to the minute.
        expires_at: when it ends by itself.
        confirmed_at: when the person last showed password and second factor.
        address: from where it signed in.
        agent: what the browser calls itself.
    """

    hash: bytes = field(repr=False)
    account_id: int
    created_at: Instant
    seen_at: Instant
    expires_at: Instant
    confirmed_at: Instant
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDelay:
    """How long sign-ins wait after failures.

    Attributes:
        free: so many failures in a row make nobody wait.
        longest: the longest wait; each failure more doubles it up to here.
    """

    free: int
    longest: Instant

    def after(self, failures: int) -> Instant:
        """How long nobody may try after so many failures in a row."""
        beyond = failures - self.free
        return 0 if beyond <= 0 else min(SECOND << min(beyond - 1, 20), self.longest)


BY_ACCOUNT = SignInDelay(free=3, longest=MINUTE)
"""Never longer, so that nobody can lock somebody else out."""
BY_ADDRESS = SignInDelay(free=10, longest=15 * MINUTE)
"""An office has one address."""
