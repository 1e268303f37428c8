"""Keeps lists that people have uploaded while they look at what the check found.

They are files in a folder that only this user can read, which goes when the console ends. Nobody
has more than one, none stays longer than an hour, and none has a name that a browser sent.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from hongbao.beijing import MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.console.preflight import Preflight
    from hongbao.ledger.model.payout import Instant

KEPT = 60 * MINUTE
_SOURCE_LENGTH_MAX = 100
_SUFFIXES = frozenset({".csv", ".xlsx", ".txt", ".tsv", ".xls"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedList:
    """A list that somebody has uploaded, and what the check found.

    Attributes:
        id: in its address; nobody guesses it.
        person: whose it is.
        path: where it is.
        source: what the person calls the file.
        fields: what was said beside it, by the names of the form's fields.
        preflight: what the check found.
        at: when it came.
    """

    id: str
    person: str
    path: Path
    source: str
    fields: Mapping[str, str]
    preflight: Preflight
    at: Instant = field(compare=False)


class UploadDesk:
    """The uploaded lists of one console.

    Attributes:
        folder: where they are; None before there is one.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._owner: TemporaryDirectory[str] | None = None
        self._lists: dict[str, UploadedList] = {}
        self._lock = Lock()

    def receive(self, file: BinaryIO, source: str) -> Path:
        """Copy a file that was sent to a place of our own; ``keep`` or ``delete`` comes next.

        Args:
            file: its bytes.
            source: what the browser calls it, of which nothing but a known ending is used.
        """
        with self._lock:
            if self.folder is None:
                self._owner = TemporaryDirectory(prefix="hongbao-uploads-")
                self.folder = Path(self._owner.name)
        suffix = Path(shown_name(source)).suffix.lower()
        path = self.folder / f"{token_urlsafe(12)}{suffix if suffix in _SUFFIXES else ''}"
        with path.open("xb") as kept:
            path.chmod(0o600)
            file.seek(0)
            shutil.copyfileobj(file, kept)
        return path

    def keep(
        self,
        path: Path,
        source: str,
        fields: Mapping[str, str],
        preflight: Preflight,
        *,
        person: str,
        at: Instant,
    ) -> UploadedList:
        """Keep a list that was checked, in place of the one that its person had before."""
        kept = UploadedList(
            id=token_urlsafe(16), person=person, path=path, source=source, fields=fields,
            preflight=preflight, at=at,
        )  # fmt: skip
        with self._lock:
            gone = [
                it for it in self._lists.values() if it.person == person or it.at < at - KEPT
            ]  # fmt: skip
            for it in gone:
                del self._lists[it.id]
            self._lists[kept.id] = kept
        for it in gone:
            if it.path != path:
                self.delete(it.path)
        return kept

    def find(self, number: str, *, person: str, at: Instant) -> UploadedList | None:
        """A list of a person; None if it is somebody else's, too old, or gone."""
        with self._lock:
            found = self._lists.get(number)
        if found is None or found.person != person or found.at < at - KEPT:
            return None
        return found

    def drop(self, kept: UploadedList) -> None:
        """Forget a list and delete its file."""
        with self._lock:
            self._lists.pop(kept.id, None)
        self.delete(kept.path)

    def close(self) -> None:
        """Delete all of them, and their folder."""
        with self._lock:
            self._lists.clear()
            if self._owner is not None:
                self._owner.cleanup()
            self._owner = self.folder = None

    def delete(self, path: Path) -> None:
        """Delete a file that was received."""
        path.unlink(missing_ok=True)


def shown_name(source: str) -> str:
    """What a browser calls a file, fit to be shown and stored: no folders, one printable line."""
    last = source.replace("\\", "/").rpartition("/")[2]
    return "".join(it for it in last if it.isprintable())[-_SOURCE_LENGTH_MAX:].strip() or "list"
