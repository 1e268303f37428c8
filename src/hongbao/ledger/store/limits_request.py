"""Requests for other limits of a channel, in its chained history: one asks, another decides.

Once limits were accepted so, they are agreed: no settings change them any more, neither a worker's
that starts nor a list's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.model.limits import LimitsRequest
from hongbao.ledger.store.channel_history import ChannelEventKind
from hongbao.ledger.store.schema import CHANNEL_EVENT

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_KIND = CHANNEL_EVENT.c.kind
_OF_REQUESTS = (ChannelEventKind.ASKED, ChannelEventKind.ACCEPTED, ChannelEventKind.DECLINED)


def open_requests(connection: Connection) -> dict[int, LimitsRequest]:
    """The requests about which nobody has decided yet, by the numbers of their channels."""
    query = select(CHANNEL_EVENT).where(_KIND.in_(_OF_REQUESTS)).order_by(CHANNEL_EVENT.c.seq)
    latest = {row.channel_id: row for row in connection.execute(query)}
    return {
        number: _request(row)
        for number, row in latest.items()
        if row.kind == ChannelEventKind.ASKED
    }


def _request(row: Row[Any]) -> LimitsRequest:
    facts = json.loads(row.body)
    return LimitsRequest(
        number=row.seq, by=row.actor, at=row.at, limits=facts["wanted"], reason=facts["reason"]
    )


def agreed_channels(connection: Connection) -> frozenset[int]:
    """The numbers of the channels about whose limits two people have decided."""
    query = select(CHANNEL_EVENT.c.channel_id).where(_KIND == ChannelEventKind.ACCEPTED)
    return frozenset(connection.scalars(query.distinct()))


def are_agreed(connection: Connection, channel_id: int) -> bool:
    """Whether two people have decided about a channel's limits, now or ever before."""
    query = select(CHANNEL_EVENT.c.seq).where(
        CHANNEL_EVENT.c.channel_id == channel_id, _KIND == ChannelEventKind.ACCEPTED
    )
    return connection.scalar(query.limit(1)) is not None
