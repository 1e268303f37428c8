"""Which column of a list stands where: its header, understood once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.column import (
    AMOUNT,
    FIELDS,
    IGNORED,
    PAYEE,
    mapped,
    suggest,
)
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hongbao.campaign.amount import Unit
    from hongbao.campaign.column import Column

_WIDTH_MAX = 256
_SHOWN_MAX = 20
_NAME_MAX = 40


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


def understand(
    path: Path, number: int, header: Sequence[str], named: Mapping[str, str], unit: Unit
) -> Layout:
    """Where the fields stand.

    Args:
        path: of the list, for errors.
        number: the row of the header.
        header: its cells.
        named: fields by the names that columns have in the list; others go by their known names.
        unit: of the amounts, as the user says it.

    Raises:
        ConfigurationError: with all that is wrong with the header.
    """
    if len(header) > _WIDTH_MAX:
        raise ConfigurationError(
            setting=f"{path}, row {number}",
            problem=f"has {len(header)} columns: is there a stray cell far to the right?",
            remedy=f"Keep to {_WIDTH_MAX} columns.",
        )
    columns = [mapped(name, named) if name else None for name in header]
    if not any(columns):
        shown = ", ".join(_shown(name) for name in header[:_SHOWN_MAX])
        raise ConfigurationError(
            setting=f"{path}, row {number}",
            problem=f"is no header: no column is known among {shown}",
            remedy=f"Name the columns in the first row: {', '.join(FIELDS)}. openid and amount are "
            "needed.",
        )
    problems = [
        *_unknown(header, columns),
        *_unit_problems(header, columns, unit),
        *_count_problems(header, columns),
        *(f"there is no column {_shown(name)}" for name in named if name not in header),
    ]
    if problems:
        raise ConfigurationError(
            setting=f"{path}, row {number}",
            problem="; ".join(problems),
            remedy=f"Mend the header, or map a column to one of {', '.join(FIELDS)}, or to "
            f"{IGNORED} to leave it out.",
        )
    found = [(column.field, place) for place, column in enumerate(columns) if column is not None]
    places = {field: place for field, place in found if field != IGNORED}
    names = {field: header[place] for field, place in places.items()}
    nameless = tuple(place for place, name in enumerate(header) if not name)
    return Layout(len(header), places, names, nameless)


def _unknown(header: Sequence[str], columns: Sequence[Column | None]) -> list[str]:
    wrong = [name for name, column in zip(header, columns, strict=True) if name and column is None]
    told = []
    for name in wrong[:_SHOWN_MAX]:
        question = suggest(name)
        told.append(f"{_shown(name)} is not known" + (f" ({question})" if question else ""))
    if len(wrong) > _SHOWN_MAX:
        told.append(f"nor are {len(wrong) - _SHOWN_MAX} more")
    return told


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
    return repr(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}…")
