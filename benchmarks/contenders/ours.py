"""hongbao's own client: ``... sync|async|uvloop own|httpx``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvloop

from hongbao import AsyncRedPack, Merchant, RedPack
from hongbao.client.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from task import asked, awaited, blocking

if TYPE_CHECKING:
    from task import Task

_PACKAGES = ("hongbao", "httptools", "httpx", "uvloop")


def main() -> None:
    """Send the packet with the client that is asked for."""
    task, (driver, transport) = asked()
    merchant = Merchant(
        **task.payer,
        cert_path=task.folder / "cert.pem",
        key_path=task.folder / "key.pem",
        ca_path=task.folder / "ca.pem",
        base_url=f"https://{task.host}:{task.port}",
    )
    over_httpx = transport == "httpx"
    if driver == "sync":
        _blocking(task, merchant, over_httpx=over_httpx)
    else:
        run = {"async": asyncio.run, "uvloop": uvloop.run}[driver]
        run(_awaited(task, merchant, over_httpx=over_httpx))


def _blocking(task: Task, merchant: Merchant, *, over_httpx: bool) -> None:
    packet = task.packet
    carrier = HttpxTransport(merchant) if over_httpx else None
    with RedPack(merchant, transport=carrier) as red_pack:
        blocking(task, lambda: red_pack.send_normal(**packet), *_PACKAGES)
    if carrier:
        carrier.close()


async def _awaited(task: Task, merchant: Merchant, *, over_httpx: bool) -> None:
    packet = task.packet
    carrier = AsyncHttpxTransport(merchant) if over_httpx else None
    async with AsyncRedPack(merchant, transport=carrier) as red_pack:
        await awaited(task, lambda _: red_pack.send_normal(**packet), *_PACKAGES)
    if carrier:
        await carrier.aclose()


if __name__ == "__main__":
    main()
