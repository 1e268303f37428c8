"""Columns that are no part of the payments are kept sealed, and come back in a report in full."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.report.report import write_report
from hongbao.errors import ConfigurationError
from hongbao.rails.transfer.rules import transfer_rules
from hongbao.sealing import Keyring
from list_maker import a_payer, check, csv_file, listed, payee, problems_in, store, xlsx_file

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.campaign.payer import Payer
    from hongbao.ledger.book import Book

OLD, NEW = Keyring([bytes(range(32))]), Keyring([bytes(range(1, 33)), bytes(range(32))])
NAMES = ("姓名", "手机号")
HEADER = "openid,amount,姓名,手机号,门店"
PEOPLE = listed(
    f"{payee(1)},1.88,张三,13800138000,",
    f"{payee(2)},2.88,=李四,,浦东",
    f"{payee(3)},3.88,,,",
    header=HEADER,
)


def payer(keyring: Keyring = OLD, **changes: Any) -> Payer:
    return a_payer(keyring=lambda: keyring, **changes)


def reported(path: Path, books: Book, keyring: Keyring = OLD, **how: Any) -> list[dict[str, str]]:
    """A report in full."""
    write_report(path, books, "spring", in_full=True, keyring=lambda: keyring, **how)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_is_kept_is_sealed_and_comes_back_in_full(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, PEOPLE)
    stored = store(path, books, payer=payer(), keep=(*NAMES, "门店"))
    assert stored.new == 3
    assert books.kept_columns("spring") == [*NAMES, "门店"]
    assert all("张三".encode() not in it for it in books.kept_between(1, 9).values())
    assert len(books.kept_between(1, 9)) == 2, "nothing is stored of who has nothing"
    first, second, third = reported(tmp_path / "r.csv", books)
    assert [first[name] for name in (*NAMES, "门店")] == ["张三", "13800138000", ""]
    assert [second[name] for name in (*NAMES, "门店")] == ["'=李四", "", "浦东"]
    assert [third[name] for name in (*NAMES, "门店")] == ["", "", ""]
    write_report(tmp_path / "r.xlsx", books, "spring", in_full=True, keyring=lambda: OLD)
    sheet = load_workbook(tmp_path / "r.xlsx")["payouts"]
    assert [it.value for it in sheet[2]][-3:-1] == ["张三", "13800138000"]
    assert not books.audit().findings


def test_a_masked_report_has_no_such_columns_and_needs_no_key(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, PEOPLE), books, payer=payer(), keep=("姓名",), columns={
        "手机号": "-", "门店": "-"})  # fmt: skip
    write_report(tmp_path / "r.csv", books, "spring", keyring=Keyring)
    assert "姓名" not in (tmp_path / "r.csv").read_text("utf-8-sig")
    with pytest.raises(ConfigurationError, match=f"lacks the key {OLD.key_id}") as caught:
        reported(tmp_path / "full.csv", books, Keyring())
    assert caught.value.setting == "books.keep_key"
    assert not (tmp_path / "full.csv").exists()


def test_a_newer_key_reads_what_an_older_one_has_sealed(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, PEOPLE), books, payer=payer(), keep=(*NAMES, "门店"))
    more = csv_file(tmp_path, listed(f"{payee(7)},1.00,王五", header="openid,amount,姓名"))
    digest = books.standing("spring").campaign.digest
    books.approve("spring", digest=digest, by="boss")
    store(more, books, payer=payer(NEW), keep=("姓名",), purpose=Purpose.EXTEND)
    assert [it["姓名"] for it in reported(tmp_path / "r.csv", books, NEW)] == [
        "张三", "'=李四", "", "王五",
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match=f"lacks the key {NEW.key_id}"):
        reported(tmp_path / "old.csv", books, OLD)


def test_a_list_that_keeps_nothing_more_or_less_is_the_same_payments(
    tmp_path: Path, books: Book
) -> None:
    bare = csv_file(tmp_path, listed(*(f"{payee(n)},{n}.88" for n in (1, 2, 3))), "bare.csv")
    path = csv_file(tmp_path, PEOPLE)
    assert check(bare).digest == check(path, payer=payer(), keep=(*NAMES, "门店")).digest
    store(bare, books)
    store(path, books, payer=payer(), keep=(*NAMES, "门店"), purpose=Purpose.REPLACE)
    assert reported(tmp_path / "r.csv", books)[0]["姓名"] == "张三"
    assert not books.audit().findings


def test_columns_that_cannot_be_kept_are_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, PEOPLE)
    found = problems_in(check(path, payer=payer(), keep=("amount", "生日", *NAMES)))
    assert any("'amount' is amount" in it for it in found)
    assert any("there is no column '生日'" in it for it in found)
    assert any("--keep '门店'" in it for it in found)
    long = csv_file(tmp_path, listed(f"{payee(1)},1.88,{'x' * 501}", header="openid,amount,店"))
    assert "longer than 500" in problems_in(check(long, payer=payer(), keep=("店",)))[0]
    with pytest.raises(ConfigurationError, match="is missing"):
        check(path, keep=("姓名",))


def test_a_name_is_paid_by_and_kept_too_where_transfers_need_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, listed(f"{payee(1)},2500.00,张三", header="openid,amount,姓名"))
    texts = {
        "transfer_scene_id": "1000", "transfer_remark": "抽奖",
        "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
    }  # fmt: skip
    who = payer(rail="transfer", texts=texts, rules=transfer_rules())
    assert not problems_in(check(path, payer=who, keep=("姓名",)))
    nameless = csv_file(tmp_path, listed(f"{payee(1)},2500.00"))
    [problem] = problems_in(check(nameless, payer=who))
    assert "below 2000.00 yuan without the receiver's real name" in problem
    small = csv_file(tmp_path, listed(f"{payee(1)},0.29,张三", header="openid,amount,姓名"))
    assert "WeChat takes none" in problems_in(check(small, payer=who))[0]


def test_a_number_in_a_sheet_is_kept_as_it_is_seen_and_a_day_must_be_text(
    tmp_path: Path, books: Book
) -> None:
    path = xlsx_file(tmp_path, [("openid", "amount", "工号"), (payee(1), 1.88, 42)])
    workbook = load_workbook(path)
    workbook.worksheets[0]["C2"].number_format = "000000"
    workbook.save(path)
    store(path, books, payer=payer(), keep=("工号",))
    [line] = reported(tmp_path / "r.csv", books)
    assert line["工号"] == "'000042"
    workbook.worksheets[0]["C2"].number_format = "yyyy-mm-dd"
    workbook.save(path)
    [problem] = problems_in(check(path, payer=payer(), keep=("工号",)))
    assert "is a date" in problem
