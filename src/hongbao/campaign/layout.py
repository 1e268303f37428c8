"""Which column of a list stands where: its header, understood once."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.column import (
    AMOUNT,
    FIELDS,
    IGNORED,
    PAYEE,
    mapped,
    same_name,
    suggest,
)
from hongbao.campaign.mojibake import twice_encoded
from hongbao.campaign.report.line import is_report
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.campaign import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.campaign.amount import Unit
    from hongbao.campaign.column import Column

_WIDTH_MAX = 256
_SHOWN_MAX = 20
_NAME_MAX = 40
_LIKE_AN_OPENID = re.compile("[0-9A-Za-z_-]{24,}")
_REPORT = (
    "this is a report that hongbao wrote, and no list: it says what became of payouts. What was "
    "refused is paid by `hongbao payout reopen KEY`. People that are not in it are added by "
    "`hongbao campaign extend CAMPAIGN FILE`, with a list that may hold the old rows, too. To pay "
    "the same people once more, give a list of their openids, amounts and new keys"
)


class Layout(NamedTuple):
    """Where the fields stand.

    Attributes:
        width: how many columns the header has.
        places: of each field that the list has.
        names: of each of those columns, as the list has it.
        nameless: the columns without a name, which must be empty.
    """

    width: int
    places: dict[str, int]
    names: dict[str, str]
    nameless: tuple[int, ...]


def check_map(named: Mapping[str, str]) -> None:
    """Refuse a map to fields that there are not.

    Raises:
        ConfigurationError: naming them.
    """
    wrong = [field for field in named.values() if field != IGNORED and field not in FIELDS]
    if wrong:
        raise ConfigurationError(
            setting="the map of columns",
            problem=f"{', '.join(map(repr, wrong))}: no such field",
            remedy=f"There are {', '.join(FIELDS)}; {IGNORED} leaves a column out.",
        )


class UnfitHeaderError(Exception):
    """The columns of a list cannot be told. It never leaves this package.

    Attributes:
        problems: all that is wrong.
        blind: whether not a single column is known: it may be no header at all.
    """

    def __init__(self, *problems: str, blind: bool = False) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.blind = blind


def understand(header: Sequence[str], named: Mapping[str, str], unit: Unit) -> Layout:
    """Where the fields stand.

    Args:
        header: its cells.
        named: fields by the names that columns have in the list; others go by their known names.
        unit: of the amounts, as the user says it.

    Raises:
        UnfitHeaderError: with all that is wrong with the header.
    """
    if len(header) > _WIDTH_MAX:
        raise UnfitHeaderError(
            f"has {len(header)} columns, more than {_WIDTH_MAX}: is there a stray cell far to the "
            "right?"
        )
    if is_report(header):
        raise UnfitHeaderError(_REPORT)
    columns = [mapped(name, named) for name in header]
    if not any(columns):
        shown = ", ".join(_shown(name) for name in header[:_SHOWN_MAX])
        raise UnfitHeaderError(
            f"is no header: no column is known among {shown}. Name the columns in the first row: "
            f"{', '.join(FIELDS)}; openid and amount are needed",
            blind=True,
        )
    problems = [
        *_unknown(header, columns),
        *_unit_problems(header, columns, unit),
        *_count_problems(header, columns),
        *(f"there is no column {_shown(name)}" for name in named if not _has(header, name)),
    ]
    if problems:
        raise UnfitHeaderError(*problems)
    found = [(column.field, place) for place, column in enumerate(columns) if column is not None]
    places = {field: place for field, place in found if field != IGNORED}
    names = {field: header[place] for field, place in places.items()}
    nameless = tuple(place for place, column in enumerate(columns) if column is None)
    return Layout(len(header), places, names, nameless)


def _has(header: Sequence[str], name: str) -> bool:
    return name in header or any(same_name(it, name) for it in header)


def _unknown(header: Sequence[str], columns: Sequence[Column | None]) -> list[str]:
    wrong = [name for name, column in zip(header, columns, strict=True) if name and column is None]
    told = []
    for name in wrong:
        question = suggest(name)
        why = f" ({question})" if question else ""
        if damage := twice_encoded(name):
            why = f": it {damage}"
        told.append(
            f"{_shown(name)} is not known{why}; say what it holds with --map "
            f"{_quoted(f'{name}=FIELD')}, or leave it out with --map {_quoted(f'{name}={IGNORED}')}"
        )
    if wrong:
        told.append(f"FIELD is one of {', '.join(FIELDS)}")
    return told


def _quoted(argument: str) -> str:
    """An argument as a shell takes it, on one line."""
    plain = " ".join(argument.split())
    return f"'{plain}'" if "'" not in plain else shlex.quote(plain)


def _unit_problems(
    header: Sequence[str], columns: Sequence[Column | None], unit: Unit
) -> list[str]:
    return [
        f"{_shown(name)} says {column.unit}, but the amounts are said to be {unit}"
        for name, column in zip(header, columns, strict=True)
        if column is not None and column.unit not in {None, unit}
    ]


def _count_problems(header: Sequence[str], columns: Sequence[Column | None]) -> list[str]:
    fields = [column.field for column in columns if column is not None and column.field != IGNORED]
    told = []
    for field, count in Counter(fields).items():
        if count > 1:
            names = [
                _shown(name)
                for name, column in zip(header, columns, strict=True)
                if column is not None and column.field == field
            ]
            told.append(f"{' and '.join(names)} are both {field}")
    told += [f"no column is {needed}" for needed in (PAYEE, AMOUNT) if needed not in fields]
    return told


def _shown(name: str) -> str:
    if _LIKE_AN_OPENID.fullmatch(name):  # of a list without a header
        return repr(mask(name))
    return repr(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}…")
