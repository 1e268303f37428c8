"""What the books keep in English for people, such as why a campaign is stopped, as it is read.

The books hold English, and hashes of it. Whoever reads Chinese gets the Chinese of the sentence
that a text was made of: it is found among the messages of the catalogue by what they have in common
with it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from hongbao.dispatch.settlement import SAYS
from hongbao.english import COLON, SEMICOLON, counted, said_together
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.model.step import ALL_STOPPED, PAUSED_BY_PERSON, SCHEDULED
from hongbao.rails.known import RAILS
from hongbao.sentences import Sentence, Tongue, catalogue, marked, recognised, said, say, tongue
from hongbao.wire.codes import HINTS

if TYPE_CHECKING:
    from hongbao.ledger.model.step import Stop

_PLACE = re.compile(r"\{\w+[^}]*\}")
_LETTERS_MIN = 10
"""A message with fewer of its own would fit too many texts."""
_DEPTH_MAX = 3
_SHORT = (
    (re.compile(r"in \S+ \(.+\)"), marked("in {name} ({phase})")),
    (re.compile(r"\d+ rows?, \d+\.\d\d yuan"), marked("{rows}, {amount} yuan")),
)
"""Messages with too few letters of their own, and what a text that one of them made looks like."""
_COUNTED = re.compile(r"(\d+) ([a-z]+?)s?")
_BY_A_PERSON = {
    PAUSED_BY_PERSON: marked("a person paused it ({reason})"),
    SCHEDULED: marked("it is scheduled ({reason})"),
    ALL_STOPPED: marked("a person stopped all sending ({reason})"),
}


def kept(text: str) -> str:
    """A text of the books in the language of who reads; as it is where nothing is known of it."""
    return text if tongue() is Tongue.ENGLISH else said(_sentence(text, _DEPTH_MAX))


def stop_words(stop: Stop) -> str:
    """Why nothing is sent: with the code, unless that says only that a person wants it so."""
    template = _BY_A_PERSON.get(stop.code)
    if template is None:
        return say("{code}: {reason}", code=stop.code, reason=kept(stop.reason))
    return say(template, reason=who_and_why(stop.reason))


def who_and_why(reason: str) -> str:
    """A person and a reason, as a stop keeps them."""
    who, _, why = reason.partition(": ")
    return said_together((who, kept(why)), COLON)


def _sentence(text: str, depth: int) -> str:
    if text in _words():
        return _words()[text]
    fits = [template for part, template in _templates() if part in text]
    if text.startswith(_providers()):
        fits.insert(0, SAYS)  # too short to be looked for anywhere else
    fits = [*(it for shape, it in _SHORT if shape.fullmatch(text)), *fits]
    if (count := _COUNTED.fullmatch(text)) is not None and f"{{count}} {count[2]}" in catalogue():
        return counted(int(count[1]), count[2])
    found = recognised(text, fits)
    if not isinstance(found, Sentence) or not depth:
        return _put_together(text, depth)
    values = {name: _sentence(str(it), depth - 1) for name, it in found.values.items()}
    return Sentence(text, found.template, values)


def _put_together(text: str, depth: int) -> str:
    """What two sentences were made into, such as ``HOST: why``; the text if neither is known."""
    for between, template in ((";", SEMICOLON), (":", COLON)) if depth else ():
        one, found, two = text.partition(f"{between} ")
        if not found:
            continue
        parts = {"one": _sentence(one, depth), "two": _sentence(two, depth)}
        if any(isinstance(it, Sentence) for it in parts.values()):
            return Sentence(text, template, parts)
    return text


@cache
def _templates() -> list[tuple[str, str]]:
    """Each message with the longest of its parts between places: those that say most come first."""
    found = []
    for template in catalogue():
        parts = _PLACE.split(template)
        letters = sum(map(len, parts))
        if letters >= _LETTERS_MIN:
            found.append((letters, max(parts, key=len), template))
    return [it[1:] for it in sorted(found, reverse=True)]


@cache
def _providers() -> tuple[str, ...]:
    """How a text begins that says what a provider says."""
    return tuple({f"{RAILS.of(kind.name).provider} says " for kind in RAILS.kinds})


@cache
def _words() -> dict[str, str]:
    """The Chinese of states, and of what the rails say about codes, by the English."""
    rails = {RAILS.of(kind.name) for kind in RAILS.kinds}
    texts = ("", *(hint[1] for hint in HINTS))
    found = [
        rail.explain(code, None, text)
        for rail in rails
        for code in rail.reactions
        for text in texts
    ]
    known = {words.en: words.zh for it in found if it is not None for words in it}
    states = {str(it): it.in_words.in_chinese() for it in (*Phase, *State)}
    return known | states | {"WeChat": "微信"}
