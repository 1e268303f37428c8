"""Judges what rows say but for whom and how much: once for each distinct wording."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.column import KIND, PEOPLE
from hongbao.campaign.form import FORMS, Fault, form_named
from hongbao.campaign.mojibake import twice_encoded
from hongbao.english import counted
from hongbao.wire.caution import noting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.form import Form
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.terms import TermsKeeper
    from hongbao.money import Fen

_REMEMBERED = 20_000
_SHOWN_MAX = 12
_PEOPLE_DIGITS_MAX = 9
_LINE_BREAK = "has a line break: is a quote missing?"


class Wording(NamedTuple):
    """What a row says but for its receiver, key and amount.

    Attributes:
        form: of its kind.
        people: among how many it is shared.
        texts: what is said more, as a message takes it.
        terms: the number of that, with who pays.
        faults: what is wrong with it.
        cautions: what should be known of it.
        amounts: what is wrong with each amount that was judged for such a wording; shared by all
            wordings of which an amount's rules are the same.
    """

    form: Form
    people: int
    texts: Mapping[str, str | int]
    terms: int
    faults: tuple[Fault, ...]
    cautions: tuple[str, ...]
    amounts: dict[Fen, tuple[Fault, ...]]


class Wordings:
    """Judges wordings, and remembers them.

    Args:
        fields: what the cells of a wording are.
        payer: who pays.
        kind: of rows that say none.
        terms: where what rows have in common is kept.
        notebook: what the payer's settings lack is noted there.
    """

    def __init__(
        self,
        fields: Sequence[str],
        payer: Payer,
        kind: str,
        terms: TermsKeeper,
        notebook: Notebook,
    ) -> None:
        self._fields = fields
        self._payer = payer
        self._kind = kind
        self._terms = terms
        self._notebook = notebook
        self._seen: dict[tuple[str, ...], Wording] = {}
        self._amounts: dict[tuple[object, ...], dict[Fen, tuple[Fault, ...]]] = {}
        self._payers_terms: dict[str, dict[str, str]] = {}

    def of(self, cells: tuple[str, ...]) -> Wording:
        """The wording of these cells."""
        wording = self._seen.get(cells)
        if wording is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            wording = self._seen[cells] = self._judge(cells)
        return wording

    def _judge(self, texts: tuple[str, ...]) -> Wording:
        cells = {field: text for field, text in zip(self._fields, texts, strict=True) if text}
        faults = [
            Fault(field, _LINE_BREAK)
            for field, text in cells.items()
            if "\n" in text or "\r" in text
        ]
        form = self._form(cells.pop(KIND, self._kind), faults)
        people = _people(cells.pop(PEOPLE, ""), form, faults)
        foreign = [field for field in cells if field not in form.texts]
        faults += [Fault(field, f"is not for {form.name}: leave it empty") for field in foreign]
        said = form.typed({**self._payer.texts, **cells})
        faults += [
            Fault(field, why)
            for field, text in said.items()
            if isinstance(text, str) and (why := twice_encoded(text))
        ]
        with noting() as notes:
            faults = faults or form.text_faults(people, said, self._payer.assumptions.text_limits)
        return Wording(
            form=form,
            people=people,
            texts=said,
            terms=0 if faults else self._terms.number({**said, **self._payers_terms[form.name]}),
            faults=tuple(faults),
            cautions=tuple(dict.fromkeys(text for _, text in notes)),
            amounts=self._amounts_of(form.name, people, said.get("scene_id")),
        )

    def _amounts_of(self, *rules: object) -> dict[Fen, tuple[Fault, ...]]:
        if rules not in self._amounts and len(self._amounts) >= _REMEMBERED:
            self._amounts.clear()
        return self._amounts.setdefault(rules, {})

    def _form(self, said: str, faults: list[Fault]) -> Form:
        form = form_named(said)
        if form is None:
            faults.append(Fault(KIND, f"must be one of {', '.join(FORMS)}; found {shown(said)}"))
            return FORMS[self._kind]
        if form.name not in self._payers_terms:
            self._payers_terms[form.name] = self._payer.terms(form.name)
            for what in form.payer_faults(self._payer):
                self._notebook.problem(0, "", what)
        return form


def _people(said: str, form: Form, faults: list[Fault]) -> int:
    if form.shared:
        if said.isascii() and said.isdigit() and len(said) <= _PEOPLE_DIGITS_MAX:
            return int(said)
        told = f"must be a whole number; found {shown(said)}" if said else "is missing"
        faults.append(Fault(PEOPLE, told))
    elif said not in {"", "1"}:
        faults.append(Fault(PEOPLE, f"must be 1 for {form.name}; found {shown(said)}"))
    return 1


def shown(text: str) -> str:
    """A short text as it is, a long one by its length: it may be a receiver in a wrong column."""
    if not text:
        return "an empty cell"
    return repr(text) if len(text) <= _SHOWN_MAX else counted(len(text), "character")
