"""Lookups of many rows leave nothing in memory: a list of a million takes what a short one takes.

What refers to itself stays until the collector looks, which a program lets it do seldom. A
statement with a chunk's receivers in it stayed with them, and those of a million came to 75 MB.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.model.campaign import ListedRow
from hongbao.ledger.store.terms import content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desk import Desk
    from hongbao.ledger.book import Book

_TIMES = 20


def _given(book: Book, merchant: int, number: int) -> object:
    return book.given_today(merchant, {f"oUSER{number}-{place}" for place in range(3)})


def _known(book: Book, merchant: int, number: int) -> object:
    body, digest = content({"wishing": f"恭喜发财 {number}"})
    row = ListedRow(2, f"spring/{number}", "normal", f"oUSER{number}", 188, 1, digest, body)
    return book.known(merchant, [row])


def _terms(book: Book, _merchant: int, number: int) -> object:
    return book.terms([{"wishing": f"{number}-{place}"} for place in range(3)])


def _keys(book: Book, merchant: int, _number: int) -> object:
    return [*book.spellings.keys(merchant), *book.spellings.outdated(merchant)]


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Nobody looks for what refers to itself, before the test does."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.long
@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("look", [_given, _known, _terms, _keys])
def test_a_lookup_leaves_nothing_for_the_collector(
    desk: Desk, look: Callable[[Book, int, int], object]
) -> None:
    merchant = desk.channel()
    desk.campaign(3)
    look(desk.book, merchant, 0)
    gc.collect()
    for number in range(1, _TIMES + 1):
        look(desk.book, merchant, number)
    assert gc.collect() < _TIMES
