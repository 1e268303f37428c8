"""Pages of the payouts that a filter names: campaign by campaign, row by row.

Whatever is asked for, a page looks at twenty thousand payouts or few more: along an index that
holds just such ones, or along the rows of a campaign until it has seen enough. Such a page is
short, and its cursor says where the next one goes on.
"""

from __future__ import annotations

from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BigInteger, Integer, bindparam, func, literal, or_, select, tuple_, union_all

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout_filter import Page, PayoutPlace, cursor_at, place_of
from hongbao.ledger.read import named
from hongbao.ledger.read.conditions import ALL_ROWS, SAID_OF, conditions, created, ways
from hongbao.ledger.store.database import now
from hongbao.ledger.store.rows import COLUMNS, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, EVENT, PAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Executable, Row, Select

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.payout_filter import PayoutFilter
    from hongbao.ledger.read.conditions import Arm, Way

    Walks: TypeAlias = list[tuple[Executable, Select[Any] | None]]

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
            problem=f"a page has 1 to {LIMIT_MAX} payouts, not {limit}",
            remedy="Ask for as many.",
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
            rows = self._connection.execute(select(*COLUMNS).where(PAYOUT.c.id.in_(some)))
            read = {row[0]: payout_of(row) for row in rows}
            self.found += [read[it] for it in some]

    def _pick(self, places: Iterable[tuple[int, int]], campaigns: set[int] | None) -> None:
        """Read what stands in some places, if it is such a payout."""
        ordered = sorted(places, reverse=self._back)
        coming = (it for it in ordered if self._is_ahead(it))
        where = conditions(self._asked, self._now)
        if campaigns is not None:
            where.append(PAYOUT.c.campaign_id.in_(sorted(campaigns)))
        if begun := created(self._asked):
            first = select(EVENT.c.at).where(
                EVENT.c.payout_id == PAYOUT.c.id, EVENT.c.seq == 1, *begun
            )
            where.append(first.exists())
        for campaign, rest in groupby(coming, key=itemgetter(0)):
            while self._wanted and (rows := [row for _, row in islice(rest, _AT_ONCE)]):
                query = select(*COLUMNS).where(
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
        query = select(CAMPAIGN.c.id, CAMPAIGN.c.rows, CAMPAIGN.c.created_at).where(
            CAMPAIGN.c.rows > 0, CAMPAIGN.c.id <= began if self._back else CAMPAIGN.c.id >= began
        )
        if campaigns is not None:
            query = query.where(CAMPAIGN.c.id.in_(sorted(campaigns)))
        if asked.created_until is not None:
            query = query.where(CAMPAIGN.c.created_at < asked.created_until)
        own = PAYOUT.c.campaign_id == CAMPAIGN.c.id
        if asked.created_since is not None:
            last = _stored_at(own, PAYOUT.c.row == CAMPAIGN.c.rows).scalar_subquery()
            query = query.where(last >= asked.created_since)
        if way := next(ways(asked, self._now), None):
            # Looked up campaign by campaign, which EXISTS leaves to the planner.
            there = (select(PAYOUT.c.id).where(own, *arm.where).limit(1) for arm in way.arms)
            query = query.where(or_(*(it.scalar_subquery().is_not(None) for it in there)))
        order = CAMPAIGN.c.id.desc() if self._back else CAMPAIGN.c.id
        found: Any = self._connection.execute(query.order_by(order).limit(_CAMPAIGNS_MAX)).all()
        return list(found)

    def _walk(self, campaign: Row[Any]) -> None:
        """Find what a campaign has of such payouts."""
        read_to = self._place.in_campaign(campaign.id, newest_first=self._back)
        first, last = self._ahead(campaign, read_to.row)
        of = {"campaign": campaign.id, "first": first, "last": last}
        of |= {"at": read_to.at, "row": read_to.row}
        found: list[tuple[int, int, int]] = []
        ends: list[tuple[int, int]] = []
        for query, seen in self._walks(campaign):
            rows: Any = self._connection.execute(query, of).all()
            found += map(tuple, rows)
            if seen is not None and len(rows) <= self._limit:
                met: Any = self._connection.execute(seen, of).all()
                self._seen += min(campaign.rows, SEEN_MAX)
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
            some = select(literal(1)).select_from(PAYOUT)
            some = some.where(PAYOUT.c.campaign_id == campaign.id, *arm.where)
            seen = some.limit(SORTED_MAX + 1).subquery()
            counts.append(select(func.count()).select_from(seen).scalar_subquery())
        if not counts:
            return True
        return sum(self._connection.execute(select(*counts)).one()) <= SORTED_MAX

    def _statements(self, way: Way) -> Walks:
        """One statement for all walks; or two for each, if it meets others than such payouts, too.

        The second then says where it has met enough.
        """
        rest = conditions(self._asked, self._now, but=way.says)
        walks = [self._along(arm) for arm in way.arms]
        if not rest:
            some = (select(it.limit(self._limit + 1).subquery()) for it in walks)
            return [(union_all(*some), None)]
        return [(self._sift(walk, way), self._met(walk)) for walk in walks]

    def _along(self, arm: Arm) -> Select[Any]:
        """Payouts of a campaign along an index, after the last that was read."""
        # Sorted by what no index has, lest the rows of the whole campaign are walked through.
        row = PAYOUT.c.row if arm.order else PAYOUT.c.row + 0
        order = [*(PAYOUT.c[it] for it in (arm.order or ())[:-1]), row]
        by_time = self._asked.order != "row"
        at = PAYOUT.c[self._asked.order] if by_time else literal(0)
        ahead = [row > bindparam("first", type_=Integer), row < bindparam("last", type_=Integer)]
        if by_time:
            here, read_to = (
                tuple_(at, PAYOUT.c.row),
                tuple_(bindparam("at", type_=BigInteger), bindparam("row", type_=Integer)),
            )
            ahead.append(here < read_to if self._back else here > read_to)
        return (
            select(at.label("at"), PAYOUT.c.row, PAYOUT.c.id)
            .where(PAYOUT.c.campaign_id == bindparam("campaign", type_=BigInteger), *arm.where)
            .where(*ahead)
            .order_by(*([it.desc() for it in order] if self._back else order))
        )

    def _sift(self, walk: Select[Any], way: Way) -> Select[Any]:
        columns = [PAYOUT.c[it] for it in SAID_OF]
        inner = walk.with_only_columns(*columns).limit(SEEN_MAX).subquery("seen")
        rest = conditions(self._asked, self._now, inner, but=way.says)
        at = literal(0) if self._asked.order == "row" else inner.c[self._asked.order]
        # The order is that of the walk: neither database has a reason to change it.
        return select(at, inner.c.row, inner.c.id).where(*rest).limit(self._limit + 1)

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
        query = _stored_at(PAYOUT.c.campaign_id == campaign, PAYOUT.c.row == row)
        return int(self._connection.scalar(query) or 0)


def _stored_at(*which: ColumnElement[bool]) -> Select[Any]:
    """When a payout was stored."""
    own = PAYOUT.c.id == EVENT.c.payout_id
    return select(EVENT.c.at).join(PAYOUT, own).where(EVENT.c.seq == 1, *which)
