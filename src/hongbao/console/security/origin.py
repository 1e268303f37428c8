"""Where a request is from: which browser, and whether from a page of ours.

A request that changes something comes from our own page, by what browsers say themselves: see
https://web.dev/articles/fetch-metadata. A page of another site cannot forge these headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.datastructures import Headers

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class RequestSender(NamedTuple):
    """Who sent a request.

    Attributes:
        address: of the browser.
        problem: why it is not answered; None if it is.
    """

    address: str
    problem: str | None = None


def sender(peer: str, headers: Headers, proxies: Collection[str]) -> RequestSender:
    """Who sent a request, by the socket's other end and what a trusted proxy says.

    Args:
        peer: the address of the other end.
        headers: of the request.
        proxies: addresses of the proxies that end TLS before the console; none if there are none,
            and then only this machine's own browsers are answered.
    """
    if not proxies:
        name, _, port = headers.get("host", "").rpartition(":")
        if (name if port.isdigit() else headers.get("host", "")) not in LOOPBACK:
            # Another name that leads here: a page of it could act in its own name.
            return RequestSender(peer, "the address must be that of this machine")
        return RequestSender(peer)
    if peer not in proxies:
        return RequestSender(peer, "only the TLS proxy of the settings may ask")
    if headers.get("x-forwarded-proto", "").strip().lower() != "https":
        return RequestSender(peer, "the proxy must be reached by https, and say so")
    # The last one is the trusted proxy's own word; those before it are whatever was sent to it.
    claimed = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return RequestSender(claimed[:64] or peer)


def is_own_page(headers: Headers, *, scheme: str) -> bool:
    """Whether a request that changes something was sent by one of our own pages.

    Args:
        headers: of the request.
        scheme: ``http`` or ``https``, as the browser sees us.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == f"{scheme}://{headers.get('host', '')}"
