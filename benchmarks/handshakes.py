"""How many TLS handshakes a pool makes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hongbao import AsyncRedPack, Limits
from responder import PACKET

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

    from hongbao import Merchant

CALLS = 1_000
AT_ONCE = 64
POOL_SIZE = 8


def handshakes(merchant: Merchant, seen: Synchronized[int]) -> int:
    """How many 1,000 sends make, 64 at once over a pool of ``POOL_SIZE``."""
    before = seen.value

    async def run() -> None:
        async with AsyncRedPack(merchant, limits=Limits(connections_max=POOL_SIZE)) as red_pack:

            async def calls() -> None:
                for _ in range(CALLS // AT_ONCE):
                    await red_pack.send_normal(**PACKET)

            await asyncio.gather(*[calls() for _ in range(AT_ONCE)])

    asyncio.run(run())
    return seen.value - before
