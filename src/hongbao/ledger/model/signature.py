"""What an operator signs: one decision, as a line of JSON that names all that it is about.

Pure values. Whoever signs gets the line from the books, in the transaction that carries the
decision out, so it has the time and a number that no other has: nothing signed can be used again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from hongbao.beijing import MINUTE
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.event import body_of
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.payout import Instant

FORM = "hongbao decision 1"
"""What the line says that it is, so that it can be mistaken for nothing else that is signed."""
PUBLIC_BYTES, SIGNATURE_BYTES, DIGEST_BYTES = 32, 64, 16
SIGNED_FOR: Instant = 10 * MINUTE
"""So long a signature that is made elsewhere may be brought."""
_NAME = re.compile(r"[\w.-]{1,40}")
_SIGNED = re.compile(r"(?P<name>[\w.-]{1,40})@signed-(?P<digest>[0-9a-f]{32})")


class Signer(Protocol):
    """Holds an operator's Ed25519 key (RFC 8032).

    Attributes:
        public: the public key: 32 bytes.
    """

    @property
    def public(self) -> bytes:
        """The public key: 32 bytes."""
        ...

    def sign(self, statement: bytes, /) -> bytes:
        """The signature of exactly these bytes: 64 bytes."""
        ...


class SignatureWanted(LedgerError):
    """Somebody has to sign a line elsewhere, and bring the signature. Nothing was done.

    Attributes:
        statement: the line.
    """

    def __init__(self, statement: str) -> None:
        super().__init__(
            code=LedgerCode.UNSIGNED,
            problem=say("this must be signed by its operator"),
            remedy=say("Sign the line that is shown: hongbao operator sign"),
        )
        self.statement = statement


@dataclass(frozen=True, slots=True)
class AskingSigner:
    """Has no key: asks for a signature that is made elsewhere.

    Attributes:
        public: of whoever is to sign.
    """

    public: bytes

    def when(self, now: Instant, nonce: str) -> tuple[Instant, str, Instant]:
        """The time, the number and the end of what is to be signed."""
        return now, nonce, now + SIGNED_FOR

    def sign(self, statement: bytes, /) -> bytes:
        """Ask for it.

        Raises:
            SignatureWanted: with the line.
        """
        raise SignatureWanted(statement.decode())


@dataclass(frozen=True, slots=True)
class GivenSignature:
    """A signature that was made elsewhere, of a line that an ``AskingSigner`` has asked for.

    Attributes:
        public: of whoever has signed.
        statement: the line.
        signature: of it.
    """

    public: bytes
    statement: str
    signature: bytes

    def when(self, now: Instant, _nonce: str) -> tuple[Instant, str, Instant]:
        """The time, the number and the end that it has.

        Raises:
            LedgerError: if it is no such line, or its end has come.
        """
        said = read_statement(self.statement)
        at, until, nonce = (said.get(name) for name in ("at", "until", "nonce"))
        if type(at) is not int or until != at + SIGNED_FOR or not isinstance(nonce, str):
            raise unsigned(
                say("this is no line that was asked for"), say("Begin again, and sign that.")
            )
        if not at <= now <= until:
            raise unsigned(say("it was signed too long ago"), say("Begin again, and sign that."))
        return at, nonce, until

    def sign(self, statement: bytes, /) -> bytes:
        """The signature, if it is of this line.

        Raises:
            LedgerError: if it is of another.
        """
        if statement.decode() != self.statement:
            raise unsigned(
                say("what would be decided now is not what was signed"),
                say("Look again, and sign that."),
            )
        return self.signature


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDecision:
    """What a person decides.

    Attributes:
        what: the verb.
        campaign: the name of the campaign that it is about.
        payout: the books' id of the payout that it is about.
        facts: what else is decided: digests, counts, sums (fen), a reason.
        always_signed: whether it must be signed whatever the settings say.
    """

    what: str
    campaign: str | None = None
    payout: int | None = None
    facts: Mapping[str, int | str] = field(default_factory=dict)
    always_signed: bool = False

    def statement(self, *, by: str, at: Instant, nonce: str, until: Instant | None = None) -> str:
        """The line that is signed.

        Args:
            by: the operator's name.
            at: the books' time.
            nonce: never used before.
            until: until when it may be carried out; None for at once.
        """
        about = {"campaign": self.campaign, "payout": self.payout, "until": until}
        return body_of(
            {
                **self.facts, **{name: it for name, it in about.items() if it is not None},
                "form": FORM, "what": self.what, "by": by, "at": at, "nonce": nonce,
            }
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOperator:
    """A person who signs decisions.

    Attributes:
        id: the books' number.
        name: in all histories.
        public: the public key.
        added_at: since when.
        added_by: by whom.
        revoked_at: since when it signs no more; None if it does.
        revoked_by: by whom.
        revoked_for: why.
    """

    id: int
    name: str
    public: bytes
    added_at: Instant
    added_by: str
    revoked_at: Instant | None
    revoked_by: str | None
    revoked_for: str | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, in hex."""
        return sha256(self.public).hexdigest()


def digest_of(statement: str) -> bytes:
    """How histories name what was signed."""
    return sha256(statement.encode()).digest()[:DIGEST_BYTES]


def signed_actor(name: str, statement: str) -> str:
    """How histories call an operator who has signed this, such as ``anna@signed-5f0c...``."""
    return f"{name}@signed-{digest_of(statement).hex()}"


def signed_digest(actor: str) -> bytes | None:
    """Which signature a history's actor has; None if none."""
    found = _SIGNED.fullmatch(actor)
    return None if found is None else bytes.fromhex(found["digest"])


def check_operator_name(name: str) -> str:
    """Return an operator's name if it is allowed.

    Raises:
        LedgerError: if it is not 1 to 40 letters, digits, hyphens, dots and underscores.
    """
    if _NAME.fullmatch(name) is None:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("{name!r} cannot be the name of an operator", name=name[:80]),
            remedy=say("Take 1 to 40 letters, digits, hyphens, dots and underscores."),
        )
    return name


def read_statement(text: str) -> dict[str, Any]:
    """What a stored line says; empty if it is no such line."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # brackets in brackets, as deep as Python goes
        return {}
    return found if isinstance(found, dict) and found.get("form") == FORM else {}


def unsigned(problem: str, remedy: str) -> LedgerError:
    """Says that a decision is not signed as it must be."""
    return LedgerError(code=LedgerCode.UNSIGNED, problem=problem, remedy=remedy)
