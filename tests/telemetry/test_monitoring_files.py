"""The alert rules and the dashboard can be read, and name only what exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hongbao.ledger.model.payout import State
from hongbao.telemetry.gauges import GAUGES
from hongbao.telemetry.instruments import INSTRUMENTS
from hongbao.telemetry.prometheus import UP

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "monitoring" / "hongbao.rules.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "monitoring" / "hongbao.dashboard.json").read_text(encoding="utf-8"))
DOCS = (ROOT / "docs" / "howto" / "metrics.md").read_text(encoding="utf-8")

ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
TARGETS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [*(rule["expr"] for rule in ALERTS), *TARGETS]


def translated() -> dict[str, set[str]]:
    """The instruments and their labels, as OpenTelemetry's exporters name them for Prometheus."""
    found = {}
    for name, it in INSTRUMENTS.items():
        written = name.replace(".", "_")
        labels = {label.replace(".", "_") for label in it.attributes}
        if it.kind == "histogram":
            for part in ("count", "sum", "bucket"):
                found[f"{written}_seconds_{part}"] = labels | {"le"}
        else:
            found[written + ("_total" if it.kind == "counter" else "")] = labels
    return found


KNOWN = {UP: set[str](), **{name: set(it.labels) for name, it in GAUGES.items()}, **translated()}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_metrics_and_labels_that_exist(expression: str) -> None:
    names = set(re.findall(r"\bhongbao_\w+", re.sub(r"\bby \([^)]*\)", "", expression)))
    names -= {label for labels in KNOWN.values() for label in labels}
    assert names
    assert names <= KNOWN.keys()
    labels = set(re.findall(r"(\w+)\s*=~?\"", expression))
    for group in re.findall(r"\bby \(([^)]*)\)", expression):
        labels |= {label.strip() for label in group.split(",")}
    assert labels <= set().union(*(KNOWN[name] for name in names))
    assert expression.count("(") == expression.count(")")


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_in_both_languages_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert told["summary"].endswith(".")
    assert told["summary_zh"].endswith("。")
    assert "hongbao " in told["todo"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_gauge_is_shown_and_told() -> None:
    for name in (*GAUGES, UP):
        assert any(name in it for it in TARGETS), name
        assert f"`{name}" in DOCS, name
    for name in INSTRUMENTS:
        assert f"`{name}`" in DOCS, name


def test_no_documentation_tells_of_a_gauge_that_is_not_there() -> None:
    assert set(re.findall(r"`(hongbao_\w+)", DOCS)) <= KNOWN.keys()


def test_panels_have_places_of_their_own() -> None:
    places = [(it["gridPos"]["x"], it["gridPos"]["y"]) for it in DASHBOARD["panels"]]
    assert len(set(places)) == len({it["id"] for it in DASHBOARD["panels"]}) == len(places)


def test_states_that_are_chosen_exist() -> None:
    for expression in EXPRESSIONS:
        for chosen in re.findall(r'hongbao_payouts\w*\{state=~?"([^"]+)"', expression):
            assert set(chosen.split("|")) <= set(map(str, State))
