"""The catalogue of translations has every message of the pages, each translated, and no other."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import hongbao.console
from hongbao.console.words import CATALOGUE, Tongue, preferred

SOURCE = Path(hongbao.console.__file__).parent
PATH = SOURCE / "locale" / CATALOGUE
_PLACES = re.compile(r"%\((\w+)\)[sd]")


def extracted() -> Catalog:
    """Every message that templates and modules mark."""
    found = Catalog(locale="zh_Hans_CN", project="hongbao", fuzzy=False)
    for _path, _line, message, _comments, context in extract_from_dir(
        SOURCE,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"silent": "false", "newstyle_gettext": "true"}},
    ):
        found.add(message, context=context)
    return found


def stored() -> Catalog:
    """The catalogue."""
    return read_po(BytesIO(PATH.read_bytes()), locale="zh_Hans_CN")


def texts(said: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """The forms of a message: one, or one for each number."""
    return [said or ""] if said is None or isinstance(said, str) else list(said)


def test_the_catalogue_has_every_message_and_no_other() -> None:
    """Written anew if it does not: then translate what is empty."""
    old, new = stored(), extracted()
    if {it.id for it in old} == {it.id for it in new}:
        return
    for message in new:
        kept = old.get(message.id)
        if message.id and kept is not None:
            message.string = kept.string
    written = BytesIO()
    write_po(written, new, sort_output=True, omit_header=False, width=100, no_location=True)
    header = re.compile(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|[^"]*EMAIL)[^"]*"\n')
    PATH.write_bytes(header.sub(b"", written.getvalue()))
    pytest.fail(f"{PATH} was written anew: translate what is empty, and keep it")


def test_every_message_is_translated() -> None:
    missing = [it.id for it in stored() if it.id and (it.fuzzy or not all(texts(it.string)))]
    assert missing == []


def test_a_translation_fills_in_what_its_message_does() -> None:
    for message in stored():
        for text in texts(message.string):
            assert set(_PLACES.findall(text)) == set(_PLACES.findall(texts(message.id)[-1])), text


@pytest.mark.parametrize(
    ("accepted", "tongue"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Tongue.CHINESE),
        ("en-GB,en;q=0.9,zh;q=0.1", Tongue.ENGLISH),
        ("de,zh-TW;q=0.5", Tongue.CHINESE),
        ("en;q=0.2,zh;q=0.3", Tongue.CHINESE),
        ("en;q=much, zh", Tongue.CHINESE),
        ("de", Tongue.ENGLISH),
        ("", Tongue.ENGLISH),
    ],
)
def test_the_language_is_the_one_that_the_browser_asks_for_first(
    accepted: str, tongue: Tongue
) -> None:
    assert preferred(accepted) is tongue
