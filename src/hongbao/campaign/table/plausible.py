"""Whether bytes that can be read as GB18030 were meant as that: nearly any bytes can be read so.

Big5, Shift-JIS, Latin-1 and others give characters that hardly any Chinese text has: those that
GB2312, the core of GB18030, leaves out. Korean gives common ones, but only from the first rows of
GB2312, where Korean syllables have the same numbers: no Chinese text does without the others.
"""

from __future__ import annotations

import re
from collections import Counter

_ENOUGH = 50_000
"""Characters beyond ASCII that are looked at."""
_FOREIGN_SHARE_MAX = 0.4
"""Of traditional Chinese in GB18030 about a third is outside of GB2312, of other encodings more."""
_KOREAN_LEAST = 10
"""So many different characters, all of them among the first, no Chinese text has."""
_SHOWN = 8

_BEYOND_ASCII = re.compile("[^\\x00-\\x7f\\ufeff\\U00010000-\\U0010ffff]")
_SYMBOLS_END, _FIRST_HANZI, _LAST_OF_KOREAN = 0xA3, 0xB0, 0xC8


class Plausibility:
    """Counts the characters of a text that was read as GB18030."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def look_at(self, text: str) -> None:
        """See some more of the text."""
        if not text.isascii() and self._counts.total() < _ENOUGH:
            self._counts.update(_BEYOND_ASCII.findall(text))

    @property
    def doubt(self) -> str:
        """Why it is hardly GB18030, in words; empty if it may well be."""
        rows = {character: _row(character) for character in self._counts}
        foreign = [it for it, row in rows.items() if _SYMBOLS_END < row < _FIRST_HANZI or not row]
        count, total = sum(self._counts[it] for it in foreign), self._counts.total()
        if count > _FOREIGN_SHARE_MAX * total:
            shown = "".join(it for it in foreign if it.isprintable())[:_SHOWN]
            return (
                f"can be read as GB18030, but {count} of {total} characters are none that Chinese "
                f"texts are written in" + (f", such as {shown}" if shown else "")
            )
        if len(rows) >= _KOREAN_LEAST and all(
            _FIRST_HANZI <= row <= _LAST_OF_KOREAN for row in rows.values()
        ):
            return "can be read as GB18030, but looks like Korean in EUC-KR"
        return ""


def _row(character: str) -> int:
    """The first byte of a character in GB2312; 0 for those that it does not have."""
    try:
        return character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0
