"""How a command says what it found: text for people, or one JSON document. Never a full openid.

It knows nothing of what is said.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from hongbao.ledger.campaign import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.cli.exit_code import ExitCode


def answer(
    document: Mapping[str, object], text: str, *, outcome: str, code: ExitCode, as_json: bool
) -> ExitCode:
    """Print one answer on stdout and give back the exit code.

    Args:
        document: what a program reads, without ``outcome`` and ``exit_code``.
        text: what a person reads.
        outcome: in a word.
        code: what the program exits with.
        as_json: whether a program reads it.
    """
    if as_json:
        print_json({"outcome": outcome, "exit_code": int(code), **document})
    else:
        print_text(text)
    return code


# What a terminal obeys instead of showing it: control characters, those of the upper half too, and
# what turns the direction of text. Codes, reasons and file names come from others.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(document: Mapping[str, object]) -> None:
    """One document on one line, so that a program can read it line by line."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(harmless(json.dumps(plain(document), ensure_ascii=not utf8)), flush=True)


def print_text(text: str, *, error: bool = False) -> None:
    """Text as it is; what the terminal obeys, or its character set lacks, is escaped."""
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "ascii"
    shown = harmless(text).encode(encoding, "backslashreplace").decode(encoding)
    print(shown, file=stream, flush=True)


def harmless(text: str) -> str:
    """Text of which a terminal shows every character but line feeds and tabs, and obeys none."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(value: object) -> object:
    """A value as JSON has it: openids masked, times in ISO 8601, sets of values as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return plain({name: getattr(value, name) for name in names})
    if isinstance(value, dict):
        return {
            name: mask_openid(part) if _is_openid(name, part) else plain(part)
            for name, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _is_openid(name: str, value: object) -> bool:
    return name.endswith("openid") and isinstance(value, str)


def mask_openid(openid: str) -> str:
    """``oABCDEFGHIJKL1234`` as ``oABC…1234``; a short one not at all."""
    return mask(openid) if openid else ""
