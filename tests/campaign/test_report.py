"""Reports: a line a payout, safe in a spreadsheet, and a summary that adds up."""

from __future__ import annotations

import itertools
import pathlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.explanations import OURS
from hongbao.campaign.report import report as report_module
from hongbao.campaign.report.columns import COLUMNS, FOREIGN
from hongbao.campaign.report.delimited import guarded
from hongbao.campaign.report.files import summary_path
from hongbao.campaign.report.line import line_of
from hongbao.campaign.report.report import write_report
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.storing import store_list
from hongbao.errors import ConfigurationError, LedgerCode, LedgerError
from hongbao.ledger.model.payout import SECOND, Payout, State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.wire.codes import CODES
from list_maker import a_payer, csv_file, payee, rows
from report_books import LISTID, NOON, PAYOUTS, Fixed, a_payout, read, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from _typeshed import TraceFunction

    from hongbao.ledger.book import Book


def test_a_line_says_what_became_of_a_payout(tmp_path: Path) -> None:
    report(tmp_path / "r.csv", Fixed(PAYOUTS))
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfno,key,openid")
    first, second, third, *_ = read(tmp_path / "r.csv")
    assert first == {
        "no": "1", "key": "spring/1", "openid": "oTES…0001", "kind": "normal",
        "state": "paid and claimed", "状态": "已领取", "billno": f"BILL{1:024d}",
        "send_listid": f"'{LISTID}", "amount_yuan": "2.00", "claimed_yuan": "2.00",
        "refunded_yuan": "0.00", "people": "1", "first_sent_at": "2026-11-23 12:00:00",
        "paid_at": "2026-11-23 12:00:00", "settled_at": "2026-11-23 12:00:01", "attempts": "1",
        "calls": "1", "code": "", "reason": "", "meaning": "", "含义": "", "advice": "", "建议": "",
    }  # fmt: skip
    assert (second["refunded_yuan"], second["状态"]) == ("2.00", "未领取部分已退回")
    assert (third["people"], third["claimed_yuan"]) == ("3", "0.50")


def test_reasons_are_in_words_with_advice_in_both_languages(tmp_path: Path) -> None:
    report(tmp_path / "r.csv", Fixed(PAYOUTS))
    lines = read(tmp_path / "r.csv")
    refused, busy, lost, held = lines[3:7]
    assert refused["reason"] == "openid 与 appid 不匹配"
    assert refused["meaning"].startswith("The openid")
    assert busy["建议"].startswith("无需处理：引擎会用原单号查询")
    assert lost["state"] == "in doubt, and a person must look"
    assert lost["meaning"]
    assert held["advice"].startswith("Add the machine's outgoing IP address")
    assert held["建议"].startswith("把本机出口 IP")
    assert all(line["advice"] == "" for line in (*lines[:3], lines[7]))


@pytest.mark.parametrize("code", ["NOT_SENT", "UNSENDABLE", "MISFIT", "FAILED", "NEW_CODE_OF_2027"])
def test_every_code_has_its_words(tmp_path: Path, code: str) -> None:
    payout = a_payout(1, State.REFUSED, code=code)
    report(tmp_path / "r.csv", Fixed([payout]))
    (line,) = read(tmp_path / "r.csv")
    assert all(line[name] for name in ("code", "meaning", "含义", "advice", "建议"))


def test_receivers_are_masked_unless_they_are_asked_for(tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx"):
        path = tmp_path / f"r.{suffix}"
        report(path, Fixed(PAYOUTS))
        assert payee(1).encode() not in path.read_bytes()
    report(tmp_path / "full.csv", Fixed(PAYOUTS), in_full=True)
    assert read(tmp_path / "full.csv")[0]["openid"] == payee(1)


def test_a_key_made_of_its_receiver_is_masked_like_the_receiver(tmp_path: Path) -> None:
    payouts = [a_payout(1, State.SENT, key=f"spring/{payee(1)}")]
    report(tmp_path / "r.csv", Fixed(payouts))
    assert read(tmp_path / "r.csv")[0]["key"] == "spring/oTES…0001"
    report(tmp_path / "full.csv", Fixed(payouts), in_full=True)
    assert read(tmp_path / "full.csv")[0]["key"] == f"spring/{payee(1)}"


def test_the_summary_adds_up_and_says_where_the_campaign_is(tmp_path: Path) -> None:
    standing = report(tmp_path / "r.csv", Fixed(PAYOUTS))
    assert standing.adds_up
    figures = {line["figure"]: line for line in read(tmp_path / "r.summary.csv")}
    assert figures["planned"]["payouts"] == "8"
    assert figures["planned"]["yuan"] == "16.00"
    parts = ["'= paid", "'+ in doubt", "'+ refused", "'+ cancelled", "'+ waiting"]
    assert [figures[part]["payouts"] for part in parts] == ["3", "2", "1", "1", "1"]
    assert [figures[part]["yuan"] for part in parts] == ["6.00", "4.00", "2.00", "2.00", "2.00"]
    assert [figures[it]["yuan"] for it in ("'= claimed", "'+ refunded", "'+ unclaimed")] == [
        "2.50", "2.00", "1.50",
    ]  # fmt: skip
    assert figures["state"]["detail"] == "running 发放中"
    assert figures["approved by"]["detail"] == "'=boss"
    assert figures["adds up"]["detail"] == "yes 是"


def test_what_a_worker_is_sending_is_on_its_way_and_not_in_doubt(tmp_path: Path) -> None:
    leased = {"task": Task.QUERY, "lease": 7, "answers": 0, "calls": 1}
    payouts = [
        a_payout(1, State.IN_DOUBT, due_at=NOON + SECOND, **leased),
        a_payout(2, State.IN_DOUBT, due_at=NOON, **leased),  # its worker is dead
    ]
    standing = report(tmp_path / "r.csv", Fixed(payouts))
    assert [line["state"] for line in read(tmp_path / "r.csv")] == [
        "on its way: a worker is sending it",
        "in doubt: may or may not be paid",
    ]
    figures = {line["figure"]: line["yuan"] for line in read(tmp_path / "r.summary.csv")}
    assert (figures["'+ on their way"], figures["'+ in doubt"]) == ("2.00", "2.00")
    assert standing.adds_up


def test_a_summary_that_does_not_add_up_says_so(tmp_path: Path) -> None:
    class Short(Fixed):
        def payouts_of(self, _: str, **_span: Any) -> Iterator[Payout]:
            return iter(self.payouts_[1:])

    assert not report(tmp_path / "r.csv", Short(PAYOUTS)).adds_up
    figures = {line["figure"]: line for line in read(tmp_path / "r.summary.csv")}
    assert figures["adds up"]["detail"] == "NO 否"


@pytest.mark.parametrize(
    ("states", "phase"),
    [
        ([State.RECEIVED, State.SENT], Phase.COMPLETE),
        ([State.RECEIVED, State.REFUSED], Phase.COMPLETE_WITH_REFUSALS),
        ([State.RECEIVED, State.REFUSED, State.IN_DOUBT], Phase.IN_DOUBT),
        ([State.RECEIVED, State.WAITING, State.IN_DOUBT], Phase.RUNNING),
    ],
)
def test_a_campaign_with_one_payout_in_doubt_is_never_complete(
    tmp_path: Path, states: list[State], phase: Phase
) -> None:
    payouts = [a_payout(row, state) for row, state in enumerate(states, 1)]
    assert report(tmp_path / "r.csv", Fixed(payouts)).phase is phase


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\n=1+1", "'\n=1+1"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        (LISTID, f"'{LISTID}"),
        ("007", "'007"),
        ("12E5", "'12E5"),
        ("0", "0"),
        ("12.34", "12.34"),
        ("a=1", "a=1"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_no_cell_of_a_csv_runs_or_is_shortened(text: str, shown: str) -> None:
    assert guarded(text) == shown


def test_keys_that_look_like_formulas_stay_text_in_both_files(tmp_path: Path) -> None:
    payout = a_payout(1, State.SENT, key="=HYPERLINK(1)", reason="a<b & \x01]]> _x0041_")
    report(tmp_path / "r.csv", Fixed([payout]))
    report(tmp_path / "r.xlsx", Fixed([payout]))
    assert read(tmp_path / "r.csv")[0]["key"] == "'=HYPERLINK(1)"
    sheet = load_workbook(tmp_path / "r.xlsx")["payouts"]
    cells = dict(zip(COLUMNS, sheet[2], strict=True))
    assert (cells["key"].value, cells["key"].data_type) == ("=HYPERLINK(1)", "s")
    assert cells["reason"].value == "a<b & \ufffd]]> _x005F_x0041_"


def test_no_words_of_ours_need_a_guard(tmp_path: Path) -> None:
    """So only texts of others are looked at."""
    payouts = [a_payout(1, State.REFUSED, code=it.err_code) for it in CODES]
    payouts += [a_payout(1, state, code=code) for state in State for code in (None, *OURS)]
    for payout in (*PAYOUTS, *payouts):
        cells = zip(COLUMNS, line_of(1, payout, in_full=False, now=NOON), strict=True)
        ours = [cell for name, cell in cells if name not in FOREIGN]
        assert list(map(guarded, ours)) == ours


def test_a_text_that_a_sheet_cannot_hold_is_cut_or_replaced_and_its_neighbours_are_not(
    tmp_path: Path,
) -> None:
    texts = ["usual"] * 120
    texts[3], texts[60], texts[61], texts[119] = "\ud800", "x" * 40_000, "<&>", " at the edge "
    sheet = ReportSheet("t", ["a", "b"], [(text, "") for text in texts])
    write_xlsx(tmp_path / "t.xlsx", [sheet])
    found = load_workbook(tmp_path / "t.xlsx")["t"].iter_rows(min_row=2, values_only=True)
    texts[3], texts[60] = "\ufffd", "x" * 32_767
    assert list(found) == [(text, None) for text in texts]


def test_a_workbook_has_numbers_as_numbers_and_a_summary(tmp_path: Path) -> None:
    report(tmp_path / "r.xlsx", Fixed(PAYOUTS))
    book = load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["payouts", "summary"]
    lines = list(book["payouts"].iter_rows(values_only=True))
    assert lines[0] == COLUMNS
    first = dict(zip(COLUMNS, lines[1], strict=True))
    assert (first["no"], first["amount_yuan"], first["send_listid"]) == (1, 2, LISTID)
    assert first["code"] is None
    assert book["payouts"]["I2"].number_format == "0.00"
    figures = {line[0]: line for line in book["summary"].iter_rows(values_only=True)}
    assert figures["planned"] == ("planned", "计划", 8, 16, None)
    assert figures["approved by"][4] == "=boss"


def test_a_table_longer_than_a_sheet_goes_on_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongbao.campaign.report.workbook.ROWS_MAX", 4)
    for count, names in ((0, ["t"]), (3, ["t"]), (4, ["t", "t 2"]), (7, ["t", "t 2", "t 3"])):
        lines = [(str(number),) for number in range(count)]
        write_xlsx(tmp_path / "t.xlsx", [ReportSheet("t", ["n"], lines, frozenset({"n"}))])
        book = load_workbook(tmp_path / "t.xlsx")
        assert book.sheetnames == names
        read_back = [
            row[0] for name in names for row in book[name].iter_rows(min_row=2, values_only=True)
        ]
        assert read_back == list(range(count))


def test_a_report_is_whole_or_not_there(tmp_path: Path) -> None:
    class Broken(Fixed):
        def payouts_of(self, _: str, **_span: Any) -> Iterator[Payout]:
            yield self.payouts_[0]
            raise LedgerError(code=LedgerCode.DATABASE, problem="away", remedy="")

    for name in ("r.csv", "r.xlsx"):
        with pytest.raises(LedgerError):
            report(tmp_path / name, Broken(PAYOUTS))
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_is_broken_off_anywhere_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    """A signal is heard before any line of the program: also when a file has just been made."""
    path = tmp_path / "r.csv"
    for line in itertools.count(1):
        if not interrupted_before(line, lambda: report(path, Fixed(PAYOUTS[:1]))):
            break
        assert not list(tmp_path.glob("*.part")), line
    assert line > 20, "the tracer has seen nothing of it"
    assert {it.name for it in tmp_path.iterdir()} == {"r.csv", "r.summary.csv"}


def interrupted_before(line: int, work: Callable[[], object]) -> bool:
    """Whether Ctrl-C came before so many lines of what writes and makes files were carried out."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal left
        if frame.f_code.co_filename not in {report_module.__file__, pathlib.__file__}:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_nobody_else_reads_a_report(tmp_path: Path) -> None:
    for name in ("r.csv", "r.xlsx"):
        (tmp_path / f"{name}.part").touch(mode=0o644)  # of somebody who was killed
        report(tmp_path / name, Fixed(PAYOUTS), in_full=True)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("r.csv", "r.summary.csv", "r.xlsx"), 0o600)


def test_a_report_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"neither \.csv nor \.xlsx"):
        report(tmp_path / "r.pdf", Fixed(PAYOUTS))
    with pytest.raises(ConfigurationError, match="cannot be written"):
        report(tmp_path / "nowhere" / "r.csv", Fixed(PAYOUTS))
    assert summary_path(tmp_path / "a.b.csv").name == "a.b.summary.csv"


def test_the_report_of_real_books_has_every_row(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(30))
    meaning = Meaning(unit=Unit.YUAN)
    with check_list(path, name="spring", payer=a_payer(), meaning=meaning, books=books) as checked:
        stored = store_list(checked, books, by="operator")
    assert stored.campaign is not None
    assert write_report(tmp_path / "d.csv", books, "spring").phase is Phase.DRAFT
    books.approve("spring", digest=stored.campaign.digest, by="boss")
    books.claim("worker", limit=1, lease_seconds=60)
    standing = write_report(tmp_path / "r.csv", books, "spring")
    assert standing.adds_up
    assert replace(standing, totals=books.standing("spring").totals) == standing
    lines = read(tmp_path / "r.csv")
    assert [line["no"] for line in lines] == [str(number) for number in range(1, 31)]
    assert [line["calls"] for line in lines].count("1") == 1
    with pytest.raises(LedgerError):
        write_report(tmp_path / "r.csv", books, "summer")
