"""A secret by reference: in a file of its own, in the environment, or in the settings if allowed.

It is read when it is needed and not before, so that a machine which only looks at the books needs
none. Nothing here shows one, nor where it is: somebody may write the key where the file's name
belongs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hongbao.client.settings.readers import Wrong
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES_MAX = 64 * 1024
"""A private key of 4096 bits with its chain takes a tenth of it."""

IN_FILE, IN_ENVIRONMENT = "_file", "_env"
"""What a secret's setting ends with when it says where the secret is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret is.

    Attributes:
        setting: which setting says so.
        path: the file that holds it.
        variable: the environment variable that holds it.
        inline: the secret itself.
    """

    setting: str
    path: Path | None = field(default=None, repr=False)
    variable: str | None = field(default=None, repr=False)
    inline: str | None = field(default=None, repr=False)

    def read(self, environ: Mapping[str, str]) -> str:
        """The secret, without the white space around it that editors leave.

        Raises:
            Wrong: if it is not where it should be; see ``setting`` for where.
        """
        if self.inline is not None:
            return self.inline.strip()
        if self.variable is not None:
            found = environ.get(self.variable, "").strip()
            if not found:
                raise Wrong(
                    say("names a variable that is not set"), say("Set it, or fix its name.")
                )
            return found
        return self._read_file()

    def _read_file(self) -> str:
        problem = ""
        try:
            with (self.path or Path()).open("rb") as stream:
                found = stream.read(BYTES_MAX + 1)
            if len(found) <= BYTES_MAX and found.strip():
                return found.decode("utf-8-sig").strip()
            problem = (
                say("is empty") if len(found) <= BYTES_MAX else say("is too long for a secret")
            )
        except OSError as error:
            problem = say("cannot be read ({reason})", reason=error.strerror)
        except UnicodeDecodeError:
            problem = say(
                "is not text in UTF-8"
            )  # that error holds the file's bytes: it is not chained
        raise Wrong(
            say("names a file that {problem}", problem=problem),
            say("Check the path and who may read it."),
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")
