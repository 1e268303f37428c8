"""All rails of this library. The engine does not import this: its rails are an argument."""

from __future__ import annotations

from dataclasses import replace

from hongbao.rails.port import Rails
from hongbao.rails.redpack.looks import LOOKS
from hongbao.rails.redpack.rail import RED_PACK

RAILS = Rails(RED_PACK)


def looking(looks: str) -> Rails:
    """The same rails, with another schedule of looks.

    Args:
        looks: its name in ``hongbao.rails.redpack.looks``.
    """
    return Rails(replace(RED_PACK, retry=replace(RED_PACK.retry, looks=LOOKS[looks])))
