"""Judges the rows of a list one by one: what each asks for, and all that is wrong with it.

Rows are many and most of what they say is the same, so a wording is judged once, an amount once for
each set of rules, and a receiver each time.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hongbao.business_key import normal
from hongbao.campaign.amount import in_unit, parse_amount
from hongbao.campaign.column import AMOUNT, KEY, PAYEE
from hongbao.campaign.form import Fault
from hongbao.campaign.key import KeyMaker, key_fault
from hongbao.campaign.showing import amount_seen, unlike
from hongbao.campaign.spool import Line
from hongbao.campaign.wording import Wordings, shown
from hongbao.english import counted
from hongbao.money import format_yuan
from hongbao.wire.caution import noting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hongbao.campaign.amount import Unit
    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.layout import Layout
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.table.row import Row
    from hongbao.campaign.terms import TermsKeeper
    from hongbao.campaign.wording import Wording
    from hongbao.money import Fen

_REMEMBERED = 50_000
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_TOTALS = frozenset(
    spelling
    for word in ("total", "totals", "subtotal", "sum", "openid")
    for spelling in (word, word.upper(), word.capitalize())
)
"""What an openid could be by its letters, and is none: a row of totals, a header again."""
_NONE: Fen = -1
"""For what is no amount."""


class Judge:
    """Judges the rows of one list.

    Args:
        layout: where its columns stand.
        payer: who pays.
        campaign: the name under which it is stored.
        unit: of its amounts.
        kind: of rows that say none.
        terms: where what rows have in common is kept.
        notebook: what is wrong is noted there.
    """

    def __init__(
        self,
        *,
        layout: Layout,
        payer: Payer,
        campaign: str,
        unit: Unit,
        kind: str,
        terms: TermsKeeper,
        notebook: Notebook,
    ) -> None:
        self._layout = layout
        self._fields = {place: field for field, place in layout.places.items()}
        self._payer = payer
        self._unit = unit
        self._notebook = notebook
        fields = [field for field in layout.places if field not in {PAYEE, KEY, AMOUNT}]
        self._worded = _picker([layout.places[field] for field in fields])
        self._wordings = Wordings(fields, payer, kind, terms, notebook)
        self._keys = KeyMaker(campaign)
        self._payee, self._amount = layout.places[PAYEE], layout.places[AMOUNT]
        self._key = layout.places.get(KEY)
        self._fen: dict[str, Fen] = {}

    def judge(self, row: Row) -> Line | None:
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
        form = wording.form
        right = fen != _NONE and not wrong and not wording.faults
        if not (right and form.is_payee(payee)) or payee in _TOTALS or (key and key_fault(key)):
            self._note(row, wording, wrong, key)
            return None
        for caution in wording.cautions:
            self._notebook.caution(caution, number)
        return Line(
            number,
            key or self._keys.key(payee),
            bool(key),
            form.name,
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
        told = [("", f"its cell {place + 1} {under}") for place in nameless]
        names, fields = layout.names, self._fields
        told += [(names[fields[place]], what) for place, what in faults if place in fields]
        told += self._unlike(row)
        for column, what in told:
            self._notebook.problem(number, column, what)
        return not told

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
            yield self._layout.names[field], unlike(field, stored, look, self._unit)

    def _note(self, row: Row, wording: Wording, wrong: Sequence[Fault], key: str) -> None:
        names = self._layout.names
        payee, said = row.cells[self._payee], row.cells[self._amount]
        if payee in _TOTALS:
            self._notebook.problem(row.number, names[PAYEE], f"{payee!r} is no receiver")
        elif not wording.form.is_payee(payee):
            self._notebook.problem(row.number, names[PAYEE], wording.form.payee_fault(payee))
        if self._fen.get(said) == _NONE:
            told = f"must be {self._unit.rule}; found {_found(said)}"
            self._notebook.problem(row.number, names[AMOUNT], told)
        if key and (why := key_fault(key)):
            self._notebook.problem(row.number, names[KEY], why)
        for field, what in (*wrong, *wording.faults):
            self._notebook.problem(row.number, names.get(field, field), what)

    def _parse(self, said: str) -> Fen:
        if len(self._fen) >= _REMEMBERED:
            self._fen.clear()
        fen = parse_amount(said, self._unit)
        return self._fen.setdefault(said, _NONE if fen is None else fen)

    def _judge_amount(self, fen: Fen, wording: Wording) -> tuple[Fault, ...]:
        """What is wrong with an amount, for requests of a wording that is right by itself."""
        if wording.faults or fen == _NONE:
            return ()
        faults = []
        for limit, whose in (
            (self._payer.limits.user_day_amount_max, "a user may get a day"),
            (self._payer.limits.day_amount_max, "the merchant may pay a day"),
        ):
            if limit is not None and fen > limit:
                faults.append(Fault(AMOUNT, f"is more than {whose}: {format_yuan(limit)} yuan"))
        with noting():  # the wording's own warnings are noted with it
            for field, what in wording.form.amount_faults(
                fen, wording.people, wording.texts, self._payer.assumptions
            ):
                faults.append(Fault(field, in_unit(what, self._unit) if field == AMOUNT else what))
        if len(wording.amounts) >= _REMEMBERED:
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
