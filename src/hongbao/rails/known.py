"""All rails of this library. The engine does not import this: its rails are an argument."""

from __future__ import annotations

from dataclasses import replace

from hongbao.rails.port import Rails
from hongbao.rails.redpack.looks import LOOKS
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.rails.transfer.rail import TRANSFER_RAIL

RAILS = Rails(RED_PACK, TRANSFER_RAIL)


def looking(looks: str) -> Rails:
    """The same rails, with another schedule of looks at red packets.

    Args:
        looks: its name in ``hongbao.rails.redpack.looks``.
    """
    red_pack = replace(RED_PACK, retry=replace(RED_PACK.retry, looks=LOOKS[looks]))
    return Rails(red_pack, TRANSFER_RAIL)
