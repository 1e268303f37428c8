"""WeChat's fields that a message does not take, and why: for whoever comes from elsewhere.

Other SDKs, and WeChat's own pages, have their callers give what is filled in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from hongbao.wire.endpoints import Endpoint

_PROVIDER = "ServiceProvider(...).sub_merchant(sub_mch_id, msgappid=...) says it"
_MADE_ANEW = "it is made anew for each call"
_FILLED_IN = {
    "mch_id": "it is the merchant's, of the settings",
    "sub_mch_id": _PROVIDER,
    "msgappid": _PROVIDER,
    "nonce_str": _MADE_ANEW,
    "sign": _MADE_ANEW,
    "workwx_sign": _MADE_ANEW,
}
_OF_NO_CALL = frozenset({"sign_type", "sub_appid"})
"""What other SDKs send beside."""
_OF_SOME_CALL = frozenset({field.name for endpoint in ENDPOINTS for field in endpoint.known})


def reason(endpoint: Endpoint, name: str) -> str | None:
    """Why a field is not to be given with a call whose message does not take it.

    None for a name that is nothing of WeChat's.
    """
    if name in endpoint.constants:
        return f"it is always {endpoint.constants[name]}, and is filled in"
    if name == endpoint.appid_field:
        whose = "the WeCom corporation's corp_id" if endpoint.of_wecom else "the merchant's app_id"
        return f"it is {whose}, of the settings"
    if endpoint.need(name) is not None:
        return _FILLED_IN[name]
    if name in _OF_SOME_CALL | _OF_NO_CALL:
        return f"WeChat does not know it for {endpoint.name}; if signed, it gives SIGN_ERROR"
    return None
