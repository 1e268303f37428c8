"""Makes pages of templates: escaped, translated, with money and times as people read them."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from hongbao import beijing
from hongbao.console import charts
from hongbao.english import sentence
from hongbao.money import format_yuan
from hongbao.sentences import Tongue, said, said_in, speaking
from hongbao.version import __version__
from hongbao.views.kept import kept, stop_words
from hongbao.views.kinds import kind_words, rail_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Stop
    from hongbao.money import Fen
    from hongbao.state_words import Words


class Marks(NamedTuple):
    """What stands between the parts of a sentence that a template puts together."""

    colon: str = ": "
    comma: str = ", "
    enumeration: str = ", "
    semicolon: str = "; "
    stop: str = "."
    opens: str = " ("
    closes: str = ")"


_MARKS = {
    Tongue.ENGLISH: Marks(),
    Tongue.CHINESE: Marks("：", "，", "、", "；", "。", "（", "）"),
}


class Renderer:
    """Renders templates in one language.

    Args:
        tongue: the language.
    """

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self._environment = Environment(
            loader=PackageLoader("hongbao.console"),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment: Any = self._environment  # its extension adds methods
        environment.install_gettext_callables(self.gettext, self._ngettext, newstyle=True)
        self._environment.filters |= {
            "yuan": _yuan, "when": _when, "moment": _moment, "words": self.words,
            "said": self.gettext,
            "kind": kind_words, "rail": rail_words, "kept": kept, "stop": _stop,
        }  # fmt: skip
        self._environment.globals |= {
            "charts": charts, "mark": _MARKS[tongue], "tongues": Tongue, "tongue": tongue,
            "version": __version__,
        }  # fmt: skip

    def gettext(self, message: str) -> str:
        """A message, or a sentence, in this language."""
        return said_in(self._tongue, message)

    def _ngettext(self, one: str, many: str, count: int) -> str:
        return said_in(self._tongue, one if self._tongue is Tongue.CHINESE or count == 1 else many)

    def words(self, words: Words) -> str:
        """One of two languages."""
        return words.zh if self._tongue is Tongue.CHINESE else words.en

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """A page, or a part of one.

        Args:
            template: its file below ``templates``.
            values: what the template names.
        """
        with speaking(self._tongue):
            return self._environment.get_template(template).render(values)


@cache
def renderers() -> Mapping[Tongue, Renderer]:
    """One for each language. They keep nothing but the templates, compiled once a process."""
    return MappingProxyType({tongue: Renderer(tongue) for tongue in Tongue})


def _stop(stop: Stop) -> str:
    """Why nothing is sent, as a sentence."""
    return said(sentence(stop_words(stop), begins=True))


def _yuan(fen: Fen) -> str:
    """Fen as yuan with two decimals, and commas between thousands: ``1,234.56``."""
    whole, _, cents = format_yuan(abs(fen)).partition(".")
    return f"{'-' if fen < 0 else ''}{int(whole):,}.{cents}"


def _when(at: Instant | None) -> Markup:
    """A moment as people read it, in Beijing time; programs find it in UTC."""
    if at is None:
        return Markup("–")
    return Markup('<time datetime="{}">{}</time>').format(beijing.iso(at), escape(beijing.text(at)))


def _moment(at: Instant) -> str:
    """The time of day alone: ``20:30:05``."""
    return beijing.text(at)[11:19]
