"""What a row says but for its receiver, key and amount: judged once, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.rows.amounts import in_unit
from hongbao.campaign.rows.columns import AMOUNT, KIND, PAYEE, PEOPLE
from hongbao.campaign.rows.lost_text import lost_text
from hongbao.digits import whole_number
from hongbao.english import counted, joined
from hongbao.money import format_yuan
from hongbao.rails.port import RowFault
from hongbao.sentences import marked, say

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
_LINE_BREAK = say("has a line break: is a quote missing?")
_MORE_THAN_A_USER_MAY = marked("is more than a user may get a day: {yuan} yuan")
_MORE_THAN_THE_MERCHANT_MAY = marked("is more than the merchant may pay a day: {yuan} yuan")


class AmountFaults(dict["Fen", tuple[RowFault, ...]]):
    """What is wrong with an amount, judged when it is first asked for.

    Args:
        payer: who pays.
        unit: in which it is said.
        rules: of the kind of row; None if that, or among how many it is shared, is not known.
        people: among how many it is shared.
        texts: what is said more; of it only that counts on which ``amount_faults`` depends.
    """

    def __init__(
        self,
        payer: Payer,
        unit: Unit,
        rules: RowRules | None,
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
        for limit, what in (
            (limits.user_day_amount_max, _MORE_THAN_A_USER_MAY),
            (limits.day_amount_max, _MORE_THAN_THE_MERCHANT_MAY),
        ):
            if limit is not None and fen > limit:
                faults.append(RowFault(AMOUNT, say(what, yuan=format_yuan(limit))))
        rules = self._rules
        for fault in () if rules is None else rules.amount_faults(fen, self._people, self._texts):
            is_amount = fault.field == AMOUNT
            faults.append(RowFault(AMOUNT, in_unit(fault.what, self._unit)) if is_amount else fault)
        if len(self) >= _AMOUNTS_MAX:
            self.clear()
        return self.setdefault(fen, tuple(faults))


class Wording(NamedTuple):
    """What a row says but for its receiver, key and amount.

    Attributes:
        rules: of its kind.
        people: among how many it is shared.
        terms: the number of what is said more, with who pays; 0 if something is wrong with it.
        faults: what is wrong with it.
        cautions: what should be known of it.
        lacks: what the payer's settings lack for its kind.
        amounts: what is wrong with each amount that such a row says; shared by all wordings of
            which an amount's rules are the same.
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
            faults.append(_no_kind(named, self._payer))
            rules = self._payer.rules[self._kind]
        else:
            lacks = tuple(self._payer.faults(rules.kind))
        kind = rules.kind
        people = _people(cells.pop(PEOPLE, ""), kind, faults)
        foreign = [field for field in cells if field not in kind.texts]
        faults += [
            RowFault(field, say("is not for {name}: leave it empty", name=kind.name))
            for field in foreign
        ]
        said = rules.typed({**self._payer.texts, **cells})
        faults += [
            RowFault(field, why)
            for field, text in said.items()
            if isinstance(text, str) and (why := lost_text(text))
        ]
        cautions: list[str] = []
        wrong = {fault.field for fault in faults}
        if KIND not in wrong:
            more, cautions = rules.text_faults(people, said)
            faults += [fault for fault in more if fault.field not in wrong]
        terms = 0
        if not faults:
            stored = self._payer.sealed(kind, said, payee)
            terms = self._staging.number_of({**stored, **self._payer.terms(kind)})
        known = wrong.isdisjoint({KIND, PEOPLE})
        amounts = self._amounts_of(rules if known else None, people, said)
        return Wording(
            rules=rules,
            people=people,
            terms=terms,
            faults=tuple(faults),
            cautions=() if faults else tuple(cautions),
            lacks=lacks,
            amounts=amounts,
        )

    def _amounts_of(
        self, rules: RowRules | None, people: int, texts: Mapping[str, str | int]
    ) -> AmountFaults:
        names = () if rules is None else rules.kind.sealed
        sealed = tuple(name in texts for name in names)
        which = rules and rules.kind.name, people, texts.get("scene_id"), sealed
        found = self._amounts.get(which)
        if found is None:
            if len(self._amounts) >= _WORDINGS_MAX:
                self._amounts.clear()
            # What is sealed counts by being there, and is not to be remembered.
            seen = {name: "…" if name in names else it for name, it in texts.items()}
            found = AmountFaults(self._payer, self._unit, rules, people, seen)
            self._amounts[which] = found
        return found


def _no_kind(named: str, payer: Payer) -> RowFault:
    what = say(
        "must be one of {rules}; found {named}", rules=joined(payer.rules), named=shown(named)
    )
    return RowFault(KIND, what)


def _people(said: str, kind: Kind, faults: list[RowFault]) -> int:
    if kind.shared:
        people = whole_number(said, digits=_PEOPLE_DIGITS_MAX)
        if people is not None:
            return people
        what = (
            say("must be a whole number; found {said}", said=shown(said))
            if said
            else say("is missing")
        )
        faults.append(RowFault(PEOPLE, what))
    elif said not in {"", "1"}:
        faults.append(
            RowFault(
                PEOPLE, say("must be 1 for {name}; found {said}", name=kind.name, said=shown(said))
            )
        )
    return 1


def shown(text: str) -> str:
    """A short text as it is, a long one by its length: it may be a receiver in a wrong column."""
    if not text:
        return say("an empty cell")
    return repr(text) if len(text) <= _SHOWN_MAX else counted(len(text), "character")
