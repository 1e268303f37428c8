"""The least that ``asyncio`` streams cost, as one would write them by hand: a connection a task."""

from __future__ import annotations

import asyncio
import ssl

from task import HEAD_END, asked, awaited, body_length


async def main() -> None:
    """As many connections as calls at once."""
    task, _ = asked()
    request = task.request
    context = ssl.create_default_context(cafile=str(task.folder / "ca.pem"))
    context.load_cert_chain(task.folder / "cert.pem", task.folder / "key.pem")
    streams = [
        await asyncio.open_connection(task.host, task.port, ssl=context)
        for _ in range(task.at_once)
    ]

    async def call(number: int) -> None:
        reader, writer = streams[number]
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(HEAD_END)
        await reader.readexactly(body_length(head))

    await awaited(task, call)
    for _, writer in streams:
        writer.close()
        await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
