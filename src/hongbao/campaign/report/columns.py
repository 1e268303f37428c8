"""The columns of a report, by which a report is known where a list is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


_OURS = frozenset(COLUMNS) - {
    "no", "key", "openid", "kind", "state", "amount_yuan", "people", "calls", "code", "reason",
}  # fmt: skip
_OURS_MIN = 2


def is_report(header: Sequence[str]) -> bool:
    """Whether a table has columns of a report that no list has, in whatever order and company."""
    return len(_OURS.intersection(name.strip().lower() for name in header)) >= _OURS_MIN
