"""Send many packets at once with the asyncio client, and count how they ended.

Start ``hongbao simulator --dir sandbox`` in another terminal, then::

    python examples/async_send.py sandbox/merchants/1999000001/merchant.toml
"""

import asyncio
import sys
from collections import Counter

from hongbao import AsyncRedPack, HongbaoError, Merchant, new_billno

AT_ONCE = 8
"""WeChat takes 30 calls a second; so many under way stay well below with its usual reply times."""


async def send(red_pack: AsyncRedPack, user: int) -> str:
    """Send one packet; the word says how it ended."""
    mch_billno = new_billno(red_pack.merchant.mch_id, f"campaign-7/user-{user}")
    try:
        await red_pack.send_normal(
            mch_billno=mch_billno,
            re_openid=f"oDEMOuser{user:019d}",
            total_amount=100,
            send_name="Demo Ltd",
            wishing="Thank you",
            act_name="Campaign 7",
            remark="async",
        )
    except HongbaoError as error:
        return type(error).__name__
    return "Accepted"


async def main(merchant_toml: str, *, users: int = 20) -> Counter[str]:
    """Send to some users, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated(user: int) -> str:
        async with gate:
            return await send(red_pack, user)

    async with AsyncRedPack(Merchant.from_toml(merchant_toml)) as red_pack:
        return Counter(await asyncio.gather(*(gated(user) for user in range(users))))


if __name__ == "__main__":
    for ended, number in asyncio.run(main(sys.argv[1])).items():
        print(f"{ended}: {number}")
