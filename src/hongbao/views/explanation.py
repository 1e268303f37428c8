"""What is known of WeChat's codes and statuses: in English and Chinese, and as a JSON document."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hongbao.state_words import MONEY, Words
from hongbao.views.code_explanation import CodeExplanation
from hongbao.views.packet import STATUS_WORDS
from hongbao.views.transfer_explanation import look_up_transfers, transfer_entries
from hongbao.wire import codes
from hongbao.wire.codes import Code
from hongbao.wire.endpoints import ENDPOINTS


class Language(StrEnum):
    """What an explanation is written in."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"


class ExplanationLines(NamedTuple):
    """The lines of an explanation in one language, with the marks of that language.

    Attributes:
        calls: of which calls it is said.
        between: what stands between two of them.
        meaning: what happened.
        money: whether money may have moved.
        todo: what to do.
        hint: what to do where WeChat's text has a word.
    """

    calls: str
    between: str
    meaning: str
    money: str
    todo: str
    hint: str


LINES = {
    Language.EN: ExplanationLines(
        calls="Calls: {}",
        between=", ",
        meaning="What it means: {}",
        money="May money have moved? {}",
        todo="What to do: {}",
        hint="If the text has '{}': {}",
    ),
    Language.ZH: ExplanationLines(
        calls="接口：{}",
        between="、",
        meaning="含义：{}",
        money="是否可能已付款？{}",
        todo="怎么办：{}",
        hint="若文字说明含“{}”：{}",
    ),
}


def every_entry() -> list[CodeExplanation]:
    """All codes in the table's order, then all statuses; then the same of transfers."""
    packets = [_of_code(row) for row in codes.CODES] + [_of_status(word) for word in STATUS_WORDS]
    return packets + transfer_entries()


def look_up(word: str) -> list[CodeExplanation]:
    """The entries of a code or status; one that says so where there is none."""
    rows = [_of_code(row) for row in codes.rows_of(word)]
    status = codes.normalize(word).upper()
    if status in STATUS_WORDS:
        rows.append(_of_status(status))
    rows += look_up_transfers(word)
    return rows or [_of_code(codes.UNKNOWN_CODE._replace(err_code=word), kind="unknown")]


def _of_code(row: Code, kind: str = "err_code") -> CodeExplanation:
    calls = tuple(endpoint.name for endpoint in ENDPOINTS if endpoint.letter in row.endpoints)
    return CodeExplanation(
        code=row.err_code,
        kind=kind,
        calls=calls,
        disposition=row.disposition.value,
        meaning=Words(row.meaning, row.meaning_zh),
        money=MONEY[row.disposition],
        todo=Words(row.advice, row.advice_zh),
        hints=tuple(hint[1:] for hint in codes.HINTS if hint[0] == row.err_code),
    )


def _of_status(word: str) -> CodeExplanation:
    words = STATUS_WORDS[word]
    return CodeExplanation(
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


def document(entry: CodeExplanation, lang: Language) -> dict[str, object]:
    """An entry for a program."""
    found: dict[str, object] = {
        "code": entry.code,
        "kind": entry.kind,
        "calls": entry.calls,
        "disposition": entry.disposition,
    }
    for language, at in _languages(lang):
        found[language.value] = {
            "meaning": entry.meaning[at],
            "money": entry.money[at],
            "todo": entry.todo[at],
            "hints": [{"word": hint[0], "todo": hint[1 + at]} for hint in entry.hints],
        }
    return found


def line(entry: CodeExplanation, lang: Language) -> str:
    """An entry in one line."""
    meanings = " / ".join(entry.meaning[at] for _, at in _languages(lang))
    return f"{entry.code:26} {entry.disposition or 'status':8} {meanings}"


def paragraph(entry: CodeExplanation, lang: Language) -> str:
    """All that is known of an entry."""
    lines = [entry.code if entry.disposition is None else f"{entry.code}  ({entry.disposition})"]
    for language, at in _languages(lang):
        said = LINES[language]
        told = [
            said.calls.format(said.between.join(entry.calls)),
            said.meaning.format(entry.meaning[at]),
            said.money.format(entry.money[at]),
            said.todo.format(entry.todo[at]),
        ]
        lines += [f"  {it}" for it in told]
        lines += [f"    {said.hint.format(hint[0], hint[1 + at])}" for hint in entry.hints]
    return "\n".join(lines)
