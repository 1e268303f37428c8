"""Other limits of a channel are asked for by one person, and accepted or declined by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.approval import identity
from hongbao.ledger.operations.channel_limits import change_limits, set_channel
from hongbao.ledger.store.channel_history import ChannelEventKind, record_change
from hongbao.ledger.store.limits_request import are_agreed, open_requests
from hongbao.ledger.store.schema import CHANNEL, MERCHANT
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.limits import LimitsRequest, PayerLimits
    from hongbao.ledger.model.payout import Instant

_ASK = say(
    "Ask for them: hongbao merchant ask NAME --reason WHY. Another person accepts them: "
    "hongbao merchant accept NAME. The console does both, too."
)


def set_alone(
    connection: Connection,
    number: str,
    rail: str,
    limits: PayerLimits,
    *,
    by: str,
    now: Instant,
    apart: bool,
) -> int:
    """Set a channel's limits by the word of one person.

    Args:
        connection: the transaction.
        number: the merchant's number.
        rail: the name of the way in which it pays.
        limits: the new limits.
        by: who sets them.
        now: when.
        apart: whether the settings want two people for it.

    Raises:
        LedgerError: with the code ``same_person`` if it takes two people.
    """
    row = _locked(connection, number, rail)
    agreed = row is not None and are_agreed(connection, row.id)
    same = row is not None and all(getattr(row, it) == v for it, v in limits.columns().items())
    if row is not None and not same and (apart or agreed):
        raise LedgerError(
            code=LedgerCode.SAME_PERSON,
            problem=say("limits of merchant {number} are changed by two people", number=number),
            remedy=_ASK,
        )
    return set_channel(connection, number, rail, limits, by=by, now=now)


def ask(
    connection: Connection,
    number: str,
    rail: str,
    limits: PayerLimits,
    *,
    by: str,
    reason: str,
    now: Instant,
) -> LimitsRequest:
    """Ask for other limits. What was asked for before, and not decided, is asked for no more.

    Raises:
        LedgerError: if the books do not have the channel, it has these limits, or no reason is
            given.
    """
    check_reason(reason)
    row = _known(connection, number, rail)
    wanted = limits.columns()
    if all(getattr(row, name) == value for name, value in wanted.items()):
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("merchant {number} has these limits already", number=number),
            remedy=say("There is nothing to ask for."),
        )
    why = {"wanted": wanted, "reason": reason}
    record_change(connection, row, ChannelEventKind.ASKED, by=by, now=now, why=why)
    return _asked(connection, row)


def accept(
    connection: Connection, number: str, rail: str, *, request: int, by: str, now: Instant
) -> int:
    """Accept what another person asks for: it holds at once, and no settings change it any more.

    Args:
        connection: the transaction.
        number: the merchant's number.
        rail: the name of the way in which it pays.
        request: the number of the request that the person has seen.
        by: who accepts.
        now: when.

    Raises:
        LedgerError: if it is not asked for any more, or this person has asked for it.
    """
    row = _known(connection, number, rail)
    asked = _asked(connection, row, request)
    if identity(by) == identity(asked.by):
        raise LedgerError(
            code=LedgerCode.SAME_PERSON,
            problem=say("{person} has asked for these limits", person=asked.by),
            remedy=say("Another person has to accept them."),
        )
    change_limits(
        connection, row, asked.limits, ChannelEventKind.ACCEPTED, by=by, now=now,
        why={"request": request, "asked_by": asked.by, "reason": asked.reason},
    )  # fmt: skip
    return int(row.id)


def decline(
    connection: Connection, number: str, rail: str, *, request: int, by: str, reason: str,
    now: Instant,
) -> int:  # fmt: skip
    """Decline what is asked for, or take one's own request back.

    Raises:
        LedgerError: if it is not asked for any more, or no reason is given.
    """
    check_reason(reason)
    row = _known(connection, number, rail)
    asked = _asked(connection, row, request)
    why = {"request": asked.number, "reason": reason}
    record_change(connection, row, ChannelEventKind.DECLINED, by=by, now=now, why=why)
    return int(row.id)


def _locked(connection: Connection, number: str, rail: str) -> Row[Any] | None:
    query = (
        select(CHANNEL)
        .join(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
        .where(MERCHANT.c.number == number, CHANNEL.c.rail == rail)
        .with_for_update(of=CHANNEL, key_share=True)
    )
    return connection.execute(query).one_or_none()


def _known(connection: Connection, number: str, rail: str) -> Row[Any]:
    row = _locked(connection, number, rail)
    if row is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say(
                "the books have no merchant {number} that pays by {rail} yet",
                number=number,
                rail=rail,
            ),
            remedy=say(
                "Its first list, or worker, brings the limits of the settings: set them there."
            ),
        )
    return row


def _asked(connection: Connection, row: Row[Any], request: int | None = None) -> LimitsRequest:
    found = open_requests(connection).get(row.id)
    if found is None or request not in (None, found.number):
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say("what was asked for has been decided, or something else is asked for now"),
            remedy=say("Look at the merchant again."),
        )
    return found
