"""Logs as JSON lines: one a call, with an id of its own."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from hongbao.client.observe import Observer
from hongbao.telemetry.json_lines import JsonLines, logged_to
from hongbao.wire.messages import Query

if TYPE_CHECKING:
    from pathlib import Path


def test_each_call_is_a_line_with_an_id_of_its_own(tmp_path: Path) -> None:
    observer, query = Observer("1900012345", ()), Query(mch_billno="A1")
    with logged_to(tmp_path / "calls.ndjson"):
        for _ in range(2):
            observer.succeeded(query, observer.begin(query), 0.0)
        observer.failed(query, observer.begin(query), 0.0, ValueError("oUSER"))
    observer.succeeded(query, observer.begin(query), 0.0)
    text = (tmp_path / "calls.ndjson").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["outcome"] for line in lines] == ["answered", "answered", "unknown"]
    assert len({line["call"] for line in lines}) == 3
    assert (lines[0]["endpoint"], lines[0]["mch_billno"]) == ("gethbinfo", "A1")
    assert "oUSER" not in text


def test_a_line_is_one_line_whatever_is_logged() -> None:
    record = logging.LogRecord("hongbao", logging.INFO, "", 0, "a\nb %s", ("恭喜",), None)
    assert JsonLines().format(record).count("\n") == 0
    assert json.loads(JsonLines().format(record))["message"] == "a\nb 恭喜"


def test_the_text_of_an_exception_is_left_out() -> None:
    info = (ValueError, ValueError("oUSER"), None)
    record = logging.LogRecord("hongbao", logging.ERROR, "", 0, "it failed", (), info)
    line = JsonLines().format(record)
    assert json.loads(line)["exception"] == "ValueError"
    assert "oUSER" not in line
