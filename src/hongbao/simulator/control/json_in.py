"""Reads a JSON object field by field, and names the field that is wrong.

It knows types and bounds, but not what the fields mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from math import isfinite
from typing import Any, NoReturn, TypeVar

from hongbao.errors import InvalidRequest

EnumT = TypeVar("EnumT", bound=StrEnum)

INT_MAX = 10**15
"""Ten thousand billion yuan in fen; a greater number is a typing error."""
TEXT_CHARS_MAX = 4096
ITEMS_MAX = 10_000
_SHOWN_CHARS = 64


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a body as a JSON object; an empty body is an empty object.

    Raises:
        InvalidRequest: if it is not a JSON object in UTF-8.
    """
    if not body.strip():
        return {}
    try:
        said = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # The parser's message would quote the body.
        raise InvalidRequest(field="body", rule="JSON in UTF-8", found="something else") from None
    if not isinstance(said, dict):
        wrong("body", "a JSON object", said)
    return said


def wrong(field: str, rule: str, found: object) -> NoReturn:
    """Refuse a value.

    Raises:
        InvalidRequest: always.
    """
    raise InvalidRequest(field=field, rule=rule, found=repr(found)[:_SHOWN_CHARS])


class JsonFields:
    """The fields of one object. Each method takes one out; ``end`` refuses those that are left.

    Args:
        fields: the object.
        where: a prefix for the names in errors, such as ``limits.``.
    """

    def __init__(self, fields: Mapping[str, Any], where: str = "") -> None:
        self._left = dict(fields)
        self._where = where

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def names(self) -> list[str]:
        """The names of the fields that are left."""
        return list(self._left)

    def end(self, *known: str) -> None:
        """Refuse the object if a field is left.

        Args:
            known: the fields that are allowed, for the error.

        Raises:
            InvalidRequest: if a field is left.
        """
        for name in self._left:
            rule = f"one of {', '.join(known)}" if known else "left out"
            wrong(self._where + name, rule, name)

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._take(name, default)
        if not isinstance(value, str) or not 0 < len(value) <= TEXT_CHARS_MAX:
            wrong(self._where + name, f"a text of 1 to {TEXT_CHARS_MAX} characters", value)
        return value

    def maybe_text(self, name: str) -> str | None:
        """A text, or None for null."""
        return None if self._is_null(name) else self.text(name)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            wrong(self._where + name, "true or false", value)
        return value

    def whole(
        self, name: str, *, low: int = 0, high: int = INT_MAX, default: int | None = None
    ) -> int:
        """A whole number, such as fen."""
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            wrong(self._where + name, f"a whole number from {low} to {high}", value)
        return value

    def maybe_whole(self, name: str) -> int | None:
        """A whole number, or None for null."""
        return None if self._is_null(name) else self.whole(name)

    def seconds(self, name: str) -> float:
        """A time span or a moment."""
        value = self._take(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(value) or not 0 <= value <= INT_MAX:
            wrong(self._where + name, "a number of seconds, 0 or more", value)
        return float(value)

    def choice(self, name: str, kind: type[EnumT]) -> EnumT:
        """One value of a closed set."""
        value = self._take(name)
        try:
            return kind(value)
        except ValueError:
            wrong(self._where + name, f"one of {', '.join(kind)}", value)

    def choices(self, name: str, kind: type[EnumT]) -> dict[str, EnumT]:
        """An object whose values are all of a closed set."""
        inner = self.inside(name)
        return {one: inner.choice(one, kind) for one in inner.names()}

    def texts(self, name: str) -> frozenset[str]:
        """A list of texts."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > ITEMS_MAX:
            wrong(self._where + name, f"a list of at most {ITEMS_MAX} texts", value)
        inner = JsonFields(
            {str(index): item for index, item in enumerate(value)}, f"{self._where}{name}."
        )
        return frozenset(inner.text(index) for index in inner.names())

    def inside(self, name: str) -> JsonFields:
        """A nested object."""
        value = self._take(name)
        if not isinstance(value, Mapping) or len(value) > ITEMS_MAX:
            wrong(self._where + name, f"an object of at most {ITEMS_MAX} fields", value)
        return JsonFields(value, f"{self._where}{name}.")

    def raw(self, name: str) -> Any:  # noqa: ANN401  # whatever JSON holds; its reader checks it
        """The value as it is."""
        return self._take(name)

    def like(self, name: str, value: object) -> Any:  # noqa: ANN401  # of the type of ``value``
        """A value of the same kind as another: a flag, a choice, a text, a number."""
        if isinstance(value, bool):
            return self.flag(name)
        if isinstance(value, StrEnum):
            return self.choice(name, type(value))
        if isinstance(value, str):
            return self.text(name)
        return self.seconds(name) if isinstance(value, float) else self.whole(name)

    def _take(self, name: str, default: object = None) -> Any:  # noqa: ANN401  # checked by callers
        value = self._left.pop(name, default)
        if value is None:
            wrong(self._where + name, "given", value)
        return value

    def _is_null(self, name: str) -> bool:
        """Whether a field is null or left out; if so, remove it."""
        if self._left.get(name) is not None:
            return False
        self._left.pop(name, None)
        return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
