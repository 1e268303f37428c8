"""Some rows of a checked list for a person to look at: the first, the last, and the largest."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.campaign import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hongbao.campaign.staging.staging import Staging
    from hongbao.money import Fen


class SampleRow(NamedTuple):
    """One row.

    Attributes:
        number: of the row in the list.
        receiver: masked.
        amount: fen.
        kind: of the payout.
    """

    number: int
    receiver: str
    amount: Fen
    kind: str


class ListSamples(NamedTuple):
    """Some rows of a list.

    Attributes:
        first: the first ones that are right by themselves.
        last: the last ones, in their order.
        largest: those of the most money, the largest first.
    """

    first: list[SampleRow]
    last: list[SampleRow]
    largest: list[SampleRow]


def sample_rows(staging: Staging, count: int = 10) -> ListSamples:
    """Some rows of a list that is checked, while they are there.

    Args:
        staging: the rows.
        count: how many of each.
    """
    first = list(islice(_rows(staging), count))
    last = deque(_rows(staging), maxlen=count)
    largest = heapq.nlargest(count, _rows(staging), key=attrgetter("amount"))
    return ListSamples(_masked(first), _masked(last), _masked(largest))


def _rows(staging: Staging) -> Iterator[SampleRow]:
    for part in staging.parts():
        yield from map(SampleRow, part.numbers, part.payees, part.amounts, part.kinds)


def _masked(rows: Iterable[SampleRow]) -> list[SampleRow]:
    return [row._replace(receiver=mask(row.receiver)) for row in rows]
