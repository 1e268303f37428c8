"""A file that a reply is written into as it comes: whole under its name, or not there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from hongbao.client.flows import Encoded
from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.wire.bill.reader import MalformedBill

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from hongbao.client.transport import Receive
    from hongbao.errors import HongbaoError

ReplyT_co = TypeVar("ReplyT_co", covariant=True)


class BillFile:
    """A file on its way in, beside the one that it shall be. Only its owner may read it.

    Args:
        path: what it shall be called; whatever is called so is replaced in the end.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._file: BinaryIO | None = None
        self._beside = ""

    def write(self, piece: bytes) -> None:
        """Write a piece.

        Raises:
            OSError: it cannot be written.
        """
        if self._file is None:
            handle, self._beside = tempfile.mkstemp(prefix=".bill-", dir=self.path.parent)
            self._file = os.fdopen(handle, "wb")
        self._file.write(piece)

    def keep(self) -> None:
        """Have it on the disk, under its name.

        Raises:
            OSError: it cannot be.
        """
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            Path(self._beside).replace(self.path)
            self._file = None

    def drop(self) -> None:
        """Have nothing left of what was not kept."""
        if self._file is not None:
            with suppress(OSError):  # the disk is full: what is in the buffer cannot be written
                self._file.close()
            Path(self._beside).unlink(missing_ok=True)
            self._file = None


class FileCall(Encoded[ReplyT_co]):
    """A call whose reply's body goes into a file as it comes, perhaps more than once.

    Args:
        path: where it goes.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._file = BillFile(path)
        self._failure: HongbaoError | None = None

    @property
    def file(self) -> Path:
        """Where it goes."""
        return self._file.path

    def begin(self) -> Receive:
        """A body begins: what takes it. Forget what came of an earlier one."""
        self.drop()
        self._restart()
        return self._take

    def raise_failure(self, cause: Exception) -> None:
        """Raise why what came could not be taken, if that is why the exchange broke off."""
        if self._failure is not None:
            raise self._failure from cause

    def keep(self) -> None:
        """Have what was written on the disk, under its name; it takes the disk's time.

        Raises:
            ConfigurationError: it cannot be written there.
        """
        try:
            self._file.keep()
        except OSError as error:
            raise self._unwritten(error) from error

    def drop(self) -> None:
        """Have nothing left of what was not kept."""
        self._file.drop()

    def _restart(self) -> None:
        """Forget what was read."""
        raise NotImplementedError

    def _read(self, piece: bytes) -> Iterable[bytes]:
        """What is written of a piece; ``MalformedBill`` if it cannot be right."""
        raise NotImplementedError

    def _malformed(self, error: MalformedBill) -> HongbaoError:
        """What it means that a piece cannot be right."""
        raise NotImplementedError

    def _take(self, piece: bytes) -> None:
        try:
            self._write(self._read(piece))
        except MalformedBill as error:
            self._failure = self._malformed(error)
            raise
        except OSError as error:
            self._failure = self._unwritten(error)
            raise

    def _write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._file.write(piece)

    def _unwritten(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            setting=str(self._file.path),
            problem=say(
                "cannot be written ({reason})", reason=error.strerror or type(error).__name__
            ),
            remedy=say("Give another path, or make room."),
        )
