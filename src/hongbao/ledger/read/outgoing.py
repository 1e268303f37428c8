"""The events for other programs of some changes: their public types, with ids, state and fen.

Everything is as it was after the change, from histories alone: asked again years later, an
event says the same.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, tuple_

from hongbao import beijing
from hongbao.ledger.model.bill import BillEventKind
from hongbao.ledger.model.campaign import mask_key
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.outgoing import (
    About,
    OutgoingEvent,
    OutgoingType,
    bill_type,
    decision_type,
    event_id,
    is_silent,
    payout_type,
)
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.bill_schema import BILL, BILL_BREAK, RECONCILIATION_EVENT
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import CAMPAIGN, DECISION, EVENT, MERCHANT, PAYOUT
from hongbao.ledger.store.webhook_schema import ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.read.feed import Change

_AT_ONCE = 1_000
_SUBMITTED = EventKind.SUBMITTED.value
_OWED = (
    select(
        *(PAYOUT.c[name] for name in ("id", "key", "payee", "amount", "billno")), CAMPAIGN.c.name
    )
    .join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id)
    .where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
)
_STORED = (
    select(EVENT.c.payout_id, EVENT.c.seq, EVENT.c.kind, EVENT.c.body)
    .where(EVENT.c.payout_id.in_(bindparam("ids", expanding=True)))
    .order_by(EVENT.c.payout_id, EVENT.c.seq)
)
_DECIDED = (
    select(
        DECISION.c.campaign_id, DECISION.c.seq, DECISION.c.body, CAMPAIGN.c.name,
        CAMPAIGN.c.rows, CAMPAIGN.c.planned, CAMPAIGN.c.amount_max, CAMPAIGN.c.budget,
    )
    .join(CAMPAIGN, CAMPAIGN.c.id == DECISION.c.campaign_id)
    .where(
        tuple_(DECISION.c.campaign_id, DECISION.c.seq).in_(bindparam("places", expanding=True))
    )
)  # fmt: skip


class OutgoingPage(NamedTuple):
    """What other programs receive next.

    Attributes:
        events: in their order. Most of what workers do tells nothing, so there may be none.
        last: the last change that was read for them: who goes on after it gives its ``position``
            and its ``at``. None if there is nothing new.
    """

    events: list[OutgoingEvent]
    last: Change | None


class _PublicEvent(NamedTuple):
    """What a change tells."""

    type: OutgoingType
    data: Mapping[str, Any]


def outgoing(connection: Connection, changes: Iterable[Change]) -> Iterator[OutgoingEvent]:
    """The events for other programs of some changes, in their order.

    Args:
        connection: in a transaction.
        changes: as the feed gives them. Those that tell nothing are left out.
    """
    books = book_salt(connection)
    all_of_them = iter(changes)
    while some := list(islice(all_of_them, _AT_ONCE)):
        events = _payouts(connection, [it for it in some if it.about is About.PAYOUT])
        events |= _campaigns(connection, [it for it in some if it.about is About.CAMPAIGN])
        events |= _endpoints(connection, [it for it in some if it.about is About.ENDPOINT])
        events |= _bills(connection, [it for it in some if it.about is About.RECONCILIATION])
        for it in some:
            if (event := events.get((it.about, it.subject, it.seq))) is not None:
                number = event_id(books, it.about, it.subject, it.seq, it.at)
                yield OutgoingEvent(
                    number, it.position, it.at, event.type, it.about, it.subject, it.seq, event.data
                )


def _payouts(
    connection: Connection, changes: Sequence[Change]
) -> dict[tuple[About, int, int], _PublicEvent]:
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    begun = set()
    for it in changes:
        if not is_silent(it.kind):
            wanted[it.subject].add(it.seq)
            if it.kind != _SUBMITTED:
                begun.add(it.subject)
    if not wanted:
        return {}
    owed = {row[0]: row for row in driver_rows(connection, _OWED, {"ids": list(wanted)})}
    stored: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
    if begun:
        for payout_id, *event in driver_rows(connection, _STORED, {"ids": list(begun)}):
            stored[payout_id].append(tuple(event))
    return {
        (About.PAYOUT, payout_id, seq): event
        for payout_id, row in owed.items()
        for seq, event in _replayed(row, stored[payout_id])
        if seq in wanted[payout_id]
    }


def _replayed(
    row: tuple[Any, ...], stored: Sequence[tuple[int, str, str]]
) -> Iterator[tuple[int, _PublicEvent]]:
    """What each event of a payout tells, by its place in the history."""
    payout_id, key, payee, amount, billno, campaign = row
    facts: dict[str, Any] = {}
    first = [] if stored and stored[0][0] == 1 else [(1, _SUBMITTED, {"state": State.WAITING})]
    if stored and stored[0][0] > 2:  # noqa: PLR2004  # of a range, the second is not stored either
        first.append((2, EventKind.CALLED.value, {"state": State.IN_DOUBT}))
    later = ((seq, kind, json.loads(body)) for seq, kind, body in stored)
    for seq, kind, changed in (*first, *later):
        public = payout_type(kind, facts, changed)
        # An outcome's code stands in its own event alone.
        facts |= {"code": None, **changed}
        if public is not None:
            data = {
                "payout": payout_id,
                "key": mask_key(key, payee),
                "campaign": campaign,
                "billno": facts.get("billno") or billno,
                "state": str(facts["state"]),
                "amount_fen": amount,
                "claimed_fen": facts.get("claimed", 0),
                "refunded_fen": facts.get("refunded", 0),
                "code": facts["code"],
                "version": seq,
            }
            yield seq, _PublicEvent(public, data)


def _campaigns(
    connection: Connection, changes: Sequence[Change]
) -> dict[tuple[About, int, int], _PublicEvent]:
    types = {(it.subject, it.seq): decision_type(it.kind) for it in changes}
    if not types:
        return {}
    events = {}
    for campaign_id, seq, body, name, rows, planned, standing, budget in driver_rows(
        connection, _DECIDED, {"places": list(types)}
    ):
        public = types[campaign_id, seq]
        if public is not None:
            facts = json.loads(body)
            size = (
                {"rows": rows, "planned_fen": planned}
                if standing is None  # else it grows
                else {"budget_fen": budget}
            )
            more = {fact: facts[fact] for fact in _FACTS if fact in facts}
            code = {"code": facts["stop_code"]} if facts.get("stop_code") else {}
            data = {"campaign": name, **size, **more, **code, "version": seq}
            events[About.CAMPAIGN, campaign_id, seq] = _PublicEvent(public, data)
    return events


_FACTS = ("state", "paid_fen", "left_fen")
"""What decisions say that is published as it is."""


def _endpoints(
    connection: Connection, changes: Sequence[Change]
) -> dict[tuple[About, int, int], _PublicEvent]:
    """The outbox names endpoints that were disabled, and nothing else of them."""
    if not changes:
        return {}
    ids = {it.subject for it in changes}
    query = select(ENDPOINT.c.id, ENDPOINT.c.name).where(ENDPOINT.c.id.in_(ids))
    names = dict(driver_rows(connection, query))
    return {
        (About.ENDPOINT, it.subject, it.seq): _PublicEvent(
            OutgoingType.ENDPOINT_DISABLED,
            {"endpoint": names[it.subject], "state": "disabled", "version": it.seq},
        )
        for it in changes
    }


def _bills(
    connection: Connection, changes: Sequence[Change]
) -> dict[tuple[About, int, int], _PublicEvent]:
    """What happened to bills, breaks and periods of merchants, each in the order of its history."""
    if not changes:
        return {}
    places = [(it.subject, it.seq) for it in changes]
    log = RECONCILIATION_EVENT.c
    stored = connection.execute(
        select(log.merchant_id, log.seq, log.kind, log.body, MERCHANT.c.number)
        .join(MERCHANT, MERCHANT.c.id == log.merchant_id)
        .where(tuple_(log.merchant_id, log.seq).in_(places))
    )
    facts = [(*row[:3], json.loads(row.body), row.number) for row in stored]
    bills = {body["bill"] for *_, kind, body, _ in facts if kind == BillEventKind.MATCHED}
    breaks = {body["break"] for *_, kind, body, _ in facts if kind in _OF_BREAKS}
    shown = {
        ("bill", row.id): {"account": row.account, "day": beijing.date(row.day)}
        for row in connection.execute(select(BILL).where(BILL.c.id.in_(bills)))
    } | {
        # What it is about never changes, whatever else does.
        ("break", row.id): {"kind": row.kind, "what": row.subject}
        for row in connection.execute(select(BILL_BREAK).where(BILL_BREAK.c.id.in_(breaks)))
    }
    return {
        (About.RECONCILIATION, merchant_id, seq): _PublicEvent(
            bill_type(kind),
            {"merchant": number, **_of_bills(kind, body, shown), "version": seq},
        )
        for merchant_id, seq, kind, body, number in facts
    }


_OF_BREAKS = frozenset({BillEventKind.OPENED, BillEventKind.CLOSED})


def _of_bills(
    kind: str, body: Mapping[str, Any], shown: Mapping[tuple[str, int], Mapping[str, Any]]
) -> dict[str, Any]:
    match BillEventKind(kind):
        case BillEventKind.MATCHED:
            own = {"rows": body["movements"], "out_fen": body["amount_out"]}
            return {"bill": body["bill"], **shown["bill", body["bill"]], **own,
                    "in_fen": body["amount_in"]}  # fmt: skip
        case BillEventKind.OPENED:
            return {
                "break": body["break"], **shown["break", body["break"]], "state": "open",
                "day": beijing.date(body["day"]), "payout": body["payout_id"],
                "books_fen": body["expected"], "bill_fen": body["found"],
            }  # fmt: skip
        case BillEventKind.CLOSED:
            by = {"state": "closed", "closed_by": body["closed_by"]}
            return {"break": body["break"], **shown["break", body["break"]], **by}
        case _:
            days = {name: beijing.date(body[name]) for name in ("first_day", "last_day")}
            return {"period": body["period"], **days}
