"""What each field on the wire may be: alphabet, length, range. One table; the protocol as data.

Lengths are those of WeChat's tables. Whether they count characters or bytes is uncertain, so
characters are enforced and more bytes than were seen to pass give a ``ByteLengthWarning``: 31 of
``send_name`` and ``act_name``, 127 of ``wishing``, 255 of ``remark``, and as many as the characters
of the others. Source: https://pay.weixin.qq.com/doc/v2/merchant/4011974053 and its sister pages; of
the bytes, what payment services and shops check before they send.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import counted, joined
from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire.caution import ByteLengthWarning, warn

if TYPE_CHECKING:
    from collections.abc import Callable


_matches: dict[str, Callable[[str], re.Match[str] | None]] = {}
"""By pattern: each is compiled when it is first asked for. Forty at import would cost 4 ms."""


class Field(NamedTuple):
    """One field: what its text on the wire may be.

    Attributes:
        name: WeChat's spelling.
        pattern: what the whole text must match.
        rule: the same in words, for an error.
        chars_max: the length in WeChat's table; 0 for numbers.
        bytes_max: so many bytes of UTF-8 passed everywhere that anybody reported; 0 where nobody
            did.
        low: the least value of a number.
        high: the greatest value of a number; None for text.
    """

    name: str
    pattern: str
    rule: str
    chars_max: int = 0
    bytes_max: int = 0
    low: int = 0
    high: int | None = None

    def matches(self, text: str) -> bool:
        """Whether the whole text is as ``pattern`` has it; a number's range is not looked at."""
        match = _matches.get(self.pattern)
        if match is None:
            match = _matches[self.pattern] = re.compile(self.pattern).fullmatch
        return match(text) is not None

    def problem(self, text: str) -> str | None:
        """The rule that a text on the wire breaks, in words, or None."""
        if not self.matches(text):
            return self.rule
        if self.high is not None and not self.low <= int(text) <= self.high:
            return self.rule
        return None

    def check(self, value: object, mch_billno: object) -> str:
        """Check a caller's value and give its text for the wire.

        Raises:
            InvalidRequest: if it is of the wrong type or breaks the rule. A float is never rounded.
        """
        if self.high is not None:
            if type(value) is int and self.low <= value <= self.high:
                return str(value)
        elif isinstance(value, str) and self.matches(value):
            if size := self.excess(value):
                most = self.bytes_max or self.chars_max
                warn(
                    say(
                        "{name} is {size} bytes of UTF-8, and WeChat may count bytes: keep it to "
                        "{most}",
                        name=self.name,
                        size=size,
                        most=most,
                    ),
                    ByteLengthWarning,
                )
            return value
        raise InvalidRequest(
            field=self.name,
            rule=self.rule,
            found=_shape(value),
            mch_billno=mch_billno if isinstance(mch_billno, str) else None,
        )

    def excess(self, text: str) -> int:
        """How many bytes a text is, if that is too long where WeChat counts bytes; else 0."""
        most = self.bytes_max or self.chars_max
        if len(text) * _UTF8_BYTES_MAX <= most:
            return 0
        size = len(text.encode())
        return size if size > most else 0


_UTF8_BYTES_MAX = 4  # of one character


# XML 1.0 forbids these. CR is legal but a parser turns it into LF, so the server would sign another
# text than we did.
_FORBIDDEN = (
    "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
    # A receiver would see a box: what was lost in a wrong encoding, and what has no meaning.
    "\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff"
)


def _text(name: str, chars_max: int, bytes_max: int = 0) -> Field:
    pattern = f"[^{_FORBIDDEN}]{{1,{chars_max}}}"
    rule = say(
        "1 to {most} characters, no control, replacement or private-use ones", most=chars_max
    )
    return Field(name, pattern, rule, chars_max, bytes_max)


def _ascii(name: str, expression: str, rule: str, chars_max: int) -> Field:
    return Field(name, expression, rule, chars_max)


def _alphanumeric(name: str, chars_max: int) -> Field:
    rule = say("1 to {most} of 0-9, A-Z, a-z", most=chars_max)
    return _ascii(name, f"[0-9A-Za-z]{{1,{chars_max}}}", rule, chars_max)


def _token(name: str, chars_max: int) -> Field:
    # Openids and appids: no table gives their alphabet; real ones hold letters, digits, '-' and
    # '_'.
    rule = say("1 to {most} of 0-9, A-Z, a-z, '_', '-'", most=chars_max)
    return _ascii(name, f"[0-9A-Za-z_-]{{1,{chars_max}}}", rule, chars_max)


def _number(name: str, low: int, high: int) -> Field:
    rule = (
        say("a whole number from {low} to {high}", low=low, high=high)
        if low != high
        else say("exactly {low}", low=low)
    )
    return Field(name, "[0-9]{1,12}", rule, low=low, high=high)


def _choice(name: str, *values: str) -> Field:
    rule = values[0] if len(values) == 1 else say("one of {values}", values=joined(values))
    return _ascii(name, "|".join(map(re.escape, values)), rule, max(map(len, values)))


def _digest(name: str) -> Field:
    return _ascii(name, "[0-9A-Fa-f]{32}", say("32 hexadecimal digits"), 32)


# Any red packet's greatest amount, 4999 yuan: the historic ceiling of a scene.
_AMOUNT_CEILING = 499_900
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

NONCE_STR = _alphanumeric("nonce_str", 32)
SIGN = _digest("sign")
MCH_BILLNO = _alphanumeric("mch_billno", 28)
MCH_ID = _alphanumeric("mch_id", 32)
WXAPPID = _token("wxappid", 32)
APPID = _token("appid", 32)
SEND_NAME = _text("send_name", 32, 31)
RE_OPENID = _token("re_openid", 32)
TOTAL_AMOUNT = _number("total_amount", 1, _AMOUNT_CEILING)
TOTAL_NUM = _number("total_num", 1, 1)
WISHING = _text("wishing", 128, 127)
CLIENT_IP = _ascii(
    "client_ip", rf"{_OCTET}(?:\.{_OCTET}){{3}}", say("an IPv4 address such as 203.0.113.7"), 15
)
ACT_NAME = _text("act_name", 32, 31)
REMARK = _text("remark", 256, 255)
SCENE_ID = _choice("scene_id", *(f"PRODUCT_{number}" for number in range(1, 9)))
# Signed and sent percent-encoded: https://pay.weixin.qq.com/doc/v2/merchant/4011974053
RISK_INFO = _ascii(
    "risk_info",
    "[0-9A-Za-z%._~*-]{1,128}",
    say("percent-encoded, at most 128 characters: see RiskInfo"),
    128,
)
SUB_MCH_ID = _alphanumeric("sub_mch_id", 32)
MSGAPPID = _token("msgappid", 32)
CONSUME_MCH_ID = _alphanumeric("consume_mch_id", 32)
# A group: historic total 1 to 1000 yuan, at least three people. How many at most is an assumption.
GROUP_TOTAL_AMOUNT = _number("total_amount", 1, _AMOUNT_CEILING)
GROUP_TOTAL_NUM = _number("total_num", 3, 1000)
AMT_TYPE = _choice("amt_type", "ALL_RAND")
NOTIFY_WAY = _choice("notify_way", "MINI_PROGRAM_JSAPI")
BILL_TYPE = _choice("bill_type", "MCHT")
# hbpreorder's own, shorter texts and its amounts (1 to 1000 yuan).
PREORDER_HB_TYPE = _choice("hb_type", "NORMAL", "GROUP")
PREORDER_TOTAL_AMOUNT = _number("total_amount", 100, 100_000)
PREORDER_TOTAL_NUM = _number("total_num", 1, 1000)
PREORDER_WISHING = _text("wishing", 16)
PREORDER_REMARK = _text("remark", 32)
AUTH_MCHID = _choice("auth_mchid", "1000052601")
AUTH_APPID = _choice("auth_appid", "wxbf42bd79c4391863")
RISK_CNTL = _choice("risk_cntl", "NORMAL", "IGN_FREQ_LMT", "IGN_DAY_LMT", "IGN_FREQ_DAY_LMT")
# WeCom.
SENDER_NAME = _text("sender_name", 128)
AGENTID = _number("agentid", 0, 999_999_999_999)
SENDER_HEADER_MEDIA_ID = _text("sender_header_media_id", 128)
WORKWX_SIGN = _digest("workwx_sign")


def _shape(value: object) -> str:
    """What a value looks like, without saying it: it may be an openid or a customer's words."""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return say("a {type}", type=type(value).__name__)
    if not value:
        return say("an empty string")
    bad = re.search(f"[{_FORBIDDEN}]", value)
    if bad is not None:
        return say(
            "{characters} with U+{code} at {place}",
            characters=counted(len(value), "character"),
            code=f"{ord(bad.group()):04X}",
            place=bad.start(),
        )
    return counted(len(value), "character")
