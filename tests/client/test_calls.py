"""Both clients over a scripted transport: what goes out, how often, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from hongbao import (
    AsyncRedPack,
    Call,
    End,
    InvalidRequest,
    NotSent,
    Outcome,
    OutcomeUnknown,
    Query,
    RedPack,
    Refused,
    SendNormal,
    UntrustedReply,
)
from hongbao.client.transport import HttpResponse, MaybeSent, NothingSent
from hongbao.wire import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hongbao import (
        Merchant,
        Message,
    )
    from hongbao.client.transport import HttpRequest

ReplyT = TypeVar("ReplyT")
Step = HttpResponse | Exception | type[BaseException]

NONE: dict[bytes, bytes] = {}
BILLNO = "B0001"
OPENID = "oTEST_openid_0000000000000001"
PACKET: dict[str, Any] = {
    "mch_billno": BILLNO,
    "re_openid": OPENID,
    "total_amount": 100,
    "send_name": "s",
    "wishing": "w",
    "act_name": "a",
    "remark": "r",
}


def _reply(status: int = 200, **changes: str) -> HttpResponse:
    fields = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "mch_billno": BILLNO,
        "mch_id": "1900012345",
        "wxappid": "wx00aa11bb22cc33dd",
        "re_openid": OPENID,
        "total_amount": "100",
        "send_listid": "1000041701",
    } | changes
    return HttpResponse(status, NONE, document.encode(fields.items()))


def _answer() -> HttpResponse:
    fields = document.decode(_reply().body).fields | {"status": "SENT"}
    return HttpResponse(200, NONE, document.encode(fields.items()))


class _Script:
    """A transport of both kinds that plays its steps in turn and keeps what it was asked."""

    def __init__(self, *steps: Step) -> None:
        self.steps: Iterator[Step] = iter(steps)
        self.requests: list[HttpRequest] = []

    def play(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        step = next(self.steps)
        if isinstance(step, HttpResponse):
            return step
        raise step

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        return self.play(request)

    def close(self) -> None:
        raise AssertionError("a transport that was given is not the client's to close")


class _AsyncScript(_Script):
    async def send(  # type: ignore[override]  # the other protocol
        self, request: HttpRequest, *, timeout_seconds: float
    ) -> HttpResponse:
        return self.play(request)

    async def aclose(self) -> None:
        raise AssertionError("a transport that was given is not the client's to close")


def _blocking(merchant: Merchant, message: Message[ReplyT], *steps: Step, **options: Any) -> Any:
    script = _Script(*steps)
    with RedPack(merchant, transport=script, **options) as red_pack:
        try:
            return red_pack.call(message), script.requests
        except BaseException as error:  # noqa: BLE001  # an interrupt is an end too
            return error, script.requests


def _asyncio(merchant: Merchant, message: Message[ReplyT], *steps: Step, **options: Any) -> Any:
    script = _AsyncScript(*steps)

    async def run() -> Any:
        async with AsyncRedPack(merchant, transport=script, **options) as red_pack:
            try:
                return await red_pack.call(message), script.requests
            except BaseException as error:  # noqa: BLE001  # an interrupt is an end too
                return error, script.requests

    return asyncio.run(run())


@pytest.fixture(params=[_blocking, _asyncio], ids=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest) -> Any:
    """Make one call with either client; gives its value or its error, and the requests."""
    return request.param


@pytest.fixture
def send() -> SendNormal:
    return SendNormal(**PACKET)


@pytest.fixture
def query() -> Any:
    return Query(BILLNO)


def test_an_accepted_send_returns_its_value(run: Any, merchant: Merchant, send: Any) -> None:
    value, requests = run(merchant, send, _reply())
    assert value.send_listid == "1000041701"
    assert [request.path for request in requests] == ["/mmpaymkttransfers/sendredpack"]


def test_a_send_goes_to_the_second_host_only_when_nothing_was_sent(
    run: Any, merchant: Merchant, send: Any
) -> None:
    value, requests = run(merchant, send, NothingSent("refused"), _reply())
    assert value.mch_billno == BILLNO
    assert [request.origin.host for request in requests] == [
        "api.mch.weixin.qq.com",
        "api2.mch.weixin.qq.com",
    ]
    assert requests[0].body == requests[1].body


def test_nothing_sent_to_either_host_is_not_sent(run: Any, merchant: Merchant, send: Any) -> None:
    error, requests = run(merchant, send, NothingSent("refused"), NothingSent("no route"))
    assert isinstance(error, NotSent)
    assert "refused" in error.why
    assert "no route" in error.why
    assert len(requests) == 2


@pytest.mark.parametrize(
    "step",
    [
        MaybeSent("reset"),
        MaybeSent("alert", certificate_alert="unknown ca"),
        HttpResponse(500, NONE, b""),
        HttpResponse(502, NONE, b"<html>Bad Gateway</html>"),
        HttpResponse(307, NONE, b""),
        HttpResponse(404, NONE, b"<html></html>"),
        HttpResponse(400, NONE, b"<html>Bad Request</html>"),
        HttpResponse(200, NONE, b""),
        HttpResponse(200, NONE, b"<html></html>"),
        _reply(503),
    ],
    ids=str,
)
def test_a_send_that_may_have_arrived_is_unknown_and_not_repeated(
    run: Any, merchant: Merchant, send: Any, step: Step
) -> None:
    error, requests = run(merchant, send, step)
    assert isinstance(error, OutcomeUnknown)
    assert error.mch_billno == BILLNO
    assert len(requests) == 1


def test_a_certificate_alert_says_so(run: Any, merchant: Merchant, send: Any) -> None:
    error, _ = run(merchant, send, MaybeSent("alert", certificate_alert="unknown ca"))
    assert error.err_code == "TLS_CERTIFICATE_ALERT"
    assert "doctor" in error.advice


@pytest.mark.parametrize(
    ("page", "err_code"),
    [
        (b"<html>400 No required SSL certificate was sent</html>", "HTTP_400_NO_CERTIFICATE"),
        (b"<html>400 The SSL certificate error</html>", "HTTP_400_BAD_CERTIFICATE"),
    ],
)
def test_the_front_ends_certificate_pages_are_refusals(
    run: Any, merchant: Merchant, send: Any, page: bytes, err_code: str
) -> None:
    error, _ = run(merchant, send, HttpResponse(400, NONE, page))
    assert isinstance(error, Refused)
    assert error.err_code == err_code


@pytest.mark.parametrize(
    "step", [NothingSent("refused"), MaybeSent("reset"), HttpResponse(502, NONE, b"")], ids=str
)
def test_a_query_may_ask_the_second_host_after_any_loss(
    run: Any, merchant: Merchant, query: Any, step: Step
) -> None:
    value, requests = run(merchant, query, step, _answer())
    assert value.status == "SENT"
    assert len(requests) == 2


def test_a_query_with_no_answer_is_unknown(run: Any, merchant: Merchant, query: Any) -> None:
    error, requests = run(merchant, query, MaybeSent("reset"), HttpResponse(500, NONE, b""))
    assert isinstance(error, OutcomeUnknown)
    assert len(requests) == 2


def test_a_reply_about_another_amount_is_untrusted(run: Any, merchant: Merchant, send: Any) -> None:
    error, _ = run(merchant, send, _reply(total_amount="1000"))
    assert isinstance(error, UntrustedReply)


def test_a_message_that_does_not_fit_the_merchant_is_not_sent(run: Any, merchant: Merchant) -> None:
    error, requests = run(merchant, SendNormal(**{**PACKET, "total_amount": 1}))
    assert isinstance(error, InvalidRequest)
    assert requests == []


def test_hooks_hear_the_begin_and_the_end(run: Any, merchant: Merchant, send: Any) -> None:
    heard: list[object] = []

    def hook(call: Call) -> Callable[[End], None]:
        heard.append(call)
        return heard.append

    run(merchant, send, _reply(), hooks=[hook])
    run(
        merchant,
        send,
        _reply(result_code="FAIL", err_code="NOTENOUGH", send_listid=""),
        hooks=[hook],
    )
    run(merchant, send, MaybeSent("reset"), hooks=[hook])
    run(merchant, send, NothingSent("a"), NothingSent("b"), hooks=[hook])
    calls, ends = heard[::2], heard[1::2]
    assert calls == [Call("sendredpack", "1900012345", BILLNO)] * 4
    assert [end.outcome for end in ends if isinstance(end, End)] == [
        Outcome.ACCEPTED,
        Outcome.REFUSED,
        Outcome.UNKNOWN,
        Outcome.NOT_SENT,
    ]


def test_a_hook_that_fails_never_turns_a_paid_packet_into_an_error(
    run: Any, merchant: Merchant, send: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks_at_begin(call: Call) -> Callable[[End], None]:
        raise RuntimeError("begin")

    def breaks_at_end(call: Call) -> Callable[[End], None]:
        def end(ended: End) -> None:
            raise RuntimeError("end")

        return end

    value, _ = run(merchant, send, _reply(), hooks=[breaks_at_begin, breaks_at_end])
    assert value.mch_billno == BILLNO
    assert [record.levelname for record in caplog.records].count("ERROR") == 2


def test_a_call_leaves_one_log_record_without_secrets(
    run: Any, merchant: Merchant, send: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        run(merchant, send, _reply(result_code="FAIL", err_code="NOTENOUGH", send_listid=""))
    records = [record for record in caplog.records if record.name == "hongbao"]
    assert len(records) == 1
    assert "sendredpack B0001: refused (NOTENOUGH)" in records[0].getMessage()
    written = " ".join(str(vars(record)) for record in caplog.records)
    assert merchant.key not in written
    assert OPENID not in written


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_logged_as_unknown_and_passes_through(
    merchant: Merchant,
    send: Any,
    caplog: pytest.LogCaptureFixture,
    interrupt: type[BaseException],
) -> None:
    error, _ = _blocking(merchant, send, interrupt)
    assert type(error) is interrupt
    assert "unknown" in caplog.text


def test_a_cancelled_call_is_logged_as_unknown_and_passes_through(
    merchant: Merchant, send: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error, _ = _asyncio(merchant, send, asyncio.CancelledError)
    assert isinstance(error, asyncio.CancelledError)
    assert f"{BILLNO}: unknown" in caplog.text


def test_methods_are_the_messages_with_the_same_arguments(merchant: Merchant) -> None:
    script = _Script(_reply())
    with RedPack(merchant, transport=script) as red_pack:
        assert red_pack.send_normal(**PACKET).total_amount == 100
    with RedPack(merchant, transport=_Script()) as red_pack, pytest.raises(TypeError):
        red_pack.send_normal(mch_billno=BILLNO)  # type: ignore[call-arg]  # that is the test


def test_a_warning_points_at_the_caller(merchant: Merchant) -> None:
    group = {**PACKET, "total_amount": 300, "act_name": "秋" * 11}
    with (
        RedPack(merchant, transport=_Script(_reply(total_amount="300"))) as red_pack,
        pytest.warns(UserWarning, match="2024-06-05|UTF-8") as caught,
    ):
        red_pack.send_group(**group, total_num=3)
    assert [warning.filename for warning in caught] == [__file__] * 2


def test_nonce_and_clock_are_the_callers(merchant: Merchant) -> None:
    script = _Script(_reply())
    with RedPack(
        merchant, transport=script, nonce=lambda: "N1", clock=lambda: 1795392000.9
    ) as red_pack:
        red_pack.call(SendNormal(**PACKET))
        params = red_pack.claim_params("sendid=1&ver=8")
    assert document.decode(script.requests[0].body).fields["nonce_str"] == "N1"
    assert (params.time_stamp, params.nonce_str) == ("1795392000", "N1")


def test_every_call_has_a_nonce_of_its_own(merchant: Merchant) -> None:
    script = _Script(_reply(), _reply())
    with RedPack(merchant, transport=script) as red_pack:
        red_pack.call(SendNormal(**PACKET))
        red_pack.call(SendNormal(**PACKET))
    nonces = {document.decode(request.body).fields["nonce_str"] for request in script.requests}
    assert len(nonces) == 2


def test_a_transport_that_breaks_its_word_may_have_sent(
    run: Any, merchant: Merchant, send: Any
) -> None:
    error, requests = run(merchant, send, OSError("something unforeseen"))
    assert isinstance(error, OutcomeUnknown)
    assert "OSError" in error.why
    assert len(requests) == 1


def test_a_request_that_no_transport_can_write_is_invalid_and_goes_to_no_host(
    run: Any, merchant: Merchant, send: Any
) -> None:
    refusal = InvalidRequest(field="Accept", rule="visible ASCII", found="3 characters")
    error, requests = run(merchant, send, refusal)
    assert error is refusal
    assert len(requests) == 1


def test_a_flow_leaves_no_unfinished_generator_behind(merchant: Merchant, send: Any) -> None:
    unraisable: list[object] = []
    previous, sys.unraisablehook = sys.unraisablehook, unraisable.append
    try:
        _blocking(merchant, send, RuntimeError("a bug in a transport"))
    finally:
        sys.unraisablehook = previous
    assert unraisable == []
