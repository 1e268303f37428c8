"""One worker serves two rails: each payout is decided about by the rail of its kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coupons import COUPON, COUPONS
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope
from hongbao.rails.outcome import (
    Found,
    NotFound,
    OrderStatus,
    Refusal,
    SendAccepted,
    Unknown,
    Unsendable,
)
from hongbao.rails.port import Rails
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.wire.codes import UNKNOWN_CODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import Outcome
    from worker_stage import ScriptedCaller, WorkerStage

BOTH = ("normal", "coupon")
DAY = 86_400


@pytest.fixture
def two_rails(stage: WorkerStage) -> WorkerStage:
    """A worker that serves red packets and coupons."""
    stage.rails = Rails(RED_PACK, COUPONS)
    return stage


def refusal(code: str) -> Refusal:
    return Refusal(disposition=Disposition.NO, code=code, text="no")


def answering(
    stage: WorkerStage, sends: Outcome, queries: Callable[[Job], Outcome] = lambda _: NotFound()
) -> ScriptedCaller:
    async def answer(job: Job) -> Outcome:
        return sends if job.task is Task.SEND else queries(job)

    return stage.caller(answer)


def seconds_of(stage: WorkerStage, caller: ScriptedCaller, kind: str, task: Task) -> list[int]:
    """When a kind was called for, in seconds after the first of all calls."""
    first = caller.calls[0][0]
    return [
        (at - first) // SECOND
        for at, job in caller.calls
        if job.payout.kind == kind and job.task is task
    ]


def by_kind(stage: WorkerStage) -> dict[str, Payout]:
    return {payout.kind: payout for payout in stage.payouts()}


def test_a_code_asks_for_what_the_rail_of_the_payout_says(two_rails: WorkerStage) -> None:
    two_rails.campaign(2, kinds=BOTH)
    caller = answering(two_rails, refusal("PARAM_ERROR"))
    two_rails.work(caller, seconds=100)
    assert seconds_of(two_rails, caller, "normal", Task.SEND) == [0]
    assert seconds_of(two_rails, caller, "coupon", Task.SEND) == [0, 40, 80]
    found = by_kind(two_rails)
    assert (found["normal"].state, found["coupon"].state) == (State.REFUSED, State.WAITING)


def test_a_stop_speaks_in_the_words_of_its_rail(two_rails: WorkerStage) -> None:
    two_rails.campaign(2, kinds=BOTH)
    two_rails.work(answering(two_rails, refusal("NO_AUTH")), seconds=100)
    stop = two_rails.book.standing("spring").campaign.stop
    assert stop is not None
    assert (stop.scope, stop.code) == (Scope.CAMPAIGN, "NO_AUTH")
    assert stop.reason == "The Mint answered NO_AUTH: no"
    assert stop.advice.startswith("Sign it. Then resume")
    assert two_rails.book.channels()[0].stop is None


def test_a_breaker_judges_by_the_suspicions_of_its_rail(two_rails: WorkerStage) -> None:
    two_rails.campaign(2, kinds=("coupon",))
    two_rails.work(answering(two_rails, Unknown(code="STALE", why="")), seconds=100)
    stop = two_rails.book.standing("spring").campaign.stop
    assert stop is not None
    assert (stop.code, stop.advice.partition(".")[0]) == ("STALE_KEYS", "Renew them")


def test_what_is_paid_is_looked_at_in_the_rhythm_of_its_rail(two_rails: WorkerStage) -> None:
    two_rails.campaign(2, kinds=BOTH)

    def waiting(job: Job) -> Outcome:
        return Found(
            status=OrderStatus.WAITING_FOR_USER, said="OUT", amount=job.payout.amount, listid="7",
            reason="", claimed=0, refunded=0,
        )  # fmt: skip

    caller = answering(two_rails, SendAccepted(listid="7"), waiting)
    two_rails.work(caller, seconds=700)
    assert seconds_of(two_rails, caller, "coupon", Task.LOOK)[:4] == [30, 60, 110, 160]
    assert seconds_of(two_rails, caller, "normal", Task.LOOK) == [600]


def test_a_number_is_sent_again_for_as_long_as_its_rail_allows(two_rails: WorkerStage) -> None:
    two_rails.campaign(2, kinds=BOTH)
    caller = answering(two_rails, Unknown(code=None, why="lost"))
    two_rails.work(caller, seconds=2 * DAY)
    assert seconds_of(two_rails, caller, "coupon", Task.SEND)[-1] < 600
    assert DAY - 7200 < seconds_of(two_rails, caller, "normal", Task.SEND)[-1] < DAY
    found = by_kind(two_rails)
    assert found["coupon"].task is None, "a person has it"
    assert found["coupon"].reason == "The Mint does not know the number (yet)"
    assert found["normal"].task is Task.QUERY


def test_a_person_declares_a_number_dead_by_the_windows_of_its_rail(
    two_rails: WorkerStage,
) -> None:
    two_rails.campaign(2, kinds=BOTH)
    two_rails.work(answering(two_rails, Unknown(code=None, why="lost")), seconds=7000)
    windows = two_rails.rails.windows

    def declare_dead(kind: str) -> Payout:
        payout = by_kind(two_rails)[kind]
        return two_rails.book.declare_dead(payout.id, by="anna", reason="gone", windows=windows)

    with pytest.raises(LedgerError, match="its number may still be paid for"):
        declare_dead("normal")
    two_rails.time.advance(7200)
    assert declare_dead("coupon").state is State.REFUSED
    with pytest.raises(LedgerError, match="its number may still be paid for"):
        declare_dead("normal")


def test_nothing_proves_a_number_dead_that_no_rail_here_pays(two_rails: WorkerStage) -> None:
    two_rails.campaign(1, kinds=("coupon",))
    two_rails.work(answering(two_rails, Unknown(code=None, why="lost")), seconds=7000)
    (payout,) = two_rails.payouts()
    two_rails.time.advance(400 * DAY)
    only_red_packets = Rails(RED_PACK).windows
    with pytest.raises(LedgerError, match="kind coupon, which is not known here"):
        two_rails.book.declare_dead(payout.id, by="anna", reason="gone", windows=only_red_packets)


def test_a_payout_of_a_kind_that_no_rail_has_comes_to_a_person(stage: WorkerStage) -> None:
    stage.campaign(1, kinds=("coupon",))
    unknown = Unsendable(why="kind must be one of normal")
    stage.work(answering(stage, unknown, lambda _: unknown), seconds=100)
    (payout,) = stage.payouts()
    assert (payout.state, payout.task) == (State.IN_DOUBT, None)


def test_a_code_is_explained_for_the_calls_of_its_kind() -> None:
    rails = Rails(RED_PACK, COUPONS)

    def meaning(kind: str, code: str) -> str | None:
        known = rails.explain(kind, code, "")
        return known.meaning.en if known else None

    not_known = meaning("normal", "NEW_CODE")
    assert not_known == UNKNOWN_CODE.meaning
    assert meaning("normal", "NO_COMPETENCE") == not_known, "no code of this call"
    assert meaning("work", "NO_COMPETENCE") != not_known
    of_a_query = meaning("normal", "NOT_FOUND")
    assert of_a_query is not None
    assert of_a_query.startswith("WeChat does not know this number")
    assert meaning("coupon", "NO_AUTH") == "No contract."
    assert meaning("coupon", "NOT_FOUND") is None
    assert meaning("voucher", "NO_AUTH") is None


def test_no_kind_belongs_to_two_rails() -> None:
    also_coupons = replace(RED_PACK, kinds={**RED_PACK.kinds, COUPON.name: COUPON})
    with pytest.raises(ValueError, match="two rails"):
        Rails(also_coupons, COUPONS)


def test_the_ledger_is_given_the_figures_by_which_the_engine_sends_again() -> None:
    retry = COUPONS.retry
    assert COUPONS.windows == (
        retry.resend_seconds,
        retry.query_only_seconds,
        retry.answers_seconds,
    )
    assert RED_PACK.windows == (DAY, 3 * DAY, 30 * DAY)
