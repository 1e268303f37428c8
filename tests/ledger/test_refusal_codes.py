"""Each refusal of the books says for programs why, and each reason is given somewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import hongbao
from hongbao.errors import (
    BookCorrupt,
    BookLocked,
    BookUnavailable,
    BudgetExceeded,
    IllegalTransition,
    KeyReused,
    LedgerCode,
)

_SOURCE = Path(hongbao.__file__).parent
_DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "engine.md"
_NAMES = set(LedgerCode.__members__)


def _refusals() -> list[tuple[str, ast.Call]]:
    """All places that make a ``LedgerError`` itself, not one of its subclasses."""
    return [
        (f"{path.relative_to(_SOURCE)}:{node.lineno}", node)
        for path in sorted(_SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "LedgerError"
    ]


def _codes(tree: ast.AST) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "LedgerCode"
    }


def test_no_refusal_is_without_a_code() -> None:
    refusals = _refusals()
    assert len(refusals) > 30
    bare = [where for where, call in refusals if "code" not in {it.arg for it in call.keywords}]
    assert bare == []


def test_a_refusal_in_the_ledger_names_one_of_the_codes() -> None:
    """But for one helper, which is given the code by those who call it."""
    unnamed = {
        where.partition(":")[0]
        for where, call in _refusals()
        for it in call.keywords
        if it.arg == "code" and not _codes(it.value)
    }
    assert unnamed == {"ledger/operations/held.py"}


def test_every_code_is_given_somewhere() -> None:
    sources = [path.read_text(encoding="utf-8") for path in _SOURCE.rglob("*.py")]
    assert set().union(*[_codes(ast.parse(source)) for source in sources]) == _NAMES


def test_errors_of_their_own_have_their_code_by_themselves() -> None:
    assert KeyReused(key="k", differences=(("amount", "1", "2"),)).code == "key_reused"
    assert IllegalTransition(billno="B", earlier="a", later="b").code == "wrong_state"
    assert BookUnavailable(problem="p", undone=True).code == "unavailable"
    assert BookLocked(problem="p", remedy="r").code == "locked"
    assert BookCorrupt(findings=("f",)).code == "corrupt"
    spent = BudgetExceeded(campaign="c", limit="total", most=1, found=2, problem="too much")
    assert spent.code == "over_budget"


def test_the_manual_says_of_every_code_what_http_would_answer() -> None:
    rows = [
        line.split("|")[1:3]
        for line in _DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    told = {name.strip(" `"): status.strip() for name, status in rows}
    assert {code.value for code in LedgerCode} <= told.keys()
    assert all(told[code.value].isdigit() for code in LedgerCode)
