"""``hongbao explain`` knows every code and status, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hongbao.wire.codes import CODES
from hongbao.wire.status import Status
from hongbao.wire.transfer.codes import TRANSFER_CODES
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from hongbao.wire.codes import Code
    from shop import Run


@pytest.mark.parametrize("row", CODES, ids=lambda row: row.err_code)
def test_every_code_is_explained_in_both_languages(run: Run, row: Code) -> None:
    ran = run("explain", row.err_code, "--lang", "both")
    assert ran.code == 0
    for text in (row.meaning, row.advice, row.meaning_zh, row.advice_zh):
        assert text in ran.stdout


@pytest.mark.parametrize("status", Status)
def test_every_status_is_explained_in_both_languages(run: Run, status: Status) -> None:
    ran = run("explain", status.value, "--lang", "both", "--json")
    (entry,) = ran.json["entries"]
    assert entry["kind"] == "status"
    assert entry["zh"]["meaning"]
    assert entry["zh"]["money"]
    assert entry["en"]["todo"]


@pytest.mark.parametrize("word", [*FAIL_REASONS, *TransferState])
def test_every_reason_and_state_of_transfers_is_explained_in_both_languages(
    run: Run, word: str
) -> None:
    ran = run("explain", word, "--lang", "both", "--json")
    entry = ran.json["entries"][-1]
    assert entry["kind"] in {"fail_reason", "transfer_state"}
    assert all([*entry["en"].values()][:3])
    assert all([*entry["zh"].values()][:3])


def test_a_code_of_both_protocols_is_explained_for_each(run: Run) -> None:
    entries = run("explain", "PARAM_ERROR", "--json").json["entries"]
    assert {entry["kind"] for entry in entries} == {"err_code", "transfer_code"}
    assert run("explain", "NOT_ENOUGH").stdout.startswith("NOT_ENOUGH  (OPEN)")


def test_the_language_is_english_unless_asked(run: Run) -> None:
    assert run("explain", "NOTENOUGH").stdout.isascii()
    assert "余额不足" in run("explain", "NOTENOUGH", "--lang", "zh").stdout


def test_a_code_is_found_however_it_is_spelt(run: Run) -> None:
    assert run("explain", "time _limited").stdout.startswith("TIME_LIMITED")


def test_hints_for_a_text_are_reported(run: Run) -> None:
    assert "If the text has 'IP'" in run("explain", "NO_AUTH").stdout


def test_an_unknown_code_may_have_paid(run: Run) -> None:
    ran = run("explain", "NO_SUCH_CODE", "--json")
    (entry,) = ran.json["entries"]
    assert ran.code == 0
    assert entry["kind"] == "unknown"
    assert entry["disposition"] == "UNKNOWN"
    assert "never change the number" in entry["en"]["todo"]


def test_without_a_code_all_are_listed(run: Run) -> None:
    ran = run("explain", "--json")
    codes = [entry["code"] for entry in ran.json["entries"]]
    packets = [row.err_code for row in CODES] + [status.value for status in Status]
    transfers = [*(row.err_code for row in TRANSFER_CODES), *FAIL_REASONS, *TransferState]
    assert codes == packets + transfers
    assert len(run("explain").stdout.splitlines()) == len(codes)


def test_an_explanation_in_chinese_has_chinese_marks(run: Run) -> None:
    listed = run("explain", "--json").json["entries"]
    for code in sorted({entry["code"] for entry in listed}):
        text = run("explain", code, "--lang", "zh").stdout
        assert not re.search(r"[:?,] |: $", text, re.MULTILINE), text
