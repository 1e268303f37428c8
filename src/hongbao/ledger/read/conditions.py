"""What a filter means in SQL, and along which indexes such payouts are found.

An ``Arm`` is one walk along one index, in one campaign. Where the index holds payouts in the order
of their rows, a walk ends when enough was found; else all that it holds must be sorted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, or_, select, text

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.laws import HANDED_OVER, LISTED
from hongbao.ledger.store.rows import SUBMITTED_AT
from hongbao.ledger.store.schema import (
    CALL_RANGE,
    CAMPAIGN,
    PAYOUT,
    STANDING,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from sqlalchemy import ColumnElement, FromClause, Table, TextClause

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.payout_filter import PayoutFilter

_NAMES = re.compile(rf"\b({'|'.join(STANDING.c.keys())})\b")


def _true_of(table: FromClause, condition: str) -> TextClause:
    """A condition of the schema's, of a standing that stands beside other tables."""
    return text(_NAMES.sub(rf"{table.description}.\1", f"({condition})"))


IN_A_CALL = (
    STANDING.c.task == int(Task.QUERY),
    STANDING.c.state == State.IN_DOUBT.value,
    STANDING.c.lease.is_not(None),
    STANDING.c.answers < STANDING.c.calls,
    or_(STANDING.c.doubt.is_(None), STANDING.c.doubt != Disposition.UNKNOWN.value),
)
"""Standings of payouts with a call that was begun and not recorded, and none in doubt before it.

Until ``due_at`` a worker is sending them (``Payout.on_its_way``); after it one has died over them.
So it is with all payouts of an open range that have no standing.
"""
IN_RANGES = CALL_RANGE.join(
    PAYOUT,
    and_(
        # So that nobody walks through the campaign and looks up the range of each row.
        PAYOUT.c.campaign_id == CALL_RANGE.c.campaign_id + 0,
        PAYOUT.c.row.between(CALL_RANGE.c.first, CALL_RANGE.c.last),
    ),
)
"""Ranges with all their payouts."""
_STANDS = select(STANDING.c.payout_id).where(STANDING.c.payout_id == PAYOUT.c.id).exists()
BEGUN = bindparam("begun", type_=Integer)
"""Up to this row of the campaign something has happened to each: see ``schema.CAMPAIGN``."""


class Arm(NamedTuple):
    """One walk along an index, whose first column is the campaign.

    Attributes:
        where: what the index holds.
        order: the columns by which the index holds them, where that is the order of the filter, but
            for columns that are alike in all of it; None where it is not.
        table: what is walked along.
        waits: whether it walks along rows of which most have only been stored: they are after
            ``BEGUN``, and those that have a standing must be left out.
    """

    where: Sequence[Any]
    order: Sequence[str] | None
    table: FromClause = STANDING
    waits: bool = False

    @property
    def campaign(self) -> ColumnElement[int]:
        """The first column of the index."""
        return (CALL_RANGE if self.table is IN_RANGES else self.of).c.campaign_id

    @property
    def of(self) -> Table:
        """The table with the columns of ``order``, and the place of the payout."""
        return STANDING if self.table is STANDING else PAYOUT

    @property
    def id(self) -> ColumnElement[int]:
        """The payout's number."""
        return STANDING.c.payout_id if self.of is STANDING else PAYOUT.c.id

    @property
    def there(self) -> ColumnElement[bool]:
        """Whether a campaign can have such a payout."""
        if self.waits:
            return CAMPAIGN.c.begun < CAMPAIGN.c.rows
        # Looked up campaign by campaign, which EXISTS leaves to the planner.
        some = select(self.id).select_from(self.table)
        some = some.where(self.campaign == CAMPAIGN.c.id, *self.where)
        return some.limit(1).scalar_subquery().is_not(None)


class Way(NamedTuple):
    """Walks that together meet all such payouts of a campaign.

    Attributes:
        arms: the walks.
        says: what is true of all that they meet, by the names of ``conditions``.
    """

    arms: Sequence[Arm]
    says: frozenset[str]

    @property
    def unsorted(self) -> list[Arm]:
        """Those of which all must be sorted."""
        return [arm for arm in self.arms if arm.order is None]


ALL_ROWS = Way((Arm((), ("row",), PAYOUT),), frozenset())
"""The rows of a campaign, one after the other."""

_STANDING = frozenset({"states", "sent", "unclaimed"})
SAID_OF = (
    "state", "task", "due_at", "lease", "calls", "answers", "doubt", "code", "listid", "sent_at",
    "settled_at",
)  # fmt: skip
"""The columns of a standing of which ``conditions`` says anything."""


class Beside(NamedTuple):
    """Where a statement has the columns of a payout.

    Attributes:
        standing: those of its standing; NULL if it has none.
        kind: its kind.
        waits: whether it has no standing and only waits.
        left_by: when the lease of the range ends that it is in without a standing.
    """

    standing: FromClause
    kind: ColumnElement[str]
    waits: ColumnElement[bool]
    left_by: ColumnElement[int]


def conditions(
    asked: PayoutFilter, now: Instant, of: Beside, *, but: Container[str] = ()
) -> list[Any]:
    """All that a filter says about a payout itself.

    Args:
        asked: the filter.
        now: the books' time.
        of: where its columns are.
        but: what need not be said.
    """
    column = of.standing.c
    said: dict[str, list[Any]] = {
        name: [there == value]
        for name, there, value in (
            ("code", column.code, asked.code), ("listid", column.listid, asked.listid),
            ("kind", of.kind, asked.kind),
        )
        if value is not None
    }  # fmt: skip
    said["sent"] = _between(column.sent_at, asked.sent_since, asked.sent_until)
    said["settled"] = _between(column.settled_at, asked.settled_since, asked.settled_until)
    if asked.unclaimed_since is not None:
        said["unclaimed"] = [
            column.state == State.SENT.value, column.sent_at <= asked.unclaimed_since,
        ]  # fmt: skip
    if asked.needs_attention:
        said["attention"] = [_true_of(of.standing, HANDED_OVER)]
    if asked.states:
        said["states"] = [or_(*_in_states(asked.states, now, of))]
    return [it for name, some in said.items() if name not in but for it in some]


def _in_states(states: frozenset[State], now: Instant, of: Beside) -> Iterator[ColumnElement[bool]]:
    column = of.standing.c
    if settled := sorted(map(str, states - {State.IN_DOUBT})):
        yield column.state.in_(settled)
    if State.WAITING in states:
        yield of.waits
    if State.IN_DOUBT in states:
        ended = or_(_true_of(of.standing, LISTED), column.due_at <= now)
        yield and_(column.state == State.IN_DOUBT.value, ended)
        yield of.left_by <= now


def created(asked: PayoutFilter) -> list[ColumnElement[bool]]:
    """What a filter says about when a payout was stored."""
    return _between(SUBMITTED_AT, asked.created_since, asked.created_until)


def ways(asked: PayoutFilter, now: Instant) -> Iterator[Way]:
    """How such payouts of a campaign are met; the best way first."""
    if asked.needs_attention:
        yield Way([Arm([_true_of(STANDING, HANDED_OVER)], ["row"])], frozenset({"attention"}))
    if asked.code is not None:
        yield Way([Arm([STANDING.c.code == asked.code], ["row"])], frozenset({"code"}))
    if settled := _between(STANDING.c.settled_at, asked.settled_since, asked.settled_until):
        order = ["settled_at", "row"] if asked.order == "settled_at" else None
        yield Way([Arm(settled, order)], frozenset({"settled"}))
    if asked.standing_in:
        yield Way(list(_by_state(asked, now)), _STANDING)


def _by_state(asked: PayoutFilter, now: Instant) -> Iterator[Arm]:
    sent = _between(STANDING.c.sent_at, asked.sent_since, asked.sent_until)
    if asked.unclaimed_since is not None:
        sent.append(STANDING.c.sent_at <= asked.unclaimed_since)
    for state in sorted(asked.standing_in):
        there = [STANDING.c.state == state.value, _true_of(STANDING, LISTED)]
        order = ["sent_at", "row"] if sent and asked.order == "sent_at" else None
        yield Arm([*there, *(sent or [STANDING.c.sent_at > 0])], order)
        if not sent:
            yield Arm([*there, STANDING.c.sent_at.is_(None)], ["sent_at", "row"])
        if state is State.WAITING:
            yield Arm((), ["row"], PAYOUT, waits=True)
        if state is State.IN_DOUBT:
            # Left behind by workers that died: their leases are over, or will soon be.
            yield Arm([*IN_A_CALL, STANDING.c.due_at <= now], None)
            yield Arm([CALL_RANGE.c.due_at <= now, ~_STANDS], None, IN_RANGES)


def _between(
    column: ColumnElement[Any], since: Instant | None, until: Instant | None
) -> list[ColumnElement[bool]]:
    found = [] if since is None else [column >= since]
    return found if until is None else [*found, column < until]
