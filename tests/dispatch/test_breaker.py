"""When a campaign as a whole is stopped, and when it is not."""

from __future__ import annotations

import pytest

from hongbao.dispatch.breaker import judge, suspicions
from hongbao.ledger.model.causes import MARK_SIGN, Causes
from hongbao.ledger.model.step import Scope, Stop
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.wire.codes import rows_of
from policy_decisions import patient

RESUME = "Then resume: it goes on with the same numbers."


def judged(counts: dict[str, int], paid: int = 0) -> Stop | None:
    return judge(Causes.of(counts, paid=paid), RED_PACK)


def code(counts: dict[str, int], paid: int = 0) -> str | None:
    stop = judged(counts, paid)
    return None if stop is None else stop.code


def test_codes_and_marks_are_told_apart() -> None:
    causes = Causes.of({"OPENID_ERROR": 2, "A+B": 3, "FAILED": 1}, paid=7)
    assert causes.refused == {"OPENID_ERROR": 2, "FAILED": 1}
    assert causes.marks == {"A+B": 3}
    assert (causes.refused_total, causes.answered) == (3, 10)


def test_a_campaign_without_trouble_goes_on() -> None:
    assert judged({}) is None
    assert judged({}, paid=1_000_000) is None


def test_every_mark_is_a_mark_and_says_what_to_do() -> None:
    for mark, suspicion in suspicions(RED_PACK).items():
        assert MARK_SIGN in mark
        assert suspicion.advice.endswith(".")


@pytest.mark.parametrize(
    ("mark", "stop"),
    [
        ("SYSTEMERROR+NOT_FOUND", ("CONFIGURATION_SUSPECTED", Scope.CAMPAIGN)),
        ("NO_AUTH+POSTPONED", ("NO_AUTH", Scope.MERCHANT)),
        ("NOT_SENT+AGAIN", ("UNREACHABLE", Scope.MERCHANT)),
    ],
)
def test_trouble_again_and_again_and_never_a_success_points_at_the_settings(
    mark: str, stop: tuple[str, Scope]
) -> None:
    assert judged({mark: 4}) is None
    assert judged({mark: 5}, paid=1) is None
    for count in (5, 6):
        found = judged({mark: count})
        assert found is not None
        assert (found.code, found.scope) == stop
        suspicion = suspicions(RED_PACK)[mark]
        assert found.reason.startswith(f"{count} {suspicion.seen}, and nothing was ever")
        assert found.advice == f"{suspicion.advice} {RESUME}"


def test_a_mark_that_is_not_known_here_stops_nothing() -> None:
    assert judged({"NEW+MARK": 1000}) is None


def test_one_cause_for_most_of_the_first_rows_stops_the_campaign() -> None:
    assert code({"OPENID_ERROR": 9}) is None
    assert code({"OPENID_ERROR": 10}) == "OPENID_ERROR"
    assert code({"OPENID_ERROR": 5}, paid=5) is None
    assert code({"OPENID_ERROR": 6}, paid=5) == "OPENID_ERROR"
    assert code({"MONEY_LIMIT": 1, "OPENID_ERROR": 6}, paid=4) == "OPENID_ERROR"
    assert code({"MONEY_LIMIT": 5, "OPENID_ERROR": 5}, paid=0) is None


def test_a_stop_for_one_cause_says_how_many_and_what_to_do() -> None:
    stop = judged({"OPENID_ERROR": 6}, paid=5)
    advice = f"{rows_of('OPENID_ERROR')[0].advice} {RESUME}"
    reason = "6 of 11 payouts were refused with OPENID_ERROR"
    assert stop == Stop(scope=Scope.CAMPAIGN, code="OPENID_ERROR", reason=reason, advice=advice)
    own = judged({"FAILED": 10})
    assert own is not None
    assert own.advice == f"Look at the payouts that were refused. {RESUME}"


def test_risk_control_stops_nothing_but_refusing_most_of_all_does() -> None:
    mark = "NO_AUTH+POSTPONED"
    assert code({mark: 30}, paid=970) is None
    assert code({mark: 50}, paid=50) is None
    assert code({mark: 4}, paid=3) is None
    assert code({mark: 5}, paid=4) is None
    assert code({mark: 6}, paid=4) == "NO_AUTH"
    assert code({mark: 40, "OPENID_ERROR": 5}, paid=40) is None
    stop = judged({mark: 51}, paid=50)
    assert stop is not None
    assert (stop.scope, stop.code) == (Scope.MERCHANT, "NO_AUTH")
    assert stop.reason == "51 of 101 payouts were refused with NO_AUTH"
    assert "IP address" in stop.advice
    assert code({"SYSTEMERROR+NOT_FOUND": 100}, paid=1) is None, "the send may succeed yet"


def test_an_unusual_share_of_refusals_stops_the_campaign() -> None:
    mixed = {"PARAM_ERROR": 4, "OPENID_ERROR": 6, "MONEY_LIMIT": 4}
    assert code(mixed, paid=35) is None, "49 answers are too few"
    assert code(mixed, paid=36) == "UNUSUAL_REFUSALS"
    assert code(mixed, paid=55) == "UNUSUAL_REFUSALS"
    assert code(mixed, paid=56) is None, "14 of 70 are a fifth, and not more"
    stop = judged(mixed, paid=36)
    assert stop is not None
    assert stop.scope is Scope.CAMPAIGN
    assert stop.reason == (
        "14 of 50 payouts were refused: OPENID_ERROR 6, MONEY_LIMIT 4, PARAM_ERROR 4"
    )
    assert stop.advice == f"Look at the list and at the codes with `hongbao explain CODE`. {RESUME}"


def test_how_many_are_too_many_can_be_set() -> None:
    strict = patient(suspected_marks=1, majority_answers=2, majority_percent=10)
    assert judge(Causes.of({"NOT_SENT+AGAIN": 1}, paid=0), strict) is not None
    assert judge(Causes.of({}, paid=0), strict) is None
    assert judge(Causes.of({}, paid=5), strict) is None
    assert judge(Causes.of({"MONEY_LIMIT": 1}, paid=5), strict) is not None
    lax = patient(share_answers=10, share_percent=5, majority_percent=90)
    stop = judge(Causes.of({"MONEY_LIMIT": 1}, paid=11), lax)
    assert stop is not None
    assert stop.code == "UNUSUAL_REFUSALS"
