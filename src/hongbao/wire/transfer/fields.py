"""What each field of a V3 transfer may be: one table, from which requests are made and judged.

Lengths count characters, as WeChat's tables have them; texts hold only characters of at most three
bytes of UTF-8 (the basic rules of V3), so no emoji. Source: the pages 4012716434 (transfer),
4014399293, 4014399371, 4015901167 (authorisations).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.english import joined
from hongbao.sentences import say
from hongbao.wire.endpoints import Need
from hongbao.wire.fields import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

_UTF8_BYTES_MAX = 3  # of a character that V3 takes
_REFUSED = "\x00-\x1f\x7f\ud800-\udfff\ufffd-\uffff\ue000-\uf8ff\U00010000-\U0010ffff"
_AMOUNT_CEILING = 10_000_000_000  # fen: no scene's greatest amount is near
_LIST_MAX = 16


class Part(NamedTuple):
    """One field of an object.

    Attributes:
        rule: a text or a number, or what an object or a list of objects is made of.
        need: when it is needed.
    """

    rule: Field | Group
    need: Need


class Group(NamedTuple):
    """An object in an object, or a list of them.

    Attributes:
        name: WeChat's spelling.
        parts: what it is made of.
        many: whether it is a list of such objects.
    """

    name: str
    parts: tuple[Part, ...]
    many: bool = False


class Breach(NamedTuple):
    """A rule that an object breaks.

    Attributes:
        pointer: to the field, as in JSON Pointer: ``/user_recv_style/type``.
        rule: what it must be, in words.
        value: what stands there; None for nothing.
        unknown: whether the call knows no such field.
    """

    pointer: str
    rule: str
    value: object
    unknown: bool = False


def breach(document: Mapping[str, Any], parts: tuple[Part, ...], at: str = "") -> Breach | None:
    """The first rule that an object breaks, or None."""
    known = {part.rule.name for part in parts}
    for name, value in document.items():
        if name not in known:
            return Breach(
                f"{at}/{name}", say("left out: the call knows no such field"), value, True
            )
    for rule, need in parts:
        where = f"{at}/{rule.name}"
        if rule.name not in document:
            if need is Need.REQUIRED:
                return Breach(where, _in_words(rule), None)
        elif (found := _broken(rule, document[rule.name], where)) is not None:
            return found
    return None


def _broken(rule: Field | Group, value: object, at: str) -> Breach | None:
    if isinstance(rule, Group):
        return next(_of_group(rule, value, at), None)
    if rule.high is not None:
        fits = type(value) is int and rule.low <= value <= rule.high
    else:
        fits = isinstance(value, str) and rule.matches(value)
    return None if fits else Breach(at, rule.rule, value)


def _of_group(group: Group, value: object, at: str) -> Iterator[Breach]:
    each = value if group.many else [value]
    if not isinstance(each, list) or not 0 < len(each) <= _LIST_MAX:
        yield Breach(at, _in_words(group), value)
        return
    for index, one in enumerate(each):
        where = f"{at}/{index}" if group.many else at
        if not isinstance(one, Mapping):
            yield Breach(where, say("an object"), one)
        elif (found := breach(one, group.parts, where)) is not None:
            yield found


def _in_words(rule: Field | Group) -> str:
    if isinstance(rule, Group):
        return (
            say("a list of 1 to {most} objects", most=_LIST_MAX) if rule.many else say("an object")
        )
    return rule.rule


def required(*rules: Field | Group) -> tuple[Part, ...]:
    """Parts that are always needed."""
    return tuple(Part(rule, Need.REQUIRED) for rule in rules)


def optional(*rules: Field | Group) -> tuple[Part, ...]:
    """Parts that may be left out."""
    return tuple(Part(rule, Need.OPTIONAL) for rule in rules)


def _text(name: str, chars_max: int) -> Field:
    rule = say("1 to {most} characters, no control characters and no emoji", most=chars_max)
    pattern = f"[^{_REFUSED}]{{1,{chars_max}}}"
    return Field(name, pattern, rule, chars_max, chars_max * _UTF8_BYTES_MAX)


def _token(name: str, chars_max: int) -> Field:
    rule = say("1 to {most} of 0-9, A-Z, a-z, '_', '-'", most=chars_max)
    return Field(name, f"[0-9A-Za-z_-]{{1,{chars_max}}}", rule, chars_max)


def _number_of_ours(name: str) -> Field:
    return Field(name, "[0-9A-Za-z]{1,32}", say("1 to 32 of 0-9, A-Z, a-z"), 32)


def _url(name: str) -> Field:
    rule = say("https:// and at most 256 characters, without ? and #")
    return Field(name, 'https://[!"$->@-~]{1,248}', rule, 256)


def _choice(name: str, *values: str) -> Field:
    return Field(
        name, "|".join(values), say("one of {values}", values=joined(values)), max(map(len, values))
    )


APPID = _token("appid", 32)
MCH_ID = Field("mchid", "[0-9]{8,12}", say("8 to 12 digits"), 12)
OPENID = _token("openid", 64)
OUT_BILL_NO = _number_of_ours("out_bill_no")
TRANSFER_BILL_NO = _token("transfer_bill_no", 64)
TRANSFER_SCENE_ID = _token("transfer_scene_id", 36)
NAME = _text("user_name", 64)
"""As a person writes it: before it is sealed."""
SEALED_NAME = Field(
    "user_name", "[0-9A-Za-z+/]{1,1024}={0,2}", say("base64 of what is sealed"), 1024
)
TRANSFER_AMOUNT = Field(
    "transfer_amount",
    "[0-9]+",
    say("a whole number of fen from {low} to {high}", low=1, high=_AMOUNT_CEILING),
    low=1,
    high=_AMOUNT_CEILING,
)
TRANSFER_REMARK = _text("transfer_remark", 32)
NOTIFY_URL = _url("notify_url")
USER_RECV_PERCEPTION = _text("user_recv_perception", 32)
INFO_TYPE = _text("info_type", 15)
INFO_CONTENT = _text("info_content", 32)
REPORT_INFOS = Group("transfer_scene_report_infos", required(INFO_TYPE, INFO_CONTENT), many=True)
STYLE_TYPE = _choice("type", "CONFIRM_PAGE", "RED_PACKET")
USER_RECV_STYLE = Group("user_recv_style", required(STYLE_TYPE))

USER_DISPLAY_NAME = _text("user_display_name", 32)
OUT_AUTHORIZATION_NO = _number_of_ours("out_authorization_no")
AUTHORIZATION_ID = _token("authorization_id", 64)
AUTHORIZATION_NOTIFY_URL = _url("authorization_notify_url")
AUTHORIZATION_INFO = Group(
    "authorization_info",
    required(USER_DISPLAY_NAME, OUT_AUTHORIZATION_NO, AUTHORIZATION_NOTIFY_URL),
)
SPONSOR_MCHID = Field("sponsor_mchid", "[0-9]{8,12}", say("8 to 12 digits"), 12)
CLIENT_IP = Field("client_ip", "[0-9A-Fa-f.:]{3,45}", say("an IP address"), 45)
DEVICE_ID = _text("device_id", 128)
DEVICE_TYPE = _choice("device_type", "IOS", "ANDROID", "HARMONY", "OTHER")
SCENE_INFO = Group("scene_info", optional(CLIENT_IP, DEVICE_ID, DEVICE_TYPE))
