"""JSON as WeChat's V3 sends and takes it. What is not plainly one object is refused as a whole.

Nothing here is lenient: a name that stands twice, a number that is none, half a character and a
tower of brackets are each a reason to believe nothing of a reply.
"""

from __future__ import annotations

import json
from datetime import datetime
from math import isinf
from typing import TYPE_CHECKING, Any, NoReturn

from hongbao.beijing import BEIJING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES_MAX = 1024 * 1024
DEPTH_MAX = 16
"""Of WeChat's documents the deepest has four."""
_NUMBER_MAX = 10**12
"""A trillion fen is beyond any transfer."""


class MalformedJson(ValueError):
    """These bytes are not one JSON object; the text says why, and quotes nothing."""


class IncompleteObject(ValueError):
    """An object lacks, or garbles, what it must say."""


def decode(body: bytes) -> dict[str, Any]:
    """The object that a body is.

    Raises:
        MalformedJson: it is anything else.
    """
    if len(body) > BYTES_MAX:
        raise MalformedJson(say("it has more than {most} bytes", most=BYTES_MAX))
    try:
        found = json.loads(
            body.decode(),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        if (
            b"\\u" in body
        ):  # halves of characters can be written like this, and nothing can show them
            json.dumps(found, ensure_ascii=False).encode()
    except MalformedJson:
        raise
    except UnicodeError:
        raise MalformedJson(say("it is not UTF-8")) from None
    except (ValueError, RecursionError):
        raise MalformedJson(say("it is not JSON")) from None
    if not isinstance(found, dict):
        raise MalformedJson(say("it is not an object"))
    if _depth(found) > DEPTH_MAX:
        raise MalformedJson(say("it is more than {most} deep", most=DEPTH_MAX))
    return found


def encode(document: Mapping[str, object]) -> bytes:
    """An object in the order of its names, without blanks, in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def text(document: Mapping[str, Any], name: str) -> str:
    """A text that must be there.

    Raises:
        IncompleteObject: it is not, or is empty, or no text.
    """
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise IncompleteObject(say("{name} is not a text", name=name))
    return value


def optional_text(document: Mapping[str, Any], name: str) -> str:
    """A text that may be absent, and is empty then.

    Raises:
        IncompleteObject: something else stands there.
    """
    return text(document, name) if document.get(name) else ""


def number(document: Mapping[str, Any], name: str) -> int:
    """A whole number that must be there.

    Raises:
        IncompleteObject: it is not, or is negative, too large, or no whole number.
    """
    value = document.get(name)
    if type(value) is not int or not 0 <= value <= _NUMBER_MAX:
        raise IncompleteObject(say("{name} is not a whole number", name=name))
    return value


def time(document: Mapping[str, Any], name: str) -> datetime | None:
    """A time in Beijing; None where there is none that can be read."""
    value = document.get(name)
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(BEIJING) if read.tzinfo else read.replace(tzinfo=BEIJING)
    except (ValueError, OverflowError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson(say("a name stands in it twice"))
    return found


def _no_constant(_: str) -> NoReturn:
    raise MalformedJson(say("a number in it is none"))


def _finite(digits: str) -> float:
    """A number with a point or an exponent; one that is too large would be written as no JSON."""
    value = float(digits)
    if isinf(value):
        raise MalformedJson(say("a number in it is none"))
    return value


def _depth(value: object) -> int:
    """How deep it is, found level by level, since it may be deeper than calls may be."""
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return depth
