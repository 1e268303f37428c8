"""What the columns of a list are called, in English and Chinese, and what each one holds.

One table. A name is compared without case, blanks, hyphens and underscores, full-width forms as
their plain ones; an amount's name may say its unit at its end: ``amount_fen``, ``金额（元）``.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.amount import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

PAYEE, AMOUNT, KEY, KIND, PEOPLE = "openid", "amount", "key", "kind", "people"
"""The columns that are not texts of a request."""

IGNORED = "-"
"""In a map: a column that is read by nobody."""

_NAMES: dict[str, tuple[str, ...]] = {
    PAYEE: ("openid", "re_openid", "payee", "用户openid", "收款人openid", "收款人", "用户标识"),
    AMOUNT: ("amount", "total_amount", "金额", "红包金额", "总金额", "发放金额"),
    KEY: ("key", "业务单号", "订单号", "编号", "单号", "唯一编号"),
    KIND: ("kind", "type", "类型", "红包类型"),
    PEOPLE: ("people", "total_num", "人数", "红包人数", "发放人数"),
    "send_name": ("send_name", "商户名称", "发送方", "发送方名称"),
    "wishing": ("wishing", "祝福语", "红包祝福语"),
    "act_name": ("act_name", "活动名称", "活动名"),
    "remark": ("remark", "备注"),
    "scene_id": ("scene_id", "场景", "场景id"),
    "sender_name": ("sender_name", "发送人", "发送人姓名", "发送者姓名"),
    "agentid": ("agentid", "应用id", "企业应用id"),
    "sender_header_media_id": ("sender_header_media_id", "发送人头像", "发送者头像"),
    "risk_info": ("risk_info", "风控信息"),
    "consume_mch_id": ("consume_mch_id", "扣费商户号", "扣钱方商户号"),
}

FIELDS = tuple(_NAMES)
"""Every field, as a map names it."""

_BLANKS = re.compile(r"[\s_-]+")
_UNIT = re.compile(r"(?P<name>.+?)[(\[]?(?P<unit>元|分|yuan|rmb|cny|fen)[)\]]?")
_UNITS = {"元": Unit.YUAN, "yuan": Unit.YUAN, "rmb": Unit.YUAN, "cny": Unit.YUAN}


def _plain(name: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name).casefold())


_FIELD_OF = {_plain(name): field for field, names in _NAMES.items() for name in names}


class Column(NamedTuple):
    """What a name at the top of a column means.

    Attributes:
        field: one of ``FIELDS``, or ``IGNORED``.
        unit: the unit that the name says.
    """

    field: str
    unit: Unit | None = None


def recognise(name: str) -> Column | None:
    """What a column of this name holds; None if that is not known."""
    plain = _plain(name)
    if plain in _FIELD_OF:
        return Column(_FIELD_OF[plain])
    match = _UNIT.fullmatch(plain)
    if match is not None and _FIELD_OF.get(match["name"]) == AMOUNT:
        return Column(AMOUNT, _UNITS.get(match["unit"], Unit.FEN))
    return None


def mapped(name: str, named: Mapping[str, str]) -> Column | None:
    """What a column of this name holds, a user's own map first; None if that is not known."""
    given = name if name in named else next((it for it in named if same_name(it, name)), None)
    said = recognise(name)
    if given is None:
        return said
    unit = said.unit if said is not None and said.field == named[given] == AMOUNT else None
    return Column(named[given], unit)


def same_name(one: str, other: str) -> bool:
    """Whether two names of columns are one, as names are compared."""
    return _plain(one) == _plain(other)


def suggest(name: str) -> str:
    """Which column may be meant by a name that is not known, as a question; empty if none is."""
    close = difflib.get_close_matches(_plain(name[:64]), _FIELD_OF, n=1)
    return f"is {_FIELD_OF[close[0]]} meant?" if close else ""
