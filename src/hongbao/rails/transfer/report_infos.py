"""What a transfer's scene wants reported, as a single text of a list or of the settings.

``活动名称=秋季抽奖；奖励说明=一等奖``: parts by semicolons; in each the ``info_type``, an equals
sign or a colon, and the content. Full-width signs are as good.
"""

from __future__ import annotations

import re

from hongbao.sentences import say

_PARTS = re.compile(r"[;；\n]")
_PART = re.compile(r"\s*([^=＝:：]+?)\s*[=＝:：]\s*(.+?)\s*")

EXAMPLE = "活动名称=秋季抽奖；奖励说明=一等奖"


def parse_report_infos(text: str) -> dict[str, str]:
    """The contents by their ``info_type``.

    Raises:
        ValueError: saying what is wrong with the text.
    """
    found: dict[str, str] = {}
    for part in filter(str.strip, _PARTS.split(text)):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(say("parts such as {example}", example=EXAMPLE))
        name, content = match.groups()
        if name in found:
            raise ValueError(say("each named once, and {name} is twice", name=name))
        found[name] = content
    if not found:
        raise ValueError(say("parts such as {example}", example=EXAMPLE))
    return found
