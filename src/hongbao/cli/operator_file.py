"""Where this user's operator key is, and how it signs once a decision asks for it."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hongbao.cli.signing import given_key

if TYPE_CHECKING:  # cryptography takes 0.1 s, and most commands decide nothing
    from hongbao.engine.operator_key import OperatorKey

VARIABLE = "HONGBAO_OPERATOR_KEY"
_NAME = "operator.pem"


def key_path(given: Path | None = None) -> Path:
    """The key's file: as given, else of ``HONGBAO_OPERATOR_KEY``, else in the user's folder."""
    given, named = given or given_key(), os.environ.get(VARIABLE)
    if given is not None or named:
        return given or Path(str(named))
    return Path(typer.get_app_dir("hongbao")) / _NAME


def signer(*, wanted: bool) -> OperatorKeyFile | None:
    """Who signs here; None if nobody does.

    Args:
        wanted: whether the settings want signatures. Without that only a key that was named signs.
    """
    path = key_path()
    named = given_key() is not None or os.environ.get(VARIABLE)
    if named or (wanted and path.exists()):
        return OperatorKeyFile(path)
    return None


class OperatorKeyFile:
    """A ``Signer`` whose key is read when it is first needed.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _key(self) -> OperatorKey:
        from hongbao.engine.operator_key import OperatorKey  # noqa: PLC0415  # see above

        return OperatorKey.read(self._path)

    @property
    def public(self) -> bytes:
        """The public key.

        Raises:
            ConfigurationError: if the file is not fit.
        """
        return self._key.public

    def sign(self, statement: bytes, /) -> bytes:
        """The signature of these bytes.

        Raises:
            ConfigurationError: if the file is not fit.
        """
        return self._key.sign(statement)
