"""A row of transfers is judged before anything is sent: each fault once, by its own column."""

from __future__ import annotations

from typing import Any

import pytest

from hongbao import InvalidRequest, TransferAssumptions
from hongbao.rails.port import RowFault
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.rules import TransferRules, message, transfer_rules

PAYEE = "oTEST_alice_000000000000001"
TEXTS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "抽奖",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}
MORE = {"user_recv_perception": "现金奖励", "notify_url": "https://a.example.test/n"}
MISSING = "is missing, in the list and in the settings"


@pytest.fixture(params=KINDS)
def rules(request: pytest.FixtureRequest) -> TransferRules:
    """Of each kind, made in the test itself."""
    return transfer_rules()[request.param]


@pytest.fixture
def plain() -> TransferRules:
    return transfer_rules()["transfer"]


@pytest.fixture
def red() -> TransferRules:
    return transfer_rules()["transfer_red_packet"]


def faults(rules: TransferRules, **changes: str) -> dict[str, str]:
    """What is wrong with the texts, by column."""
    texts = {name: text for name, text in {**TEXTS, **changes}.items() if text != "-"}
    found, warnings = rules.text_faults(1, texts)
    assert not warnings
    assert len({it.field for it in found}) == len(found)
    return dict(found)


def amounts(rules: TransferRules, amount: int, **texts: str) -> list[RowFault]:
    return rules.amount_faults(amount, 1, texts)


def test_there_are_rules_for_each_kind() -> None:
    assert {name: rules.kind for name, rules in transfer_rules().items()} == KINDS


def test_a_row_that_is_right_has_no_fault_and_passes(rules: TransferRules) -> None:
    assert faults(rules) == faults(rules, **MORE) == faults(rules, user_name="张三") == {}
    assert amounts(rules, 100) == amounts(rules, 20_000) == []
    rules.check(PAYEE, 100, 1, {**TEXTS, **MORE})
    rules.check(PAYEE, 20_000, 1, {**TEXTS, "user_name": "张三"})
    assert rules.is_payee(PAYEE)
    assert rules.payee_fault(PAYEE) == ""


def test_a_receiver_that_is_none_is_said_without_it(rules: TransferRules) -> None:
    assert not rules.is_payee("bad openid")
    assert rules.payee_fault("bad openid") == (
        "must be 1 to 64 of 0-9, A-Z, a-z, '_', '-'; found 10 characters"
    )


def test_texts_of_other_kinds_in_one_list_are_left_out(plain: TransferRules) -> None:
    assert plain.typed({**TEXTS, "wishing": "x", "user_name": "张三"}) == {
        **TEXTS, "user_name": "张三",
    }  # fmt: skip


def test_each_text_that_is_missing_is_named_and_hides_nothing_else(rules: TransferRules) -> None:
    for name in TEXTS:
        assert faults(rules, **{name: "-"}) == {name: MISSING}
    assert faults(rules, transfer_remark="-", transfer_scene_id="1 0", user_name="a\nb") == {
        "transfer_remark": MISSING,
        "transfer_scene_id": "must be 1 to 36 of 0-9, A-Z, a-z, '_', '-'; found 3 characters",
        "user_name": (
            "must be 1 to 64 characters, no control characters and no emoji; found 3 characters"
        ),
    }


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("transfer_scene_id", "1 0", "1 to 36 of 0-9, A-Z, a-z, '_', '-'; found 3 characters"),
        (
            *("transfer_remark", "🎁"),
            "1 to 32 characters, no control characters and no emoji; found 1 character",
        ),
        (
            *("user_name", "🎁"),
            "1 to 64 characters, no control characters and no emoji; found 1 character",
        ),
        (
            *("user_recv_perception", "🎁"),
            "1 to 32 characters, no control characters and no emoji; found 1 character",
        ),
        (
            *("notify_url", "http://a.test"),
            "https:// and at most 256 characters, without ? and #; found 13 characters",
        ),
        ("transfer_scene_report_infos", "x", "parts such as 活动名称=秋季抽奖；奖励说明=一等奖"),
    ],
)
def test_a_text_that_is_wrong_by_itself_is_said_beside_all_others(
    rules: TransferRules, name: str, text: str, rule: str
) -> None:
    assert faults(rules, **{name: text}) == {name: f"must be {rule}"}
    two = faults(rules, **{"notify_url": "x", name: text})
    assert set(two) == {"notify_url", name}


def test_texts_that_do_not_go_together_are_said_by_the_column(rules: TransferRules) -> None:
    assert faults(rules, user_recv_perception="货款") == {
        "user_recv_perception": ("must be left out, or one of 活动奖励, 现金奖励; found 货款")
    }
    assert faults(rules, transfer_scene_report_infos="活动名称=a") == {
        "transfer_scene_report_infos": (
            "must be exactly 活动名称 and 奖励说明 for scene 1000; found 活动名称"
        )
    }
    assert faults(rules, transfer_scene_report_infos=f"活动名称={'汉' * 33}；奖励说明=a") == {
        "transfer_scene_report_infos": (
            "must be 1 to 32 characters, no control characters and no emoji; found 33 characters"
        )
    }


def test_a_scene_that_is_no_red_packets_is_refused_for_that_kind_alone(
    plain: TransferRules, red: TransferRules
) -> None:
    other = {"transfer_scene_id": "1011", "transfer_scene_report_infos": "赔付原因=a"}
    assert faults(plain, **other) == {}
    assert faults(red, **other) == {
        "transfer_scene_id": (
            "must be of a scene that may look like a red packet, such as 1000; found 1011"
        )
    }


def test_an_amount_is_judged_whatever_the_texts_are(rules: TransferRules) -> None:
    for texts in ({}, {"transfer_scene_id": "1011", "transfer_remark": "🎁"}):
        assert amounts(rules, 10, **texts) == []
        assert amounts(rules, 9, **texts) == [
            RowFault("amount", "must be at least 10 fen; found 9")
        ]
        assert [it.field for it in amounts(rules, 0, **texts)] == ["amount"]


def test_a_red_packet_has_a_greatest_amount_and_a_plain_transfer_has_the_settings(
    plain: TransferRules, red: TransferRules
) -> None:
    assert amounts(plain, 20_001) == []
    assert amounts(red, 20_001) == [
        RowFault("amount", "must be at most 20000 fen as a red packet; found 20001")
    ]
    least = transfer_rules(TransferAssumptions(amount_max=100))["transfer"]
    assert amounts(least, 100) == []
    assert amounts(least, 101) == [RowFault("amount", "must be from 10 to 100 fen; found 101")]


def test_an_amount_with_or_without_a_name_is_said_of_the_amount(plain: TransferRules) -> None:
    assert amounts(plain, 199_999) == amounts(plain, 200_000, user_name="🎁") == []
    assert amounts(plain, 200_000) == [
        RowFault(
            "amount",
            "must be below 200000 fen without the receiver's real name in the column user_name "
            "(收款人姓名); found 200000",
        )
    ]
    assert amounts(plain, 29) == amounts(plain, 30, user_name="张三") == []
    assert amounts(plain, 29, user_name="张三") == [
        RowFault(
            "amount",
            "must be at least 30 fen with a name in the column user_name: below, WeChat takes "
            "none; found 29",
        )
    ]


def test_texts_are_judged_whatever_amounts_the_merchant_may_pay() -> None:
    for said in (
        TransferAssumptions(amount_min=1_000, amount_max=10_000_000, name_refused_below=1),
        TransferAssumptions(amount_max=50),
        TransferAssumptions(red_packet_max=200_000),
    ):
        for rules in transfer_rules(said).values():
            assert faults(rules) == faults(rules, user_name="张三") == {}


@pytest.mark.parametrize(
    ("changes", "field", "rule", "found"),
    [
        ({"wishing": "x"}, "wishing", "left out: transfer has", "it given"),
        (
            *({"transfer_remark": None}, "transfer_remark"),
            *("given, or in the merchant's settings", "neither"),
        ),
        ({"people": 2}, "people", "1 for transfer", "2"),
        ({"people": True}, "people", "1 for transfer", "True"),
        ({"people": 1.0}, "people", "1 for transfer", "1.0"),
        ({"payee": "bad openid"}, "openid", "1 to 64 of", "10 characters"),
        ({"amount": 9}, "transfer_amount", "at least 10 fen", "9"),
        ({"amount": 200_000}, "user_name", "given from 200000 fen on", "nothing"),
        ({"transfer_remark": "🎁"}, "transfer_remark", "1 to 32", "1 character"),
        (
            *({"transfer_scene_report_infos": "a=b；a=c"}, "transfer_scene_report_infos"),
            *("each named once, and a is twice", "another text"),
        ),
        (
            *({"user_recv_perception": "货款"}, "user_recv_perception"),
            *("left out, or one of", "货款"),
        ),
    ],
)
def test_a_single_payment_is_refused_for_its_first_fault(
    plain: TransferRules, changes: dict[str, Any], field: str, rule: str, found: str
) -> None:
    said = {"payee": PAYEE, "amount": 100, "people": 1, **TEXTS, **changes}
    payee, amount, people = (said.pop(name) for name in ("payee", "amount", "people"))
    texts = {name: text for name, text in said.items() if text is not None}
    with pytest.raises(InvalidRequest) as caught:
        plain.check(payee, amount, people, texts)
    error = caught.value
    assert (error.field, error.found) == (field, found)
    assert error.rule.startswith(rule)


def test_what_a_kind_has_is_said_in_one_order(plain: TransferRules) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plain.check(PAYEE, 100, 1, {**TEXTS, "wishing": "x"})
    assert caught.value.rule == (
        "left out: transfer has notify_url, transfer_remark, transfer_scene_id, "
        "transfer_scene_report_infos, user_name, user_recv_perception"
    )


@pytest.mark.parametrize(
    ("infos", "rule"),
    [
        ("x", "parts such as 活动名称=秋季抽奖；奖励说明=一等奖"),
        ("；\n", "parts such as 活动名称=秋季抽奖；奖励说明=一等奖"),
        ("a=b；a=c", "each named once, and a is twice"),
        (None, "parts such as 活动名称=秋季抽奖；奖励说明=一等奖"),
        (7, "a text"),
    ],
)
def test_report_infos_that_make_no_request_are_said_with_the_number(infos: Any, rule: str) -> None:
    texts = {**TEXTS, "transfer_scene_report_infos": infos}
    with pytest.raises(InvalidRequest) as caught:
        message(KINDS["transfer"], number="Seven", payee=PAYEE, amount=100, appid=None, texts=texts)
    error = caught.value
    assert (error.field, error.rule) == ("transfer_scene_report_infos", rule)
    assert (error.found, error.mch_billno) == ("another text", "Seven")


def test_a_request_has_all_that_its_row_has_and_texts_that_are_none_are_left_out() -> None:
    made = message(
        KINDS["transfer_red_packet"], number="Seven", payee=PAYEE, amount=100, appid="wx1",
        texts={**TEXTS, **MORE, "user_name": None, "wishing": "x"},
    )  # fmt: skip
    assert (made.out_bill_no, made.openid, made.transfer_amount) == ("Seven", PAYEE, 100)
    assert (made.appid, made.user_recv_style, made.user_name) == ("wx1", "RED_PACKET", None)
    assert made.transfer_scene_report_infos == {"活动名称": "秋季抽奖", "奖励说明": "一等奖"}
    assert (made.user_recv_perception, made.notify_url) == tuple(MORE.values())
