"""How a list is meant: what whoever stores it says beside the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from hongbao.campaign.rows.columns import FIELDS, IGNORED
from hongbao.campaign.table.table import Reading
from hongbao.english import joined
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.campaign.payer import Payer
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.money import Fen

_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How a list is meant.

    Attributes:
        unit: of its amounts; it has to be said.
        kind: of rows that say none; None is the first that the payer's rail has.
        allow_repeats: whether a receiver may stand in several rows.
        budget: what it may come to at most, in fen; None is no limit.
        columns: fields by the names that columns have in this list; others go by known names.
        reading: how the file is to be read.
        leave_out: campaigns, and paths of lists: whoever is in one of them is left out.
        keep: the names of columns that are no part of the payments and are kept beside them,
            sealed.
        pay_again: why rows are paid that repeat what other campaigns pay; None if they are not.
    """

    unit: Unit
    kind: str | None = None
    allow_repeats: bool = False
    budget: Fen | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reading: Reading = field(default_factory=Reading)
    leave_out: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    pay_again: str | None = None


def check_name(name: str) -> None:
    """Refuse a name that no campaign may have.

    Raises:
        ConfigurationError: naming what a name is.
    """
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            setting=say("the campaign's name"),
            problem=say("{name!r} is not a valid name", name=name[:64]),
            remedy=say(
                "Give 1 to 64 letters, digits, '.', '-' and '_', not beginning with '.' or '-'."
            ),
        )


def check_meaning(name: str, meaning: Meaning, payer: Payer) -> None:
    """Refuse a name that no campaign may have, a kind that nobody pays, and unknown fields.

    Where columns are kept, refuse to begin without a key.

    Raises:
        ConfigurationError: naming what is wrong.
    """
    check_name(name)
    kinds = payer.rules
    if meaning.keep:
        _ = payer.keyring().key_id
    if meaning.kind is not None and meaning.kind not in kinds:
        raise ConfigurationError(
            setting=say("the kind"),
            problem=say("{kind!r} is not a kind", kind=meaning.kind),
            remedy=say("There are {kinds}.", kinds=joined(kinds)),
        )
    named = meaning.columns.values()
    if wrong := [field for field in named if field != IGNORED and field not in FIELDS]:
        raise ConfigurationError(
            setting=say("the map of columns"),
            problem=say("{wrong}: no such field", wrong=joined(map(repr, wrong))),
            remedy=say(
                "There are {fields}; {ignored} leaves a column out.",
                fields=joined(FIELDS),
                ignored=IGNORED,
            ),
        )
