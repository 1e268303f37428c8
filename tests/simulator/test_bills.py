"""The simulator's bills are its own movements, to the fen and in their order; each fault shows."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bill_stage import FEES, OPERATION, TODAY, ask, bill_rows, code, follows, short
from hongbao.beijing import BEIJING
from hongbao.simulator.bill_call import ADMISSION
from hongbao.simulator.merchant import TopUp
from hongbao.simulator.settings import BillDigest, BillNumber
from hongbao.wire import document, signature
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.bill.rows import BillRow
from stage import (
    ALICE,
    BOB,
    DAY,
    HOUR,
    KEY,
    MCH_ID,
    NOON,
    OFFICIAL,
    Stage,
    a_merchant,
    group,
    normal,
)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_packet_is_a_debit_on_its_day_and_what_comes_back_a_credit_on_another(
    stage: Stage,
) -> None:
    stage.ask(normal("N1"))
    stage.clock.advance(60)
    stage.ask(group("G1", total_amount=1000, total_num=5))
    stage.world.give(stage.packet("G1"), BOB)
    claimed = stage.packet("G1").claimed
    stage.clock.advance(3 * DAY)
    assert short(bill_rows(stage)) == [("N1", "OUT", 100, 999_900), ("G1", "OUT", 1000, 998_900)]
    left = 1000 - claimed
    assert short(bill_rows(stage, TODAY + timedelta(days=1))) == [
        ("N1", "IN", 100, 999_000),
        ("G1", "IN", left, 999_000 + left),
    ]
    assert code(ask(stage, TODAY + timedelta(days=2))) == "NO_BILL_EXIST"


def test_a_row_is_dated_by_the_moment_at_which_the_balance_changed(stage: Stage) -> None:
    stage.ask(normal("N1"))
    stage.clock.advance(11 * HOUR + 59 * 60 + 59)
    stage.ask(normal("N2"))
    stage.clock.advance(1)
    stage.ask(normal("N3"))
    stage.clock.advance(2 * DAY)
    assert [row.voucher for row in bill_rows(stage)] == ["N1", "N2"]
    later = bill_rows(stage, TODAY + timedelta(days=1))
    assert [(row.voucher, row.kind) for row in later] == [
        ("N3", "现金红包"),
        ("N1", "现金红包退款"),
    ]
    assert later[0].booked_at == datetime(2026, 11, 24, tzinfo=BEIJING)


def test_the_names_of_rows_are_settings(stage: Stage) -> None:
    for which in ("sent", "returned"):
        stage.set(**{f"bill_{which}_{what}": f"{which} {what}" for what in ("name", "kind")})
    stage.ask(normal("N1"))
    stage.clock.advance(3 * DAY)
    for day, which in ((TODAY, "sent"), (TODAY + timedelta(days=1), "returned")):
        (row,) = bill_rows(stage, day)
        assert (row.name, row.kind) == (f"{which} name", f"{which} kind")


@pytest.mark.parametrize("number", BillNumber)
def test_wechats_number_of_a_row_is_the_listid_only_if_that_is_said(
    stage: Stage, number: BillNumber
) -> None:
    stage.set(bill_business_number=number)
    accepted = stage.ask(normal("N1"))
    stage.clock.advance(DAY)
    (row,) = bill_rows(stage)
    assert (row.business_number == accepted.send_listid) is (number is BillNumber.SEND_LISTID)


def test_each_account_has_a_bill_of_its_own(stage: Stage) -> None:
    stage.ask(normal("N1"))
    stage.merchant.operating.top_up(500)
    stage.merchant.operating_opened = True
    stage.ask(normal("N2"))
    stage.clock.advance(DAY)
    assert short(bill_rows(stage)) == [("N1", "OUT", 100, 999_900)]
    assert short(bill_rows(stage, account=OPERATION)) == [("N2", "OUT", 100, 400)]
    assert code(ask(stage, account=FEES)) == "NO_BILL_EXIST"


def test_money_that_is_put_in_at_a_known_time_is_in_the_bill_of_its_day(stage: Stage) -> None:
    merchant = stage.merchant
    merchant.top_up(merchant.basic, 700, stage.clock.now())
    stage.ask(normal("N1"))
    merchant.top_up(merchant.basic, -50, stage.clock.now())
    stage.clock.advance(DAY)
    rows = bill_rows(stage)
    assert sorted(row.kind for row in rows) == ["充值", "提现", "现金红包"]
    assert rows[-1].balance == 1_000_000 + 700 - 100 - 50
    assert merchant.top_ups[0] == TopUp(operating=False, moment=stage.clock.now() - DAY, amount=700)


@given(st.lists(st.tuples(st.sampled_from("sgtc"), st.floats(0, 2 * DAY)), max_size=25))
def test_the_bills_of_all_days_are_the_accounts_whole_history(
    steps: list[tuple[str, float]],
) -> None:
    stage = Stage()
    for index, (step, seconds) in enumerate(steps):
        stage.clock.advance(seconds)
        stage.world.settle()
        match step:
            case "s":
                stage.say(normal(f"N{index}"))
            case "g":
                stage.say(group(f"G{index}"))
            case "t":
                stage.merchant.top_up(stage.merchant.basic, 1000, stage.clock.now())
            case _:
                packet = stage.world.find(MCH_ID, f"G{index - 1}")
                if packet is not None and packet.status.value == "SENT":
                    stage.world.give(packet, ALICE)
    stage.clock.advance(4 * DAY)  # until nothing is due any more, and the bills are made
    rows: list[BillRow] = []
    days = int(stage.clock.now() - NOON) // int(DAY)
    for day in [TODAY + timedelta(days=number) for number in range(days)]:
        answer = ask(stage, day)
        if not answer.body.startswith(b"<xml>"):
            rows += bill_rows(stage, day)
        else:
            assert code(answer) == "NO_BILL_EXIST"
    assert follows(rows)
    moved = sum(row.amount * (1 if row.direction.name == "IN" else -1) for row in rows)
    assert stage.merchant.basic.balance == 1_000_000 + moved


def test_a_bill_is_to_be_had_from_ten_the_next_day_and_for_three_months(stage: Stage) -> None:
    stage.ask(normal("N1"))
    assert code(ask(stage)) == "PARAM_ERROR"
    stage.clock.advance(22 * HOUR - 1)
    assert code(ask(stage)) == "BILL_CREATING"
    stage.clock.advance(1)
    bill = ask(stage).body
    stage.clock.advance(80 * DAY)
    assert ask(stage).body == bill, "it never changes"
    stage.clock.advance(10 * DAY)
    assert code(ask(stage)) == "PARAM_ERROR"
    stage.set(bill_days=100)
    assert ask(stage).body == bill


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("of", BillDigest)
def test_gzip_is_an_offer_and_the_digest_a_setting(
    stage: Stage,
    of: BillDigest,
    compressed: bool,  # noqa: FBT001
) -> None:
    stage.set(bill_digest=of)
    stage.ask(normal("N1"))
    stage.clock.advance(DAY)
    answer = ask(stage, compressed=compressed)
    plain = gzip.decompress(answer.body) if compressed else answer.body
    hashed = {BillDigest.PLAIN: plain, BillDigest.COMPRESSED: answer.body}.get(of)
    digest = dict(answer.headers).get("Digest")
    wanted = hashed and f"SHA={hashlib.sha1(hashed, usedforsecurity=False).hexdigest()}"
    assert digest == wanted
    assert plain.startswith("记账时间,".encode())


@pytest.mark.parametrize(
    "setting", ["bill_decimal_counts", "bill_header_ticks", "bill_wide_brackets"]
)
def test_the_shapes_that_were_seen_say_the_same(stage: Stage, setting: str) -> None:
    stage.ask(normal("N1"))
    stage.clock.advance(DAY)
    before, rows = ask(stage).body, bill_rows(stage)
    stage.set(**{setting: not getattr(stage.world.settings, setting)})
    assert ask(stage).body != before
    assert bill_rows(stage) == rows


def _said(**changes: str) -> dict[str, str]:
    said = {
        "appid": OFFICIAL,
        "mch_id": MCH_ID,
        "nonce_str": "n0nce",
        "sign_type": "HMAC-SHA256",
        "bill_date": "20261123",
        "account_type": "Basic",
    }
    return {name: text for name, text in {**said, **changes}.items() if text}


def _body(said: dict[str, str], key: str = KEY) -> bytes:
    return document.encode({**said, "sign": signature.sign_hmac_sha256(said, key)}.items())


@pytest.mark.parametrize(
    ("body", "err_code"),
    [
        (b"<xml", "XML_ERROR"),
        (_body(_said(mch_id="1900000000")), "PARAM_ERROR"),
        (_body(_said(account_type="")), "PARAM_ERROR"),
        (document.encode(_said().items()), "PARAM_ERROR"),
        (_body(_said(account_type="basic")), "PARAM_ERROR"),
        (_body(_said(bill_date="20261131")), "PARAM_ERROR"),
        (_body(_said(bill_date="2026-1-1")), "PARAM_ERROR"),
        (_body(_said(sign_type="MD5")), "PARAM_ERROR"),
        (_body(_said(), key=KEY[::-1]), "SIGN_ERROR"),
        (
            document.encode({**_said(), "sign": signature.sign_md5(_said(), KEY)}.items()),
            "SIGN_ERROR",
        ),
        (_body(_said(appid="wx99aa11bb22cc33dd")), "PARAM_ERROR"),
        (_body(_said(bill_date="20261124")), "PARAM_ERROR"),
        (_body(_said(bill_date="20260101")), "PARAM_ERROR"),
        (_body(_said(bill_date="20261122")), "NO_BILL_EXIST"),
    ],
)
def test_what_is_wrong_is_reported(stage: Stage, body: bytes, err_code: str) -> None:
    stage.clock.advance(DAY)
    assert code(stage.post(DOWNLOADFUNDFLOW.path, body)) == err_code


def test_another_or_an_expired_certificate_and_a_forbidden_call_are_refused(stage: Stage) -> None:
    body = _body(_said())
    assert code(stage.post(DOWNLOADFUNDFLOW.path, body, certificate="1900067890")) == "CA_ERROR"
    assert code(stage.post(DOWNLOADFUNDFLOW.path, body, expired=True)) == "CA_ERROR"
    stage.merchant.forbidden_calls = frozenset({DOWNLOADFUNDFLOW.name})
    assert code(stage.post(DOWNLOADFUNDFLOW.path, body)) == "NO_AUTH"
    assert stage.last().verdict == "NO_AUTH"
    assert stage.last().mch_billno == "20261123/Basic"


def test_every_rule_of_admission_is_of_this_call() -> None:
    assert {rule.calls for rule in ADMISSION} == {DOWNLOADFUNDFLOW.letter}


def test_forgetting_packets_forgets_their_bills(stage: Stage) -> None:
    merchant = a_merchant()
    merchant.top_up(merchant.basic, 5, stage.clock.now())
    merchant.restart()
    assert merchant.top_ups == []
    stage.ask(normal("N1"))
    stage.app.restart()
    stage.clock.advance(DAY)
    assert code(ask(stage)) == "NO_BILL_EXIST"
