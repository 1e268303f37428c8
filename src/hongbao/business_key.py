"""Business keys as everybody has to spell them: one key is one key at every door. Pure.

A key makes a payment this payment and no other, so two spellings of one key would be two
payments. Blanks and invisible characters around a key are no part of it, and the rest is compared
in Unicode's NFKC: full-width letters and digits as their plain ones, accents composed. Letter case
and leading zeros tell keys apart.

Spreadsheets and the programs that feed them change keys: ``2.02611E+17`` has lost the digits that
made it unique, and ``1001.0``, ``'1001`` or ``="1001"`` would be paid beside ``1001``.
What they write is therefore no key. The rule for numbers is what they print and people do not: a
fraction before the exponent, or a plus sign behind its E. ``12E4`` is a key.

A row of a list that says no key has one that is derived from its campaign and its receiver.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from operator import eq
from typing import TYPE_CHECKING

from hongbao.digits import whole_number
from hongbao.errors import InvalidRequest
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

# What is not seen beside white space: format characters, fillers, selectors of variants.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_AROUND = re.compile(f"\\A[\\s{_UNSEEN}]+|[\\s{_UNSEEN}]+\\Z")
_LOST = re.compile(f"[{_UNSEEN}\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")

_NOTHING = r"nan|none|null|nil|nat|<na>|n/?a|undefined|\\N"
_PLAIN = re.compile(f"(?!(?i:{_NOTHING})\\Z)[0-9A-Za-z_][0-9A-Za-z_/:-]*")
"""Most keys: in normal form, and no spreadsheet would write them for another one."""

_DIGITS = "[+-]?[0-9]"
_DAMAGE = re.compile(
    "(?P<formula>=.*)"
    '|(?P<quoted>[\'"`\u00b4\u2018\u2019\u201c\u201d].*|.*["\u201d])'
    f"|(?P<shortened>{_DIGITS}+[Ee]\\+[0-9]+|[+-]?[0-9]*[.,][0-9]*[Ee][+-]?[0-9]+)"
    f"|(?P<decimal>{_DIGITS}+[.,]0*)"
    f"|(?P<grouped>{_DIGITS}{{1,2}}?[0-9]?(?:[,'\u2019][0-9]{{3}})+(?:[.,][0-9]*)?)"
    "|(?P<error>#+|#(?:N/A|REF!|VALUE!|NAME\\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BUSY!))"
    f"|(?P<nothing>(?i:{_NOTHING}))",
    re.DOTALL,
)
_WORDS = {
    "formula": say('is a formula, such as ="1001": write the key by itself, 1001'),
    "quoted": say(
        "has a quotation mark at its beginning or end, which some programs put there so "
        "that a spreadsheet does not change the key: write the key without it"
    ),
    "shortened": say(
        "is a number that was shortened (2.02611E+17), so that other keys look the same: "
        "take the keys from where they come from again, into a column that is formatted "
        "as text"
    ),
    "decimal": say(
        "is a number with an empty fraction (1001.0), as some programs write the key "
        "1001: write it without the fraction"
    ),
    "grouped": say("is a number with thousands separators (1,001): write it without them"),
    "error": say(
        "is a spreadsheet's error, or a cell that was too narrow: take the key from "
        "where it comes from again"
    ),
    "nothing": say(
        "is what a program writes where it has no value: give the key, or leave the cell empty"
    ),
}
_UNREADABLE = say(
    "holds a character that is not seen, or that stands for one that was lost: enter it again"
)


def normal(key: str) -> str:
    """A key in the one spelling in which keys are compared."""
    if key.isascii():
        return key.strip()
    return _AROUND.sub("", unicodedata.normalize("NFKC", _AROUND.sub("", key)))


def is_normal(key: str) -> bool:
    """Whether a key is spelt as ``normal`` spells it."""
    return _PLAIN.fullmatch(key) is not None or normal(key) == key


def are_normal(keys: Sequence[str]) -> bool:
    """Whether all of these are; in a fraction of the time where they are ASCII, as most are."""
    ascii_only = all(map(str.isascii, keys))
    return all(map(eq, map(str.strip, keys), keys)) if ascii_only else all(map(is_normal, keys))


def damage(key: str) -> str:
    """What shows that a key in its normal form is not the key that was meant, and what to do.

    Empty if nothing does. The key itself is not in the words: it may be made of a receiver.
    """
    if _PLAIN.fullmatch(key):
        return ""
    found = _DAMAGE.fullmatch(key)
    if found is not None:
        return _WORDS[found.lastgroup or ""]
    return _UNREADABLE if _LOST.search(key) else ""


def checked(key: str) -> str:
    """A key from outside, in its normal form.

    Raises:
        InvalidRequest: if it is no text, if there is none, or if a spreadsheet or a program has
            changed it.
    """
    if not isinstance(key, str):
        raise InvalidRequest(
            field="key", rule=say("a text"), found=say("a {type}", type=type(key).__name__)
        )
    if _PLAIN.fullmatch(key):
        return key
    key = normal(key)
    if not key:
        raise InvalidRequest(field="key", rule=say("not empty"), found=say("nothing that is seen"))
    if why := damage(key):
        raise InvalidRequest(
            field="key", rule=say("the key as it was given"), found=say("one that {why}", why=why)
        )
    return key


KEY_MAX = 128
KEY_RULE = say("1 to {most} characters without control characters", most=KEY_MAX)
_HEX = 20  # 80 bits: even odds of one collision need a million million receivers


def key_fault(key: str) -> str:
    """What is wrong with a key in its normal form, and what to do; empty if nothing is."""
    if why := damage(key):
        return why
    return (
        ""
        if 0 < len(key) <= KEY_MAX and key.isprintable()
        else say("must be {rule}", rule=KEY_RULE)
    )


def are_plain(keys: list[str]) -> bool:
    """Whether all of these are plain: in their normal form, and nothing is wrong with them."""
    return all(map(_PLAIN.fullmatch, keys)) and max(map(len, keys), default=0) <= KEY_MAX


class KeyMaker:
    """Derives the keys of rows that say none: the same for ever, and of one length in a campaign.

    The receiver stands in a key as a hash, so that a key can be shown.

    Args:
        campaign: its name.

    Attributes:
        respelt: whether earlier versions derived other keys from this name.
    """

    def __init__(self, campaign: str) -> None:
        # Texts stand behind their lengths, so that no two pairs read as one.
        self._begun = f"hongbao/key/1;{len(campaign)}:{campaign}"
        self._name = normal(campaign)
        self.respelt = not is_normal(campaign)
        # Of a name that is not in its normal form an earlier version took what stood there.
        self._beginnings = (f"{campaign}/", f"{self._name}/")

    def key(self, payee: str, ordinal: int = 1) -> str:
        """The key of a receiver's row.

        Args:
            payee: whom.
            ordinal: which of the receiver's rows without a key of their own, from 1.
        """
        digest = sha256(f"{self._begun}{len(payee)}:{payee}".encode()).hexdigest()
        return f"{self._name}/{digest[:_HEX]}-{ordinal:03d}"

    def ordinal(self, key: str) -> int:
        """Which of its receiver's rows a derived key says; 0 for a key of a list's own."""
        begun, _, ordinal = key.rpartition("-")
        derived = begun.startswith(self._beginnings)
        return (whole_number(ordinal, digits=KEY_MAX) or 0) if derived else 0
