"""Translations: pages say English, and a catalogue says the same in Chinese.

The catalogue is ``locale/zh_Hans_CN.po``. It is read when the console starts, so that no compiled
file has to be kept beside it; a test holds that it lacks nothing.
"""

from __future__ import annotations

import gettext
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUE = "zh_Hans_CN.po"


class Tongue(StrEnum):
    """A language of the pages."""

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


def marked(message: str) -> str:
    """Mark a message that is translated where it is shown; the catalogue needs it too."""
    return message


@cache
def translations(tongue: Tongue) -> gettext.NullTranslations:
    """The translations into a language."""
    if tongue is Tongue.ENGLISH:
        return gettext.NullTranslations()
    text = (files("hongbao.console") / "locale" / CATALOGUE).read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale="zh_Hans_CN"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def preferred(accepted: str) -> Tongue:
    """The language that a browser asks for first, by its ``Accept-Language``."""
    weighed = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.strip().partition("-")[0].lower()
        if primary in set(Tongue):
            weighed.append((-_weight(weight), place, Tongue(primary)))
    return min(weighed)[2] if weighed else Tongue.ENGLISH


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
