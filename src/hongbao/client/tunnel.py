"""What is said to an HTTP proxy before TLS begins: CONNECT, and what its answer means. Sans-IO.

Nothing of WeChat's request is known to the proxy: only the host's name and port (RFC 9110, section
9.3.6). So whatever goes wrong here, nothing was sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hongbao.sentences import say
from hongbao.version import __version__

if TYPE_CHECKING:
    from hongbao.client.proxy import Proxy, Route

ANSWER_BYTES_MAX = 16 * 1024
"""Of a proxy's answer; usual ones are shorter than 1 KiB."""

_END = b"\r\n\r\n"
# Nothing else decides: lengths in a successful answer are to be ignored.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_INFORMATIONAL = range(100, 200)
_SWITCHING_PROTOCOLS = 101
_SUCCESSFUL = range(200, 300)
_AUTHENTICATION_REQUIRED = (401, 407)  # tinyproxy 1.11 has 401 for a wrong password
_FORBIDDEN = 403
_UNREACHABLE = (502, 503, 504)


class NoTunnel(OSError):
    """The way ended at the proxy; ``args[0]`` says how, without what the proxy wrote."""


class Tunnel:
    """One tunnel that is being asked for.

    Attributes:
        request: what is written to the proxy.
    """

    def __init__(self, route: Route, proxy: Proxy) -> None:
        self._route = route
        self._proxy = proxy
        self._head = b""
        authority = route.origin.authority
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
        lines += [f"User-Agent: hongbao/{__version__}"]
        if proxy.authorization is not None:
            lines += [f"Proxy-Authorization: {proxy.authorization}"]
        self.request = "\r\n".join([*lines, "", ""]).encode("ascii")

    def feed(self, data: bytes) -> bool:
        """Take what came from the proxy; True once the tunnel stands.

        Args:
            data: empty if the proxy has closed the connection.

        Raises:
            NoTunnel: it does not.
        """
        if not data:
            raise NoTunnel(say("the proxy closed the connection in answer to CONNECT"))
        self._head += data
        while _END in self._head:
            line = _STATUS_LINE.match(self._head)
            if line is None:
                raise NoTunnel(say("the proxy does not speak HTTP/1.1"))
            status, rest = int(line[1]), self._head.partition(_END)[2]
            if status not in _INFORMATIONAL or status == _SWITCHING_PROTOCOLS:
                self._judge(status, rest)
                return True
            self._head = rest
        if len(self._head) > ANSWER_BYTES_MAX:
            raise NoTunnel(
                say(
                    "the head of the proxy's answer is longer than {most} bytes",
                    most=ANSWER_BYTES_MAX,
                )
            )
        return False

    def _judge(self, status: int, rest: bytes) -> None:
        if status not in _SUCCESSFUL:
            raise NoTunnel(self._refusal(status))
        if rest:  # a TLS server waits for the client's first word
            raise NoTunnel(say("the proxy wrote into the tunnel before TLS began"))

    def _refusal(self, status: int) -> str:
        target = self._route.origin.authority
        if status in _AUTHENTICATION_REQUIRED and self._proxy.authorization is None:
            why = say(
                "it wants a user and password: give them in proxy, as http://user:password@..."
            )
        elif status in _AUTHENTICATION_REQUIRED:
            why = say("it does not take the user and password of the setting proxy")
        elif status == _FORBIDDEN:
            why = say(
                "it does not allow this: have CONNECT to {target} allowed there", target=target
            )
        elif status in _UNREACHABLE:
            why = say("it could not reach {target}", target=target)
        else:
            why = say("it opens no tunnel to {target}", target=target)
        return say("the proxy answered {status}: {why}", status=status, why=why)
