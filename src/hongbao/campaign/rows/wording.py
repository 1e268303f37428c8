"""What a row says but for its receiver, key and amount: judged once, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.rows.amounts import in_unit
from hongbao.campaign.rows.columns import AMOUNT, KIND, PAYEE, PEOPLE
from hongbao.campaign.table.encoding import twice_encoded
from hongbao.english import counted
from hongbao.money import format_yuan
from hongbao.rails.port import RowFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.campaign.payer import Payer
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.campaign.staging.staging import Staging
    from hongbao.money import Fen
    from hongbao.rails.port import Kind, RowRules

_WORDINGS_MAX = 20_000
_AMOUNTS_MAX = 50_000
_SHOWN_MAX = 12
_PEOPLE_DIGITS_MAX = 9
_LINE_BREAK = "has a line break: is a quote missing?"


class AmountFaults(dict["Fen", tuple[RowFault, ...]]):
    """What is wrong with an amount, judged when it is first asked for.

    Args:
        payer: who pays.
        unit: in which it is said.
        rules: of the kind of row.
        people: among how many it is shared.
        texts: what is said more; of it only that counts on which ``amount_faults`` depends.
    """

    def __init__(
        self,
        payer: Payer,
        unit: Unit,
        rules: RowRules,
        people: int,
        texts: Mapping[str, str | int],
    ) -> None:
        super().__init__()
        self._payer = payer
        self._unit = unit
        self._rules = rules
        self._people = people
        self._texts = texts

    def __missing__(self, fen: Fen) -> tuple[RowFault, ...]:
        faults = []
        limits = self._payer.limits
        for limit, whose in (
            (limits.user_day_amount_max, "a user may get a day"),
            (limits.day_amount_max, "the merchant may pay a day"),
        ):
            if limit is not None and fen > limit:
                faults.append(RowFault(AMOUNT, f"is more than {whose}: {format_yuan(limit)} yuan"))
        for field, what in self._rules.amount_faults(fen, self._people, self._texts):
            faults.append(RowFault(field, in_unit(what, self._unit) if field == AMOUNT else what))
        if len(self) >= _AMOUNTS_MAX:
            self.clear()
        return self.setdefault(fen, tuple(faults))


class Wording(NamedTuple):
    """What a row says but for its receiver, key and amount.

    Attributes:
        rules: of its kind.
        people: among how many it is shared.
        terms: the number of what is said more, with who pays.
        faults: what is wrong with it.
        cautions: what should be known of it.
        lacks: what the payer's settings lack for its kind.
        amounts: what is wrong with each amount that such a row says; shared by all wordings of
            which an amount's rules are the same. Empty if something is wrong with the wording.
    """

    rules: RowRules
    people: int
    terms: int
    faults: tuple[RowFault, ...]
    cautions: tuple[str, ...]
    lacks: tuple[str, ...]
    amounts: Mapping[Fen, tuple[RowFault, ...]]


class Wordings(dict[tuple[str, ...], Wording]):
    """The wordings of cells, each judged when it is first asked for.

    Args:
        fields: what the cells of a wording are.
        payer: who pays.
        unit: of amounts.
        kind: of rows that say none.
        staging: where what rows have in common is kept.
    """

    def __init__(
        self, fields: Sequence[str], payer: Payer, unit: Unit, kind: str, staging: Staging
    ) -> None:
        super().__init__()
        self._fields = fields
        self._payer = payer
        self._unit = unit
        self._kind = kind
        self._staging = staging
        self._amounts: dict[tuple[object, ...], AmountFaults] = {}

    def __missing__(self, cells: tuple[str, ...]) -> Wording:
        if len(self) >= _WORDINGS_MAX:
            self.clear()
        return self.setdefault(cells, self._judge(cells))

    def _judge(self, texts: tuple[str, ...]) -> Wording:
        cells = {field: text for field, text in zip(self._fields, texts, strict=True) if text}
        faults = [
            RowFault(field, _LINE_BREAK)
            for field, text in cells.items()
            if "\n" in text or "\r" in text
        ]
        payee = cells.pop(PAYEE, "")
        named = cells.pop(KIND, self._kind)
        rules = self._payer.rules_named(named)
        lacks: tuple[str, ...] = ()
        if rules is None:
            what = f"must be one of {', '.join(self._payer.rules)}; found {shown(named)}"
            faults.append(RowFault(KIND, what))
            rules = self._payer.rules[self._kind]
        else:
            lacks = tuple(self._payer.faults(rules.kind))
        kind = rules.kind
        people = _people(cells.pop(PEOPLE, ""), kind, faults)
        foreign = [field for field in cells if field not in kind.texts]
        faults += [RowFault(field, f"is not for {kind.name}: leave it empty") for field in foreign]
        said = rules.typed({**self._payer.texts, **cells})
        faults += [
            RowFault(field, why)
            for field, text in said.items()
            if isinstance(text, str) and (why := twice_encoded(text))
        ]
        cautions: list[str] = []
        terms = 0
        amounts: Mapping[Fen, tuple[RowFault, ...]] = {}
        if not faults:
            faults, cautions = rules.text_faults(people, said)
        if not faults:
            stored = self._payer.sealed(kind, said, payee)
            terms = self._staging.number_of({**stored, **self._payer.terms(kind)})
            amounts = self._amounts_of(rules, people, said)
        return Wording(
            rules=rules,
            people=people,
            terms=terms,
            faults=tuple(faults),
            cautions=tuple(cautions),
            lacks=lacks,
            amounts=amounts,
        )

    def _amounts_of(
        self, rules: RowRules, people: int, texts: Mapping[str, str | int]
    ) -> AmountFaults:
        sealed = tuple(name in texts for name in rules.kind.sealed)
        which = rules.kind.name, people, texts.get("scene_id"), sealed
        found = self._amounts.get(which)
        if found is None:
            if len(self._amounts) >= _WORDINGS_MAX:
                self._amounts.clear()
            # What is sealed counts by being there, and is not to be remembered.
            seen = {name: "…" if name in rules.kind.sealed else it for name, it in texts.items()}
            found = AmountFaults(self._payer, self._unit, rules, people, seen)
            self._amounts[which] = found
        return found


def _people(said: str, kind: Kind, faults: list[RowFault]) -> int:
    if kind.shared:
        if said.isascii() and said.isdigit() and len(said) <= _PEOPLE_DIGITS_MAX:
            return int(said)
        what = f"must be a whole number; found {shown(said)}" if said else "is missing"
        faults.append(RowFault(PEOPLE, what))
    elif said not in {"", "1"}:
        faults.append(RowFault(PEOPLE, f"must be 1 for {kind.name}; found {shown(said)}"))
    return 1


def shown(text: str) -> str:
    """A short text as it is, a long one by its length: it may be a receiver in a wrong column."""
    if not text:
        return "an empty cell"
    return repr(text) if len(text) <= _SHOWN_MAX else counted(len(text), "character")
