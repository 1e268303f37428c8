"""From WeChat's words on transfers to the books': nothing is lost, and nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import (
    ConfigurationError,
    Disposition,
    InvalidRequest,
    OutcomeUnknown,
    Refused,
    TransferNotFound,
    UntrustedReply,
)
from hongbao.beijing import BEIJING
from hongbao.errors import KeyReused, NotSent
from hongbao.ledger.model.payout import SECOND
from hongbao.rails import outcome
from hongbao.rails.outcome import OrderStatus
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.translate import (
    PAYER_TERMS,
    cancel_failure,
    cancel_of,
    cancelled,
    found,
    message_of,
    query_failure,
    query_of,
    send_failure,
    sent,
)
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS, UNKNOWN_FAIL_REASON
from hongbao.wire.transfer.replies import TransferCanceling, TransferInfo, TransferTaken
from hongbao.wire.transfer.state import FINAL, TransferState
from policy_payouts import NOW, payout

if TYPE_CHECKING:
    from hongbao import HongbaoError
    from hongbao.rails.outcome import CancelOutcome, QueryOutcome, SendOutcome

PAYEE = "oTEST_alice_000000000000001"
TERMS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "抽奖",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}
MADE = datetime.fromtimestamp(NOW // SECOND, UTC).astimezone(BEIJING)
CHANGED = MADE + timedelta(hours=3)
_STATES = (*TransferState, "NEW_STATE")
_LOCKED = {TransferState.WAIT_USER_CONFIRM, TransferState.TRANSFERING, TransferState.CANCELING}


def of(**changes: Any) -> Any:
    return payout(**{"kind": "transfer", "payee": PAYEE, **changes})


def info(state: str, **changes: Any) -> TransferInfo:
    said: dict[str, Any] = {
        "out_bill_no": "Seven",
        "transfer_bill_no": "W1",
        "state": state,
        "appid": "wx1",
        "transfer_amount": 1000,
        "openid": PAYEE,
        "transfer_remark": "",
        "fail_reason": "",
        "user_name": "",
        "create_time": MADE,
        "update_time": CHANGED,
    }
    return TransferInfo(**{**said, **changes})


@pytest.mark.parametrize("state", _STATES)
def test_a_querys_reply_gives_what_was_paid_when_and_to_whom(state: str) -> None:
    answered = found(info(state))
    assert (answered.said, answered.amount, answered.listid) == (state, 1000, "W1")
    assert answered.receivers == (PAYEE,)
    assert answered.sent_at == NOW
    assert answered.settled_at == (NOW + 3 * 3600 * SECOND if state in FINAL else None)
    assert (answered.claimed, answered.refunded) == (1000 if state == "SUCCESS" else 0, 0)
    assert answered.code == ("CANCELLED" if state == "CANCELLED" else None)
    assert bool(answered.reason) is (state == "FAIL")


def test_a_querys_reply_without_times_or_a_receiver_says_nothing_of_them() -> None:
    bare = found(info("SUCCESS", create_time=None, update_time=None, openid=""))
    assert (bare.sent_at, bare.settled_at, bare.receivers) == (None, None, ())


@pytest.mark.parametrize("reason", [*FAIL_REASONS, "NEVER_SEEN", ""])
def test_a_transfer_that_failed_gives_its_reason_as_the_code_and_in_words(reason: str) -> None:
    failed = found(info("FAIL", fail_reason=reason))
    row = FAIL_REASONS.get(reason, UNKNOWN_FAIL_REASON)
    assert (failed.status, failed.code) == (OrderStatus.FAILED, reason or None)
    assert failed.reason == row.meaning


@pytest.mark.parametrize("state", [it for it in _STATES if it != "FAIL"])
def test_a_reason_beside_what_did_not_fail_is_not_believed(state: str) -> None:
    answered = found(info(state, fail_reason="OPENID_INVALID"))
    assert answered.code != "OPENID_INVALID"
    assert answered.reason == ""


@pytest.mark.parametrize("state", [it for it in _STATES if it not in {"FAIL", "CANCELLED"}])
def test_a_send_is_taken_only_when_its_money_is_locked(state: str) -> None:
    """Paid at once, being locked, or in a state of tomorrow: a query says the rest."""
    taken = TransferTaken(
        out_bill_no="Seven", transfer_bill_no="W1", state=state, create_time=MADE, package_info="p"
    )
    came = sent(taken)
    if state in _LOCKED:
        assert came == outcome.SendTaken(listid="W1")
        return
    locking = state in {"ACCEPTED", "PROCESSING"}
    why = (
        "WeChat is locking its money: where the operating account has too little, it tries for 24 "
        "hours"
    )
    assert came == outcome.Unknown(code=state, why=why if locking else "a query says the rest")


@pytest.mark.parametrize("state", ["CANCELING", "CANCELLED", "NEW_STATE"])
def test_a_cancel_is_only_begun_whatever_its_reply_says(state: str) -> None:
    reply = TransferCanceling(
        out_bill_no="Seven", transfer_bill_no="W1", state=state, update_time=CHANGED
    )
    assert cancelled(reply) == outcome.CancelBegun(said=state)


CALL = {"mch_billno": "Seven", "endpoint": "transfer"}
NO_ROUTE = NotSent(**CALL, why="no route")
UNFIT = InvalidRequest(field="transfer_remark", rule="short", found="40 characters")
UNFIT_IS = outcome.Unsendable(
    why="transfer_remark must be short; found 40 characters", settings=False
)
NO_KEY = ConfigurationError(setting="key", problem="is not there", remedy="Set it.")
NO_KEY_IS = outcome.Unsendable(why="key: is not there", settings=True)
BUSY = OutcomeUnknown(**CALL, why="busy", err_code="SYSTEM_ERROR")


def refused(code: str, disposition: Disposition, text: str = "文字") -> Refused:
    return Refused(
        **CALL, err_code=code, err_code_des=text, disposition=disposition, advice="Do this."
    )


SENDS: list[tuple[HongbaoError, SendOutcome]] = [
    *(
        (refused(code, said), outcome.Refusal(disposition=said, code=code, text="文字"))
        for code, said in (
            *(("PARAM_ERROR", Disposition.NO), ("NOT_ENOUGH", Disposition.OPEN)),
            ("ALREADY_EXISTS", Disposition.OPEN),
        )
    ),
    *(
        (
            refused("INVALID_REQUEST", Disposition.OPEN, text),
            outcome.Refusal(disposition=means, code="INVALID_REQUEST", text=text),
        )
        for text, means in (
            *(("此IP地址不允许调用该接口", Disposition.NO), ("", Disposition.NO)),
            *(("对应单号已超出重试期", Disposition.OPEN),),
            *(("单号已存在但信息不一致", Disposition.OPEN),),
        )
    ),
    (NO_ROUTE, outcome.CallNotSent(why="no route")),
    (BUSY, outcome.Unknown(code="SYSTEM_ERROR", why="busy")),
    (UntrustedReply(**CALL, why="torn"), outcome.Unknown(code=None, why="torn")),
    (
        TransferNotFound(**CALL, why="?", err_code="NOT_FOUND"),
        outcome.Unknown(code="NOT_FOUND", why="?"),
    ),
    (UNFIT, UNFIT_IS),
    (NO_KEY, NO_KEY_IS),
    (KeyReused(key="k", differences=()), outcome.Unknown(code=None, why="KeyReused")),
]
ASKED: list[tuple[HongbaoError, QueryOutcome | CancelOutcome]] = [
    (NO_ROUTE, outcome.CallNotSent(why="no route")),
    (BUSY, outcome.Unanswered(code="SYSTEM_ERROR", why="busy")),
    (UntrustedReply(**CALL, why="torn"), outcome.Unanswered(code=None, why="torn")),
    (
        OutcomeUnknown(**CALL, why="?", err_code="NOT_FOUND"),  # nobody's word
        outcome.Unanswered(code="NOT_FOUND", why="?"),
    ),
    (UNFIT, UNFIT_IS),
    (NO_KEY, NO_KEY_IS),
    (refused("X", Disposition.NO), outcome.Unanswered(code=None, why="Refused")),
]


def _name(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize(("error", "expected"), SENDS, ids=_name)
def test_what_a_send_raises_is_what_it_means_for_the_money(
    error: HongbaoError, expected: SendOutcome
) -> None:
    assert send_failure(error) == expected


@pytest.mark.parametrize(("error", "expected"), ASKED, ids=_name)
def test_what_a_query_or_a_cancel_raises_says_nothing_about_the_money(
    error: HongbaoError, expected: QueryOutcome | CancelOutcome
) -> None:
    assert query_failure(error) == expected
    assert cancel_failure(error) == expected


def test_only_a_query_finds_that_a_number_is_not_known() -> None:
    unknown = TransferNotFound(**CALL, why="?", err_code="NOT_FOUND")
    assert query_failure(unknown) == outcome.NotFound()
    assert cancel_failure(unknown) == outcome.Unanswered(code="NOT_FOUND", why="?")


@pytest.mark.parametrize("field", ["appid", "authorizations", "openid"])
def test_what_the_settings_lack_is_told_from_what_a_row_lacks(field: str) -> None:
    error = InvalidRequest(field=field, rule="given", found="nothing")
    lacks = outcome.Unsendable(
        why=f"{field} must be given; found nothing", settings=field != "openid"
    )
    assert send_failure(error) == query_failure(error) == cancel_failure(error) == lacks


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_without_what_it_needs_names_the_field(kind: str) -> None:
    for name in KINDS[kind].required:
        without = {key: value for key, value in TERMS.items() if key != name}
        for terms in (without, {**TERMS, name: None}):
            with pytest.raises(InvalidRequest) as caught:
                message_of(of(kind=kind), terms)
            error = caught.value
            assert (error.field, error.rule, error.found) == (name, "given", "nothing")
            assert error.mch_billno == "Seven"


def test_terms_that_nobody_knows_are_refused_and_those_of_the_payer_are_not() -> None:
    assert set(PAYER_TERMS) == {"profile", "app_id"}
    made = message_of(of(), {**TERMS, "profile": "till", "app_id": "wx1"})
    assert (made.appid, made.out_bill_no, made.openid) == ("wx1", "Seven", PAYEE)
    with pytest.raises(InvalidRequest) as caught:
        message_of(of(), {**TERMS, "wishing": "x"})
    error = caught.value
    assert (error.field, error.found, error.mch_billno) == ("wishing", "another name", "Seven")
    known = {*TERMS, *PAYER_TERMS, "notify_url", "user_name", "user_recv_perception"}
    assert error.rule == f"one of {', '.join(sorted(known))}"


def test_a_transfer_is_for_one_person() -> None:
    with pytest.raises(InvalidRequest) as caught:
        message_of(of(people=4), TERMS)
    error = caught.value
    assert (error.field, error.rule, error.found) == ("people", "1 for transfer", "4")


def test_a_kind_that_is_not_known_here_is_neither_sent_nor_asked_about_nor_taken_back() -> None:
    for make in (lambda it: message_of(it, TERMS), query_of, cancel_of):
        with pytest.raises(InvalidRequest) as caught:
            make(of(kind="coupon"))
        error = caught.value
        assert (error.field, error.found, error.mch_billno) == ("kind", "coupon", "Seven")
        assert error.rule == "one of transfer, transfer_red_packet"


def test_a_payout_is_asked_about_and_taken_back_by_its_number() -> None:
    assert query_of(of()).out_bill_no == cancel_of(of()).out_bill_no == "Seven"
