"""The shape of the code: small modules with docstrings, functions that fit a screen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

_SOURCES = sorted((Path(__file__).parent.parent / "src").rglob("*.py"))


@pytest.mark.parametrize("path", _SOURCES, ids=lambda path: path.stem)
def test_a_module_is_small_and_says_what_it_knows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), f"{path} has no docstring"
    # A table of texts is as long as what it tells.
    if path.name != "codes.py":
        assert text.count("\n") <= MODULE_LINES_MAX, path
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{path}:{node.lineno} {node.name}"


def test_there_are_sources_to_look_at() -> None:
    assert len(_SOURCES) > 20
