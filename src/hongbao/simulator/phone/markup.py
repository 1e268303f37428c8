"""Builds HTML from values, so that every text in it is escaped. It knows no page."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

Attribute: TypeAlias = str | int | bool | None
Child: TypeAlias = str | int | None

_VOID = frozenset({"br", "hr", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """One element.

    Args:
        name: its tag.
        children: what is in it, in order; texts are escaped, None is left out.
        attributes: ``class_`` for class, ``_`` for ``-``; None and False leave one out, True gives
            one without a value.
    """
    shown = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    """Several children without an element around them."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(str(child))
            for child in children
            if child is not None
        )
    )


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
