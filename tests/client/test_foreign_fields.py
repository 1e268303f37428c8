"""Whoever gives what other SDKs ask for is told why it is left out, before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import AsyncRedPack, InvalidRequest, RedPack
from hongbao.wire import messages
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao import Merchant

METHODS: dict[str, Any] = {
    "send_normal": messages.SendNormal,
    "send_mini_program": messages.SendMiniProgram,
    "send_group": messages.SendGroup,
    "preorder": messages.Preorder,
    "query": messages.Query,
    "send_work": messages.SendWork,
    "query_work": messages.QueryWork,
}
FIELDS = sorted({it.name for endpoint in ENDPOINTS for it in endpoint.known})
VALUE = "oVALUE_of_somebody_0000000001"


class _NoTransport:
    def send(self, *_: object, **__: object) -> Any:
        raise AssertionError("nothing may be sent")

    close = send


def _blocking(merchant: Merchant, method: str, arguments: dict[str, Any]) -> object:
    return getattr(RedPack(merchant, transport=_NoTransport()), method)(**arguments)


def _asyncio(merchant: Merchant, method: str, arguments: dict[str, Any]) -> object:
    async def run() -> object:
        red_pack = AsyncRedPack(merchant, transport=_NoTransport())  # type: ignore[arg-type]  # for both
        return await getattr(red_pack, method)(**arguments)

    return asyncio.run(run())


@pytest.fixture(params=[_blocking, _asyncio], ids=["blocking", "asyncio"])
def call(request: pytest.FixtureRequest) -> Callable[..., object]:
    """One call by either client."""
    client: Callable[..., object] = request.param
    return client


def _refused(call: Any, merchant: Merchant, method: str, field: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest, match=f"^{field} must be left out: ") as caught:
        call(merchant, method, {"mch_billno": "B0001", field: VALUE})
    return caught.value


@pytest.mark.parametrize("method", METHODS)
def test_each_of_wechats_fields_that_a_method_does_not_take_is_refused_with_a_reason(
    call: Any, merchant: Merchant, method: str
) -> None:
    taken = METHODS[method].__dataclass_fields__
    for field in [*FIELDS, "sign_type", "sub_appid"]:
        if field not in taken:
            error = _refused(call, merchant, method, field)
            assert (error.field, error.mch_billno) == (field, "B0001")
            assert VALUE not in str(error)


@pytest.mark.parametrize(
    ("method", "field", "reason"),
    [
        ("send_normal", "total_num", "it is always 1, and is filled in"),
        ("send_normal", "wxappid", "it is the merchant's app_id, of the settings"),
        ("send_normal", "amt_type", "WeChat does not know it for sendredpack"),
        ("send_normal", "msgappid", "sub_merchant(sub_mch_id, msgappid=...) says it"),
        ("send_group", "amt_type", "it is always ALL_RAND, and is filled in"),
        ("send_group", "client_ip", "WeChat does not know it for sendgroupredpack"),
        ("send_mini_program", "client_ip", "if signed, it gives SIGN_ERROR"),
        ("send_mini_program", "notify_way", "it is always MINI_PROGRAM_JSAPI, and is filled in"),
        ("send_work", "wxappid", "it is the WeCom corporation's corp_id, of the settings"),
        ("query", "bill_type", "it is always MCHT, and is filled in"),
        ("query", "sub_mch_id", "WeChat does not know it for gethbinfo"),
    ],
)
def test_the_reason_says_what_hongbao_does_instead(
    call: Any, merchant: Merchant, method: str, field: str, reason: str
) -> None:
    assert reason in _refused(call, merchant, method, field).rule


def test_a_name_that_is_nothing_of_wechats_is_a_type_error_that_says_it(
    call: Any, merchant: Merchant
) -> None:
    with pytest.raises(TypeError, match="'total_ammount'"):
        call(merchant, "send_normal", {"total_ammount": 100})


def test_a_field_that_is_missing_is_a_type_error_that_says_it(
    call: Any, merchant: Merchant
) -> None:
    with pytest.raises(TypeError, match="'re_openid'"):
        call(merchant, "send_normal", {"mch_billno": "B0001"})
