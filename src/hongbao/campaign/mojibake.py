"""Texts that were UTF-8 once, were read as another encoding, and saved as UTF-8 again."""

from __future__ import annotations

_LOST = "锟斤拷"
"""What GBK makes of two characters that UTF-8 had given up: it has no other use."""
_LAST_OF_LATIN_1 = "\xff"
_EAST_ASIA = "\u2e80"
_CHARACTERS_MIN = 2


def twice_encoded(text: str) -> str:
    """What is wrong with a text that was encoded twice, and what it was; empty if it was not."""
    if text.isascii():
        return ""
    if _LOST in text:
        return (
            f"has {_LOST}, what is left of text that was read in a wrong encoding: enter it again"
        )
    meant = _undone(_western(text)) or _undone_chinese(text)
    if not meant:
        return ""
    return (
        f"was encoded twice; {meant!r} was meant: save the file in UTF-8 from where it comes from"
    )


def _western(text: str) -> bytes:
    """The bytes that a program took for Windows-1252; none if it has none."""
    found = bytearray()
    for character in text:
        try:
            found += character.encode("cp1252")
        except UnicodeEncodeError:
            if character > _LAST_OF_LATIN_1:
                return b""
            found += character.encode("latin-1")  # of five bytes that have no character there
    return bytes(found)


def _undone(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def _undone_chinese(text: str) -> str:
    """The text that a program took for GB18030, if it is East Asian as a whole.

    Few Chinese texts are UTF-8 by accident, and those would be in other letters.
    """
    try:
        meant = _undone(text.encode("gb18030"))
    except UnicodeEncodeError:
        return ""
    beyond = [character for character in meant if not character.isascii()]
    whole = len(beyond) >= _CHARACTERS_MIN and all(it >= _EAST_ASIA for it in beyond)
    return meant if whole else ""
