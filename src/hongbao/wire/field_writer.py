"""Turns a message's values into checked text for the wire, fast enough for a hot path.

One regular expression accepts an ordinary message at once. Other messages are checked field by
field, to warn or to say which rule is broken. The two agree, since both come from the fields' own
rules.
"""

from __future__ import annotations

import re
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hongbao.wire.fields import Field

_SEPARATOR = "\0"  # no field may hold it


class _Shape(NamedTuple):
    """How to write messages in which the same attributes are set to the same types."""

    names: tuple[str, ...]
    pick: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    ordinary: Callable[[str], re.Match[str] | None]


class FieldWriter:
    """Writes the attributes of one class of messages as fields.

    Args:
        rules: the rule of each attribute, in their order.
        optional: the names of those that may be None.
    """

    def __init__(self, rules: tuple[Field, ...], optional: Collection[str]) -> None:
        self._rules = rules
        self._optional = optional
        self._values = _getter(attrgetter, [rule.name for rule in rules])
        self._shapes: dict[tuple[type, ...], _Shape] = {}

    def wire(self, message: object) -> dict[str, str]:
        """The fields that are set, as text.

        Raises:
            InvalidRequest: naming the field and the rule that it breaks.
        """
        values = self._values(message)
        types = tuple(map(type, values))
        shape = self._shapes.get(types)
        if shape is None:
            # Only types that are right get a shape, so that there are few of them.
            texts = self._check(values)
            self._shapes[types] = self._shape(values)
            return texts
        joined = _SEPARATOR.join(map(str, shape.pick(values)))
        if shape.ordinary(joined) is None:
            return self._check(values)
        return dict(zip(shape.names, joined.split(_SEPARATOR), strict=True))

    def _check(self, values: tuple[Any, ...]) -> dict[str, str]:
        named = dict(zip([rule.name for rule in self._rules], values, strict=True))
        billno = named["mch_billno"]
        return {
            rule.name: rule.check(named[rule.name], billno)
            for rule in self._rules
            if named[rule.name] is not None or rule.name not in self._optional
        }

    def _shape(self, values: tuple[Any, ...]) -> _Shape:
        places = [place for place, value in enumerate(values) if value is not None]
        rules = [self._rules[place] for place in places]
        pattern = re.compile(_SEPARATOR.join([rule.ordinary for rule in rules]))
        names = tuple([rule.name for rule in rules])
        return _Shape(names, _getter(itemgetter, places), pattern.fullmatch)


def _getter(
    kind: type[attrgetter[Any] | itemgetter[Any]], keys: list[Any]
) -> Callable[[Any], tuple[Any, ...]]:
    """A getter that returns a tuple even for one key."""
    get: Callable[[Any], Any] = kind(*keys)
    return get if len(keys) > 1 else lambda source: (get(source),)
