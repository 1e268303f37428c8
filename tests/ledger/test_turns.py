"""Whose turn it is when calls are short."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hongbao.ledger.model.payout import Task
from hongbao.ledger.model.weighted_round_robin import choose

PLENTY = {task: range(1000) for task in Task}
queues = st.dictionaries(st.sampled_from(Task), st.lists(st.integers(), max_size=30))


@given(st.integers(0, 100))
def test_of_ten_turns_a_look_and_a_cancel_have_one_and_a_send_five(turn: int) -> None:
    counts = Counter(task for task, _ in choose(turn, 10, PLENTY))
    assert counts == {Task.CANCEL: 1, Task.LOOK: 1, Task.SEND: 5, Task.QUERY: 3}


@given(st.integers(0, 100))
def test_one_call_at_a_time_gives_the_same_turns(turn: int) -> None:
    singly = [choose(turn + place, 1, PLENTY)[0][0] for place in range(20)]
    assert singly == [task for task, _ in choose(turn, 20, PLENTY)]


@given(st.integers(0, 100), st.integers(0, 100), queues)
def test_no_turn_is_left_out_and_each_queue_keeps_its_order(
    turn: int, most: int, due: dict[Task, list[int]]
) -> None:
    chosen = choose(turn, most, due)
    assert len(chosen) == min(most, sum(map(len, due.values())))
    for task in Task:
        given_ = [one for kind, one in chosen if kind is task]
        assert given_ == list(due.get(task, []))[: len(given_)]


def test_turns_of_an_empty_queue_go_to_a_query_first() -> None:
    due = {Task.QUERY: [1, 2], Task.LOOK: [3, 4]}
    assert choose(1, 4, due) == [
        (Task.QUERY, 1),
        (Task.QUERY, 2),
        (Task.LOOK, 3),
        (Task.LOOK, 4),
    ]
