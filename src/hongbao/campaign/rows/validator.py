"""Judges the rows of a list one by one: what each asks for, and all that is wrong with it.

Rows are many and most of what they say is the same, so a wording is judged once, an amount once for
each set of rules, and a receiver each time.
"""

from __future__ import annotations

import re
from itertools import repeat
from operator import getitem, itemgetter
from typing import TYPE_CHECKING, Any

from hongbao.business_key import KeyMaker, are_plain, key_fault, normal
from hongbao.campaign.rows.amounts import amount_seen, parse_amount
from hongbao.campaign.rows.columns import AMOUNT, KEY, KIND, PAYEE
from hongbao.campaign.rows.wording import Wordings, shown
from hongbao.campaign.staging.lines import Line, Lines
from hongbao.english import counted
from hongbao.ledger.model.campaign import mask
from hongbao.rails.port import RowFault
from hongbao.sealing import written
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.rows.wording import Wording
    from hongbao.campaign.staging.staging import Staging
    from hongbao.campaign.table.row import Columns, Row, Shown
    from hongbao.money import Fen

_TEXT_MAX = 20
_CODE_MAX = 60
_KEPT_MAX = 500
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
_NO_FIELDS: frozenset[str] = frozenset()


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
        if any(it in fields for rules in payer.rules.values() for it in rules.kind.sealed):
            fields.append(PAYEE)  # whose it is
        self._worded_places = [layout.places[field] for field in fields]
        self._worded = _picker(self._worded_places)
        self._wordings = Wordings(fields, payer, unit, kind, staging)
        self._keys = keys
        self._payee, self._amount = layout.places[PAYEE], layout.places[AMOUNT]
        self._key = layout.places.get(KEY)
        self._kept = layout.kept
        self._fen = _Amounts(unit)
        self._reported: set[RowFault] = set()

    def validate(self, row: Row) -> Line | None:
        """A row, if it is right by itself; else all that is wrong with it is noted."""
        spoilt = self._spoilt(row)
        if spoilt is None:
            return None
        number, cells = row.number, row.cells
        wording = self._wordings[self._worded(cells)]
        for what in wording.lacks:
            self._note_once(RowFault("", what))
        said = cells[self._amount]
        fen = self._fen[said]
        wrong = () if fen == _NONE else wording.amounts[fen]
        payee = cells[self._payee]
        key = normal(cells[self._key]) if self._key is not None else ""
        rules = wording.rules
        right = fen != _NONE and not wrong and not wording.faults and not spoilt
        if not (right and rules.is_payee(payee)) or payee in _TOTALS or (key and key_fault(key)):
            self._note(row, wording, wrong, key, spoilt)
            return None
        if self._kept and self._is_too_long(row):
            return None
        self._warn(number, wording)
        return Line(
            number,
            key or self._keys.key(payee),
            bool(key),
            rules.kind.name,
            payee,
            fen,
            wording.people,
            wording.terms,
            written({name: cells[place] for name, place in self._kept.items()}),
        )

    def _is_too_long(self, row: Row) -> bool:
        long = [name for name, place in self._kept.items() if len(row.cells[place]) > _KEPT_MAX]
        for name in long:
            what = say("is kept, and longer than {most} characters", most=_KEPT_MAX)
            self._notebook.problem(row.number, name, what)
        return bool(long)

    def _plain_kept(self, columns: Columns) -> list[str] | None:
        """What is kept of rows; None if a cell is too long."""
        cells = [columns.cells[place] for place in self._kept.values()]
        if any(max(map(len, it), default=0) > _KEPT_MAX for it in cells):
            return None
        if not cells:
            return [""] * len(columns.numbers)
        names = list(self._kept)
        return [written(dict(zip(names, it, strict=True))) for it in zip(*cells, strict=True)]

    def plain(self, columns: Columns) -> Lines | None:
        """Rows that are right by themselves, all at once.

        None if something is wrong with some of them: then each is to be validated, which says what.
        """
        cells, numbers = columns.cells, columns.numbers
        payees = cells[self._payee]
        # Before a blank row is judged, which is none.
        if not all(payees) or any(any(cells[place]) for place in self._layout.nameless):
            return None
        worded = zip(*[cells[it] for it in self._worded_places], strict=True)
        every = worded if self._worded_places else repeat((), len(payees))
        wordings = list(map(self._wordings.__getitem__, every))
        distinct = {id(it): it for it in wordings}.values()
        if any(it.faults or it.lacks for it in distinct):
            return None
        tests = {it.rules.kind.name: it.rules.is_payee for it in distinct}
        are_payees = all(all(map(is_payee, payees)) for is_payee in tests.values())
        if not are_payees or not _TOTALS.isdisjoint(payees):
            return None
        amounts = list(map(self._fen.__getitem__, cells[self._amount]))
        if _NONE in amounts or any(map(getitem, (it.amounts for it in wordings), amounts)):
            return None
        keys, kept = self._plain_keys(columns), self._plain_kept(columns)
        if keys is None or kept is None:
            return None
        if any(it.cautions for it in distinct):
            for number, it in zip(numbers, wordings, strict=True):
                self._warn(number, it)
        kinds = [it.rules.kind.name for it in wordings]
        people, terms = [it.people for it in wordings], [it.terms for it in wordings]
        return Lines(numbers, *keys, kinds, payees, amounts, people, terms, kept)

    def _plain_keys(self, columns: Columns) -> tuple[list[str], list[bool]] | None:
        """The keys of rows, and whether each is said; None if something is wrong with one."""
        payees = columns.cells[self._payee]
        if self._key is None:
            return list(map(self._keys.key, payees)), [False] * len(payees)
        said = list(columns.cells[self._key])
        if are_plain(said):
            return said, [True] * len(said)
        said = list(map(normal, said))
        if any(key and key_fault(key) for key in said):
            return None
        keys = [key or self._keys.key(it) for key, it in zip(said, payees, strict=True)]
        return keys, list(map(bool, said))

    def _spoilt(self, row: Row) -> AbstractSet[str] | None:
        """The fields whose cells cannot be read; None if it has no cell under each column.

        What is wrong with such cells is noted. An empty name stands for a cell under no header.
        """
        layout = self._layout
        number, cells, faults, looks, cut = row
        if len(cells) != layout.width:
            found = say(
                "has {cells}, and the header has {width}",
                cells=counted(len(cells), "cell"),
                width=layout.width,
            )
            if cut:
                found = say("{what}: the file ends in the middle of it", what=found)
            self._notebook.problem(number, "", found)
            return None
        if not faults and not looks and not layout.nameless:
            return _NO_FIELDS
        nameless = [place for place in layout.nameless if cells[place]]
        wrong: list[tuple[str, str]] = [
            (
                "",
                say(
                    "its cell {number} stands under no header: name its column, or leave all such "
                    "out with --map '=-'",
                    number=place + 1,
                ),
            )
            for place in nameless
        ]
        places = {**{place: name for name, place in layout.kept.items()}, **self._fields}
        wrong += [(places[place], what) for place, what in faults if place in places]
        wrong += self._unlike(row)
        for field, what in wrong:
            self._notebook.problem(number, layout.names.get(field, field), what)
        return {field for field, _ in wrong}

    def _unlike(self, row: Row) -> Iterator[tuple[str, str]]:
        """The fields that show something else than they hold; amounts become as they are shown."""
        for place, look in row.shown:
            field = self._fields.get(place)
            if place in self._kept.values() and look.text is not None:
                row.cells[place] = look.text.strip()  # as people see it: a day, say
            if field is None:
                continue
            stored = row.cells[place]
            if field == AMOUNT and look.text is not None:
                seen = amount_seen(stored, look.text, self._unit)
                if seen is not None:
                    row.cells[place] = seen
                    continue
            yield field, _unlike(field, stored, look, self._unit)

    def _note(
        self,
        row: Row,
        wording: Wording,
        wrong: Sequence[RowFault],
        key: str,
        spoilt: AbstractSet[str],
    ) -> None:
        """Note what is wrong with a row, but for cells of which that is noted."""
        names = self._layout.names
        payee, said = row.cells[self._payee], row.cells[self._amount]
        found: list[RowFault] = []
        if payee in _TOTALS:
            found.append(RowFault(PAYEE, say("{payee!r} is not a receiver", payee=payee)))
        elif not wording.rules.is_payee(payee):
            found.append(RowFault(PAYEE, wording.rules.payee_fault(payee)))
        if self._fen.get(said) == _NONE:
            found.append(
                RowFault(
                    AMOUNT,
                    say("must be {rule}; found {found}", rule=self._unit.rule, found=_found(said)),
                )
            )
        if key and (why := key_fault(key)):
            found.append(RowFault(KEY, why))
        if KIND not in spoilt:
            found += dict.fromkeys((*wrong, *wording.faults))
        for field, what in found:
            if field in spoilt:
                continue
            if field in wording.rules.kind.texts and field not in names:
                self._note_once(RowFault(field, what))
            else:
                self._notebook.problem(row.number, names.get(field, field), what)

    def _warn(self, number: int, wording: Wording) -> None:
        for caution in wording.cautions:
            self._notebook.caution(caution, number)

    def _note_once(self, fault: RowFault) -> None:
        """Note what no row says, so that it is the list's and the settings' fault."""
        if fault not in self._reported:
            self._reported.add(fault)
            self._notebook.problem(0, fault.field, fault.what)


class _Amounts(dict[str, "Fen"]):
    """The fen of texts, of which each is read once; ``_NONE`` of what is no amount."""

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self._unit = unit

    def __missing__(self, said: str) -> Fen:
        if len(self) >= _AMOUNTS_MAX:
            self.clear()
        fen = parse_amount(said, self._unit)
        return self.setdefault(said, _NONE if fen is None else fen)


def _found(said: str) -> str:
    """What stands in the place of an amount: a number in full, for it is no receiver."""
    if _NUMBER.fullmatch(said) is None:
        return shown(said)
    return (
        say("{said!r}; round it (in a sheet, with ROUND)", said=said) if "." in said else repr(said)
    )


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
        return say(
            "its number format ({code}) shows another text than the cell holds: {cure}",
            code=code,
            cure=cure,
        )
    if shown.text is None:
        return say(
            "stored {stored}, and what its number format ({code}) shows of it is not known: {cure}",
            stored=_short(stored),
            code=code,
            cure=cure,
        )
    seen = _short(shown.text.strip()) or say("nothing")
    return say(
        "stored {stored}, shown {seen} (number format {code}): {cure}",
        stored=_short(stored),
        seen=seen,
        code=code,
        cure=cure,
    )


def _cure(field: str, unit: Unit) -> str:
    if field == AMOUNT:
        return say(
            "enter the {unit} that are meant, rounded with ROUND if they are "
            "calculated, and format the column as General",
            unit=unit.words,
        )
    if field == KEY:
        return say("format the column as text, and enter the key again as it is to be read")
    return say("format the column as text and enter it again")


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else mask(text)  # it may be made of a receiver
