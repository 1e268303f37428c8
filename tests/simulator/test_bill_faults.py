"""Each fault of the simulator's bills shows, is the same each time, and hits nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from bill_stage import ask, bill_rows, code, follows, rows_of
from hongbao.errors import InvalidRequest
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import OF_SENDS
from stage import ALICE, DAY, HOUR, Stage, normal


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def three(stage: Stage) -> Stage:
    """Three packets, and the day after."""
    for number in ("N1", "N2", "N3"):
        stage.clock.advance(1)
        stage.ask(normal(number))
    stage.clock.advance(DAY)
    return stage


def test_a_late_bill_comes_later(three: Stage) -> None:
    three.fail({"fault": "bill_late", "seconds": 3 * HOUR})
    assert code(ask(three)) == "BILL_CREATING"
    three.clock.advance(HOUR)
    assert len(bill_rows(three)) == 3


@pytest.mark.parametrize(
    ("rule", "vouchers", "chain"),
    [
        ({"fault": "bill_missing_row", "nth": 2}, ["N1", "N3"], False),
        ({"fault": "bill_missing_row", "mch_billno": "N3"}, ["N1", "N2"], True),
        ({"fault": "bill_missing_row", "times": 2}, ["N3"], True),
        ({"fault": "bill_missing_row", "mch_billno": "N4"}, ["N1", "N2", "N3"], True),
        ({"fault": "bill_doubled_row", "nth": 3}, ["N1", "N2", "N3", "N3"], False),
        ({"fault": "bill_foreign_rows"}, ["FOREIGN1", "FOREIGN1", "N1", "N2", "N3"], True),
    ],
)
def test_rows_are_missing_doubled_or_anothers_and_the_totals_are_theirs(
    three: Stage,
    rule: dict[str, Any],
    vouchers: list[str],
    chain: bool,  # noqa: FBT001
) -> None:
    three.fail(rule)
    rows, end = rows_of(ask(three))
    assert [row.voucher for row in rows] == vouchers
    assert end.whole
    assert follows(rows) is chain
    assert ask(three).body == ask(three).body


def test_a_wrong_amount_is_one_fen_more_and_the_balances_tell(three: Stage) -> None:
    three.fail({"fault": "bill_wrong_amount", "mch_billno": "N2"})
    rows, end = rows_of(ask(three))
    assert [row.amount for row in rows] == [100, 101, 100]
    assert end.whole
    assert not follows(rows)


def test_a_broken_summary_disagrees_with_its_rows(three: Stage) -> None:
    three.fail({"fault": "bill_broken_summary"})
    rows, end = rows_of(ask(three))
    assert len(rows) == 3
    assert not end.whole
    assert end.stated == (4, 0, 0, 4, 301)


def test_several_faults_are_in_one_bill(three: Stage) -> None:
    three.fail(
        {"fault": "bill_missing_row", "mch_billno": "N1"},
        {"fault": "bill_wrong_amount", "mch_billno": "N2"},
        {"fault": "bill_doubled_row", "mch_billno": "N3"},
    )
    rows, _ = rows_of(ask(three))
    assert [(row.voucher, row.amount) for row in rows] == [("N2", 101), ("N3", 100), ("N3", 100)]


def test_faults_of_bills_neither_count_nor_change_other_requests(stage: Stage) -> None:
    stage.fail({"fault": "bill_missing_row"}, {"fault": "systemerror", "nth": 2})
    assert [stage.code(normal(number)) for number in ("N1", "N2", "N3")] == [
        "SUCCESS",
        "SYSTEMERROR",
        "SUCCESS",
    ]


@pytest.mark.parametrize("kind", ["systemerror", "unknown_code", "http_503", "html_page"])
def test_faults_of_all_calls_hit_bills_too(three: Stage, kind: str) -> None:
    three.fail({"fault": kind, "endpoint": "downloadfundflow", "mch_billno": "20261123/Basic"})
    assert not ask(three).body.startswith("记账时间".encode())


@pytest.mark.parametrize("kind", sorted(OF_SENDS))
def test_faults_of_sends_mean_nothing_to_a_bill(three: Stage, kind: str) -> None:
    three.fail({"fault": kind})
    assert len(bill_rows(three)) == 3


@pytest.mark.parametrize(
    "said",
    [
        {"rules": [{"fault": "bill_late", "endpoint": "sendredpack"}]},
        {"rules": [{"fault": "bill_missing_row", "re_openid": ALICE}]},
        {"rules": [{"fault": "bill_missing_row", "seconds": 1}]},
        {"odds": {"bill_missing_row": 0.5}},
    ],
)
def test_a_fault_of_bills_that_could_not_come_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse_plan(said)
