"""The columns of a report, by which a report is known where a list is wanted."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    "no", "key", "openid", "kind", "state", "状态", "billno", "send_listid", "amount_yuan",
    "claimed_yuan", "refunded_yuan", "people", "first_sent_at", "paid_at", "settled_at",
    "attempts", "calls", "code", "reason", "meaning", "含义", "advice", "建议",
)  # fmt: skip
"""The columns, in their order. Times are Beijing's."""

NUMBERS = frozenset(
    {"no", "amount_yuan", "claimed_yuan", "refunded_yuan", "people", "attempts", "calls"}
)
"""The columns that hold numbers."""

MONEY = frozenset({"amount_yuan", "claimed_yuan", "refunded_yuan"})
"""The columns that hold yuan."""

FOREIGN = frozenset({"key", "openid", "kind", "billno", "send_listid", "code", "reason"})
"""The columns that hold texts of others; the words and times in the rest are ours."""

_CHINESE = {
    "no": "序号", "key": "业务单号", "openid": "用户openid", "kind": "红包类型", "状态": "状态",
    "billno": "商户订单号", "send_listid": "微信红包单号", "amount_yuan": "金额（元）",
    "claimed_yuan": "已领取（元）", "refunded_yuan": "已退回（元）", "people": "红包人数",
    "first_sent_at": "首次发送时间", "paid_at": "付款时间", "settled_at": "结束时间",
    "attempts": "单号数", "calls": "调用次数", "code": "错误码", "reason": "原因", "含义": "含义",
    "建议": "建议",
}  # fmt: skip
"""The columns of a report in Chinese, and what they are called there."""
_NOT_ENGLISH = frozenset({"状态", "含义", "建议"})


class ReportHeaders(StrEnum):
    """In which language a report is."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"
    """English names, and the words in both."""


class ReportColumns(NamedTuple):
    """The columns of a report in some language.

    Attributes:
        header: their names.
        places: where each stands in ``COLUMNS``.
        numbers: those that hold numbers.
        money: those that hold yuan.
        foreign: those that hold texts of others.
    """

    header: tuple[str, ...]
    places: tuple[int, ...]
    numbers: frozenset[str]
    money: frozenset[str]
    foreign: frozenset[str]

    def with_more(self, names: Sequence[str]) -> ReportColumns:
        """The same with columns that the list kept; one of a name that is taken says so."""
        header = list(self.header)
        for name in names:
            header.append(name if name not in header else f"{name} (list)")
        more = frozenset(header[len(self.header) :])
        return self._replace(header=tuple(header), foreign=self.foreign | more)


def layout(headers: ReportHeaders = ReportHeaders.BOTH) -> ReportColumns:
    """The columns of a report in a language."""
    called = {name: name for name in COLUMNS}
    if headers is ReportHeaders.ZH:
        called = _CHINESE
    elif headers is ReportHeaders.EN:
        called = {name: name for name in COLUMNS if name not in _NOT_ENGLISH}
    places = {name: place for place, name in enumerate(COLUMNS) if name in called}
    return ReportColumns(
        tuple(called[name] for name in places), tuple(places.values()),
        *(
            frozenset(called[name] for name in some if name in called)
            for some in (NUMBERS, MONEY, FOREIGN)
        ),
    )  # fmt: skip


_OURS = (frozenset(COLUMNS) | frozenset(_CHINESE.values())) - {
    "序号", "业务单号", "用户openid", "红包类型", "金额（元）", "红包人数", "错误码", "原因",
    "no", "key", "openid", "kind", "state", "amount_yuan", "people", "calls", "code", "reason",
}  # fmt: skip
_OURS_MIN = 2


def is_report(header: Sequence[str]) -> bool:
    """Whether a table has columns of a report that no list has, in whatever order and company."""
    return len(_OURS.intersection(name.strip().lower() for name in header)) >= _OURS_MIN
