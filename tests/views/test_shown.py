"""What is shown of a payout, of a packet and of a table: receivers masked, JSON that is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hongbao.ledger.model.payout import SECOND, Payout, State, Task
from hongbao.state_words import STATES
from hongbao.views import explanation, payout
from hongbao.views.columns import in_columns, width
from hongbao.views.document import plain
from hongbao.views.explanation import Language
from hongbao.wire.codes import CODES

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing
PAYEE = "oREAL0000000000000000000001"
WHERE = {"campaign": "spring", "merchant": "1900012345"}


def a_payout(state: State, **changes: Any) -> Payout:
    values: dict[str, Any] = {
        "id": 1, "merchant_id": 1, "campaign_id": 1, "key": f"spring/{PAYEE}", "row": 3,
        "kind": "normal", "payee": PAYEE, "amount": 200, "people": 1, "terms_id": 1, "attempt": 1,
        "billno": "BILL1", "state": state, "task": None, "due_at": None, "lease": None, "calls": 0,
        "answers": 0, "doubt": None, "first_call_at": None, "resend_until": None, "tries": 0,
        "code": None, "reason": None, "listid": None, "voucher": "sendid=1", "sent_at": None,
        "settled_at": None, "claimed": 0, "refunded": 0, "day": None, "seq": 1,
    }  # fmt: skip
    return Payout(**{**values, **changes})


@pytest.mark.parametrize("state", State)
def test_a_payout_says_its_state_and_what_that_means(state: State) -> None:
    first, *_ = payout.text(a_payout(state), [], now=NOON, **WHERE).splitlines()
    assert first.endswith(f": {state}, {STATES[state].meaning.en}")


def test_a_receiver_is_shown_in_full_neither_in_text_nor_in_json() -> None:
    shown = a_payout(State.SENT, task=Task.LOOK, due_at=NOON)
    document = plain(payout.document(shown, [], now=NOON, voucher=False, **WHERE))
    text = payout.text(shown, [], now=NOON, **WHERE)
    assert PAYEE not in json.dumps(document) + text
    assert "next: check whether it is claimed, 2026-11-23 12:00:00" in text


def test_a_transfer_is_confirmed_by_its_user_and_not_claimed() -> None:
    shown = a_payout(State.AWAITING_USER, task=Task.LOOK, due_at=NOON)
    text = payout.text(shown, [], now=NOON, **WHERE)
    assert "next: check whether it is confirmed, 2026-11-23 12:00:00" in text


@pytest.mark.parametrize("voucher", [False, True])
def test_what_claims_a_packet_is_in_the_document_only_if_it_is_asked_for(*, voucher: bool) -> None:
    document = payout.document(a_payout(State.SENT), [], now=NOON, voucher=voucher, **WHERE)
    assert ("sendid=1" in json.dumps(document)) is voucher


def test_openids_are_masked_however_deep_they_lie() -> None:
    assert plain({"claims": [{"re_openid": PAYEE, "amount": 1}]}) == {
        "claims": [{"re_openid": "oREA…0001", "amount": 1}]
    }


def test_every_code_is_explained_in_both_languages() -> None:
    entries = [explanation.document(it, Language.BOTH) for it in explanation.every_entry()]
    assert len(entries) > len(CODES)
    for entry in entries:
        for language in ("en", "zh"):
            said = entry[language]
            assert isinstance(said, dict)
            assert said["meaning"]
            assert said["money"]
            assert said["todo"]


def test_chinese_takes_two_columns() -> None:
    assert width("红包ab") == 6
    lines = in_columns([("红包", "1"), ("spring", "10")], right={1}).splitlines()
    assert [width(line) for line in lines] == [10, 10]
