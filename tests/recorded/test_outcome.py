"""What an SDK handed back is told in words that say what its caller can see, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.simulator.exchange import Exchange
from hongbao.wire import document, signature
from interop import outcome
from interop.cases import CASES, NUMBER, PACKETS
from interop.fixed_inputs import KEY
from interop.stage import answer, fresh

if TYPE_CHECKING:
    from hongbao.simulator.folder.folder import SimulatorFolder
    from interop.stage import Seen

_RESULT = {"kind": "result"}


def _seen(folder: SimulatorFolder, situation: str) -> list[Seen]:
    """The answer to a rightly signed query."""
    case = next(one for one in CASES if (one.call, one.situation) == ("query", situation))
    fields = {
        **PACKETS["query"],
        "appid": "wx0000000000de0001",
        "bill_type": "MCHT",
        "mch_id": "1999000001",
        "nonce_str": "n0nce",
    }
    body = document.encode({**fields, "sign": signature.sign_md5(fields, KEY)}.items())
    path = "/mmpaymkttransfers/gethbinfo"
    return [answer(fresh(folder, case), Exchange(path, body, "1999000001", "127.0.0.1"))]


def _read(seen: list[Seen]) -> dict[str, Any]:
    """The reply as a careful reader has it."""
    fields, lists = document.decode(seen[0].answer.body)
    return {**fields, "hblist": {"hbinfo": lists["hblist"]}}


def test_a_result_that_keeps_everything_is_a_result(wechat_folder: SimulatorFolder) -> None:
    seen = _seen(wechat_folder, "two claims")
    told = {**_RESULT, "value": _read(seen), "code": "SUCCESS"}
    assert outcome.in_words(told, seen) == "result, 2 of 2 claims, as a list"


def test_what_a_result_lost_of_the_reply_is_named(wechat_folder: SimulatorFolder) -> None:
    seen = _seen(wechat_folder, "two claims")
    value = _read(seen)
    del value["detail_id"]
    value["hblist"]["hbinfo"] = value["hblist"]["hbinfo"][0]
    words = outcome.in_words({**_RESULT, "value": value}, seen)
    assert words == "result without detail_id, 1 of 2 claims, as a map"


def test_a_result_out_of_a_damaged_reply_is_reported_as_such(
    wechat_folder: SimulatorFolder,
) -> None:
    seen = _seen(wechat_folder, "garbled")
    words = outcome.in_words({**_RESULT, "value": {"status": "SENT"}}, seen)
    assert words == "result out of a damaged reply"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({**_RESULT, "value": "<xml>"}, "the reply as bare text"),
        ({**_RESULT, "value": {}, "code": "NOTENOUGH"}, "result NOTENOUGH"),
        ({"kind": "error", "type": "Error", "code": "NOTENOUGH"}, "error Error NOTENOUGH"),
        ({"kind": "error", "type": "Error", "code": None}, "error Error"),
        (
            {"kind": "error", "type": "E", "code": {"a": 1}},
            "error E with something else for err_code",
        ),
    ],
)
def test_codes_are_told_where_a_caller_can_read_them(told: dict[str, Any], words: str) -> None:
    assert outcome.in_words({"value": None, **told}, []) == words


def test_a_number_is_found_wherever_it_stands() -> None:
    assert outcome.keeps_number({"value": {"text": [f"failed: {NUMBER}"]}}, NUMBER)
    assert not outcome.keeps_number({"value": {"text": "timed out"}}, NUMBER)
    assert not outcome.keeps_number({}, NUMBER)
