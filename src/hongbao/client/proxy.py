"""An HTTP proxy on the way to WeChat: how a setting names it, and the route that leads through it.

Knows no socket. ``tunnel`` has what is said to the proxy.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hongbao.client.transport import Origin
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECT, ENVIRONMENT = "direct", "environment"
"""The words that a ``proxy`` setting may have in place of a URL."""

# Lower case goes first, as curl and Python have it.
_VARIABLES = ("https_proxy", "HTTPS_PROXY")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?P<userinfo>[^\s/]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{1,5}))?/?",
    re.ASCII,
)
_HTTP_PORT = 80
_PORT_MAX = 65535
_FORM = "http://host:port or http://user:password@host:port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy that opens tunnels with CONNECT; TLS runs inside, from end to end.

    Attributes:
        origin: where it listens. It is spoken to in plain HTTP.
        authorization: the value of Proxy-Authorization; in no repr, and in no message.
    """

    origin: Origin
    authorization: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.origin.authority


class Route(NamedTuple):
    """The way to a host: direct, or through a proxy. As text it is fit for any message."""

    origin: Origin
    proxy: Proxy | None = None

    @property
    def first(self) -> Origin:
        """Where the TCP connection goes: the only name that is looked up on this machine."""
        return self.origin if self.proxy is None else self.proxy.origin

    def __str__(self) -> str:
        through = "" if self.proxy is None else f" through the proxy {self.proxy}"
        return f"{self.origin.authority}{through}"


def read_proxy(setting: str | None, host: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy that a setting names; None for the direct way.

    Args:
        setting: a URL, or "direct", or "environment": then ``HTTPS_PROXY`` says which, and
            ``NO_PROXY`` for which hosts there is none. None is "direct".
        host: the host to be reached.
        environ: environment variables.

    Raises:
        ConfigurationError: if it names none that can be used. It quotes nothing: a password may
            stand there.
    """
    if setting in (None, DIRECT):
        return None
    if setting != ENVIRONMENT:
        return parse_proxy("proxy", setting)
    variable = next((name for name in _VARIABLES if environ.get(name)), None)
    if variable is None or _is_excepted(host, environ):
        return None
    return parse_proxy(f"proxy: {variable}", environ[variable])


def parse_proxy(name: str, url: object) -> Proxy:
    """A proxy's URL.

    Args:
        name: of the setting, for the error.
        url: such as ``http://user:password@proxy.example:3128``.

    Raises:
        ConfigurationError: if it is no URL of a proxy that can be used.
    """
    match = _URL.fullmatch(url.strip()) if isinstance(url, str) else None
    if match is None or int(match["port"] or 1) not in range(1, _PORT_MAX + 1):
        raise _wrong(
            name,
            say("is not {form}", form=_FORM),
            say("Percent-encode what a URL gives another meaning."),
        )
    scheme = (match["scheme"] or "http").lower()
    if scheme.startswith("socks") or scheme == "https":
        raise _wrong(
            name,
            say("is a proxy of the kind {scheme}://, which is not supported", scheme=scheme),
            say(
                "Give an HTTP proxy that allows CONNECT, as {form}. The calls are encrypted from "
                "end to end all the same.",
                form=_FORM,
            ),
        )
    if scheme != "http":
        raise _wrong(name, say("is not {form}", form=_FORM), say("Begin it with http://."))
    origin = Origin(match["host"].strip("[]"), int(match["port"] or _HTTP_PORT))
    return Proxy(origin=origin, authorization=_basic(match["userinfo"]))


def holds_credentials(setting: str) -> bool:
    """Whether a secret stands in the setting itself."""
    return "@" in setting


def _basic(userinfo: str | None) -> str | None:
    """RFC 7617, section 2."""
    if not userinfo:
        return None
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415 - 2 ms, and few proxies want it

    user, _, password = userinfo.partition(":")
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return "Basic " + b2a_base64(pair, newline=False).decode("ascii")


def _is_excepted(host: str, environ: Mapping[str, str]) -> bool:
    """Whether ``NO_PROXY`` has the host, a domain that it is in, or "*"."""
    listed = next((environ[name] for name in _EXCEPTIONS if environ.get(name)), "")
    domains = [it.strip().lower().removeprefix("*").lstrip(".") for it in listed.split(",")]
    dotted = f".{host.lower()}"
    return listed.strip() == "*" or any(dotted.endswith(f".{it}") for it in domains if it)


def _wrong(name: str, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(setting=name, problem=problem, remedy=remedy)
