"""Some of the texts that receivers will see, for a person to look at before they are sent.

No program can tell every wrong encoding; whoever reads a greeting can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOOKED_AT = 50
"""So many contents of requests are looked at; some of them differ in other things than texts."""
_SHOWN = 3
_SEEN = ("send_name", "wishing", "act_name", "remark", "sender_name")


def sample_texts(contents: Iterable[Mapping[str, object]]) -> tuple[dict[str, str], ...]:
    """The first texts that differ, by the names of their fields.

    Args:
        contents: what requests say but for whom and how much.
    """
    found: list[dict[str, str]] = []
    for content in contents:
        texts = {name: str(content[name]) for name in _SEEN if name in content}
        if texts and texts not in found:
            found.append(texts)
        if len(found) == _SHOWN:
            break
    return tuple(found)
