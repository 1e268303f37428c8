"""Numbers in addresses and forms are ASCII digits: all else is refused, and breaks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from console_stage import fields
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from console_stage import ConsoleStage

WRITTEN = {
    "superscript": "²",
    "5,000 digits": "9" * 5_000,
    "full width": "１",
    "Arabic": "٣",
    "signed": "-1",
    "grouped": "1_0",
    "more than 64 bits": "9223372036854775808",
}
"""What Python takes for digits or numbers somewhere, and the books' columns do not hold."""
ADDRESSES = (
    "/audit?before={number}",
    "/payouts.json?limit={number}",
    "/reconciliation/breaks/{number}",
    "/reconciliation/bills/{number}",
    "/reconciliation/bills/{number}/csv",
    "/reconciliation/periods/{number}",
    "/reconciliation/periods/{number}/csv",
    "/reconciliation/periods/{number}/xlsx",
)
FORMS = {
    "/webhooks/crm/replay": {"after": "{number}"},
    "/reconciliation/breaks/{number}/close": {"reason": "x"},
    "/reconciliation/periods/{number}/reopen": {"reason": "x"},
    "/merchants/demo/accept": {"request": "{number}"},
    "/merchants/demo/decline": {"request": "{number}", "reason": "x"},
    "/campaigns/spring/retry": {"count": "{number}", "fen": "100", "reason": "x"},
}


@pytest.mark.parametrize("number", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_another_number_leads_nowhere(
    still_console: ConsoleStage, address: str, number: str
) -> None:
    answer = still_console.client(*Role).get(address.format(number=quote(number)))
    assert answer.status_code in {404, 422}
    assert "There is no such number" in answer.text or "must be" in answer.text


@pytest.mark.parametrize("number", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("form", FORMS)
def test_a_form_with_another_number_does_nothing(
    still_console: ConsoleStage, form: str, number: str
) -> None:
    values = {name: it.format(number=number) for name, it in FORMS[form].items()}
    client = still_console.client(*Role)
    sent = fields(client.get("/me").text) | values
    answer = client.post(form.format(number=quote(number)), data=sent)
    assert answer.status_code in {404, 409, 422}
    kinds = [it.kind for it in still_console.book.decisions("spring")]
    assert "retried" not in kinds


def test_a_number_that_is_one_is_taken(still_console: ConsoleStage) -> None:
    client = still_console.client(*Role)
    for address in ("/audit?before=1", "/audit?before=999999999999999999", "/payouts.json?limit=1"):
        assert client.get(address).status_code == 200, address
