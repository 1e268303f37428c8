"""Sentences for people: written in English where they arise, said in the language of the reader.

What travels, such as the problem of an error, is a `Sentence`: a string in English that remembers
how it was made. Whoever shows it says it in the language of the reader. Logs, documents for
programs and the books keep the English. The Chinese stands in the catalogues, ``locale/*.po``.
They are read when something is first said in Chinese; whoever reads English never waits for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self

CATALOGUES = ("help", "cli", "console", "books")
"""By what says it: the help of commands, commands and clients, pages, everything else."""

_ENDS = ("?", "…", "。", "？", "！")


class Tongue(StrEnum):
    """A language that people read."""

    ENGLISH = "en"
    CHINESE = "zh"

    @property
    def tag(self) -> str:
        """As ``<html lang>`` has it."""
        return "zh-Hans-CN" if self is Tongue.CHINESE else "en"

    @property
    def own_name(self) -> str:
        """What those who speak it call it."""
        return "中文" if self is Tongue.CHINESE else "English"


class Sentence(str):
    """A text in English that can be said in Chinese, too; `say` and its like make it.

    Attributes:
        template: the message in the catalogue; its places have names.
        values: what fills the places: Sentences among them are said in the same language.
    """

    __slots__ = ("_begins", "_ends", "_other", "template", "values")

    template: str
    values: Mapping[str, object]
    _other: str | None
    _begins: bool
    _ends: bool

    def __new__(cls, english: str, template: str, values: Mapping[str, object]) -> Self:
        """A sentence.

        Args:
            english: the text.
            template: see the class.
            values: see the class.
        """
        made = super().__new__(cls, english)
        made.template, made.values = template, values
        made._other, made._begins, made._ends = None, False, False
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        facts = (str(self), self.template, self.values, self._other, self._begins, self._ends)
        return _restored, facts

    def whole(self, *, begins: bool) -> Sentence:
        """The same with one full stop at its end.

        Args:
            begins: whether its first letter is a capital, too.
        """
        made = Sentence(
            _whole(str(self), Tongue.ENGLISH, begins=begins), self.template, self.values
        )
        made._other, made._begins, made._ends = self._other, begins, True
        return made

    def with_templates(self, others: Mapping[str, str]) -> Sentence:
        """The same said otherwise, and so for every sentence within it.

        Args:
            others: by a template, the one that is used instead; it has the same places, or fewer.
        """
        values = {
            name: it.with_templates(others) if isinstance(it, Sentence) else it
            for name, it in self.values.items()
        }
        template = others.get(self.template, self.template)
        if template == self.template and all(values[it] is self.values[it] for it in values):
            return self
        made = Sentence(template.format(**values) if values else template, template, values)
        return made.whole(begins=self._begins) if self._ends else made

    def in_chinese(self) -> str:
        """What a reader of Chinese reads; the English where the catalogues lack it."""
        text = self._other
        if text is None:
            text = _filled(catalogue().get(self.template, self.template), self.values)
        return _whole(text, Tongue.CHINESE, begins=self._begins) if self._ends else text


def _restored(
    english: str, template: str, values: Mapping[str, object], other: str | None, *made: bool
) -> Sentence:
    sentence = Sentence(english, template, values)
    sentence._other = other  # noqa: SLF001  # how a pickled one comes back
    sentence._begins, sentence._ends = made  # noqa: SLF001  # the same
    return sentence


def say(template: str, /, **values: object) -> Sentence:
    """A sentence that is said later, in whatever language its reader has.

    Args:
        template: in English, as the catalogue has it. Without values its braces are braces.
        values: for its places.
    """
    return Sentence(template.format(**values) if values else template, template, values)


def say_many(one: str, many: str, count: float, /, **values: object) -> Sentence:
    """The same of a number of things, which is the value ``count``.

    Args:
        one: if it is one.
        many: if it is not.
        count: how many.
        values: for the other places.
    """
    filled = {"count": count, **values}
    return Sentence((one if count == 1 else many).format(**filled), one, filled)


def both(english: str, chinese: str) -> Sentence:
    """A sentence of a table that has both languages beside each other."""
    made = Sentence(english, english, {})
    made._other = chinese  # noqa: SLF001  # the catalogue need not have it
    return made


def marked(template: str) -> str:
    """A template of a table, which the catalogue needs too; it is said by who looks it up."""
    return template


def said(text: str, /, **values: object) -> str:
    """A text in the language of who reads now.

    Args:
        text: a sentence, or a template of the catalogue; any other text stays as it is.
        values: for the places of a template.
    """
    return said_in(tongue(), text, **values)


def said_many(one: str, many: str, count: float, /, **values: object) -> str:
    """The same of a number of things; see `say_many`."""
    return said(say_many(one, many, count, **values))


def said_in(tongue: Tongue, text: str, /, **values: object) -> str:
    """A text in a language; see `said`."""
    if isinstance(text, Sentence):
        return str(text) if tongue is Tongue.ENGLISH else text.in_chinese()
    if tongue is Tongue.ENGLISH:
        return text.format(**values) if values else text
    return _filled(catalogue().get(text, text), values)


def _filled(template: str, values: Mapping[str, object]) -> str:
    if not values:
        return template
    return template.format(**{name: _in_chinese(it) for name, it in values.items()})


def _in_chinese(value: object) -> object:
    said = sentence_of(value) if isinstance(value, BaseException) else value
    return said.in_chinese() if isinstance(said, Sentence) else said


def sentence_of(error: BaseException | str) -> str:
    """What an exception or a warning says: a sentence, if it was made of one."""
    first = error if isinstance(error, str) else next(iter(error.args), "")
    return first if isinstance(first, str) else str(error)


def recognised(text: str, templates: Iterable[str]) -> str:
    """A text that was kept or made in English, as the sentence of the template that it fits.

    Args:
        text: it.
        templates: of the catalogue. The first that fits is taken; the text itself if none does.
    """
    for template in templates:
        if (found := _pattern(template).fullmatch(text)) is not None:
            return Sentence(text, template, found.groupdict())
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)[^}]*\}", template)
    places = [f"(?P<{it}>.+?)" if at % 2 else re.escape(it) for at, it in enumerate(parts)]
    return re.compile("".join(places), re.DOTALL)


def _whole(text: str, tongue: Tongue, *, begins: bool) -> str:
    ended = text.rstrip()
    if tongue is Tongue.CHINESE:
        return ended if ended.endswith(_ENDS) else f"{ended.rstrip('.')}。"
    if begins:
        ended = f"{ended[:1].upper()}{ended[1:]}"
    return ended if ended.endswith(_ENDS) else f"{ended.rstrip('.')}."


class _Process:
    tongue: ClassVar[Tongue] = Tongue.ENGLISH


_OF_TASK: ContextVar[Tongue | None] = ContextVar("tongue", default=None)


def tongue() -> Tongue:
    """The language of who reads now: of the task, else of the process."""
    return _OF_TASK.get() or _Process.tongue


def speak(tongue: Tongue) -> None:
    """Set the language of whoever reads what this process says."""
    _Process.tongue = tongue


@contextmanager
def speaking(tongue: Tongue) -> Iterator[None]:
    """Let a task speak a language, whatever its process does."""
    before = _OF_TASK.set(tongue)
    try:
        yield
    finally:
        _OF_TASK.reset(before)


@cache
def catalogue() -> Mapping[str, str]:
    """The Chinese of all messages; of a plural, by its singular."""
    import pkgutil  # noqa: PLC0415  # 3 ms, and whoever reads English never needs it

    found: dict[str, str] = {}
    for name in CATALOGUES:
        text = pkgutil.get_data("hongbao", f"locale/{name}.po") or b""
        found.update(read_catalogue(text.decode()))
    return found


_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\"}
_ESCAPED = re.compile(r"\\.")


def read_catalogue(text: str) -> dict[str, str]:
    """The messages of a catalogue in the format of gettext, with their translations.

    Args:
        text: of a ``.po`` file without contexts, and with one form for all numbers.
    """
    found: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in [*text.splitlines(), "msgid"]:
        if line.startswith("msg"):
            keyword, _, quoted = line.partition(" ")
            if keyword == "msgid":
                _keep(parts, found)
                parts = {}
            lines = parts.setdefault(keyword, [])
            lines.append(quoted)
        elif line.startswith('"'):
            lines.append(line)
    return found


def _keep(parts: Mapping[str, list[str]], found: dict[str, str]) -> None:
    message, translation = _joined(parts.get("msgid")), _joined(parts.get("msgstr"))
    translation = translation or _joined(parts.get("msgstr[0]"))
    if message and translation:
        found[message] = translation


def _joined(lines: Iterable[str] | None) -> str:
    text = "".join(line[1:-1] for line in lines or ())
    return _ESCAPED.sub(lambda it: _ESCAPES.get(it[0], it[0]), text) if "\\" in text else text
