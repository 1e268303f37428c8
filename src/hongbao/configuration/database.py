"""Which database holds the books: a file or a URL, and how it is shown without its password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from hongbao.client.settings.readers import Wrong
from hongbao.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")


def read_database(value: str, folder: Path) -> str:
    """A path or URL as ``Book.open`` takes it; a path is relative to the settings' folder.

    Raises:
        Wrong: for a database of another kind.
    """
    if value.startswith(POSTGRESQL):
        if not urlsplit(value).path.strip("/"):
            raise Wrong(say("names no database"), say("Write postgresql://user@host/database."))
        return "postgresql://" + value.partition("://")[2]
    if _SCHEME.match(value) and not value.startswith(SQLITE):
        raise Wrong(
            say("is a URL of another kind"),
            say("Give a file's path, or postgresql://user@host/database."),
        )
    # A bare path: in a URL some characters of a file's name would mean something.
    return str((folder / value.removeprefix(SQLITE)).absolute())


def is_url(database: str) -> bool:
    """Whether it is a server's URL, as ``read_database`` gives it; else it is a file's path."""
    return _SCHEME.match(database) is not None


def holds_password(url: str) -> bool:
    """Whether a secret stands in the URL itself."""
    parts = urlsplit(url)
    return bool(parts.password) or any("password" in name for name, _ in parse_qsl(parts.query))


def shown(url: str) -> str:
    """The URL for people: without password and parameters."""
    if not is_url(url):
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return f"{parts.scheme}://{name + '@' if name else ''}{host}{parts.path}"
