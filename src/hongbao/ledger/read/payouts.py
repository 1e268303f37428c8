"""Pages of the payouts that a filter names: campaign by campaign, row by row.

Whatever is asked for, a page looks at twenty thousand payouts or few more: along an index that
holds just such ones, or along the rows of a campaign until it has seen enough. Such a page is
short, and its cursor says where the next one goes on.
"""

from __future__ import annotations

from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout_filter import Page, PayoutPlace, cursor_at, place_of
from hongbao.ledger.read import named
from hongbao.ledger.read.conditions import (
    ALL_ROWS,
    BEGUN,
    SAID_OF,
    Beside,
    conditions,
    created,
    ways,
)
from hongbao.ledger.store.database import is_postgresql, now
from hongbao.ledger.store.postgresql import ALONG_INDEXES
from hongbao.ledger.store.rows import BOOKED, COLUMNS, HAS_NO_STANDING, OPEN_RANGE, payout_of
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, PAYOUT, STANDING, SUBMISSION
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Executable, FromClause, Row, Select

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.payout_filter import PayoutFilter
    from hongbao.ledger.read.conditions import Arm, Way

    # What finds them, what says where it has met enough, and whether it met what only waits.
    Walks: TypeAlias = list[tuple[Executable, Select[Any] | None, bool]]

LIMIT_MAX = 2_000
SEEN_MAX = 20_000
"""So many payouts a walk looks at before a page is short."""
SORTED_MAX = 20_000
"""So many payouts that an index does not have in the order of their rows are sorted."""
_CAMPAIGNS_MAX = 50
_AT_ONCE = 500


def payouts(connection: Connection, asked: PayoutFilter, *, after: str | None, limit: int) -> Page:
    """The next payouts; see ``Reader.payouts``.

    Raises:
        CursorRefused: if the cursor is none of this filter.
        LedgerError: if there is no such campaign or merchant, or the limit is none.
    """
    if not 0 < limit <= LIMIT_MAX:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("a page has 1 to {most} payouts, not {limit}", most=LIMIT_MAX, limit=limit),
            remedy=say("Ask for as many."),
        )
    place = PayoutPlace.before_all(newest_first=asked.newest_first)
    if after is not None:
        place = place_of(after, asked)
    search = Search(connection, asked, place, limit)
    if asked.possible:
        search.run()
    items, stopped = search.found[:limit], search.stopped
    if len(search.found) > limit:
        stopped = PayoutPlace.of(items[-1], asked)
    return Page(items, None if stopped is None else cursor_at(stopped, asked))


_row_of = attrgetter("row")
_CAMPAIGN = bindparam("campaign", type_=BigInteger)
_NEVER = literal(None, BigInteger())
_BOOKED = Beside(
    STANDING,
    PAYOUT.c.kind,
    and_(HAS_NO_STANDING, OPEN_RANGE.c.id.is_(None)),
    OPEN_RANGE.c.due_at,
)


class Search:
    """One page in the making.

    Args:
        connection: in a transaction that reads.
        asked: the filter.
        place: where the page before this one ended.
        limit: how many payouts are wanted.

    Attributes:
        found: the payouts; one more than wanted, if there is one.
        stopped: where it has seen enough, if it has.
    """

    def __init__(
        self, connection: Connection, asked: PayoutFilter, place: PayoutPlace, limit: int
    ) -> None:
        self.found: list[Payout] = []
        self.stopped: PayoutPlace | None = None
        self._connection = connection
        self._asked = asked
        self._place = place
        self._limit = limit
        self._back = asked.newest_first
        self._now = now(connection)
        self._seen = 0
        self._ids: list[int] = []
        self._made: dict[int, Walks] = {}

    def run(self) -> None:
        """Look until the page is full, or enough was seen."""
        if is_postgresql(self._connection):
            self._connection.execute(ALONG_INDEXES)
        campaigns = named.allowed(
            self._connection, campaign=self._asked.campaign, merchant=self._asked.merchant
        )
        places = named.places(self._connection, self._asked, campaigns)
        if places is not None:
            self._pick(places, campaigns)
        else:
            self._look_through(self._candidates(campaigns))
            self._read()

    def _look_through(self, candidates: Sequence[Row[Any]]) -> None:
        for campaign in candidates:
            self._walk(campaign)
            if self.stopped is not None or not self._wanted:
                return
            self._seen += 1
            if self._seen >= SEEN_MAX:
                break
        else:
            if len(candidates) < _CAMPAIGNS_MAX:
                return
        self.stopped = PayoutPlace.after_all_of(campaign.id, newest_first=self._back)

    @property
    def _wanted(self) -> int:
        return self._limit + 1 - len(self.found) - len(self._ids)

    def _read(self) -> None:
        for start in range(0, len(self._ids), _AT_ONCE):
            some = self._ids[start : start + _AT_ONCE]
            query = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id.in_(some))
            rows = self._connection.execute(query)
            read = {row[0]: payout_of(row) for row in rows}
            self.found += [read[it] for it in some]

    def _pick(self, places: Iterable[tuple[int, int]], campaigns: set[int] | None) -> None:
        """Read what stands in some places, if it is such a payout."""
        ordered = sorted(places, reverse=self._back)
        coming = (it for it in ordered if self._is_ahead(it))
        where = [*conditions(self._asked, self._now, _BOOKED), *created(self._asked)]
        if self._asked.payee is not None:
            where.append(PAYOUT.c.payee == self._asked.payee)
        if campaigns is not None:
            where.append(PAYOUT.c.campaign_id.in_(sorted(campaigns)))
        for campaign, rest in groupby(coming, key=itemgetter(0)):
            while self._wanted and (rows := [row for _, row in islice(rest, _AT_ONCE)]):
                query = select(*COLUMNS).select_from(BOOKED)
                query = query.where(
                    PAYOUT.c.campaign_id == campaign, PAYOUT.c.row.in_(rows), *where
                )
                found = sorted(map(payout_of, self._connection.execute(query)), key=_row_of)
                self.found += (found[::-1] if self._back else found)[: self._wanted]

    def _is_ahead(self, place: tuple[int, int]) -> bool:
        read_to = (self._place.campaign_id, self._place.row)
        return place < read_to if self._back else place > read_to

    def _candidates(self, campaigns: set[int] | None) -> Sequence[Row[Any]]:
        """The next campaigns that have such a payout, or that may have one."""
        asked, began = self._asked, self._place.campaign_id
        columns = (CAMPAIGN.c[it] for it in ("id", "rows", "begun", "created_at"))
        query = select(*columns).where(
            CAMPAIGN.c.rows > 0, CAMPAIGN.c.id <= began if self._back else CAMPAIGN.c.id >= began
        )
        if campaigns is not None:
            query = query.where(CAMPAIGN.c.id.in_(sorted(campaigns)))
        if asked.created_until is not None:
            query = query.where(CAMPAIGN.c.created_at < asked.created_until)
        if asked.created_since is not None:
            last = _stored_at(CAMPAIGN.c.id, CAMPAIGN.c.rows).scalar_subquery()
            query = query.where(last >= asked.created_since)
        if way := next(ways(asked, self._now), None):
            query = query.where(or_(*(arm.there for arm in way.arms)))
        order = CAMPAIGN.c.id.desc() if self._back else CAMPAIGN.c.id
        found: Any = self._connection.execute(query.order_by(order).limit(_CAMPAIGNS_MAX)).all()
        return list(found)

    def _walk(self, campaign: Row[Any]) -> None:
        """Find what a campaign has of such payouts."""
        read_to = self._place.in_campaign(campaign.id, newest_first=self._back)
        first, last = self._ahead(campaign, read_to.row)
        of = {"campaign": campaign.id, "first": first, "last": last}
        of |= {"begun": max(first, campaign.begun), "at": read_to.at, "row": read_to.row}
        found: list[tuple[int, int, int]] = []
        ends: list[tuple[int, int]] = []
        for query, seen, waits in self._walks(campaign):
            rows: Any = self._connection.execute(query, of).all()
            found += map(tuple, rows)
            if seen is not None and len(rows) <= self._limit:
                met: Any = self._connection.execute(seen, of).all()
                self._seen += min(campaign.rows - (campaign.begun if waits else 0), SEEN_MAX)
                ends += map(tuple, met)
        found.sort(reverse=self._back)
        if ends:
            end = max(ends) if self._back else min(ends)
            found = [it for it in found if (it[:2] >= end if self._back else it[:2] <= end)]
            if len(found) < self._wanted:
                self.stopped = PayoutPlace(campaign.id, *end)
        self._ids += [it for _, _, it in found[: self._wanted]]

    def _walks(self, campaign: Row[Any]) -> Walks:
        """The statements that find them, by the best way of which little enough must be sorted."""
        for place, way in enumerate((*ways(self._asked, self._now), ALL_ROWS)):
            if campaign.rows <= SORTED_MAX or self._fits(campaign, way):
                if place not in self._made:
                    self._made[place] = self._statements(way)
                return self._made[place]
        raise AssertionError("all rows are in order")

    def _fits(self, campaign: Row[Any], way: Way) -> bool:
        """Whether what must be sorted of a way is little enough."""
        counts = []
        for arm in way.unsorted:
            some = select(literal(1)).select_from(arm.table)
            some = some.where(arm.campaign == campaign.id, *arm.where)
            seen = some.limit(SORTED_MAX + 1).subquery()
            counts.append(select(func.count()).select_from(seen).scalar_subquery())
        if not counts:
            return True
        return sum(self._connection.execute(select(*counts)).one()) <= SORTED_MAX

    def _statements(self, way: Way) -> Walks:
        """One statement for all walks that meet only such payouts, and two for each other one.

        The second then says where it has met enough.
        """
        found: Walks = []
        alone = []
        for arm in way.arms:
            walk = self._along(arm)
            if arm.waits or conditions(self._asked, self._now, _BOOKED, but=way.says):
                found.append((self._sift(walk, arm, way), self._met(walk), arm.waits))
            else:
                alone.append(select(walk.limit(self._limit + 1).subquery()))
        return [*found, (union_all(*alone), None, False)] if alone else found

    def _along(self, arm: Arm) -> Select[Any]:
        """Payouts of a campaign along an index, after the last that was read."""
        column = arm.of.c
        # Sorted by what no index has, lest the rows of the whole campaign are walked through.
        row = column.row if arm.order else column.row + 0
        order = [*(column[it] for it in (arm.order or ())[:-1]), row]
        by_time = self._asked.order != "row"
        at = column[self._asked.order] if by_time else literal(0)
        first = BEGUN if arm.waits else bindparam("first", type_=Integer)
        ahead = [row > first, row < bindparam("last", type_=Integer)]
        if by_time:
            here, read_to = (
                tuple_(at, column.row),
                tuple_(bindparam("at", type_=BigInteger), bindparam("row", type_=Integer)),
            )
            ahead.append(here < read_to if self._back else here > read_to)
        return (
            select(at.label("at"), column.row, arm.id.label("id"))
            .select_from(arm.table)
            .where(arm.campaign == _CAMPAIGN, *arm.where)
            .where(*ahead)
            .order_by(*([it.desc() for it in order] if self._back else order))
        )

    def _sift(self, walk: Select[Any], arm: Arm, way: Way) -> Select[Any]:
        """Of what a walk meets first, what is asked for.

        The order is that of the walk: neither database has a reason to change it.
        """
        if arm.of is STANDING:
            columns = [STANDING.c[it] for it in SAID_OF]
            seen = walk.add_columns(*columns).limit(SEEN_MAX).subquery("seen")
            source = seen.join(PAYOUT, PAYOUT.c.id == seen.c.id)
            of = Beside(seen, PAYOUT.c.kind, false(), _NEVER)
        else:
            seen = walk.add_columns(PAYOUT.c.kind).limit(SEEN_MAX).subquery("seen")
            source = seen.outerjoin(STANDING, STANDING.c.payout_id == seen.c.id)
            of = _beside(seen)
        rest = conditions(self._asked, self._now, of, but=way.says)
        if arm.waits:
            rest.append(HAS_NO_STANDING)
        found = select(seen.c.at, seen.c.row, seen.c.id).select_from(source)
        return found.where(*rest).limit(self._limit + 1)

    def _met(self, walk: Select[Any]) -> Select[Any]:
        seen = walk.offset(SEEN_MAX - 1).limit(1).subquery("seen")
        return select(seen.c.at, seen.c.row)

    def _ahead(self, campaign: Row[Any], read_to: int) -> tuple[int, int]:
        """Between which rows of a campaign the rest of what is asked for stands."""
        asked = self._asked
        first, last = 0, PayoutPlace.before_all(newest_first=True).row
        if asked.order == "row":
            first, last = (first, read_to) if self._back else (read_to, last)
        if asked.created_since is not None and campaign.created_at < asked.created_since:
            first = max(first, self._stored_before(campaign, asked.created_since))
        if asked.created_until is not None:
            last = min(last, self._stored_before(campaign, asked.created_until) + 1)
        return first, last

    def _stored_before(self, campaign: Row[Any], at: Instant) -> int:
        """How many rows of a campaign were stored before a time: a later one is stored later."""
        low, high = 0, int(campaign.rows)
        if self._stored(campaign.id, high) < at:
            return high
        while low < high:
            middle = (low + high) // 2
            if self._stored(campaign.id, middle + 1) < at:
                low = middle + 1
            else:
                high = middle
        return low

    def _stored(self, campaign: int, row: int) -> Instant:
        return int(self._connection.scalar(_stored_at(campaign, row)) or 0)


def _beside(seen: FromClause) -> Beside:
    """Of rows of a campaign, beside which their standings are looked up."""
    begun = and_(HAS_NO_STANDING, seen.c.row <= BEGUN)
    ends = (
        select(CALL_RANGE.c.due_at)
        .where(CALL_RANGE.c.campaign_id == _CAMPAIGN, CALL_RANGE.c.first <= seen.c.row)
        .order_by(CALL_RANGE.c.first.desc())
        .limit(1)
        .scalar_subquery()
    )
    waits = and_(HAS_NO_STANDING, seen.c.row > BEGUN)
    return Beside(STANDING, seen.c.kind, waits, case((begun, ends)))


def _stored_at(campaign: ColumnElement[int] | int, row: ColumnElement[int] | int) -> Select[Any]:
    """When a row was stored."""
    return (
        select(SUBMISSION.c.at)
        .where(SUBMISSION.c.campaign_id == campaign, SUBMISSION.c.first <= row)
        .order_by(SUBMISSION.c.first.desc())
        .limit(1)
    )
