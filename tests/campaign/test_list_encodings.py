"""Texts in encodings that nobody looked for: refused, read if they are said, and shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.table.encoding import Encoding
from hongbao.campaign.table.table import Reading
from list_maker import check, csv_file, payee, problems_in, refusal

if TYPE_CHECKING:
    from pathlib import Path


def worded(*texts: str, header: str = "openid,amount,wishing") -> str:
    """A list of these greetings."""
    lines = [f"{payee(row)},1.88,{text}" for row, text in enumerate(texts, 1)]
    return "\n".join([header, *lines, ""])


FOREIGN = [
    ("big5", ["恭喜發財", "感謝您的參與"]),
    ("big5", ["新年快樂"]),
    ("cp950", ["身體健康，步步高升", "心想事成"]),
    ("shift_jis", ["おめでとうございます"]),
    ("euc_jp", ["おめでとうございます"]),
    ("euc_kr", ["새해 복 많이 받으세요", "축하합니다"]),
    ("latin-1", ["Frohe Grüße", "Müller"]),
    ("latin-1", ["Señor Peña", "Château"]),
]


@pytest.mark.parametrize(("encoding", "texts"), FOREIGN)
def test_another_encoding_is_not_taken_for_gb18030(
    tmp_path: Path, encoding: str, texts: list[str]
) -> None:
    path = csv_file(tmp_path, worded(*texts).encode(encoding))
    assert re.search(r"can be read as GB18030, but .*--encoding big5", refusal(path))


@pytest.mark.parametrize(
    "texts",
    [
        ["恭喜发财"], ["福"], ["大吉大利，万事如意"], ["恭喜發財，新年快樂"], ["🎉恭喜🎉"],
        ["王小明", "张昊婧", "喆"], ["（一）②　Ⅲ"], ["红包抽奖", "祝张三生日快乐"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["openid,amount,wishing", "openid,金额,祝福语"])
def test_chinese_in_gb18030_is_read_without_a_word(
    tmp_path: Path, texts: list[str], header: str
) -> None:
    assert check(csv_file(tmp_path, worded(*texts, header=header).encode("gb18030"))).ok


def test_a_known_name_of_a_column_proves_the_encoding(tmp_path: Path) -> None:
    text = worded("恭喜發財", header="openid,金额,祝福语").encode("gb18030")
    assert check(csv_file(tmp_path, text)).ok
    doubted = csv_file(tmp_path, worded("恭喜發財").encode("gb18030"))
    assert re.search("such as 發財", refusal(doubted))
    assert check(doubted, reading=Reading(encoding=Encoding.GB18030)).ok


@pytest.mark.parametrize("encoding", [Encoding.BIG5, Encoding.UTF_16])
def test_an_encoding_that_is_said_is_read(tmp_path: Path, encoding: Encoding) -> None:
    text = worded("恭喜發財", "感謝您的參與")
    found = check(csv_file(tmp_path, text.encode(encoding)), reading=Reading(encoding=encoding))
    assert found.ok
    assert found.texts[0]["wishing"] == "恭喜發財"
    assert found.read_as.startswith(f"CSV in {encoding.words}")


@pytest.mark.parametrize("order", ["le", "be"])
def test_the_unicode_text_of_excel_is_read(tmp_path: Path, order: str) -> None:
    text = f"\ufeff{worded('恭喜', '发财')}".replace(",", "\t").replace("\n", "\r\n")
    found = check(csv_file(tmp_path, text.encode(f"utf-16-{order}")))
    assert found.ok
    assert found.read_as == "CSV in UTF-16, separated by tab"
    assert found.digest == check(csv_file(tmp_path, worded("恭喜", "发财"))).digest


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("openid\0".encode("utf-16"), "has a NUL"),
        (b"\xff\xfeo\x00\x00\xd8x\x00", r"^the list: byte 5 \(row 1\) is not UTF-16\. Save it as"),
        (b"\xff\xfea", r"byte 3 \(row 1\) is not UTF-16\."),
        ("a\nb\n".encode("utf-16") + b"\x00\xd8x\x00", r"byte 11 \(row 3\) is not UTF-16\."),
        ("a\rb\r".encode("utf-16") + b"\x00\xd8x\x00", r"byte 11 \(row 3\) is not UTF-16\."),
        (("x\n" * 0xFFFF).encode("utf-16") + b"\x00\xd8x\x00", r"byte 262143 \(row 65536\) is not"),
        (("x\n" * 0xFFFF).encode("utf-16") + b"a\x00\x00\xd8x\x00", r"byte 262145 \(row 65536\) "),
        (b"\xff\xfe", "is empty"),
        (b"\xff\xfe" + "x".encode("utf-16-le") * 300_000, "a line of more than"),
        (b"\xff\xfe" + "\u0a41".encode("utf-16-le") * 300_000, "a line of more than"),
    ],
)
def test_damaged_utf_16_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    assert re.search(problem, refusal(csv_file(tmp_path, content)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_what_is_said_to_be_utf_16_has_its_mark(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, worded("恭喜").encode(encoding))
    told_of = refusal(path, reading=Reading(encoding=Encoding.UTF_16))
    assert told_of.startswith("the list: has no byte order mark, as UTF-16 has. Is it that? Save")
    empty = csv_file(tmp_path, b"", "b.csv")
    assert "is empty" in refusal(empty, reading=Reading(encoding=Encoding.UTF_16))


def test_utf_16_is_not_read_as_what_was_said_instead(tmp_path: Path) -> None:
    path = csv_file(tmp_path, worded("恭喜").encode("utf-16"))
    assert re.search("is in UTF-16", refusal(path, reading=Reading(encoding=Encoding.UTF_8)))


@pytest.mark.parametrize("lost", ["\ufffd", "\ue001", "\uf8ff", "\U000f0001", "\U0010fffd"])
def test_a_character_that_was_lost_is_not_sent(tmp_path: Path, lost: str) -> None:
    (problem,) = problems_in(check(csv_file(tmp_path, worded(f"恭喜{lost}"))))
    assert "no control, replacement or private-use ones" in problem
    assert f"U+{ord(lost):04X} at 2" in problem


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [
        ("恭喜发财", "latin-1"), ("Frohe Grüße", "cp1252"), ("Señor Peña", "cp1252"),
        ("“Noël” – 5 €", "latin-1"), ("Grüße für 5 €", "cp1252"), ("🎉 恭喜", "latin-1"),
        ("恭喜", "gb18030"), ("恭喜发财", "gb18030"), ("恭喜 user", "gb18030"),
    ],
)  # fmt: skip
def test_a_text_that_was_encoded_twice_is_reported_with_what_it_was(
    tmp_path: Path, text: str, taken_for: str
) -> None:
    twice = text.encode().decode(taken_for)
    (problem,) = problems_in(check(csv_file(tmp_path, worded(twice))))
    assert f"was encoded twice; {text!r} was meant" in problem


def test_what_gbk_makes_of_lost_characters_is_reported(tmp_path: Path) -> None:
    (problem,) = problems_in(check(csv_file(tmp_path, worded("锟斤拷"))))
    assert "what is left of text that was read in a wrong encoding" in problem


@pytest.mark.parametrize(
    "text", ["Ã", "É", "Ünï", "联通", "é à la carte", "ÀÉÎ", "ß", "Привет", "恭喜"]
)
def test_a_text_that_only_looks_odd_is_sent(tmp_path: Path, text: str) -> None:
    assert check(csv_file(tmp_path, worded(text))).ok


def test_some_texts_are_shown_as_they_will_be_sent(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, worded("恭喜", "恭喜", "", "发财", "大吉", "大利")))
    assert [it["wishing"] for it in found.texts] == ["恭喜", "恭喜发财", "发财"]
    assert found.texts[0] == {
        "send_name": "茶馆", "wishing": "恭喜", "act_name": "新春", "remark": "抽奖"
    }  # fmt: skip
