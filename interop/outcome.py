"""What an SDK handed back, in few words that are the same on every run.

The caller's view alone: whether there is a result or an error, whether the err_code can be read
off it, and which of the reply's facts are in it. Facts are looked for by their values, so that it
does not matter how a language spells their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.wire import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from interop.stage import Seen

_GOOD_CODES = frozenset({"", "SUCCESS", "0"})
_NOT_FACTS = frozenset(
    {"return_code", "return_msg", "result_code", "err_code", "err_code_des", "sign"}
)


def in_words(told: Mapping[str, Any], seen: list[Seen]) -> str:
    """What a driver told of one step.

    Args:
        told: by the driver.
        seen: what reached WeChat's side.
    """
    code = told.get("code") or ""
    if not isinstance(code, str):
        shown = " with something else for err_code"
    else:
        shown = "" if code in _GOOD_CODES else f" {code}"
    if told["kind"] == "error":
        return f"error {told['type']}{shown}"
    value = told["value"]
    if value is None:
        return "nothing at all"
    if isinstance(value, str):
        return "the reply as bare text"
    details = "" if shown or not seen else _details(value, seen[-1].answer.body)
    return f"result{shown}{details}"


def keeps_number(told: Mapping[str, Any], number: str) -> bool:
    """Whether the caller can read off the number that an SDK drew."""
    return any(number in leaf for leaf in _leaves(told.get("value")))


def _details(value: object, reply: bytes) -> str:
    try:
        facts = document.decode(reply)
    except document.MalformedDocument:
        return " out of a damaged reply"
    leaves = set(_leaves(value))
    if not any(leaves):
        return " with nothing in it"
    wanted = {name: text for name, text in facts.fields.items() if name not in _NOT_FACTS}
    lost = [name for name, text in wanted.items() if text and text not in leaves]
    words = f" without {', '.join(lost)}" if lost else ""
    rows = facts.lists.get("hblist", [])
    if rows:
        kept = sum(set(row.values()) <= leaves for row in rows)
        counted = f"{kept} of {len(rows)} claims, as a {_shape(value)}" if kept else "no claims"
        words += f", {counted}"
    return words


def _shape(value: object) -> str:
    """How the claims stand in a result: WeChat's ``hblist/hbinfo``, by whatever it became."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "hbinfo":
                return "list" if isinstance(inner, list) else "map"
            if found := _shape(inner):
                return found
    return ""


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)
