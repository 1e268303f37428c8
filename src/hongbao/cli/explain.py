"""``hongbao explain``: what a code or status means, offline, in English and Chinese."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import typer

from hongbao.cli.answer import Answer, answer
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import MONEY
from hongbao.cli.options import AsJson
from hongbao.cli.status_words import STATUS_WORDS
from hongbao.wire import codes
from hongbao.wire.codes import Code
from hongbao.wire.endpoints import ENDPOINTS


class Language(StrEnum):
    """What an explanation is written in."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"


class Entry(NamedTuple):
    """What is known of one code or status, each text in English and Chinese.

    Attributes:
        code: WeChat's word.
        kind: ``err_code``, ``status``, or ``unknown`` where the word is in no table.
        calls: the calls that the row is for.
        disposition: NO, OPEN or UNKNOWN; None for a status.
        meaning: what happened.
        money: may money have moved?
        todo: what to do.
        hints: of err_codes: what to do where WeChat's text has a certain word.
    """

    code: str
    kind: str
    calls: tuple[str, ...]
    disposition: str | None
    meaning: tuple[str, str]
    money: tuple[str, str]
    todo: tuple[str, str]
    hints: tuple[tuple[str, str, str], ...] = ()


class Titles(NamedTuple):
    """The headings of one language."""

    calls: str
    meaning: str
    money: str
    todo: str
    hint: str


TITLES = {
    Language.EN: Titles(
        "Calls", "What it means", "May money have moved", "What to do", "If the text has"
    ),
    Language.ZH: Titles("接口", "含义", "是否可能已付款", "怎么办", "若文字说明含"),
}


def explain(
    *,
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE", help="An err_code or a packet's status; all of them if left out."
        ),
    ] = None,
    lang: Annotated[Language, typer.Option(help="In English, Chinese or both.")] = Language.EN,
    as_json: AsJson = False,
) -> Answer:
    """Say what a code means and what to do."""
    entries = every_entry() if code is None else look_up(code)
    document = {"entries": [_document(entry, lang) for entry in entries]}
    if code is None:
        text = "\n".join(_line(entry, lang) for entry in entries)
    else:
        text = "\n\n".join(_paragraph(entry, lang) for entry in entries)
    return answer(document, text, outcome="answered", code=ExitCode.DONE, as_json=as_json)


def every_entry() -> list[Entry]:
    """All codes in the table's order, then all statuses."""
    return [_of_code(row) for row in codes.CODES] + [_of_status(word) for word in STATUS_WORDS]


def look_up(word: str) -> list[Entry]:
    """The entries of a code or status; one that says so where there is none."""
    rows = [_of_code(row) for row in codes.rows_of(word)]
    status = codes.normalize(word).upper()
    if status in STATUS_WORDS:
        rows.append(_of_status(status))
    return rows or [_of_code(codes.UNKNOWN_CODE._replace(err_code=word), kind="unknown")]


def _of_code(row: Code, kind: str = "err_code") -> Entry:
    calls = tuple(endpoint.name for endpoint in ENDPOINTS if endpoint.letter in row.endpoints)
    return Entry(
        code=row.err_code,
        kind=kind,
        calls=calls,
        disposition=row.disposition.value,
        meaning=(row.meaning, row.meaning_zh),
        money=MONEY[row.disposition],
        todo=(row.advice, row.advice_zh),
        hints=tuple(hint[1:] for hint in codes.HINTS if hint[0] == row.err_code),
    )


def _of_status(word: str) -> Entry:
    words = STATUS_WORDS[word]
    return Entry(
        code=word,
        kind="status",
        calls=("gethbinfo", "queryworkwxredpack"),
        disposition=None,
        meaning=words.meaning,
        money=words.money,
        todo=words.todo,
    )


def _languages(lang: Language) -> list[tuple[Language, int]]:
    both = [(Language.EN, 0), (Language.ZH, 1)]
    return [pair for pair in both if lang in {pair[0], Language.BOTH}]


def _document(entry: Entry, lang: Language) -> dict[str, object]:
    document: dict[str, object] = {
        "code": entry.code,
        "kind": entry.kind,
        "calls": entry.calls,
        "disposition": entry.disposition,
    }
    for language, at in _languages(lang):
        document[language.value] = {
            "meaning": entry.meaning[at],
            "money": entry.money[at],
            "todo": entry.todo[at],
            "hints": [{"word": hint[0], "todo": hint[1 + at]} for hint in entry.hints],
        }
    return document


def _line(entry: Entry, lang: Language) -> str:
    meanings = " / ".join(entry.meaning[at] for _, at in _languages(lang))
    return f"{entry.code:26} {entry.disposition or 'status':8} {meanings}"


def _paragraph(entry: Entry, lang: Language) -> str:
    lines = [entry.code if entry.disposition is None else f"{entry.code}  ({entry.disposition})"]
    for language, at in _languages(lang):
        titles = TITLES[language]
        lines += [
            f"  {titles.calls}: {', '.join(entry.calls)}",
            f"  {titles.meaning}: {entry.meaning[at]}",
            f"  {titles.money}? {entry.money[at]}",
            f"  {titles.todo}: {entry.todo[at]}",
        ]
        lines += [f"    {titles.hint} {hint[0]!r}: {hint[1 + at]}" for hint in entry.hints]
    return "\n".join(lines)
