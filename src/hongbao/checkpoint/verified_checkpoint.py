"""Reads and verifies a checkpoint: a signed note, and a file of the heads in its tree."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.checkpoint.heads import HeadsFile
from hongbao.checkpoint.merkle import root_of
from hongbao.checkpoint.note import NoteError, open_note
from hongbao.checkpoint.text import Checkpoint
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.checkpoint.note import VerifyingKey

_NOTE_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCheckpoint:
    """A checkpoint whose signature and heads were verified.

    Attributes:
        path: the path of the note.
        note: the whole note, with its signatures.
        checkpoint: its content.
        heads: the heads in its tree.
    """

    path: Path
    note: str
    checkpoint: Checkpoint
    heads: HeadsFile

    @property
    def digest(self) -> bytes:
        """The digest by which the next checkpoint refers to this one."""
        return sha256(self.note.encode()).digest()


def heads_path(path: Path, root: bytes) -> Path:
    """The path of a checkpoint's heads: next to it, under a name that depends on the root."""
    return path.with_name(f"{path.name}.{root.hex()[:16]}.heads")


def read_note(path: Path, key: VerifyingKey) -> tuple[str, Checkpoint]:
    """Read a note that this key has signed, and return it with its content.

    Raises:
        ConfigurationError: if it cannot be read, is no checkpoint, or is not signed with this key.
    """
    try:
        with path.open("rb") as file:
            note = file.read(_NOTE_BYTES_MAX).decode()
        return note, Checkpoint.read(open_note(note, key))
    except OSError as error:
        raise _unfit(path, say("cannot be read ({reason})", reason=error.strerror)) from None
    except UnicodeDecodeError:
        raise _unfit(path, say("is not a checkpoint: it is not text in UTF-8")) from None
    except NoteError as error:
        raise _unfit(path, say("is not to be trusted: {error}", error=error)) from None


@contextmanager
def open_checkpoint(path: Path, key: VerifyingKey) -> Iterator[VerifiedCheckpoint]:
    """Open a checkpoint and its heads, and verify both.

    Raises:
        ConfigurationError: see ``read_note``; also if the heads are not the signed ones.
    """
    note, checkpoint = read_note(path, key)
    beside = heads_path(path, checkpoint.root)
    try:
        file = beside.open("rb")
    except OSError as error:
        raise _unfit(
            beside,
            say(
                "cannot be read ({reason}), and belongs to {path}",
                reason=error.strerror,
                path=path,
            ),
        ) from None
    with file:
        heads = HeadsFile(file)
        if (heads.size(), root_of(heads.records(0, heads.size()))) != (
            checkpoint.size,
            checkpoint.root,
        ):
            raise _unfit(beside, say("does not hold the heads that were signed"))
        yield VerifiedCheckpoint(path=path, note=note, checkpoint=checkpoint, heads=heads)


def _unfit(path: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting=str(path),
        problem=problem,
        remedy=say(
            "Give the checkpoint as it was written, its .heads file beside it, and the key "
            "that signed it."
        ),
    )
