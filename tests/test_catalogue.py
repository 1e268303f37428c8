"""The catalogues have every message that is said to people, each in Chinese, and no other."""

from __future__ import annotations

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import hongbao
from hongbao.cli.app import app
from hongbao.cli.help_text import paragraphs
from hongbao.sentences import CATALOGUES, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(hongbao.__file__).parent
LOCALE = SOURCE / "locale"
ONE, MANY = {"say", "said", "marked", "_"}, {"say_many", "said_many"}
OF_COMMANDS = ("cli", "simulator", "client", "checkpoint", "wire", "testing", "telemetry")
PAGES = [("templates/**.html", "jinja2")]
JINJA = {"templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}

_PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^{}]*\}")
_HEADER = re.compile(
    rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Language-Team|[^"]*EMAIL)[^"]*"\n'
)


def helps(command: Any = None, *, of_program: bool = True) -> Iterator[str]:
    """Every paragraph of the help of a command, its options, and all below it."""
    command = typer.main.get_command(app) if of_program else command
    texts = [command.help, *(it.help for it in command.params)]
    yield from (it for text in texts if text for it in paragraphs(text))
    for name in getattr(command, "commands", {}):
        yield from helps(command.commands[name], of_program=False)  # what the list of them says
        yield from helps(command.resolve_command(None, [name])[1], of_program=False)


@cache
def nodes() -> list[tuple[Path, ast.Call]]:
    """The calls of functions by name, everywhere in the code."""
    return [
        (path, node)
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def calls() -> Iterator[tuple[Path, str, list[Any]]]:
    """The same: where, which function, with what."""
    for path, node in nodes():
        assert isinstance(node.func, ast.Name)
        yield path, node.func.id, [getattr(it, "value", it) for it in node.args]


def messages() -> Iterator[tuple[Path, str | tuple[str, ...]]]:
    """What the code marks, and the nouns that it counts."""
    for path, name, given in calls():
        if name in ONE and isinstance(given[0], str):
            yield path, given[0]
        elif name in MANY and isinstance(given[0], str):
            yield path, (given[0], given[1])
        elif name == "counted" and isinstance(given[1], str):
            yield path, (f"{{count}} {given[1]}", f"{{count}} {given[1]}s")
    for noun in ("day", "hour", "minute", "second"):  # of a span
        yield SOURCE / "english.py", (f"{{count}} {noun}", f"{{count}} {noun}s")


def catalogue_of(path: str) -> str:
    """Which catalogue has what a module says."""
    first, within, _ = path.partition("/")
    if first == "console":
        return "console"
    return "cli" if not within or first in OF_COMMANDS else "books"


@cache
def extracted() -> dict[str, Catalog]:
    """Every message, once, in the first catalogue that has a place for it."""
    found: dict[str, dict[str | tuple[str, ...], None]] = {name: {} for name in CATALOGUES}
    found["help"] |= dict.fromkeys(helps())
    for path, message in messages():
        found[catalogue_of(path.relative_to(SOURCE).as_posix())][message] = None
    for _path, _line, message, *_ in extract_from_dir(
        SOURCE / "console", method_map=PAGES, options_map=JINJA
    ):
        found["console"][message] = None
    seen: set[str] = set()
    made = {}
    for name, its_messages in found.items():
        made[name] = Catalog(locale="zh_Hans_CN", project="hongbao", fuzzy=False)
        for message in its_messages:
            key = message if isinstance(message, str) else message[0]
            if key and key not in seen:
                made[name].add(message)
                seen.add(key)
    return made


def stored(name: str) -> Catalog:
    """A catalogue."""
    return read_po(BytesIO((LOCALE / f"{name}.po").read_bytes()), locale="zh_Hans_CN")


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """The forms of a message: one, or one for each number."""
    return [text or ""] if text is None or isinstance(text, str) else list(text)


@cache
def translations() -> dict[str, str]:
    """All that is translated already, wherever it stands."""
    return {
        forms(it.id)[0]: forms(it.string)[0]
        for name in CATALOGUES
        for it in stored(name)
        if all(forms(it.string))
    }


def test_a_template_is_written_out_where_it_is_used() -> None:
    """What is put together first stands in no catalogue: its parts are values."""
    made = [
        f"{path.relative_to(SOURCE)}: {name}({ast.unparse(given[0])})"
        for path, name, given in calls()
        if name in ONE | MANY and isinstance(given[0], ast.JoinedStr | ast.BinOp)
    ]
    assert made == []


def test_every_place_of_a_template_is_given_its_value_and_nothing_else_is() -> None:
    wrong = []
    for path, node in nodes():
        name = ast.unparse(node.func)
        template = node.args[0] if node.args else None
        if name not in {"say", "said"} or not isinstance(template, ast.Constant):
            continue
        given = {it.arg for it in node.keywords}
        if given and None not in given and given != places(str(template.value)):
            wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno}: {template.value!r}")
    assert wrong == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_has_every_message_and_no_other(name: str) -> None:
    """Written anew if it does not: then translate what is empty."""
    old, new = stored(name), extracted()[name]
    if {it.id for it in old} == {it.id for it in new}:
        return
    new.header_comment = old.header_comment
    known = translations()
    for message in new:
        text = known.get(forms(message.id)[0], "")
        if message.id:
            message.string = text if isinstance(message.id, str) else (text,)
    written = BytesIO()
    write_po(written, new, sort_output=True, omit_header=False, width=100, no_location=True)
    path = LOCALE / f"{name}.po"
    path.write_bytes(_HEADER.sub(b"", written.getvalue()).replace(b"hongbao VERSION", b"hongbao"))
    pytest.fail(f"{path} was written anew: translate what is empty, and keep it")


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_message_is_translated(name: str) -> None:
    missing = [it.id for it in stored(name) if it.id and (it.fuzzy or not all(forms(it.string)))]
    assert missing == []


def places(text: str) -> set[str]:
    """The places that a text has."""
    return {name for found in _PLACES.findall(text) for name in found if name}


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_fills_in_what_its_message_does(name: str) -> None:
    for message in stored(name):
        for text in forms(message.string):
            assert places(text) == places(forms(message.id)[-1]), text


_CHINESE = "[\u4e00-\u9fff]"
_HALF_WIDTH = re.compile(
    rf"{_CHINESE}[,;:?!]|[,;:?!]{_CHINESE}|{_CHINESE}\.(?!\w)|\({_CHINESE}|{_CHINESE}\)"
)


@pytest.mark.parametrize("name", CATALOGUES)
def test_chinese_sentences_have_full_width_marks(name: str) -> None:
    """Commas, colons, full stops and brackets beside Chinese; within commands they are typed."""
    wrong = [
        text
        for message in stored(name)
        if message.id
        for text in forms(message.string)
        if _HALF_WIDTH.search(re.sub(r"`[^`]*`", "", text))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_what_the_program_reads_of_a_catalogue_is_what_babel_reads(name: str) -> None:
    text = (LOCALE / f"{name}.po").read_text(encoding="utf-8")
    theirs = {forms(it.id)[0]: forms(it.string)[0] for it in stored(name) if it.id and it.string}
    assert read_catalogue(text) == {key: it for key, it in theirs.items() if it}
