"""Files of signing keys. Keep them away from the books: whoever has both can rewrite both."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hongbao.checkpoint.note import NoteError, SigningKey, VerifyingKey
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

_OWNER_ALONE = 0o600
_OTHERS = 0o077
_BYTES_MAX = 10_000


def make_key(path: Path, name: str) -> SigningKey:
    """Make a key in a new file that only its owner can read.

    Raises:
        ConfigurationError: if the file exists or cannot be written, or the name is not allowed.
    """
    try:
        key = SigningKey.generate(name)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except NoteError as error:
        raise _unfit("--name", str(error), say("Give another name.")) from None
    except FileExistsError:
        raise _unfit(
            str(path), say("is there already"), say("Give another path: a key is kept.")
        ) from None
    except OSError as error:
        problem = say("cannot be written ({reason})", reason=error.strerror)
        raise _unfit(str(path), problem, say("Check that its folder is there.")) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{key.written}\n")
    return key


def read_key(path: Path) -> SigningKey:
    """Read a key from its file.

    Raises:
        ConfigurationError: if it cannot be read, others may read it, or it is no key.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_BYTES_MAX).decode("utf-8", "replace")
    except OSError as error:
        remedy = say("Give the file that `hongbao audit key` made.")
        raise _unfit(
            str(path), say("cannot be read ({reason})", reason=error.strerror), remedy
        ) from None
    if os.name == "posix" and mode & _OTHERS:
        raise _unfit(
            str(path), say("others may read or write it"), say("Run: chmod 600 {path}", path=path)
        )
    try:
        return SigningKey.read(text)
    except NoteError as error:
        remedy = say("Give the file that `hongbao audit key` made.")
        raise _unfit(str(path), str(error), remedy) from None


def read_public(text: str) -> VerifyingKey:
    """Read a verifying key in the form in which ``hongbao audit key`` prints it.

    Raises:
        ConfigurationError: if it is no key.
    """
    try:
        return VerifyingKey.read(text)
    except NoteError as error:
        remedy = say("Give what `hongbao audit key` printed.")
        raise _unfit("--public-key", str(error), remedy) from None


def _unfit(setting: str, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(setting=setting, problem=problem, remedy=remedy)
