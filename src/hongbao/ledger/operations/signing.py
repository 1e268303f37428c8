"""Operators, and decisions that they sign: each is verified before it is carried out, and kept.

A signature is for one decision: it has the books' time of the transaction and a number that was
never used, both of which the signer gets in it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_actor, check_reason
from hongbao.ledger.model.approval import identity
from hongbao.ledger.model.signature import (
    PUBLIC_BYTES,
    AskingSigner,
    GivenSignature,
    KnownOperator,
    OperatorDecision,
    check_operator_name,
    digest_of,
    signed_actor,
    unsigned,
)
from hongbao.ledger.store.operator_schema import OPERATOR, SIGNATURE
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT
from hongbao.ledger.store.signature_check import fits
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.signature import Signer

_NONCE_BYTES = 16
_WITH_A_KEY = say(
    "Sign it with an operator's key: HONGBAO_OPERATOR_KEY names its file. "
    "`hongbao operator list` shows who has one."
)


def operators(connection: Connection) -> list[KnownOperator]:
    """All of them, also those that were revoked, in the order in which they were added."""
    return [_operator(row) for row in connection.execute(select(OPERATOR).order_by(OPERATOR.c.id))]


def operator_of(connection: Connection, public: bytes) -> KnownOperator:
    """The operator who has this public key.

    Raises:
        LedgerError: if nobody has it, or it was revoked.
    """
    row = connection.execute(select(OPERATOR).where(OPERATOR.c.public == public)).one_or_none()
    if row is None:
        raise unsigned(
            say("the books know nobody with this key"),
            say("Have an operator add it: hongbao operator add NAME --public KEY"),
        )
    found = _operator(row)
    if found.revoked_at is not None:
        raise unsigned(
            say(
                "the key of {name} was revoked by {revoked_by}",
                name=found.name,
                revoked_by=found.revoked_by,
            ),
            say("Sign with another key."),
        )
    return found


def actor_of(
    connection: Connection,
    decision: OperatorDecision,
    *,
    by: str,
    signer: Signer | None,
    required: bool,
    now: Instant,
) -> str:
    """Who stands in the histories for a decision: whoever signs it, if anybody does.

    What is signed is stored in this transaction, with the decision or not at all.

    Args:
        connection: the transaction that carries it out.
        decision: what is decided.
        by: who decides it, where nobody signs.
        signer: signs it.
        required: whether it must be signed; it also must if its campaign says so.
        now: the time.

    Raises:
        LedgerError: with the code ``unsigned`` if it must be signed and is not, if nobody has the
            key, or if the signature does not fit.
    """
    if signer is None:
        if required or decision.always_signed or _wants_signatures(connection, decision):
            raise unsigned(
                say("{what!r} must be signed by an operator", what=decision.what), _WITH_A_KEY
            )
        return check_actor(by)
    operator = operator_of(connection, signer.public)
    at, nonce, until = now, secrets.token_hex(_NONCE_BYTES), None
    if isinstance(signer, AskingSigner | GivenSignature):
        at, nonce, until = signer.when(now, nonce)
    statement = decision.statement(by=operator.name, at=at, nonce=nonce, until=until)
    _check_new(connection, statement)
    signature = signer.sign(statement.encode())
    if not fits(operator.public, statement, signature):
        raise unsigned(
            say("the signature does not fit what is decided"), say("Nothing was done. Sign this.")
        )
    connection.execute(
        insert(SIGNATURE).values(
            digest=digest_of(statement), operator_id=operator.id, statement=statement,
            signature=signature,
        )
    )  # fmt: skip
    return signed_actor(operator.name, statement)


def _check_new(connection: Connection, statement: str) -> None:
    used = select(SIGNATURE.c.digest).where(SIGNATURE.c.digest == digest_of(statement))
    if connection.scalar(used) is not None:
        raise unsigned(
            say("this signature was used already"), say("Nothing more was done. Look again.")
        )


def add(
    connection: Connection, name: str, public: bytes, *, by: str, now: Instant
) -> KnownOperator:
    """Add an operator.

    Raises:
        LedgerError: if the name or the key is no such thing, or was ever used; the name in any
            letter case, since that is the same person.
    """
    check_operator_name(name)
    if len(public) != PUBLIC_BYTES:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say(
                "a public key has {bytes} bytes, not {found}", bytes=PUBLIC_BYTES, found=len(public)
            ),
            remedy=say("Give one of Ed25519."),
        )
    for known in operators(connection):
        if identity(known.name) == identity(name):
            what = say("an operator {name}", name=known.name)
        elif known.public == public:
            what = say("an operator with this key")
        else:
            continue
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("the books have {what} already", what=what),
            remedy=say("Names and keys are never used again: take another."),
        )
    connection.execute(insert(OPERATOR).values(name=name, public=public, added_at=now, added_by=by))
    return _named(connection, name)


def revoke(
    connection: Connection, name: str, *, by: str, reason: str, now: Instant
) -> KnownOperator:
    """Let an operator sign nothing more. What was signed stays good.

    Raises:
        LedgerError: if there is none of this name, it was revoked already, or no reason is given.
    """
    check_reason(reason)
    found = _named(connection, name)
    if found.revoked_at is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "the key of {name} was revoked by {revoked_by} already",
                name=name,
                revoked_by=found.revoked_by,
            ),
            remedy=say("There is nothing to do."),
        )
    connection.execute(
        update(OPERATOR)
        .where(OPERATOR.c.id == found.id)
        .values(revoked_at=now, revoked_by=by, revoked_for=reason)
    )
    return _named(connection, name)


def _wants_signatures(connection: Connection, decision: OperatorDecision) -> bool:
    """Whether the campaign that is decided about was stored under settings that want them."""
    query = select(CAMPAIGN.c.signed)
    if decision.payout is not None:
        query = query.join(PAYOUT, PAYOUT.c.campaign_id == CAMPAIGN.c.id)
        query = query.where(PAYOUT.c.id == decision.payout)
    elif decision.campaign is not None:
        query = query.where(CAMPAIGN.c.name == decision.campaign)
    else:
        return False
    return bool(connection.scalar(query))


def _named(connection: Connection, name: str) -> KnownOperator:
    row = connection.execute(select(OPERATOR).where(OPERATOR.c.name == name)).one_or_none()
    if row is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no operator {name}", name=name[:80]),
            remedy=say("See who there is: hongbao operator list"),
        )
    return _operator(row)


def _operator(row: Row[Any]) -> KnownOperator:
    return KnownOperator(
        id=row.id, name=row.name, public=bytes(row.public),
        added_at=row.added_at, added_by=row.added_by,
        revoked_at=row.revoked_at, revoked_by=row.revoked_by, revoked_for=row.revoked_for,
    )  # fmt: skip
