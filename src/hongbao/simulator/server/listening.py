"""Binds the sockets of a port, and lets go of them. It knows addresses and no protocol."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

LOCALHOST = "localhost"
_LOOPBACKS = ("127.0.0.1", "::1")  # clients resolve "localhost" to these, some only to the latter
_FREE_PORT_TRIES = 20  # a port free on IPv4 may be taken on IPv6
BACKLOG = 1024  # as many as may connect within one turn of the loop
# Of the loop: its own task begins, it calls ``connection_made``, and a handler's task begins.
_ROUNDS_TO_A_CONNECTION = 5
_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def listening_sockets(host: str, number: int) -> list[socket.socket]:
    """Bind sockets, all on one port number.

    Args:
        host: an address, or ``localhost`` for both loopbacks.
        number: the port number; 0 for any free one.

    Raises:
        ConfigurationError: if the port cannot be used.
    """
    hosts = _LOOPBACKS if host == LOCALHOST else (host,)
    tries = 1 if number else _FREE_PORT_TRIES
    problem: OSError | None = None
    for _ in range(tries):
        try:
            return _listen_once(hosts, number)
        except OSError as error:
            problem = error
    raise ConfigurationError(
        setting=say("port {number} of {names}", number=number, names=" and ".join(hosts)),
        problem=say("cannot be used ({reason})", reason=problem.strerror if problem else "unknown"),
        remedy=say("Give another port, or 0 for any free one."),
    ) from problem


async def end_listening(lines: list[socket.socket], servers: list[asyncio.Server]) -> None:
    """Accept nothing more. What was accepted before has become a connection when this returns.

    A server that is closed in between drops it instead, and nobody ever closes its socket.

    Args:
        lines: the sockets; none are left in it.
        servers: the running loop's servers on them; none are left in it.
    """
    loop = asyncio.get_running_loop()
    while lines:
        line = lines.pop()
        with suppress(NotImplementedError):  # Windows' own loop
            loop.remove_reader(line)
    for _ in range(_ROUNDS_TO_A_CONNECTION):
        await asyncio.sleep(0)
    while servers:
        servers.pop().close()


def _listen_once(hosts: tuple[str, ...], number: int) -> list[socket.socket]:
    lines: list[socket.socket] = []
    try:
        for host in hosts:
            try:
                line = _bind(host, number)
            except OSError as error:
                if lines and error.errno in _NO_SUCH_ADDRESS:
                    continue  # a machine without IPv6
                raise
            lines.append(line)
            number = line.getsockname()[1]
    except BaseException:
        for line in lines:
            line.close()
        raise
    return lines


def _bind(host: str, number: int) -> socket.socket:
    found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    line = socket.socket(family, kind, protocol)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        line.bind(address)
        line.listen(BACKLOG)  # here, since only this fails if another process listens there
    except BaseException:
        line.close()
        raise
    return line
