"""The shape of the code and of its tests: small modules, functions that fit a screen."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

_ROOT = Path(__file__).parent.parent
_SOURCES = sorted((_ROOT / "src").rglob("*.py"))
_SHAPED = [*_SOURCES, *sorted((_ROOT / "interop").rglob("*.py"))]
_TABLE_OF_TEXTS = "src/hongbao/wire/codes.py"  # as long as what it tells
_TESTS = sorted((_ROOT / "tests").rglob("*.py"))


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """What the modules say, parsed."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in _SHAPED}


def test_every_module_says_what_it_knows(trees: dict[Path, ast.Module]) -> None:
    assert [path for path, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_no_module_is_long() -> None:
    lines = {
        str(path.relative_to(_ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in _SHAPED
    }
    long = {name: count for name, count in lines.items() if count > MODULE_LINES_MAX}
    assert long.keys() <= {_TABLE_OF_TEXTS}, long


def test_every_function_fits_a_screen(trees: dict[Path, ast.Module]) -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": lines
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_a_module_of_tests_has_one_subject_and_so_is_no_longer_than_one_of_the_code() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in _TESTS}
    assert {path: count for path, count in lines.items() if count > MODULE_LINES_MAX} == {}


def test_no_two_modules_of_tests_have_one_name() -> None:
    """They lie in no packages, so pytest could import only one of the two."""
    names = Counter(path.name for path in _TESTS if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []


def test_a_class_name_stands_for_one_class(trees: dict[Path, ast.Module]) -> None:
    """Private ones, too: a search for a name finds one thing."""
    names = Counter(
        node.name
        for path in _SOURCES
        for node in ast.walk(trees[path])
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_there_are_sources_to_look_at() -> None:
    assert len(_SOURCES) > 20
    assert len(_TESTS) > 100


def test_each_module_that_is_to_be_mutated_is_there() -> None:
    """One that was renamed would be left out without a word."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["mutmut"]["only_mutate"]
    assert patterns
    assert [pattern for pattern in patterns if not list(_ROOT.glob(pattern))] == []


_OPENS = {"create_engine", "sqlalchemy.engine", "sqlalchemy.pool", "psycopg", "sqlite3"}
_MAY_OPEN = {
    "ledger/store/address.py": {"sqlalchemy.engine"},
    # In memory, to see what the migrations make.
    "ledger/audits/audit_schema.py": {"create_engine", "sqlalchemy.pool"},
    "ledger/store/postgresql.py": {"create_engine"},
    # Opens nothing: it asks the connection that it is lent.
    "ledger/store/borrowed.py": {"psycopg"},
    "ledger/store/sqlite.py": {"create_engine"},
    "campaign/staging/staging.py": {"sqlite3"},
    "simulator/kept/store.py": {"sqlite3"},
}


def test_a_module_for_each_database_opens_the_books_one_a_list_and_one_a_simulated_world(
    trees: dict[Path, ast.Module],
) -> None:
    found: dict[str, set[str]] = {}
    for path in _SOURCES:
        used = _imported_when_run(trees[path]) & _OPENS
        if used:
            found[path.as_posix().partition("/hongbao/")[2]] = used
    assert found == _MAY_OPEN


def _imported_when_run(tree: ast.AST) -> set[str]:
    """What is imported outside ``if TYPE_CHECKING``: modules, and names from them."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(alias.name for alias in node.names)}
        names |= _imported_when_run(node)
    return names
