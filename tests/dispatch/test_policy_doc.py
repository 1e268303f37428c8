"""docs/policy.md is true: its tables are those of the code."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from hongbao.dispatch.breaker import suspicions
from hongbao.ledger.model.payout import STEPS, State
from hongbao.rails.port import Course, When
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.rails.retry import RetryPolicy

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")


def of_codes() -> list[str]:
    rows = []
    for code, row in RED_PACK.reactions.items():
        when = "-" if row.course is Course.REFUSE else row.when.value
        stop = f"the {row.stop}" if row.stop else "-"
        rows.append(
            f"| {code} | {row.course.value} | {when} | {stop} | {'yes' * row.slow or '-'} |"
        )
    return rows


def of_marks() -> list[str]:
    return [
        f"| {mark} | {suspicion.seen} | the {suspicion.scope} | {suspicion.code} |"
        for mark, suspicion in suspicions(RED_PACK).items()
    ]


def of_rules() -> list[str]:
    """From the class's own words: each attribute up to the next."""
    told = (inspect.getdoc(RetryPolicy) or "").partition("Attributes:\n")[2]
    words = dict(re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", told, re.MULTILINE))
    return [
        f"| `{rule.name}` | {_figure(getattr(RED_PACK.retry, rule.name))} | "
        f"{' '.join(words[rule.name].replace('``', '`').split())} |"
        for rule in fields(RetryPolicy)
    ]


def of_steps() -> list[str]:
    return [f"| {state} | {', '.join(sorted(STEPS[state])) or '-'} |" for state in State]


def _figure(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


TABLES = {
    "codes": of_codes,
    "marks": of_marks,
    "rules": of_rules,
    "states": of_steps,
}


@pytest.mark.parametrize("name", TABLES)
def test_its_tables_are_those_of_the_code(name: str) -> None:
    _, found, rest = TEXT.partition(f"<!-- {name} -->\n")
    assert found
    shown = rest.partition("<!-- end -->")[0].splitlines()[2:]
    assert shown == TABLES[name](), "put these between the marks:\n" + "\n".join(TABLES[name]())


def test_what_it_names_is_there() -> None:
    names = {rule.name for rule in fields(RetryPolicy)}
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*_(?:seconds|max|minute|percent))`", TEXT))
    named |= set(re.findall(r"`(\w+)`", " ".join(When)))
    assert named <= names
