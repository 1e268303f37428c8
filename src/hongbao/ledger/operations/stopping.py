"""All merchants are stopped at once by one decision of a person, and go on by another.

That stops each of their channels. What was on its way when it was decided ends as it would have:
see ``Operations.stop_all``. Queries go on, so that what is in doubt is found out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import SENDING, DecisionKind
from hongbao.ledger.model.step import ALL_STOPPED
from hongbao.ledger.store import channels
from hongbao.ledger.store.channel_history import ChannelEventKind, change
from hongbao.ledger.store.decisions import STOP_COLUMNS, campaign_with, decide
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL
from hongbao.sentences import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant


def stop_all(connection: Connection, *, by: str, reason: str, now: Instant) -> int:
    """Send nothing any more, for any merchant. A stop that a worker has made gives way to it.

    Returns:
        How many merchants were stopped; those that were by an earlier call are not counted.

    Raises:
        LedgerError: if no reason is given.
    """
    check_reason(reason)
    rows = [it for it in _all(connection) if it.stop_code != ALL_STOPPED]
    for row in rows:
        change(
            connection, row, ChannelEventKind.STOPPED, by=by, now=now,
            stop_code=ALL_STOPPED, stop_reason=f"{by}: {reason}",
            stop_advice=marked("Run `hongbao resume-all` when all may go on."),
        )  # fmt: skip
    said = {"all": True, "reason": reason}
    _decide(connection, rows, DecisionKind.PAUSED, said, by=by, now=now)
    return len({row.merchant_id for row in rows})


def resume_all(connection: Connection, *, by: str, now: Instant) -> int:
    """Send again for those that ``stop_all`` has stopped; campaigns that are paused stay so.

    Returns:
        How many merchants go on.
    """
    rows = [it for it in _all(connection) if it.stop_code == ALL_STOPPED]
    nothing: dict[str, object] = dict.fromkeys(STOP_COLUMNS)
    for row in rows:
        change(connection, row, ChannelEventKind.LIFTED, by=by, now=now, **nothing)
        channels.wake(connection, row.id, now=now)
    _decide(connection, rows, DecisionKind.RESUMED, {"all": True}, by=by, now=now)
    return len({row.merchant_id for row in rows})


def _decide(
    connection: Connection,
    rows: Sequence[Row[Any]],
    kind: DecisionKind,
    said: Mapping[str, object],
    *,
    by: str,
    now: Instant,
) -> None:
    """Say it of each campaign of these channels that would be sent, so that programs hear of it."""
    campaigns = connection.scalars(
        select(CAMPAIGN.c.id)
        .where(
            CAMPAIGN.c.channel_id.in_([it.id for it in rows]),
            CAMPAIGN.c.state.in_(sorted(map(str, SENDING))),
            CAMPAIGN.c.open,
        )
        .order_by(CAMPAIGN.c.id)
    ).all()
    for campaign_id in campaigns:
        campaign = campaign_with(connection, campaign_id)
        decide(connection, campaign, kind, actor=by, now=now, changes={}, why=said)


def _all(connection: Connection) -> Sequence[Row[Any]]:
    """All channels, locked in the order in which all transactions lock them."""
    # By a statement of its own: what is added meanwhile is seen by the next one.
    channels.lock_first(connection)
    return connection.execute(
        select(CHANNEL).order_by(CHANNEL.c.id).with_for_update(key_share=True)
    ).all()
