"""Judges the rows of a list one by one: what each asks for, and all that is wrong with it.

Rows are many and most of what they say is the same, so a wording is judged once, an amount once for
each set of rules, and a receiver each time.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.business_key import KeyMaker, key_fault, normal
from hongbao.campaign.rows.amounts import amount_seen, in_unit, parse_amount
from hongbao.campaign.rows.columns import AMOUNT, KEY, KIND, PAYEE, PEOPLE
from hongbao.campaign.staging import Line
from hongbao.campaign.table.encoding import twice_encoded
from hongbao.english import counted
from hongbao.ledger.model.campaign import mask
from hongbao.money import format_yuan
from hongbao.rails.port import RowFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging import Staging
    from hongbao.campaign.table.row import Row, Shown
    from hongbao.money import Fen
    from hongbao.rails.port import Kind, RowRules

_TEXT_MAX = 20
_CODE_MAX = 60
_WORDINGS_MAX = 20_000
_SHOWN_MAX = 12
_PEOPLE_DIGITS_MAX = 9
_LINE_BREAK = "has a line break: is a quote missing?"


_AMOUNTS_MAX = 50_000
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_TOTALS = frozenset(
    spelling
    for word in ("total", "totals", "subtotal", "sum", "openid")
    for spelling in (word, word.upper(), word.capitalize())
)
"""What an openid could be by its letters, and is none: a row of totals, a header again."""
_NONE: Fen = -1
"""For what is no amount."""


class Wording(NamedTuple):
    """What a row says but for its receiver, key and amount.

    Attributes:
        rules: of its kind.
        people: among how many it is shared.
        texts: what is said more, as a message takes it.
        terms: the number of that, with who pays.
        faults: what is wrong with it.
        cautions: what should be known of it.
        amounts: what is wrong with each amount that was judged for such a wording; shared by all
            wordings of which an amount's rules are the same.
    """

    rules: RowRules
    people: int
    texts: Mapping[str, str | int]
    terms: int
    faults: tuple[RowFault, ...]
    cautions: tuple[str, ...]
    amounts: dict[Fen, tuple[RowFault, ...]]


class Wordings:
    """Judges wordings, and remembers them.

    Args:
        fields: what the cells of a wording are.
        payer: who pays.
        kind: of rows that say none.
        staging: where what rows have in common is kept.
        notebook: what the payer's settings lack is noted there.
    """

    def __init__(
        self,
        fields: Sequence[str],
        payer: Payer,
        kind: str,
        staging: Staging,
        notebook: Notebook,
    ) -> None:
        self._fields = fields
        self._payer = payer
        self._kind = kind
        self._staging = staging
        self._notebook = notebook
        self._seen: dict[tuple[str, ...], Wording] = {}
        self._amounts: dict[tuple[object, ...], dict[Fen, tuple[RowFault, ...]]] = {}
        self._payers_terms: dict[str, dict[str, str]] = {}

    def of(self, cells: tuple[str, ...]) -> Wording:
        """The wording of these cells."""
        wording = self._seen.get(cells)
        if wording is None:
            if len(self._seen) >= _WORDINGS_MAX:
                self._seen.clear()
            wording = self._seen[cells] = self._judge(cells)
        return wording

    def _judge(self, texts: tuple[str, ...]) -> Wording:
        cells = {field: text for field, text in zip(self._fields, texts, strict=True) if text}
        faults = [
            RowFault(field, _LINE_BREAK)
            for field, text in cells.items()
            if "\n" in text or "\r" in text
        ]
        rules = self._rules(cells.pop(KIND, self._kind), faults)
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
        if not faults:
            faults, cautions = rules.text_faults(people, said)
        if not faults:
            terms = self._staging.number_of({**said, **self._payers_terms[kind.name]})
        return Wording(
            rules=rules,
            people=people,
            texts=said,
            terms=terms,
            faults=tuple(faults),
            cautions=tuple(cautions),
            amounts=self._amounts_of(kind.name, people, said.get("scene_id")),
        )

    def _amounts_of(self, *rules: object) -> dict[Fen, tuple[RowFault, ...]]:
        if rules not in self._amounts and len(self._amounts) >= _WORDINGS_MAX:
            self._amounts.clear()
        return self._amounts.setdefault(rules, {})

    def _rules(self, said: str, faults: list[RowFault]) -> RowRules:
        payer = self._payer
        rules = payer.rules_named(said)
        if rules is None:
            what = f"must be one of {', '.join(payer.rules)}; found {shown(said)}"
            faults.append(RowFault(KIND, what))
            return payer.rules[self._kind]
        kind = rules.kind
        if kind.name not in self._payers_terms:
            self._payers_terms[kind.name] = payer.terms(kind)
            for what in payer.faults(kind):
                self._notebook.problem(0, "", what)
        return rules


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


class RowValidator:
    """Judges the rows of one list.

    Args:
        layout: where its columns stand.
        payer: who pays.
        keys: derives those of rows that say none.
        unit: of its amounts.
        kind: of rows that say none.
        staging: where what rows have in common is kept.
        notebook: what is wrong is noted there.
    """

    def __init__(
        self,
        *,
        layout: Layout,
        payer: Payer,
        keys: KeyMaker,
        unit: Unit,
        kind: str,
        staging: Staging,
        notebook: Notebook,
    ) -> None:
        self._layout = layout
        self._fields = {place: field for field, place in layout.places.items()}
        self._payer = payer
        self._unit = unit
        self._notebook = notebook
        fields = [field for field in layout.places if field not in {PAYEE, KEY, AMOUNT}]
        self._worded = _picker([layout.places[field] for field in fields])
        self._wordings = Wordings(fields, payer, kind, staging, notebook)
        self._keys = keys
        self._payee, self._amount = layout.places[PAYEE], layout.places[AMOUNT]
        self._key = layout.places.get(KEY)
        self._fen: dict[str, Fen] = {}
        self._told: set[RowFault] = set()

    def validate(self, row: Row) -> Line | None:
        """A row, if it is right by itself; else what is wrong with it is noted."""
        if not self._is_whole(row):
            return None
        number, cells = row.number, row.cells
        wording = self._wordings.of(self._worded(cells))
        said = cells[self._amount]
        fen = self._fen.get(said)
        if fen is None:
            fen = self._parse(said)
        wrong = wording.amounts.get(fen)
        if wrong is None:
            wrong = self._judge_amount(fen, wording)
        payee = cells[self._payee]
        key = normal(cells[self._key]) if self._key is not None else ""
        rules = wording.rules
        right = fen != _NONE and not wrong and not wording.faults
        if not (right and rules.is_payee(payee)) or payee in _TOTALS or (key and key_fault(key)):
            self._note(row, wording, wrong, key)
            return None
        for caution in wording.cautions:
            self._notebook.caution(caution, number)
        return Line(
            number,
            key or self._keys.key(payee),
            bool(key),
            rules.kind.name,
            payee,
            fen,
            wording.people,
            wording.terms,
        )

    def _is_whole(self, row: Row) -> bool:
        """Whether a row has a cell under each column, and all of them can be read."""
        layout = self._layout
        number, cells, faults, looks, cut = row
        if len(cells) != layout.width:
            found = f"has {counted(len(cells), 'cell')}, and the header has {layout.width}"
            if cut:
                found += ": the file ends in the middle of it"
            self._notebook.problem(number, "", found)
            return False
        if not faults and not looks and not layout.nameless:
            return True
        nameless = [place for place in layout.nameless if cells[place]]
        under = "stands under no header: name its column, or leave all such out with --map '=-'"
        wrong = [("", f"its cell {place + 1} {under}") for place in nameless]
        names, fields = layout.names, self._fields
        wrong += [(names[fields[place]], what) for place, what in faults if place in fields]
        wrong += self._unlike(row)
        for column, what in wrong:
            self._notebook.problem(number, column, what)
        return not wrong

    def _unlike(self, row: Row) -> Iterator[tuple[str, str]]:
        """The cells that show something else than they hold; amounts become as they are shown."""
        for place, look in row.shown:
            field = self._fields.get(place)
            if field is None:
                continue
            stored = row.cells[place]
            if field == AMOUNT and look.text is not None:
                seen = amount_seen(stored, look.text, self._unit)
                if seen is not None:
                    row.cells[place] = seen
                    continue
            yield self._layout.names[field], _unlike(field, stored, look, self._unit)

    def _note(self, row: Row, wording: Wording, wrong: Sequence[RowFault], key: str) -> None:
        names = self._layout.names
        payee, said = row.cells[self._payee], row.cells[self._amount]
        if payee in _TOTALS:
            self._notebook.problem(row.number, names[PAYEE], f"{payee!r} is not a receiver")
        elif not wording.rules.is_payee(payee):
            self._notebook.problem(row.number, names[PAYEE], wording.rules.payee_fault(payee))
        if self._fen.get(said) == _NONE:
            what = f"must be {self._unit.rule}; found {_found(said)}"
            self._notebook.problem(row.number, names[AMOUNT], what)
        if key and (why := key_fault(key)):
            self._notebook.problem(row.number, names[KEY], why)
        for fault in (*wrong, *wording.faults):
            field, what = fault
            if field in wording.rules.kind.texts and field not in names:
                # No row says it, so that it is the list's and the settings' fault: told once.
                if fault not in self._told:
                    self._told.add(fault)
                    self._notebook.problem(0, field, what)
                continue
            self._notebook.problem(row.number, names.get(field, field), what)

    def _parse(self, said: str) -> Fen:
        if len(self._fen) >= _AMOUNTS_MAX:
            self._fen.clear()
        fen = parse_amount(said, self._unit)
        return self._fen.setdefault(said, _NONE if fen is None else fen)

    def _judge_amount(self, fen: Fen, wording: Wording) -> tuple[RowFault, ...]:
        """What is wrong with an amount, for requests of a wording that is right by itself."""
        if wording.faults or fen == _NONE:
            return ()
        faults = []
        for limit, whose in (
            (self._payer.limits.user_day_amount_max, "a user may get a day"),
            (self._payer.limits.day_amount_max, "the merchant may pay a day"),
        ):
            if limit is not None and fen > limit:
                faults.append(RowFault(AMOUNT, f"is more than {whose}: {format_yuan(limit)} yuan"))
        for field, what in wording.rules.amount_faults(fen, wording.people, wording.texts):
            faults.append(RowFault(field, in_unit(what, self._unit) if field == AMOUNT else what))
        if len(wording.amounts) >= _AMOUNTS_MAX:
            wording.amounts.clear()
        return wording.amounts.setdefault(fen, tuple(faults))


def _found(said: str) -> str:
    """What stands in the place of an amount: a number in full, for it is no receiver."""
    if _NUMBER.fullmatch(said) is None:
        return shown(said)
    return f"{said!r}; round it (in a sheet, with ROUND)" if "." in said else repr(said)


def _picker(places: list[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Takes some cells of a row."""
    # A getter gives a tuple only for two and more.
    pick: Any = itemgetter(*places) if len(places) > 1 else None
    return pick or (lambda cells: tuple([cells[place] for place in places]))


def _unlike(field: str, stored: str, shown: Shown, unit: Unit) -> str:
    """What is wrong with a cell that shows something else than it holds, and what to do."""
    cure = _cure(field, unit)
    code = shown.format if len(shown.format) <= _CODE_MAX else f"{shown.format[:_CODE_MAX]}…"
    if field == PAYEE:
        return f"its number format ({code}) shows another text than the cell holds: {cure}"
    if shown.text is None:
        what = f"what its number format ({code}) shows of it is not known"
        return f"stored {_short(stored)}, and {what}: {cure}"
    seen = _short(shown.text.strip()) or "nothing"
    return f"stored {_short(stored)}, shown {seen} (number format {code}): {cure}"


def _cure(field: str, unit: Unit) -> str:
    if field == AMOUNT:
        return (
            f"enter the {unit} that are meant, rounded with ROUND if they are calculated, and "
            "format the column as General"
        )
    if field == KEY:
        return "format the column as text, and enter the key again as it is to be read"
    return "format the column as text and enter it again"


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else mask(text)  # it may be made of a receiver
