"""All rails of this library. The engine does not import this: its rails are an argument."""

from __future__ import annotations

from hongbao.rails.port import Rails
from hongbao.rails.redpack.rail import RED_PACK

RAILS = Rails(RED_PACK)
