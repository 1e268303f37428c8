"""The flat document: what is written is read back, and nothing hostile is read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.wire import fast_xml
from hongbao.wire.document import (
    DOCUMENT_BYTES_MAX,
    Document,
    MalformedDocument,
    OtherRoot,
    _parse,
    cdata,
    decode,
    encode,
)
from hongbao.wire.fields import REMARK

_NAMES = st.from_regex(r"[a-z_]{1,20}", fullmatch=True)
_TEXTS = st.text(max_size=60).filter(lambda text: not text or REMARK.problem(text) is None)


@given(st.dictionaries(_NAMES, _TEXTS, max_size=20))
def test_what_is_written_is_read_back(fields: dict[str, str]) -> None:
    assert decode(encode(fields.items())) == Document(fields, {})


@given(st.binary(max_size=400))
def test_any_bytes_give_a_document_or_our_own_error(body: bytes) -> None:
    for candidate in (body, b"<xml>" + body + b"</xml>", b"<xml><a>" + body + b"</a></xml>"):
        with suppress(MalformedDocument):
            assert isinstance(decode(candidate), Document)


@given(st.binary(max_size=30), st.integers(0, 400), st.integers(0, 400))
def test_a_damaged_reply_gives_a_document_or_our_own_error(
    noise: bytes, start: int, length: int
) -> None:
    whole = encode([(f"name_{number}", "值" * number) for number in range(10)])
    with suppress(MalformedDocument):
        assert isinstance(decode(whole[:start] + noise + whole[start + length :]), Document)


_MARKUP = st.sampled_from(
    [
        "<a>",
        "</a>",
        "<b>",
        "</b>",
        "<![CDATA[",
        "]]>",
        "]",
        "&amp;",
        "&",
        "<",
        ">",
        "x",
        "值",
        " ",
        "\n",
        "\r",
        "\x00",
        "\uffff",
        "\x1c",
        "\x85",
        "\u3000",
        "<!-- -->",
        "<?p?>",
        "<!DOCTYPE xml>",
        "<xml>",
        "</xml>",
        "<a/>",
    ]
)


@given(st.lists(_MARKUP, max_size=12).map("".join))
def test_the_short_cut_reads_nothing_that_the_parser_reads_otherwise(inside: str) -> None:
    text = f"<xml>{inside}</xml>"
    layout = fast_xml.learn(text)
    fields = layout.read(text) if layout else None
    if fields is not None:
        assert Document(fields, {}) == _parse(text.encode())


def _layout_of(text: str) -> fast_xml.DocumentLayout:
    layout = fast_xml.learn(text)
    assert layout is not None
    return layout


@given(st.lists(_MARKUP, max_size=3).map("".join), st.lists(_MARKUP, max_size=3).map("".join))
def test_a_layout_that_is_known_takes_no_value_that_the_parser_reads_otherwise(
    first: str, second: str
) -> None:
    known = "<xml><a><![CDATA[%s]]></a>\n<b>%s</b></xml>"
    text = known % (first, second)
    fields = _layout_of(known % ("x", "1")).read(text)
    if fields is not None:
        assert Document(fields, {}) == _parse(text.encode())


@pytest.mark.parametrize("value", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbf\xbf"])
def test_a_layout_that_is_known_takes_no_bytes_that_are_no_text(value: bytes) -> None:
    for _ in range(fast_xml.MISSES_A_LAYOUT):
        fast_xml.read(b"<xml><a>1</a></xml>")
    assert fast_xml.read(b"<xml><a>1</a></xml>") == {"a": "1"}
    assert fast_xml.read(b"<xml><a>%b</a></xml>" % value) is None


def test_documents_in_turns_are_each_read_as_they_are() -> None:
    # As many tags each, so that each takes the place of the other's layout.
    bodies = [encode([("a", "1"), ("b", "2")]), encode([("b", "3"), ("a", "4")])]
    for _ in range(3 * fast_xml.MISSES_A_LAYOUT):
        assert decode(bodies[0]).fields == {"a": "1", "b": "2"}
        assert decode(bodies[1]).fields == {"b": "3", "a": "4"}


def test_no_layouts_are_kept_of_documents_that_nobody_sends() -> None:
    long, wide = encode([("a", "x" * 5000)]), encode([(f"n{'a' * it}", "1") for it in range(60)])
    for _ in range(fast_xml.MISSES_A_LAYOUT):
        assert fast_xml.read(long) is None
    assert fast_xml.learn(wide.decode()) is None
    assert decode(long).fields == {"a": "x" * 5000}
    assert len(decode(wide).fields) == 60


@pytest.mark.parametrize("piece", [b" ", b"<a>", b"</a>", b"<![CDATA[", b"]", b"<a>x</a> ", b"a"])
def test_hostile_bytes_take_no_longer_than_their_length_explains(piece: bytes) -> None:
    # A reader that went back and forth would need minutes for these: the runner's patience is the
    # bound, so that no clock is needed here.
    body = b"<xml>" + piece * (DOCUMENT_BYTES_MAX // len(piece) - 20) + b"x</xml>"
    with suppress(MalformedDocument):
        decode(body)


def test_an_ordinary_reply_takes_the_short_cut_once_its_form_has_come_some_times() -> None:
    body = "<xml>\n<a><![CDATA[值]]></a>\n<b>1</b><c></c>\n</xml>".encode()
    for _ in range(fast_xml.MISSES_A_LAYOUT):
        fast_xml.read(body)
    assert fast_xml.read(body) == {"a": "值", "b": "1", "c": ""}


def test_of_documents_that_each_have_another_form_few_are_learnt() -> None:
    bodies = [f"<xml><{'z' * it}>1</{'z' * it}></xml>".encode() for it in range(1, 201)]
    learnt = [body for body in bodies if fast_xml.read(body) is not None]
    assert len(learnt) <= len(bodies) / fast_xml.MISSES_A_LAYOUT + 1


def test_the_end_of_a_cdata_section_inside_a_value_ends_nothing() -> None:
    hostile = "]]><amount>20000</amount><![CDATA["
    assert decode(encode([("remark", hostile), ("amount", "1")])).fields == {
        "remark": hostile,
        "amount": "1",
    }
    assert cdata("a]]>b") == "<![CDATA[a]]]]><![CDATA[>b]]>"


def test_numbers_stand_bare_and_texts_in_cdata() -> None:
    assert encode([("n", "1"), ("t", "x")], bare=frozenset({"n"})) == (
        b"<xml><n>1</n><t><![CDATA[x]]></t></xml>"
    )


def test_entities_and_cdata_read_alike() -> None:
    assert decode(b"<xml><a>x&amp;y</a><b><![CDATA[x&y]]></b></xml>").fields == {
        "a": "x&y",
        "b": "x&y",
    }


def test_a_byte_order_mark_white_space_and_a_declaration_are_tolerated() -> None:
    body = (
        b'\xef\xbb\xbf\n<?xml version="1.0" encoding="GBK"?>\n<xml>\n <a>\xe5\x80\xbc</a>\n</xml>\n'
    )
    assert decode(body).fields == {"a": "值"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"openid": "o1", "amount": "1"}],
        [{"openid": "o1", "amount": "1"}, {"openid": "o2", "amount": "2"}],
    ],
    ids=["none", "one", "two"],
)
def test_a_list_is_a_list_with_none_one_or_several_rows(rows: list[dict[str, str]]) -> None:
    cells = "".join(
        f"<hbinfo><openid>{row['openid']}</openid><amount>{row['amount']}</amount></hbinfo>"
        for row in rows
    )
    reply = decode(f"<xml><a>1</a><hblist>\n{cells}\n</hblist><b>2</b></xml>".encode())
    assert reply.lists.get("hblist", []) == rows
    assert {"a": "1", "b": "2"}.items() <= reply.fields.items()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "well-formed"),
        (b"<html></html>", "root"),
        (b"<xml><a>1</a>", "well-formed"),
        (b"<xml><a>1</a><a>2</a></xml>", "twice"),
        (b"<xml><l><r><a>1</a><a>2</a></r></l></xml>", "twice"),
        (b"<xml><l><r><a><b>1</b></a></r></l></xml>", "deep"),
        (b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>', "document type"),
        (b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x"><xml></xml>', "document type"),
        (b"<xml><a>&undefined;</a></xml>", "well-formed"),
        (b"<xml><a>\xff\xfe</a></xml>", "well-formed"),
        (b"<xml>" + b" " * DOCUMENT_BYTES_MAX + b"</xml>", "bytes"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(MalformedDocument, match=why):
        decode(body)


def test_another_root_is_told_from_what_is_no_xml() -> None:
    """But not before all of it was read."""
    with pytest.raises(OtherRoot):
        decode(b"<request><a>1</a></request>")
    with pytest.raises(MalformedDocument) as refused:
        decode(b"<request><a>1</a>")
    assert not isinstance(refused.value, OtherRoot)
