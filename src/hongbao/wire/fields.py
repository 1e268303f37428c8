"""What each field on the wire may be: alphabet, length, range. One table; the protocol as data.

Lengths are those of WeChat's tables. Whether they count characters or bytes is uncertain, so
characters are enforced and more bytes than that give a ``ByteLengthWarning``. Source:
https://pay.weixin.qq.com/doc/v2/merchant/4011974053 and its sister pages.
"""

from __future__ import annotations

import re
import warnings
from typing import NamedTuple

from hongbao.errors import InvalidRequest


class ByteLengthWarning(UserWarning):
    """A text fits WeChat's limit in characters but not in UTF-8 bytes.

    Users report that it may be cut or lost.
    """


class Field(NamedTuple):
    """One field: what its text on the wire may be.

    Attributes:
        name: WeChat's spelling.
        pattern: what the whole text must match.
        rule: the same in words, for an error.
        chars_max: the length in WeChat's table; 0 for numbers.
        low: the least value of a number.
        high: the greatest value of a number; None for text.
    """

    name: str
    pattern: re.Pattern[str]
    rule: str
    chars_max: int = 0
    low: int = 0
    high: int | None = None

    def problem(self, text: str) -> str | None:
        """The rule that a text on the wire breaks, in words, or None."""
        if self.pattern.fullmatch(text) is None:
            return self.rule
        if self.high is not None and not self.low <= int(text) <= self.high:
            return self.rule
        return None


# XML 1.0 forbids these. CR is legal but a parser turns it into LF, so the server would sign another
# text than we did.
_FORBIDDEN = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"


def _text(name: str, chars_max: int) -> Field:
    pattern = re.compile(f"[^{_FORBIDDEN}]{{1,{chars_max}}}")
    return Field(
        name, pattern, f"1 to {chars_max} characters without control characters", chars_max
    )


def _alphanumeric(name: str, chars_max: int) -> Field:
    pattern = re.compile(f"[0-9A-Za-z]{{1,{chars_max}}}")
    return Field(name, pattern, f"1 to {chars_max} of 0-9, A-Z, a-z", chars_max)


def _token(name: str, chars_max: int) -> Field:
    # Openids and appids: no table gives their alphabet; real ones hold letters, digits, '-' and
    # '_'.
    pattern = re.compile(f"[0-9A-Za-z_-]{{1,{chars_max}}}")
    return Field(name, pattern, f"1 to {chars_max} of 0-9, A-Z, a-z, '_', '-'", chars_max)


def _number(name: str, low: int, high: int) -> Field:
    pattern = re.compile("[0-9]{1,12}", re.ASCII)
    rule = f"a whole number from {low} to {high}" if low != high else f"exactly {low}"
    return Field(name, pattern, rule, low=low, high=high)


def _choice(name: str, *values: str) -> Field:
    words = values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    return Field(name, re.compile("|".join(map(re.escape, values))), words, max(map(len, values)))


def _digest(name: str) -> Field:
    return Field(name, re.compile("[0-9A-Fa-f]{32}"), "32 hexadecimal digits", 32)


# Any red packet's greatest amount, 4999 yuan: the historic ceiling of a scene.
_AMOUNT_CEILING = 499_900
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

NONCE_STR = _alphanumeric("nonce_str", 32)
SIGN = _digest("sign")
MCH_BILLNO = _alphanumeric("mch_billno", 28)
MCH_ID = _alphanumeric("mch_id", 32)
WXAPPID = _token("wxappid", 32)
APPID = _token("appid", 32)
SEND_NAME = _text("send_name", 32)
RE_OPENID = _token("re_openid", 32)
TOTAL_AMOUNT = _number("total_amount", 1, _AMOUNT_CEILING)
TOTAL_NUM = _number("total_num", 1, 1)
WISHING = _text("wishing", 128)
CLIENT_IP = Field(
    "client_ip",
    re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII),
    "an IPv4 address such as 203.0.113.7",
    15,
)
ACT_NAME = _text("act_name", 32)
REMARK = _text("remark", 256)
SCENE_ID = _choice("scene_id", *(f"PRODUCT_{number}" for number in range(1, 9)))
# Signed and sent percent-encoded: https://pay.weixin.qq.com/doc/v2/merchant/4011974053
RISK_INFO = Field(
    "risk_info",
    re.compile(r"[0-9A-Za-z%._~*-]{1,128}"),
    "percent-encoded, at most 128 characters: see RiskInfo",
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


def check_text(field: Field, value: object, mch_billno: str | None) -> None:
    """Check a caller's text.

    Raises:
        InvalidRequest: if it is no ``str`` or breaks the field's rule.
    """
    if not isinstance(value, str):
        raise _invalid(field, f"a {type(value).__name__}", mch_billno)
    if field.pattern.fullmatch(value) is None:
        raise _invalid(field, _shape(value), mch_billno)
    if not value.isascii() and len(value.encode()) > field.chars_max:
        warnings.warn(
            f"{field.name} is {len(value.encode())} bytes of UTF-8; WeChat's limit of "
            f"{field.chars_max} may count bytes. Keep it shorter.",
            ByteLengthWarning,
            stacklevel=6,
        )


def check_number(field: Field, value: object, mch_billno: str | None) -> None:
    """Check a caller's whole number.

    Raises:
        InvalidRequest: if it is no ``int`` or out of the field's range. A float is never rounded.
    """
    if type(value) is not int:
        raise _invalid(field, f"a {type(value).__name__}", mch_billno)
    if field.high is not None and not field.low <= value <= field.high:
        raise _invalid(field, str(value), mch_billno)


def _invalid(field: Field, found: str, mch_billno: str | None) -> InvalidRequest:
    return InvalidRequest(field=field.name, rule=field.rule, found=found, mch_billno=mch_billno)


def _shape(value: str) -> str:
    """What a text looks like, without saying it: it may be an openid or a customer's words."""
    if not value:
        return "an empty string"
    bad = re.search(f"[{_FORBIDDEN}]", value)
    if bad is not None:
        return f"{len(value)} characters with U+{ord(bad.group()):04X} at {bad.start()}"
    return f"{len(value)} characters"
