"""What is put together of sentences can be said in both languages: no f-string takes one apart."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sentence_flow import Flow, Module

import hongbao

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(hongbao.__file__).parent
SENTENCES, ENGLISH, KEPT = "hongbao.sentences", "hongbao.english", "hongbao.views.kept"
MAKE = {
    (SENTENCES, it) for it in ("say", "say_many", "both", "Sentence", "recognised", "sentence_of")
}
SAY = {(SENTENCES, it) for it in ("said", "said_in", "said_many")} | {
    (ENGLISH, "said_together"), (KEPT, "kept")
}  # fmt: skip


def modules_of(folder: Path, package: str) -> dict[str, Module]:
    """All modules below a folder, by their names."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        inside = parts[:-1] if parts[-1] == "__init__" else parts
        name = ".".join((package, *inside))
        found[name] = Module(name, path)
    return found


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    """The source."""
    return modules_of(SOURCE, "hongbao")


def taken_apart(flow: Flow, modules: dict[str, Module]) -> Iterator[tuple[str, int, str]]:
    """Where a sentence becomes a plain string: module, line, expression."""
    for function in flow.functions.values():
        module = function.place[0]
        known = flow.known_in(function)
        for node in function.own:
            for part in _put_together(node):
                if flow.makes(module, part, known):
                    where = modules[module].path.as_posix().rpartition("/hongbao/")[2]
                    yield where, part.lineno, ast.unparse(part)


def _put_together(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.FormattedValue():
            return [node.value]
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant())):
            return node.args
        case ast.BinOp(op=ast.Add()) if isinstance(node.left, ast.Constant | ast.JoinedStr):
            return [node.right]
        case ast.BinOp(op=ast.Add()) if isinstance(node.right, ast.Constant | ast.JoinedStr):
            return [node.left]
    return []


def test_no_sentence_is_taken_apart(modules: dict[str, Module]) -> None:
    flow = Flow(modules, MAKE, ends=SAY, annotation="Sentence")
    assert set(taken_apart(flow, modules)) == set(), (
        "put it together by say(), joined() or said_together()"
    )


def test_nothing_that_is_said_already_is_put_into_a_sentence(modules: dict[str, Module]) -> None:
    """It would be in the language of the reader in documents, too."""
    flow = Flow(modules, SAY, ends=MAKE, annotation="")
    found = []
    for function in flow.functions.values():
        module, known = function.place[0], flow.known_in(function)
        for node in function.own:
            if isinstance(node, ast.Call) and flow.called(module, node.func) in MAKE:
                found += [
                    f"{modules[module].path}:{node.lineno}: {ast.unparse(it.value)}"
                    for it in node.keywords
                    if module != KEPT and flow.makes(module, it.value, known)
                ]
    assert found == [], "put the sentence itself in"


WRONG = """
from hongbao.sentences import said, say
WHY = {1: say("so")}
def why(n): return say("it is {n}", n=n) if n else None
def also(n):
    text = why(n)
    return text
def shown(reason): return f"because: {reason}"
class Thing:
    @property
    def in_a_word(self): return WHY.get(1)
def wrong(thing):
    a = f"{also(1)}!"
    b = ", ".join(why(it) for it in range(3))
    c = "- " + thing.in_a_word
    shown(also(2))
    return a, b, c, f"{said(also(1))}", ", ".join([said(why(1))])
"""


def test_a_sentence_that_is_taken_apart_is_found_however_it_came_there(tmp_path: Path) -> None:
    (tmp_path / "it.py").write_text(WRONG, encoding="utf-8")
    modules = modules_of(tmp_path, "it")
    flow = Flow(modules, MAKE, ends=SAY, annotation="Sentence")
    found = {text for _, _, text in taken_apart(flow, modules)}
    assert found == {
        "also(1)", "(why(it) for it in range(3))", "thing.in_a_word", "reason",
    }  # fmt: skip
