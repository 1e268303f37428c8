"""Both clients of transfers over a scripted transport: what goes out, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from transfer_samples import (
    CANCEL,
    NOW,
    NUMBER,
    OPENID,
    PLATFORM,
    PLATFORM_KEY,
    PUBLIC,
    QUERY,
    TRANSFER,
    TRANSFER_FIELDS,
    TRANSFER_MESSAGES,
    VECTORS,
    encoded,
    good,
    name_of,
    signed_headers,
)

from hongbao import (
    AsyncMerchantTransfer,
    Call,
    End,
    InvalidRequest,
    MerchantTransfer,
    NotificationRefused,
    NotSent,
    Outcome,
    OutcomeUnknown,
    Refused,
    TransferAssumptions,
    TransferFinished,
    TransferNotFound,
    UntrustedReply,
    V3Credentials,
)
from hongbao.client.transport import HttpResponse, MaybeSent, NothingSent
from hongbao.wire.transfer import signing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hongbao.client.transport import HttpRequest

Step = HttpResponse | Exception | type[BaseException]
LOST = MaybeSent("the connection broke")
REFUSED_CONNECTION = NothingSent("connection refused")


@pytest.fixture(scope="module")
def credentials() -> V3Credentials:
    return credentials_with()


def credentials_with(**changes: Any) -> V3Credentials:
    said = {
        "app_id": "wx00aa11bb22cc33dd",
        "mch_id": VECTORS["mch_id"],
        "api_v3_key": VECTORS["api_v3_key"],
        "key_pem": VECTORS["merchant_key"],
        "serial_no": VECTORS["serial_no"],
        "public_key_id": VECTORS["public_key_id"],
        "public_key_pem": VECTORS["wechat_public_key"],
        "assumptions": TransferAssumptions(authorizations=True),
    }
    return V3Credentials(**(said | changes))


def reply(said: dict[str, Any] | bytes, status: int = 200, **how: Any) -> HttpResponse:
    """What WeChat signs."""
    body = said if isinstance(said, bytes) else encoded(said)
    headers = {k.encode(): v.encode() for k, v in signed_headers(body, **how).items()}
    return HttpResponse(status, headers, body)


def unsigned(said: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(status, {}, encoded(said))


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


def blocking(
    credentials: V3Credentials, ask: Callable[[Any], Any], *steps: Step, **options: Any
) -> Any:
    script = _Script(*steps)
    with MerchantTransfer(credentials, transport=script, clock=lambda: NOW, **options) as client:
        try:
            return ask(client), script.requests
        except BaseException as error:  # noqa: BLE001  # an interrupt is an end too
            return error, script.requests


def asynchronous(
    credentials: V3Credentials, ask: Callable[[Any], Any], *steps: Step, **options: Any
) -> Any:
    script = _AsyncScript(*steps)

    async def run() -> Any:
        async with AsyncMerchantTransfer(
            credentials, transport=script, clock=lambda: NOW, **options
        ) as client:
            return await ask(client)

    try:
        return asyncio.run(run()), script.requests
    except BaseException as error:  # noqa: BLE001  # an interrupt is an end too
        return error, script.requests


both = pytest.mark.parametrize("play", [blocking, asynchronous], ids=["blocking", "asyncio"])


@both
@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_call_is_signed_over_what_is_sent_and_its_reply_is_read(
    credentials: V3Credentials, play: Any, message: Any
) -> None:
    value, requests = play(credentials, lambda it: it.call(message), reply(good(message)))
    assert value.state == good(message)["state"]
    (request,) = requests
    headers = dict(request.headers)
    assert headers["Accept"] == "application/json"
    assert headers["Wechatpay-Serial"] == PUBLIC.serial
    assert ("Content-Type" in headers) is bool(request.body)
    said = dict(
        part.split("=", 1) for part in headers["Authorization"].partition(" ")[2].split(",")
    )
    nonce = said["nonce_str"].strip('"')
    text = signing.request_text(request.method, request.path, str(NOW), nonce, request.body)
    assert said["signature"].strip('"') == signing.sign(credentials.private_key, text)
    assert request.origin.host == "api.mch.weixin.qq.com"


@both
def test_methods_take_fields_in_wechats_spelling(credentials: V3Credentials, play: Any) -> None:
    value, _ = play(
        credentials,
        lambda it: it.transfer(**TRANSFER_FIELDS, openid=OPENID),
        reply(good(TRANSFER)),
    )
    assert value.out_bill_no == NUMBER
    found, _ = play(credentials, lambda it: it.query(NUMBER), reply(good(QUERY)))
    assert found.transfer_amount == 8800


@both
@pytest.mark.parametrize("message", [TRANSFER, CANCEL], ids=name_of)
def test_what_moves_money_is_never_sent_twice_by_itself(
    credentials: V3Credentials, play: Any, message: Any
) -> None:
    error, requests = play(credentials, lambda it: it.call(message), LOST)
    assert type(error) is OutcomeUnknown
    assert error.mch_billno == NUMBER
    assert len(requests) == 1


@both
def test_the_second_host_is_asked_where_not_a_byte_went_to_the_first(
    credentials: V3Credentials, play: Any
) -> None:
    value, requests = play(
        credentials, lambda it: it.call(TRANSFER), REFUSED_CONNECTION, reply(good(TRANSFER))
    )
    assert value.state == "WAIT_USER_CONFIRM"
    assert [it.origin.host for it in requests] == [
        "api.mch.weixin.qq.com",
        "api2.mch.weixin.qq.com",
    ]
    assert requests[0].body == requests[1].body
    error, _ = play(
        credentials, lambda it: it.call(TRANSFER), REFUSED_CONNECTION, REFUSED_CONNECTION
    )
    assert type(error) is NotSent


@both
@pytest.mark.parametrize("first", [LOST, HttpResponse(502, {}, b"<html>")], ids=["lost", "502"])
def test_a_query_may_be_asked_twice(credentials: V3Credentials, play: Any, first: Step) -> None:
    value, requests = play(credentials, lambda it: it.call(QUERY), first, reply(good(QUERY)))
    assert value.state == "SUCCESS"
    assert len(requests) == 2


@both
def test_the_same_bytes_go_out_again_with_a_signature_of_their_own(
    credentials: V3Credentials, play: Any
) -> None:
    with MerchantTransfer(credentials, transport=_Script(), clock=lambda: NOW) as desk:
        kept = desk.prepare(
            TRANSFER.__class__(**TRANSFER_FIELDS, openid=OPENID, user_name="测试甲")
        )
    lost, first = play(credentials, lambda it: it.send(kept), LOST)
    assert isinstance(lost, OutcomeUnknown)
    again = kept.endpoint.name, kept.body, kept.wechatpay_serial
    value, second = play(credentials, lambda it: it.send(it.restore(*again)), reply(good(TRANSFER)))
    assert value.package_info
    assert first[0].body == second[0].body == kept.body
    assert first[0].path == second[0].path
    assert dict(first[0].headers)["Authorization"] != dict(second[0].headers)["Authorization"]


@both
@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (reply({"code": "PARAM_ERROR", "message": "x"}, 400), Refused),
        (unsigned({"code": "PARAM_ERROR", "message": "x"}, 400), OutcomeUnknown),
        (unsigned(good(TRANSFER), 200), UntrustedReply),
        (HttpResponse(502, {}, b"<html>"), OutcomeUnknown),
    ],
    ids=["signed refusal", "unsigned refusal", "unsigned success", "page"],
)
def test_a_transfer_ends_in_one_of_three_ways(
    credentials: V3Credentials, play: Any, response: HttpResponse, kind: type[Exception]
) -> None:
    told: list[Outcome] = []

    def hook(call: Call) -> Callable[[End], None]:
        assert (call.endpoint, call.mch_billno) == ("transfer", NUMBER)
        return lambda end: told.append(end.outcome)

    error, _ = play(credentials, lambda it: it.call(TRANSFER), response, hooks=[hook])
    assert type(error) is kind
    assert told == [Outcome.REFUSED if kind is Refused else Outcome.UNKNOWN]


@both
def test_a_number_that_wechat_does_not_know_is_no_failure(
    credentials: V3Credentials, play: Any
) -> None:
    response = reply({"code": "NOT_FOUND", "message": "记录不存在"}, 404)
    error, _ = play(credentials, lambda it: it.call(QUERY), response)
    assert type(error) is TransferNotFound


@both
def test_what_is_not_opened_for_the_merchant_is_not_sent(play: Any) -> None:
    closed = credentials_with(assumptions=TransferAssumptions())
    error, requests = play(closed, lambda it: it.query_authorization("AUTH202611290001"))
    assert isinstance(error, InvalidRequest)
    assert requests == []


@both
def test_the_first_list_of_certificates_vouches_for_itself(play: Any) -> None:
    alone = credentials_with(public_key_id=None, public_key_pem=None)
    assert list(alone.wechat_keys) == []
    said = reply(VECTORS["certificates"], key=PLATFORM_KEY, serial=PLATFORM.serial)
    found, requests = play(alone, lambda it: it.platform_certificates(), said)
    assert [key.serial for key in found] == [PLATFORM.serial]
    assert "Wechatpay-Serial" not in dict(requests[0].headers)
    knowing = alone.with_wechat_keys(found)
    assert knowing.wechat_keys.find(PLATFORM.serial) == found[0]
    assert list(alone.wechat_keys) == []


@both
def test_a_list_of_certificates_that_others_made_is_not_believed(play: Any) -> None:
    alone = credentials_with(public_key_id=None, public_key_pem=None)
    foreign = reply(VECTORS["certificates"])  # by a key that is not in the list
    error, _ = play(alone, lambda it: it.platform_certificates(), foreign)
    assert isinstance(error, UntrustedReply)
    other_key = credentials_with(api_v3_key="x" * 32)
    said = reply(VECTORS["certificates"], key=PLATFORM_KEY, serial=PLATFORM.serial)
    error, _ = play(other_key, lambda it: it.platform_certificates(), said)
    assert isinstance(error, UntrustedReply)


@both
def test_a_merchant_with_the_public_key_alone_has_no_certificates(
    credentials: V3Credentials, play: Any
) -> None:
    missing = reply({"code": "RESOURCE_NOT_EXISTS", "message": "x"}, 404)
    for response in (missing, reply({"data": []})):
        found, _ = play(credentials, lambda it: it.platform_certificates(), response)
        assert found == ()


def test_both_keys_of_wechat_vouch_while_a_merchant_moves(credentials: V3Credentials) -> None:
    moving = credentials_with(platform_cert_pems=(VECTORS["platform_certificate"],))
    ways: list[dict[str, Any]] = [{}, {"key": PLATFORM_KEY, "serial": PLATFORM.serial}]
    for how in ways:
        value, requests = blocking(moving, lambda it: it.call(QUERY), reply(good(QUERY), **how))
        assert value.state == "SUCCESS"
        assert dict(requests[0].headers)["Wechatpay-Serial"] == PUBLIC.serial
    error, _ = blocking(
        credentials,
        lambda it: it.call(QUERY),
        reply(good(QUERY), key=PLATFORM_KEY, serial=PLATFORM.serial),
    )
    assert isinstance(error, UntrustedReply)


@pytest.mark.parametrize("name", ["success_pubkey", "tampered"])
def test_notifications_are_read_from_the_headers_of_any_server(
    credentials: V3Credentials, name: str
) -> None:
    said = VECTORS["notifications"][name]
    headers: dict[str, str] = said["headers"]
    client = MerchantTransfer(credentials, transport=_Script(), clock=lambda: NOW)
    pairs = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    lower = {key.lower(): value for key, value in headers.items()}
    for told in (headers, lower, pairs, [*pairs, *pairs]):
        event = client.notifications.read(told, said["body"].encode())
        expected = NotificationRefused if name == "tampered" else TransferFinished
        assert isinstance(event, expected)


def test_a_header_that_stands_twice_with_two_values_says_nothing(
    credentials: V3Credentials,
) -> None:
    said = VECTORS["notifications"]["success_pubkey"]
    client = MerchantTransfer(credentials, transport=_Script(), clock=lambda: NOW)
    pairs = [*said["headers"].items(), ("wechatpay-serial", "other")]
    refused = client.notifications.read(pairs, said["body"].encode())
    assert isinstance(refused, NotificationRefused)
    with pytest.raises(InvalidRequest, match="the bytes as they came"):
        client.notifications.read(said["headers"], said["body"])


def test_a_page_is_opened_with_the_package_as_it_came(credentials: V3Credentials) -> None:
    client = MerchantTransfer(credentials, transport=_Script(), clock=lambda: NOW)
    params = client.front_end_params("aff+/==")
    assert params.for_h5()["package"] == "aff+/=="
    assert json.dumps(params.for_mini_program())
    assert client.front_end_params("a", app_id="wxother").app_id == "wxother"
    with pytest.raises(InvalidRequest, match="package"):
        client.front_end_params("")
