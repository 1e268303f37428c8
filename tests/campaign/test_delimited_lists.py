"""Lists as CSV: encodings, delimiters, quotes, and all that can be wrong with such a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.table.encoding import Encoding
from hongbao.campaign.table.table import Reading
from hongbao.errors import ConfigurationError
from list_maker import check, csv_file, payee, problems_in, refusal, rows

if TYPE_CHECKING:
    from pathlib import Path

CHINESE = f"openid,金额,祝福语\n{payee(1)},1.88,恭喜发财，大吉大利\n{payee(2)},2.00,新年快乐\n"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "CSV in UTF-8, separated by comma"),
        ("utf-8-sig", "CSV in UTF-8 with a byte order mark, separated by comma"),
        ("gb18030", "CSV in GB18030, separated by comma"),
        ("gbk", "CSV in GB18030, separated by comma"),
    ],
)
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, words: str) -> None:
    found = check(csv_file(tmp_path, CHINESE.encode(encoding)))
    assert found.ok
    assert found.read_as == words
    assert (found.total.rows, found.total.amount) == (2, 388)


def test_the_same_list_in_any_encoding_is_the_same_campaign(tmp_path: Path) -> None:
    digests = {
        check(csv_file(tmp_path, CHINESE.encode(encoding))).digest
        for encoding in ("utf-8", "utf-8-sig", "gb18030")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(tmp_path: Path, delimiter: str, line_end: str) -> None:
    text = CHINESE.replace(",", delimiter).replace("\n", line_end)
    found = check(csv_file(tmp_path, text))
    assert found.ok, problems_in(found)
    assert found.total.rows == 2


def test_a_comma_in_a_cell_of_a_list_with_semicolons_stays(tmp_path: Path) -> None:
    text = f'openid;amount;remark\n{payee(1)};1.00;"a;b,c"\n{payee(2)};1.00;d,e\n'
    assert check(csv_file(tmp_path, text)).ok


def test_a_sheet_of_a_list_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    assert re.search(
        "not a workbook", refusal(csv_file(tmp_path, CHINESE), reading=Reading(sheet="a"))
    )


def test_two_delimiters_that_would_do_are_not_guessed_between(tmp_path: Path) -> None:
    text = f"openid,amount;remark\n{payee(1)},1.00;x\n"
    assert re.search("comma or semicolon", refusal(csv_file(tmp_path, "openid,x;amount\n")))
    found = check(csv_file(tmp_path, text), reading=Reading(delimiter=","))
    assert "row 1: no column is amount" in problems_in(found)
    assert re.search(
        r"cannot be separated by '\|\|'",
        refusal(csv_file(tmp_path, text), reading=Reading(delimiter="||")),
    )


def test_rows_are_numbered_as_an_editor_shows_them(tmp_path: Path) -> None:
    text = f"\nopenid,amount\n\n{payee(1)},1.00\n\n\n{payee(2)},x\n"
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 7, amount: must be yuan with at most two decimals, such as 12.34; found 'x'"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("\n \n,,\n", "has no header and no row"),
        (f"openid,amount\n{payee(1)},1.0\0\n", r"byte 47 \(row 2\) is a NUL"),
        (b"openid,amount\n\xff\xff,1\n", r"byte 15 \(row 2\) is not UTF-8, and byte 15 is not GB"),
        (b"x" * 600_000, "a line of more than 256 KiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    tmp_path: Path, text: str | bytes, problem: str
) -> None:
    assert re.search(problem, refusal(csv_file(tmp_path, text)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{payee(1)},1.00\n{payee(2)},2.00\n", "is not a header: no column is known"),
        ("openid,amount,wising\n", "'wising' is not known (is wishing meant?)"),
        ("openid,amount,电话\n", "'电话' is not known"),
        ("openid,amount,金额\n", "'amount' and '金额' are both amount"),
        ("openid,remark\n", "no column is amount"),
        ("openid,金额（分）\n", "'金额（分）' says fen, but the amounts are said to be yuan"),
        ("openid,amount_fen\n", "'amount_fen' says fen"),
    ],
)
def test_a_header_that_cannot_be_understood_is_a_problem_of_the_list(
    tmp_path: Path, text: str, problem: str
) -> None:
    found = check(csv_file(tmp_path, text))
    assert found.digest is None
    assert problem in problems_in(found)[0]


def test_all_that_is_wrong_with_a_header_is_reported_at_once(tmp_path: Path) -> None:
    problems = problems_in(check(csv_file(tmp_path, "amount_fen,金额,wising,xyz\n")))
    for part in ("says fen", "are both amount", "'wising'", "'xyz'", "no column is openid"):
        assert any(part in problem for problem in problems)


def test_damaged_utf_8_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    good = f"openid,金额,祝福语\n{payee(1)},1.88,恭喜发财大吉大利\n".encode()
    bad = good + f"{payee(2)},1.88,".encode() + "恭喜".encode()[:-1] + b"\n"
    assert re.search(
        r"\(row 3\) is not UTF-8, though what stands", refusal(csv_file(tmp_path, bad))
    )


def test_an_encoding_that_is_said_is_not_found_out(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CHINESE.encode("gb18030"))
    assert check(path, reading=Reading(encoding=Encoding.GB18030)).ok
    assert re.search("is not UTF-8", refusal(path, reading=Reading(encoding=Encoding.UTF_8)))


def test_a_row_with_too_many_cells_is_reported(tmp_path: Path) -> None:
    text = f"openid,amount,remark\n{payee(1)}\n{payee(2)},1.00,x,y\n"
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 2, amount: must be yuan with at most two decimals, such as 12.34; found an empty cell",
        "row 3: has 4 cells, and the header has 3",
    ]


def test_a_column_without_a_name_must_be_empty(tmp_path: Path) -> None:
    text = f"openid,amount,\n{payee(1)},1.00,\n{payee(2)},1.00,x\n"
    (problem,) = problems_in(check(csv_file(tmp_path, text)))
    assert problem.startswith("row 3: its cell 3 stands under no header")


def test_a_quote_that_never_closes_is_found_at_its_row(tmp_path: Path) -> None:
    text = f'openid,amount,remark\n{payee(1)},x,y\n{payee(2)},1.00,"open\n' + rows(20_000)
    problems = problems_in(check(csv_file(tmp_path, text)))
    assert problems[0].startswith("row 2, amount")
    assert problems[1].startswith("row 3: a cell of more than 131072 characters: a quote")
    assert problems_in(check(csv_file(tmp_path, text[:300])))[1].startswith("row 3: a quote")


def test_rows_that_a_stray_quote_would_swallow_are_not_lost(tmp_path: Path) -> None:
    text = (
        f'openid,amount,remark\n{payee(1)},1.00,"a\n{payee(2)},1.00,b\n{payee(3)},1.00,c"\n'
        f"{payee(4)},1.00,d\n"
    )
    assert problems_in(check(csv_file(tmp_path, text))) == [
        "row 2, remark: has a line break: is a quote missing?"
    ]


def test_text_behind_a_closing_quote_is_reported(tmp_path: Path) -> None:
    text = f'openid,amount,remark\n{payee(1)},1.00,"a"b\n'
    assert "behind a closing quote" in problems_in(check(csv_file(tmp_path, text)))[0]


def test_a_map_names_columns_and_leaves_others_out(tmp_path: Path) -> None:
    text = f"手机,谁,多少,remark\n139,{payee(1)},1.00,x\n"
    columns = {"手机": "-", "谁": "openid", "多少": "amount"}
    assert check(csv_file(tmp_path, text), columns=columns).ok
    with pytest.raises(ConfigurationError, match="'phone': no such field"):
        check(csv_file(tmp_path, text), columns={"手机": "phone"})
    found = check(csv_file(tmp_path, text), columns={**columns, "Who": "openid"})
    assert problems_in(found) == ["row 1: there is no column 'Who'"]


def test_headers_are_read_as_people_write_them(tmp_path: Path) -> None:
    text = f" OpenID ,Total Amount（元）, ACT-NAME\n{payee(1)},1.00,x\n"
    assert check(csv_file(tmp_path, text)).ok


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        check(tmp_path / "nobody.csv")
    with pytest.raises(ConfigurationError, match="directory"):
        check(tmp_path)


def test_a_header_without_rows_is_a_problem(tmp_path: Path) -> None:
    assert problems_in(check(csv_file(tmp_path, "openid,amount\n"))) == [
        "the list: has a header and no rows"
    ]
