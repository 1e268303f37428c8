"""A V3 body is one plain JSON object, or it says nothing; what it says has its type."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from hongbao.beijing import BEIJING
from hongbao.wire.transfer import json_body
from hongbao.wire.transfer.json_body import (
    BYTES_MAX,
    DEPTH_MAX,
    IncompleteObject,
    MalformedJson,
    number,
    optional_text,
    text,
    time,
)

NO_NUMBER = "a number in it is none"


def nested(depth: int, *, lists: bool = False) -> bytes:
    """An object so many objects deep, itself among them."""
    inside = b"1"
    for _ in range(depth - 1):
        inside = b"[" + inside + b"]" if lists else b'{"a":' + inside + b"}"
    return b'{"a":' + inside + b"}"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b"{} {}", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"a":' + b"9" * 5000 + b"}", "it is not JSON"),
        (b"[]", "it is not an object"),
        (b"null", "it is not an object"),
        (b'"{}"', "it is not an object"),
        (b"\xff", "it is not UTF-8"),
        (b'{"a":"\\ud800"}', "it is not UTF-8"),
        (b'{"\\ud800":1}', "it is not UTF-8"),
        (b'{"a":1,"a":1}', "a name stands in it twice"),
        (b'{"b":{"a":1,"a":2}}', "a name stands in it twice"),
        (b'{"a":NaN}', NO_NUMBER),
        (b'{"a":-Infinity}', NO_NUMBER),
        (b'{"a":1e999}', NO_NUMBER),
        (b'{"a":-1e999}', NO_NUMBER),
        (nested(DEPTH_MAX), f"it is more than {DEPTH_MAX} deep"),
        (nested(DEPTH_MAX, lists=True), f"it is more than {DEPTH_MAX} deep"),
        (b" " * BYTES_MAX + b"{}", f"it has more than {BYTES_MAX} bytes"),
    ],
    ids=lambda it: repr(it[:16]) if isinstance(it, bytes) else None,
)
def test_what_is_not_plainly_one_object_is_refused_and_nothing_of_it_is_quoted(
    body: bytes, why: str
) -> None:
    with pytest.raises(MalformedJson) as caught:
        json_body.decode(body)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{}", {}),
        (' \n{"a": "汉🎁"}\t'.encode(), {"a": "汉🎁"}),
        (b'{"a":"\\u6c49\\ud83c\\udf81"}', {"a": "汉🎁"}),
        (b'{"a":1.5,"b":-2,"c":[true,false,null]}', {"a": 1.5, "b": -2, "c": [True, False, None]}),
        (nested(DEPTH_MAX - 1), json.loads(nested(DEPTH_MAX - 1))),
        (b" " * (BYTES_MAX - 2) + b"{}", {}),
    ],
    ids=lambda it: repr(it[:16]) if isinstance(it, bytes) else "",
)
def test_one_object_is_read_as_it_stands(body: bytes, said: dict[str, Any]) -> None:
    assert json_body.decode(body) == said


def test_what_is_sent_keeps_its_order_and_its_characters() -> None:
    document: dict[str, object] = {"b": "汉", "a": [1, {"c": None}]}
    assert json_body.encode(document) == '{"b":"汉","a":[1,{"c":null}]}'.encode()


@pytest.mark.parametrize("value", [None, "", 7, True, ["x"], {}])
def test_a_text_that_must_be_there_is_a_text_and_not_empty(value: object) -> None:
    assert text({"a": "x"}, "a") == optional_text({"a": "x"}, "a") == "x"
    for document in ({"a": value}, {}):
        with pytest.raises(IncompleteObject, match=r"^a is not a text$"):
            text(document, "a")


def test_a_text_that_may_be_absent_is_empty_then_and_else_a_text() -> None:
    for document in ({}, {"a": None}, {"a": ""}):
        assert optional_text(document, "a") == ""
    for value in (7, True, ["x"], {"x": 1}):
        with pytest.raises(IncompleteObject, match=r"^a is not a text$"):
            optional_text({"a": value}, "a")


@pytest.mark.parametrize("value", [0, 1, 10**12])
def test_a_whole_number_is_read_as_it_is(value: int) -> None:
    assert number({"a": value}, "a") == value


@pytest.mark.parametrize("value", [None, "1", 1.0, True, -1, 10**12 + 1, [1]])
def test_what_is_no_whole_number_is_named(value: object) -> None:
    with pytest.raises(IncompleteObject, match=r"^a is not a whole number$"):
        number({"a": value}, "a")


def test_a_time_is_in_beijing_or_none() -> None:
    eight = datetime(2026, 11, 29, 8, tzinfo=BEIJING)
    for said in ("2026-11-29T08:00:00+08:00", "2026-11-29T00:00:00Z", "2026-11-29T08:00:00"):
        found = time({"a": said}, "a")
        assert found == eight
        assert found is not None
        assert found.tzinfo is BEIJING
    for other in (None, 7, "", "soon", "2026-02-30T00:00:00", "0001-01-01T00:00:00+14:00"):
        assert time({"a": other}, "a") is None
    assert time({}, "a") is None
