"""Compares decisions that operators have signed with what they have signed.

The actor of such a decision names the signature by a digest. The signed line must be there, be the
operator's, and say what was decided, about what and when. So neither a line of somebody else nor
one that was signed for another decision passes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, literal, select

from hongbao.ledger.model.signature import digest_of, read_statement, signed_digest
from hongbao.ledger.store.operator_schema import OPERATOR, SIGNATURE
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL_EVENT, DECISION, EVENT
from hongbao.ledger.store.signature_check import fits
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Row

_ACTS: Mapping[str, frozenset[str]] = {
    "approve": frozenset({"approved", "endorsed", "paused", "scheduled"}),
    "reject": frozenset({"rejected"}),
    "withdraw approval": frozenset({"withdrawn"}),
    "pause": frozenset({"paused"}),
    "resume": frozenset({"resumed", "lifted", "started"}),
    "schedule": frozenset({"scheduled", "paused", "resumed"}),
    "cancel": frozenset({"cancelled", "requested"}),
    "end": frozenset({"ended"}),
    "replace": frozenset({"replaced", "cancelled", "requested", "begun", "scheduled"}),
    "retry": frozenset({"retried", "reopened"}),
    "stop all": frozenset({"stopped", "paused"}),
    "resume all": frozenset({"lifted", "resumed"}),
    "merchant set": frozenset({"limits", "stopped"}),
    "merchant ask": frozenset({"asked"}),
    "merchant accept": frozenset({"accepted"}),
    "merchant decline": frozenset({"declined"}),
    "send now": frozenset({"requested"}),
    "cancel payout": frozenset({"cancelled", "requested"}),
    "declare dead": frozenset({"declared_dead"}),
    "reopen": frozenset({"reopened"}),
    "store list": frozenset({"begun", "extended"}),
    "begin standing": frozenset({"begun", "imported"}),
}
"""What each verb may write into a history."""
_LONG = frozenset({"cancel", "replace"})
"""These take several transactions: what they write comes later than what was signed."""
_BOUND = ("digest", "rows", "planned", "source_digest")
"""What a decision and the line that was signed for it both say."""
_MARK = "%@signed-%"


def signature_problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """The decisions whose signatures do not fit, and why, in words."""
    rows = connection.execute(
        select(SIGNATURE, OPERATOR.c.name, OPERATOR.c.public, OPERATOR.c.revoked_at,
               OPERATOR.c.revoked_by)
        .outerjoin(OPERATOR, OPERATOR.c.id == SIGNATURE.c.operator_id)
    ).all()  # fmt: skip
    signed = {bytes(row.digest): row for row in rows if row.name is not None}
    for row in rows:
        if problem := _broken(row):
            yield say("signature {digest}", digest=bytes(row.digest).hex()), problem
    yield from _operators(connection, signed)
    families = _families(connection)
    for event in _events(connection):
        found = signed.get(signed_digest(event.actor) or b"")
        name = families.get(event.number) if event.of == "campaign" else event.number
        subject = f"{event.of} {name}, {event.kind}"
        if found is None:
            yield subject, say("nobody has signed it, whatever {actor} says", actor=event.actor)
        elif problem := _unlike(event, found, families):
            yield subject, problem


def _operators(
    connection: Connection, signed: Mapping[bytes, Row[Any]]
) -> Iterator[tuple[str, str]]:
    """Whoever was added while others could sign that, or was revoked, and nobody signed it."""
    rows = connection.execute(select(OPERATOR).order_by(OPERATOR.c.id)).all()
    said = {digest: read_statement(it.statement) for digest, it in signed.items()}
    for place, row in enumerate(rows):
        subject = say("operator {name}", name=row.name)
        others = any(
            it.revoked_at is None or it.revoked_at > row.added_at for it in rows[:place]
        )  # fmt: skip
        added = {"what": "operator add", "name": row.name, "public": bytes(row.public).hex()}
        by = said.get(signed_digest(row.added_by) or b"", {})
        if (others or by) and not _says(by, added, row.added_at):
            yield subject, say("no other operator has signed that it is one")
        revoked = {"what": "operator revoke", "name": row.name}
        if row.revoked_at is None:
            if any(revoked.items() <= it.items() for it in said.values()):
                yield subject, say("an operator has signed that it is one no more")
            continue
        revoked["reason"] = row.revoked_for
        by = said.get(signed_digest(row.revoked_by) or b"", {})
        if not _says(by, revoked, row.revoked_at):
            yield subject, say("no operator has signed that it is one no more")


def _says(said: Mapping[str, Any], facts: Mapping[str, str], at: int) -> bool:
    """Whether a signed line says this, of that time."""
    return facts.items() <= said.items() and said["at"] <= at <= said.get("until", said["at"])


def _broken(row: Row[Any]) -> str | None:
    if row.name is None:
        return say("it is no operator's")
    said = read_statement(row.statement)
    if digest_of(row.statement) != bytes(row.digest):
        return say("it is not what its digest says")
    if not fits(bytes(row.public), row.statement, bytes(row.signature)):
        return say("{name} has not signed this", name=row.name)
    if said.get("by") != row.name:
        return say("it does not say that {name} decides", name=row.name)
    own_end = signed_digest(row.revoked_by or "") == bytes(row.digest)  # by their own last word
    if row.revoked_at is not None and said.get("at", 0) >= row.revoked_at and not own_end:
        return say("the key of {name} was revoked before", name=row.name)
    return None


def _unlike(event: Row[Any], row: Row[Any], families: Mapping[int, str]) -> str | None:
    said = read_statement(row.statement)
    what = said.get("what")
    if event.kind not in _ACTS.get(str(what), ()):
        return say("{name} has signed {what!r}, which is something else", name=row.name, what=what)
    at = said.get("at", 0)
    # What was signed elsewhere and brought here later says until when it may be.
    until = event.at if what in _LONG else said.get("until", at)
    if not at <= event.at <= until:
        return say("{name} has signed it for another time", name=row.name)
    if event.of == "payout":
        about = said.get("payout", event.number) == event.number
    else:
        about = event.of != "campaign" or said.get("campaign") in {
            families.get(event.number), None, *_own_names(families.get(event.number)),
        }  # fmt: skip
    if not about:
        return say("{name} has signed it for another {of}", name=row.name, of=event.of)
    body = json.loads(event.body)
    if what == "approve":
        for name in _BOUND:
            if name in said and name in body and body[name] != said[name]:
                return say(
                    "{name} has signed another {what}", name=row.name, what=name.replace("_", " ")
                )
    return None


def _own_names(name: str | None) -> tuple[str, ...]:
    """A campaign that was replaced has got another name: ``spring~1``."""
    return () if name is None else (name.rpartition("~")[0],)


def _families(connection: Connection) -> dict[int, str]:
    """What campaigns are called, and supplements by the campaign that they belong to."""
    rows = connection.execute(select(CAMPAIGN.c.id, CAMPAIGN.c.name, CAMPAIGN.c.parent_id)).all()
    names = {row.id: row.name for row in rows}
    return {row.id: names.get(row.parent_id, row.name) for row in rows}


def _events(connection: Connection) -> Iterator[Row[Any]]:
    """Whatever claims to be signed, in all histories of what people decide about."""
    for of, table in (("campaign", DECISION), ("merchant", CHANNEL_EVENT), ("payout", EVENT)):
        number = table.primary_key.columns[0]
        query = select(
            literal(of).label("of"), number.cast(BigInteger).label("number"),
            table.c.at, table.c.kind, table.c.actor, table.c.body,
        ).where(table.c.actor.like(_MARK)).order_by(number, table.c.seq)  # fmt: skip
        yield from connection.execute(query)
