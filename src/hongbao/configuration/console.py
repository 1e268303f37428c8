"""What hongbao.toml says of the console: where it listens, and who ends TLS before it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from hongbao.client.settings.table import read_table
from hongbao.configuration import settings
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.client.settings.problems import Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """The settings of the console.

    Attributes:
        host: the address to listen on.
        port: the port.
        proxies: addresses of the proxies that end TLS before it; none if there are none, and then
            it answers this machine's own browsers alone.
        session_hours: after so long a browser is signed out.
        checkpoints: the folder of signed checkpoints; None if pages list none.
        checkpoint_key: the public key that they are verified with, as ``hongbao audit key`` prints
            it.
    """

    host: str = settings.CONSOLE_HOST
    port: int = settings.CONSOLE_PORT
    proxies: tuple[str, ...] = ()
    session_hours: int = settings.SESSION_HOURS
    checkpoints: Path | None = None
    checkpoint_key: str | None = None

    @property
    def scheme(self) -> str:
        """As browsers see it."""
        return "https" if self.proxies else "http"

    @property
    def cookie(self) -> str:
        """The name of the cookie. Without TLS a machine's ports share cookies, so it has its own.

        A name that begins with ``__Host-`` is taken by browsers over HTTPS alone, and from this
        host: RFC 6265bis, 4.1.3.2.
        """
        return "__Host-hongbao" if self.proxies else f"hongbao-{self.port}"


def read_console(table: object, problems: Problems, folder: Path) -> ConsoleSettings:
    """Read ``[console]``; what is wrong with it is noted."""
    read = read_table("console", table, settings.CONSOLE, problems, folder, inline=False)
    if "checkpoints" in read:
        read["checkpoints"] = folder / Path(read["checkpoints"]).expanduser()
    found = ConsoleSettings(**read)
    if (found.checkpoints is None) != (found.checkpoint_key is None):
        problems.add(
            "console.checkpoints",
            say("and console.checkpoint_key go together, and one of them is missing"),
            say("Give the folder of the checkpoints, and the public key: hongbao audit key FILE."),
        )
    if not ip_address(found.host).is_loopback and not found.proxies:
        problems.add(
            "console.host",
            say("can be reached from other machines, and nothing says what ends TLS before it"),
            say('Leave it out, or name your TLS proxies: proxies = ["10.0.0.5"].'),
        )
    return found
