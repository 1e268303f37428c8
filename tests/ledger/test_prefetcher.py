"""The next thing is made while this one waits, and never two at once."""

from __future__ import annotations

from contextlib import closing
from threading import Event, current_thread
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.intake.prefetcher import Prefetcher

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_things_come_in_their_order_and_then_none() -> None:
    with closing(Prefetcher(iter([1, 2, 3]))) as ahead:
        assert [ahead.take() for _ in range(5)] == [1, 2, 3, None, None]


def test_the_next_thing_is_made_once_in_another_thread_when_it_is_begun() -> None:
    made = Event()
    makers = []

    def things() -> Iterator[int]:
        for number in range(2):
            makers.append(current_thread())
            made.set()
            yield number

    with closing(Prefetcher(things())) as ahead:
        ahead.begin()
        ahead.begin()
        assert made.wait(10)
        assert ahead.take() == 0
        assert len(makers) == 1
        assert current_thread() not in makers


def test_what_making_raises_is_raised_where_it_is_taken() -> None:
    def things() -> Iterator[int]:
        yield 1
        raise KeyError("second")

    with closing(Prefetcher(things())) as ahead:
        assert ahead.take() == 1
        ahead.begin()
        with pytest.raises(KeyError, match="second"):
            ahead.take()


def test_nothing_is_being_made_once_it_is_closed() -> None:
    begun, left = Event(), Event()
    late = []
    makers = []

    def things() -> Iterator[int]:
        makers.append(current_thread())
        begun.set()
        late.append(left.is_set())
        yield 1

    with closing(Prefetcher(things())) as ahead:
        ahead.begin()
        assert begun.wait(10)
    assert not makers[0].is_alive()
    left.set()
    assert late == [False]
