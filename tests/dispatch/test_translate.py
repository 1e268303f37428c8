"""From the books' words to WeChat's and back: nothing is lost, and nothing made up."""

from __future__ import annotations

import warnings
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import (
    Accepted,
    AcceptedMiniProgram,
    Claim,
    ConfigurationError,
    Disposition,
    InvalidRequest,
    OutcomeUnknown,
    PacketInfo,
    PacketNotFound,
    Query,
    QueryWork,
    Refused,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
    Status,
    UntrustedReply,
)
from hongbao.beijing import BEIJING
from hongbao.errors import KeyReused, NotSent
from hongbao.ledger.model.payout import SECOND
from hongbao.rails import outcome
from hongbao.rails.outcome import OrderStatus
from hongbao.rails.redpack.kinds import KINDS
from hongbao.rails.redpack.translate import (
    PAYER_TERMS,
    found,
    message_of,
    query_failure,
    query_of,
    send_failure,
    sent,
)
from policy_payouts import NOW, payout

if TYPE_CHECKING:
    from hongbao import (
        HongbaoError,
    )
    from hongbao.rails.outcome import QueryOutcome, SendOutcome

TEXTS = {"wishing": "谢谢", "act_name": "秋", "remark": "一等奖"}
PAYER = {"profile": "demo", "app_id": "wx1", "sub_mch_id": "19", "msgappid": "wx2"}
TERMS: dict[str, dict[str, Any]] = {
    "normal": {
        **TEXTS,
        "send_name": "商户",
        "client_ip": "203.0.113.7",
        "scene_id": "PRODUCT_2",
        "risk_info": "posttime%3d1",
        "consume_mch_id": "1900",
    },
    "mini_program": {**TEXTS, "send_name": "商户", "scene_id": "PRODUCT_2"},
    "group": {
        **TEXTS,
        "send_name": "商户",
        "scene_id": "PRODUCT_2",
        "risk_info": "posttime%3d1",
        "consume_mch_id": "1900",
    },
    "work": {**TEXTS, "agentid": 7, "sender_header_media_id": "m", "scene_id": "PRODUCT_2"},
}
MESSAGES = {
    "normal": SendNormal,
    "mini_program": SendMiniProgram,
    "group": SendGroup,
    "work": SendWork,
}


def of(kind: str, **changes: Any) -> Any:
    return payout(kind=kind, people=4 if kind == "group" else 1, **changes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_payout_is_paid_with_the_request_of_its_kind(kind: str) -> None:
    message = message_of(of(kind), TERMS[kind] | PAYER)
    assert type(message) is MESSAGES[kind]
    told: dict[str, str] = {name: str(value) for name, value in TERMS[kind].items()}
    told |= {"mch_billno": "Seven", "re_openid": of(kind).payee, "total_amount": "1000"}
    if kind == "group":
        told["total_num"] = "4"
    assert message.wire == told


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_takes_what_its_request_takes(kind: str) -> None:
    made = KINDS[kind]
    arguments = {field.name for field in fields(made.message) if field.init}
    owed = {"mch_billno", "re_openid", "total_amount"} | ({"total_num"} if made.shared else set())
    said = [*made.required, *made.optional, *made.from_settings]
    assert sorted(arguments - owed) == sorted(said)
    assert made.shared is (kind == "group")
    assert made.voucher is (kind == "mini_program")
    assert set(PAYER) == set(PAYER_TERMS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_without_what_it_needs_names_the_field(kind: str) -> None:
    for name in KINDS[kind].required:
        for terms in (
            {key: value for key, value in TERMS[kind].items() if key != name},
            TERMS[kind] | {name: None},
        ):
            with pytest.raises(InvalidRequest) as caught:
                message_of(of(kind), terms)
            assert (caught.value.field, caught.value.found) == (name, "nothing")
            assert caught.value.rule == "given"
            assert caught.value.mch_billno == "Seven"


def test_terms_of_other_kinds_in_one_list_are_left_out() -> None:
    everything = {name: value for terms in TERMS.values() for name, value in terms.items()}
    message = message_of(of("mini_program"), everything | PAYER)
    assert message == message_of(of("mini_program"), TERMS["mini_program"])


def test_terms_that_nobody_knows_are_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        message_of(of("normal"), TERMS["normal"] | {"whishing": "x"})
    error = caught.value
    assert (error.field, error.found, error.mch_billno) == ("whishing", "another name", "Seven")
    known = {name for terms in TERMS.values() for name in (*terms, "sender_name")}
    assert error.rule == f"one of {', '.join(sorted({*known, *PAYER}))}"


def test_only_a_group_shares_a_packet() -> None:
    for kind in ("normal", "mini_program", "work"):
        with pytest.raises(InvalidRequest) as caught:
            message_of(payout(kind=kind, people=4), TERMS[kind])
        error = caught.value
        assert (error.field, error.rule, error.found) == ("total_num", f"1 for {kind}", "4")


def test_a_campaign_of_groups_or_of_long_texts_warns_nobody_a_thousand_times() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        message_of(of("group"), TERMS["group"])
        message_of(of("normal"), TERMS["normal"] | {"act_name": "秋" * 11})


def test_a_content_that_breaks_a_rule_is_invalid_here_too() -> None:
    with pytest.raises(InvalidRequest, match="act_name"):
        message_of(of("normal"), TERMS["normal"] | {"act_name": ""})


def test_a_payout_is_asked_about_with_the_query_of_its_kind() -> None:
    for kind in KINDS:
        query = query_of(of(kind))
        assert type(query) is (QueryWork if kind == "work" else Query)
        assert query.mch_billno == "Seven"


def test_a_kind_that_is_not_known_here_can_neither_be_sent_nor_asked_about() -> None:
    for make in (lambda it: message_of(it, TEXTS), query_of):
        with pytest.raises(InvalidRequest) as caught:
            make(payout(kind="coupon"))
        error = caught.value
        assert (error.field, error.found, error.mch_billno) == ("kind", "coupon", "Seven")
        assert error.rule == "one of normal, mini_program, group, work"


ECHO: dict[str, Any] = {
    "mch_billno": "Seven",
    "mch_id": "1900012345",
    "wxappid": "wx1",
    "re_openid": "oPAYEE",
    "total_amount": 1000,
    "send_listid": "1000041701",
}


def test_an_accepting_reply_gives_its_list_number_and_its_voucher() -> None:
    assert sent(Accepted(**ECHO)) == outcome.SendAccepted(listid="1000041701")
    mini_program = sent(AcceptedMiniProgram(**ECHO, package="sendid=1"))
    assert mini_program == outcome.SendAccepted(listid="1000041701", voucher="sendid=1")
    assert "sendid" not in repr(mini_program)


def info(**changes: Any) -> PacketInfo:
    told: dict[str, Any] = {
        "mch_billno": "Seven",
        "mch_id": "1900012345",
        "status": Status.SENT,
        "total_amount": 1000,
        "detail_id": "1000099",
    }
    return PacketInfo(**(told | changes))


TEN = datetime(2026, 11, 23, 10, tzinfo=BEIJING)


def test_a_querys_reply_gives_its_status_and_its_figures() -> None:
    assert found(info(reason="余额不足", status=Status.SENDING)) == outcome.Found(
        status=OrderStatus.HELD,
        said="SENDING",
        amount=1000,
        listid="1000099",
        reason="余额不足",
        claimed=0,
        refunded=0,
    )


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Status.SENDING, OrderStatus.PENDING),
        (Status.SENT, OrderStatus.WAITING_FOR_USER),
        (Status.RECEIVED, OrderStatus.COLLECTED),
        (Status.RFUND_ING, OrderStatus.RETURNING),
        (Status.REFUND, OrderStatus.RETURNED),
        (Status.FAILED, OrderStatus.FAILED),
        ("NEW", OrderStatus.UNRECOGNISED),
    ],
)
def test_each_status_of_wechat_has_a_word_of_ours(said: str, status: OrderStatus) -> None:
    answered = found(info(status=said))
    assert (answered.status, answered.said) == (status, said)


def test_no_status_of_wechat_is_forgotten() -> None:
    recognised = {found(info(status=status)).status for status in Status}
    held = found(info(status=Status.SENDING, reason="余额不足")).status
    of_transfers = {OrderStatus.LOCKED, OrderStatus.CONFIRMED, OrderStatus.CANCELLING}
    assert recognised | {held} == set(OrderStatus) - of_transfers - {OrderStatus.UNRECOGNISED}


def test_a_querys_reply_says_when_the_last_share_was_claimed_or_the_rest_was_back() -> None:
    hour = timedelta(hours=1)
    shares = (
        Claim(openid="o1", amount=300, rcv_time=TEN + hour),
        Claim(openid="o2", amount=200, rcv_time=TEN),
        Claim(openid="o3", amount=100),
    )
    shared = found(info(claims=shares))
    assert (shared.claimed, shared.refunded) == (600, 0)
    assert shared.settled_at == NOW + 3600 * SECOND
    returned = found(info(claims=shares, refund_amount=400, refund_time=TEN + 24 * hour))
    assert (returned.claimed, returned.refunded) == (600, 400)
    assert returned.settled_at == NOW + 24 * 3600 * SECOND
    assert found(info(claims=shares[2:])).settled_at is None


CALL = {"mch_billno": "Seven", "endpoint": "sendredpack"}
UNFIT = InvalidRequest(field="act_name", rule="short", found="40 characters")
UNSET = InvalidRequest(field="client_ip", rule="given", found="nothing")
NO_KEY = ConfigurationError(setting="key", problem="is not there", remedy="Set it.")


def refused(disposition: Disposition) -> Refused:
    return Refused(
        **CALL, err_code="X", err_code_des="文字", disposition=disposition, advice="Do this."
    )


SENDS: list[tuple[HongbaoError, SendOutcome]] = [
    *[
        (
            refused(disposition),
            outcome.Refusal(disposition=disposition, code="X", text="文字"),
        )
        for disposition in (Disposition.NO, Disposition.OPEN)
    ],
    (NotSent(**CALL, why="no route"), outcome.CallNotSent(why="no route")),
    (
        OutcomeUnknown(**CALL, why="busy", err_code="SYSTEMERROR"),
        outcome.Unknown(code="SYSTEMERROR", why="busy"),
    ),
    (OutcomeUnknown(**CALL, why="HTTP 502"), outcome.Unknown(code=None, why="HTTP 502")),
    (UntrustedReply(**CALL, why="torn"), outcome.Unknown(code=None, why="torn")),
    (
        OutcomeUnknown(**CALL, why="", err_code="NOT_FOUND"),
        outcome.Unknown(code="NOT_FOUND", why=""),
    ),
    (
        UNFIT,
        outcome.Unsendable(why="act_name must be short; found 40 characters", settings=False),
    ),
    (UNSET, outcome.Unsendable(why="client_ip must be given; found nothing", settings=True)),
    (NO_KEY, outcome.Unsendable(why="key: is not there", settings=True)),
    (KeyReused(key="k", differences=()), outcome.Unknown(code=None, why="KeyReused")),
]
QUERIES: list[tuple[HongbaoError, QueryOutcome]] = [
    (NotSent(**CALL, why="no route"), outcome.CallNotSent(why="no route")),
    (PacketNotFound(**CALL, why="?", err_code="NOT_FOUND"), outcome.NotFound()),
    (
        OutcomeUnknown(**CALL, why="?", err_code="NOT_FOUND"),  # no query's own word for it
        outcome.Unanswered(code="NOT_FOUND", why="?"),
    ),
    (
        OutcomeUnknown(**CALL, why="busy", err_code="SYSTEMERROR"),
        outcome.Unanswered(code="SYSTEMERROR", why="busy"),
    ),
    (UntrustedReply(**CALL, why="torn"), outcome.Unanswered(code=None, why="torn")),
    (
        UNFIT,
        outcome.Unsendable(why="act_name must be short; found 40 characters", settings=False),
    ),
    (NO_KEY, outcome.Unsendable(why="key: is not there", settings=True)),
    (refused(Disposition.NO), outcome.Unanswered(code=None, why="Refused")),
]


def _name(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize(("error", "expected"), SENDS, ids=_name)
def test_what_a_send_raises_is_what_it_means_for_the_money(
    error: HongbaoError, expected: SendOutcome
) -> None:
    assert send_failure(error) == expected


@pytest.mark.parametrize(("error", "expected"), QUERIES, ids=_name)
def test_what_a_query_raises_says_nothing_about_the_money(
    error: HongbaoError, expected: QueryOutcome
) -> None:
    assert query_failure(error) == expected


def test_what_the_settings_lack_is_told_from_what_a_row_lacks() -> None:
    for field in ("client_ip", "work", "sub_mch_id", "msgappid"):
        error = InvalidRequest(field=field, rule="given", found="nothing")
        assert send_failure(error) == outcome.Unsendable(
            why=f"{field} must be given; found nothing", settings=True
        )
