"""``risk_info``: hints for WeChat's risk control, percent-encoded once, and signed in that form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hongbao.english import counted
from hongbao.errors import InvalidRequest
from hongbao.wire.fields import RISK_INFO

_RESERVED = re.compile(rb"[^0-9A-Za-z._~-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskInfo:
    """What may be said about the user. Empty ones are left out.

    Attributes:
        posttime: when the user acted, in seconds since the epoch.
        mobile: country code and number without a plus sign, such as ``"86-13800000000"``.
        deviceid: a MAC address or device identifier.
        clientversion: of the user's client.
    """

    posttime: int | None = None
    mobile: str = field(default="", repr=False)
    deviceid: str = field(default="", repr=False)
    clientversion: str = ""

    def encode(self) -> str:
        """The text for the wire.

        Raises:
            InvalidRequest: if nothing is given, or it is longer than 128 characters once encoded.
        """
        named = (
            ("posttime", "" if self.posttime is None else str(self.posttime)),
            ("mobile", self.mobile),
            ("deviceid", self.deviceid),
            ("clientversion", self.clientversion),
        )
        text = percent_encode("&".join([f"{name}={value}" for name, value in named if value]))
        if RISK_INFO.problem(text):
            raise InvalidRequest(
                field="risk_info", rule=RISK_INFO.rule, found=counted(len(text), "character")
            )
        return text


def percent_encode(text: str, *, upper: bool = False) -> str:
    """Percent-encode all but the unreserved characters of RFC 3986.

    Hex in lower case, as in WeChat's example.
    """
    form = b"%%%02X" if upper else b"%%%02x"
    return _RESERVED.sub(lambda match: form % match.group()[0], text.encode()).decode()
