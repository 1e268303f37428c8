"""What a campaign is, without a database: its steps, its phases, its digest."""

from __future__ import annotations

import dataclasses
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.errors import IllegalTransition, LedgerError
from hongbao.ledger.intake.keys import Stored
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.campaign import (
    CAMPAIGN_STEPS,
    GROWING,
    NO_ROWS,
    SENDING,
    Campaign,
    CampaignState,
    Entry,
    check_campaign_step,
    extend,
    mask,
)
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase, Standing, Total

CAMPAIGN = Campaign(
    id=1, name="spring", channel_id=1, merchant_id=1, rail="redpack",
    profile="demo", state=CampaignState.RUNNING, open=True, budget=None, rows=10, planned=1000,
    digest=NO_ROWS, source="list.csv", source_digest=NO_ROWS,
    created_at=0, created_by="anna", approved_at=0, approved_by="bert", approved_digest=NO_ROWS,
    stop=None, seq=3,
)  # fmt: skip


def standing(state: CampaignState = CampaignState.RUNNING, **payouts: int) -> Standing:
    """How a campaign stands with so many payouts of 100 fen in these states."""
    totals = {State(name): Total(count, count * 100, 0, 0) for name, count in payouts.items()}
    rows = sum(payouts.values())
    campaign = dataclasses.replace(CAMPAIGN, state=state, rows=rows, planned=rows * 100)
    return Standing(campaign=campaign, merchant="1900012345", merchant_stop=None, totals=totals)


def test_a_campaign_takes_the_steps_of_the_table_and_no_other() -> None:
    for earlier, later in product(CampaignState, CampaignState):
        if later is earlier or later in CAMPAIGN_STEPS[earlier]:
            check_campaign_step("spring", earlier, later)
        else:
            with pytest.raises(IllegalTransition) as told:
                check_campaign_step("spring", earlier, later)
            assert (told.value.earlier, told.value.later) == (earlier, later)


def test_nothing_is_sent_of_what_nobody_approved() -> None:
    for state in GROWING:
        assert not CAMPAIGN_STEPS[state] & (SENDING - {CampaignState.APPROVED})
    assert CampaignState.APPROVED not in CAMPAIGN_STEPS[CampaignState.IMPORTING]


def test_a_cancelled_campaign_stays_cancelled() -> None:
    assert CAMPAIGN_STEPS[CampaignState.CANCELLED] == frozenset()
    assert all(
        CampaignState.CANCELLED in later
        for state, later in CAMPAIGN_STEPS.items()
        if state is not CampaignState.CANCELLED
    )


@pytest.mark.parametrize("state", [CampaignState.IMPORTING, CampaignState.DRAFT])
def test_before_it_is_approved_it_is_what_was_decided(state: CampaignState) -> None:
    assert standing(state, waiting=3).phase is Phase(state)
    assert standing(state).phase is Phase(state)


@pytest.mark.parametrize(
    "state", [CampaignState.APPROVED, CampaignState.RUNNING, CampaignState.PAUSED]
)
@pytest.mark.parametrize(
    ("payouts", "phase"),
    [
        ({"received": 3}, Phase.COMPLETE),
        ({"received": 1, "sent": 1, "returned": 1}, Phase.COMPLETE),
        ({"received": 2, "refused": 1}, Phase.COMPLETE_WITH_REFUSALS),
        ({"refused": 3}, Phase.COMPLETE_WITH_REFUSALS),
        ({"received": 2, "cancelled": 1}, Phase.COMPLETE_WITH_REFUSALS),
        ({"received": 999, "in_doubt": 1}, Phase.IN_DOUBT),
        ({"received": 999, "in_doubt": 1, "refused": 1}, Phase.IN_DOUBT),
        ({"received": 999, "in_doubt": 1, "waiting": 1}, None),
        ({"received": 999, "waiting": 1}, None),
    ],
)
def test_it_is_complete_when_nobody_waits_and_nobody_is_in_doubt(
    state: CampaignState, payouts: dict[str, int], phase: Phase | None
) -> None:
    assert standing(state, **payouts).phase is (phase or Phase(state))


@given(st.dictionaries(st.sampled_from([str(state) for state in State]), st.integers(0, 3)))
def test_with_one_payout_in_doubt_it_is_never_complete(payouts: dict[str, int]) -> None:
    payouts["in_doubt"] = max(1, payouts.get("in_doubt", 0))
    for state in CampaignState:
        assert standing(state, **payouts).phase not in {
            Phase.COMPLETE,
            Phase.COMPLETE_WITH_REFUSALS,
            Phase.CANCELLED,
        }


def test_a_cancelled_campaign_is_cancelled_when_nothing_is_in_doubt() -> None:
    assert standing(CampaignState.CANCELLED, cancelled=2, received=1).phase is Phase.CANCELLED
    assert standing(CampaignState.CANCELLED, cancelled=2, in_doubt=1).phase is Phase.IN_DOUBT


def test_a_standing_adds_up_to_the_fen() -> None:
    found = standing(waiting=1, in_doubt=2, sent=3, received=4, returned=5, refused=6, cancelled=7)
    assert (found.waiting, found.in_doubt, found.refused, found.cancelled) == (100, 200, 600, 700)
    assert found.paid == 1200
    assert found.adds_up
    assert found.paid == found.claimed + found.refunded + found.unclaimed


@pytest.mark.parametrize(
    "wrong",
    [Total(1, 101, 0, 0), Total(2, 100, 0, 0), Total(1, 100, 101, 0), Total(1, 100, 60, 60)],
)
def test_a_standing_that_does_not_add_up_says_so(wrong: Total) -> None:
    right = standing(sent=1)
    assert right.adds_up
    assert not dataclasses.replace(right, totals={State.SENT: wrong}).adds_up


def test_money_that_is_claimed_but_not_paid_does_not_add_up() -> None:
    found = dataclasses.replace(standing(waiting=1), totals={State.WAITING: Total(1, 100, 1, 0)})
    assert not found.adds_up


_ROW = st.tuples(
    st.text(max_size=5), st.text(max_size=3), st.text(max_size=5), st.integers(1, 99),
    st.integers(1, 9), st.binary(min_size=32, max_size=32),
)  # fmt: skip


@given(st.lists(_ROW, max_size=6), st.integers(0, 6))
def test_a_digest_does_not_depend_on_the_chunks_of_an_import(
    rows: list[tuple[Any, ...]], cut: int
) -> None:
    assert extend(extend(NO_ROWS, rows[:cut]), rows[cut:]) == extend(NO_ROWS, rows)


@given(st.lists(_ROW, max_size=4), st.lists(_ROW, max_size=4))
def test_two_lists_have_one_digest_only_if_they_are_the_same(
    one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]
) -> None:
    assert (extend(NO_ROWS, one) == extend(NO_ROWS, other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b1", "c", 1, 1), ("a", "b", "1c", 1, 1)),
        (("a1", "b", "c", 1, 1), ("a", "1b", "c", 1, 1)),
        (("a", "b", "c1", 1, 1), ("a", "b", "c", 11, 1)),
        (("a", "b", "c", 1, 11), ("a", "b", "c", 11, 1)),
        (("1:a", "b", "c", 1, 1), ("1", ":ab", "c", 1, 1)),
    ],
)
def test_the_parts_of_a_row_do_not_run_into_each_other(
    one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    assert extend(NO_ROWS, [(*one, NO_ROWS)]) != extend(NO_ROWS, [(*other, NO_ROWS)])


def test_a_digest_is_the_same_for_ever() -> None:
    # An approval of last year must hold against the books of this year.
    row = ("spring/1", "normal", "oUSER1", 100, 1, NO_ROWS)
    pinned = "899d775aa251047471672716ea75d2a809a05154e7b140ab796604ae5fa173b6"
    assert extend(NO_ROWS, [row]).hex() == pinned


def test_no_repr_shows_a_receiver() -> None:
    user = "oUSER_secret_0001"
    entry = Entry(f"spring/{user}", "normal", user, 188, 1, 1)
    stored = Stored(1, 1, "waiting", f"spring/{user}", "normal", user, 188, 1, 1, 1, 0, 1, False)
    for row in (entry, stored):
        assert user not in repr(row)
        assert "amount=188" in repr(row)
    assert mask("oUSER_secret_0001") == "oUSE…0001"
    assert mask("short") == "…"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\tb", "x" * 101])
def test_a_name_that_a_history_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(LedgerError):
        check_actor(name)


def test_a_name_in_chinese_is_a_name() -> None:
    assert check_actor("王芳 (财务)") == "王芳 (财务)"
