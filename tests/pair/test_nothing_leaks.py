"""Secrets are planted, everything that can be written is written, and none of them is found."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hongbao import ConfigurationError, HongbaoError, InvalidRequest, Query, SendNormal
from lines import OPENIDS, QUERIES, SENDS, mini_program, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao import Merchant
    from lines import Line

_FAULTS = ["refuse_connect", "lose_reply", "garble_reply", "html_page", "unknown_code", "http_502"]


def _secrets(merchant: Merchant) -> list[str]:
    assert merchant.work
    assert merchant.key_path
    key_pem = Path(merchant.key_path).read_text(encoding="utf-8")
    body_of_key = "".join(key_pem.splitlines()[1:-1])
    return [merchant.key, merchant.work.secret, key_pem.splitlines()[1], body_of_key[40:80]]


def _written(line: Line, merchant: Merchant) -> Iterator[str]:
    """The reprs, messages and tracebacks of all that happens with every fault on every call."""
    yield repr(merchant)
    for fault in [None, *_FAULTS]:
        for call, make in (SENDS | QUERIES).items():
            line.wechat.fail(*([fault] if fault else []))
            message = make("B1")
            yield repr(message)
            try:
                yield repr(line.call(message))
            except HongbaoError as error:
                yield repr(error)
                yield repr(vars(error))
                yield "".join(traceback.format_exception(error))
            assert call
    yield repr(line.wechat.journal())
    yield repr(line.wechat.app.world)


@pytest.mark.long
def test_no_secret_and_no_whole_openid_is_written_anywhere(
    line: Line, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    merchant = line.wechat.merchant()
    with caplog.at_level(logging.DEBUG):
        text = "\n".join(_written(line, merchant))
    text += "\n".join(repr(vars(record)) + record.getMessage() for record in caplog.records)
    text += "".join(capfd.readouterr())
    assert caplog.records, "nothing was logged, so nothing was looked at"
    assert "sendredpack" in text
    for secret in [*_secrets(merchant), *OPENIDS.values()]:
        assert secret not in text


def test_a_claim_shows_neither_openid_nor_package(line: Line) -> None:
    accepted = line.call(mini_program("M1"))
    assert accepted.package not in repr(accepted)
    line.call(normal("N1"))
    line.wechat.claim("N1", OPENIDS["sendredpack"])
    info = line.call(Query("N1"))
    assert info.claims
    assert OPENIDS["sendredpack"] not in repr(info)


def test_a_wrong_field_or_setting_is_named_without_its_value(line: Line) -> None:
    merchant = line.wechat.merchant()
    with pytest.raises(InvalidRequest) as invalid:
        SendNormal(
            mch_billno="N1",
            re_openid=OPENIDS["sendredpack"] + "!",
            total_amount=100,
            send_name="s",
            wishing="w",
            act_name="a",
            remark="r",
        )
    with pytest.raises(ConfigurationError) as wrong:
        line.wechat.merchant(key=merchant.key + "x")
    text = "".join(
        traceback.format_exception(invalid.value) + traceback.format_exception(wrong.value)
    )
    assert merchant.key not in text
    assert OPENIDS["sendredpack"] not in text
