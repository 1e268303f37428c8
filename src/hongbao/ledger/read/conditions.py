"""What a filter means in SQL, and along which indexes such payouts are found.

An ``Arm`` is one walk along one index, in one campaign. Where the index holds payouts in the order
of their rows, a walk ends when enough was found; else all that it holds must be sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, or_, text

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.laws import HANDED_OVER, LISTED
from hongbao.ledger.store.schema import EVENT, PAYOUT

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from sqlalchemy import ColumnElement, FromClause

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.payout_filter import PayoutFilter

_LISTED = text(f"({LISTED})")
_HANDED_OVER = text(HANDED_OVER)
IN_A_CALL = (
    PAYOUT.c.task == int(Task.QUERY),
    PAYOUT.c.state == State.IN_DOUBT.value,
    PAYOUT.c.lease.is_not(None),
    PAYOUT.c.answers < PAYOUT.c.calls,
    or_(PAYOUT.c.doubt.is_(None), PAYOUT.c.doubt != Disposition.UNKNOWN.value),
)
"""Payouts with a call that was begun and not recorded, and none in doubt before it.

Until ``due_at`` a worker is sending them (``Payout.on_its_way``); after it one has died over them.
"""


class Arm(NamedTuple):
    """One walk along an index of ``payout``, whose first column is the campaign.

    Attributes:
        where: what the index holds.
        order: the columns by which the index holds them, where that is the order of the filter, but
            for columns that are alike in all of it; None where it is not.
    """

    where: Sequence[Any]
    order: Sequence[str] | None


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


ALL_ROWS = Way((Arm((), ("row",)),), frozenset())
"""The rows of a campaign, one after the other."""

_STANDING = frozenset({"states", "sent", "unclaimed"})
SAID_OF = (
    "id", "row", "state", "task", "due_at", "lease", "calls", "answers", "doubt", "code", "kind",
    "payee", "listid", "sent_at", "settled_at",
)  # fmt: skip
"""Where a payout stands, and the columns of which ``conditions`` says anything."""


def conditions(
    asked: PayoutFilter, now: Instant, of: FromClause = PAYOUT, *, but: Container[str] = ()
) -> list[Any]:
    """All that a filter says about a payout itself.

    Args:
        asked: the filter.
        now: the books' time.
        of: the table, or what has its columns.
        but: what need not be said.
    """
    column = of.c
    said: dict[str, list[Any]] = {
        name: [column[name] == value]
        for name, value in (
            ("code", asked.code), ("kind", asked.kind), ("payee", asked.payee),
            ("listid", asked.listid),
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
        said["attention"] = [_HANDED_OVER]
    if asked.states:
        settled = column.state.in_(sorted(map(str, asked.states - {State.IN_DOUBT})))
        doubtful = and_(column.state == State.IN_DOUBT.value, or_(_LISTED, column.due_at <= now))
        said["states"] = [or_(settled, doubtful) if State.IN_DOUBT in asked.states else settled]
    return [it for name, some in said.items() if name not in but for it in some]


def created(asked: PayoutFilter) -> list[ColumnElement[bool]]:
    """What a filter says about the first event of a payout."""
    return _between(EVENT.c.at, asked.created_since, asked.created_until)


def ways(asked: PayoutFilter, now: Instant) -> Iterator[Way]:
    """How such payouts of a campaign are met; the best way first."""
    if asked.needs_attention:
        yield Way([Arm([_HANDED_OVER], ["row"])], frozenset({"attention"}))
    if asked.code is not None:
        yield Way([Arm([PAYOUT.c.code == asked.code], ["row"])], frozenset({"code"}))
    if settled := _between(PAYOUT.c.settled_at, asked.settled_since, asked.settled_until):
        order = ["settled_at", "row"] if asked.order == "settled_at" else None
        yield Way([Arm(settled, order)], frozenset({"settled"}))
    if asked.standing_in:
        yield Way(list(_by_state(asked, now)), _STANDING)


def _by_state(asked: PayoutFilter, now: Instant) -> Iterator[Arm]:
    sent = _between(PAYOUT.c.sent_at, asked.sent_since, asked.sent_until)
    if asked.unclaimed_since is not None:
        sent.append(PAYOUT.c.sent_at <= asked.unclaimed_since)
    for state in sorted(asked.standing_in):
        there = [PAYOUT.c.state == state.value, _LISTED]
        order = ["sent_at", "row"] if sent and asked.order == "sent_at" else None
        yield Arm([*there, *(sent or [PAYOUT.c.sent_at > 0])], order)
        if not sent:
            yield Arm([*there, PAYOUT.c.sent_at.is_(None)], ["sent_at", "row"])
        if state is State.IN_DOUBT:
            # Left behind by workers that died: their leases are over, or will soon be.
            yield Arm([*IN_A_CALL, PAYOUT.c.due_at <= now], None)


def _between(
    column: ColumnElement[Any], since: Instant | None, until: Instant | None
) -> list[ColumnElement[bool]]:
    found = [] if since is None else [column >= since]
    return found if until is None else [*found, column < until]
