"""Which addresses a webhook may be posted to: an operator's typing error must reach nothing inside.

A name is resolved here, each of its addresses is judged, and the connection goes to an address that
was judged, not to the name: that could be another one a moment later.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from hongbao.errors import InvalidRequest
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable

IpAddress: TypeAlias = IPv4Address | IPv6Address

_PORTS = {"https": 443, "http": 80}
# Whoever translates these reaches the IPv4 address in their last bits.
_TRANSLATED = IPv6Network("64:ff9b::/96")
_URL_MAX = 2_000


class Target(NamedTuple):
    """What a URL names.

    Attributes:
        scheme: "https" or "http".
        host: a name or an address, without brackets.
        port: where.
        path: with the query; begins with "/".
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The name as the header Host has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: IpAddress) -> str:
        """The URL with an address in the place of the name."""
        host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004  # IPv6
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def read_target(url: str) -> Target:
    """Read the URL of an endpoint.

    Raises:
        InvalidRequest: if it is none that a webhook is posted to. The books keep it, so it must
            hold no password.
    """
    if len(url) > _URL_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise _no_url(say("printable ASCII of at most 2,000 characters"), say("another text"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_url(
            say("a URL, such as https://shop.example/hooks"), say("another text")
        ) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _no_url(
            say("a URL of https, such as https://shop.example/hooks"), say("another text")
        )
    if parts.username is not None or parts.password is not None:
        raise _no_url(
            say("without a user or password: the signature says who sends"), say("one with them")
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def _no_url(rule: str, found: str) -> InvalidRequest:
    return InvalidRequest(field="url", rule=rule, found=found)


def is_public(address: IpAddress) -> bool:
    """Whether an address is one of the internet's, whatever way it is written."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            return False
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def judged(
    target: Target, addresses: Iterable[IpAddress], *, allow_private: bool
) -> list[IpAddress]:
    """The addresses that may be connected to.

    Plain HTTP goes to private addresses alone, where they are allowed.

    Args:
        target: what is to be reached.
        addresses: those of its name.
        allow_private: whether the settings allow private ones.
    """
    return [
        it for it in addresses if (target.scheme == "https" if is_public(it) else allow_private)
    ]


def resolve(target: Target) -> list[IpAddress]:
    """The addresses of a target's name, as the system finds them.

    Raises:
        OSError: if there are none.
    """
    try:
        return [ip_address(target.host)]
    except ValueError:
        pass
    # As bytes: of a text Python makes IDNA first, and what is none of that is no OSError.
    name = target.host.encode("ascii")
    found = socket.getaddrinfo(name, target.port, type=socket.SOCK_STREAM)
    # A scope belongs to the address of one machine's interface, which is never public.
    return list(dict.fromkeys(ip_address(str(it[4][0]).partition("%")[0]) for it in found))
