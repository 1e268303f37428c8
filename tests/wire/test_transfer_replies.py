"""What WeChat says stands in a reply's value under its own name, and what must be said is there."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import pytest

from hongbao.beijing import BEIJING
from hongbao.wire.transfer import replies as r
from hongbao.wire.transfer.json_body import IncompleteObject

_MUST: dict[type[Any], set[str]] = {
    r.TransferTaken: {"out_bill_no", "transfer_bill_no", "state"},
    r.TransferUnderAuthorizationTaken: {"out_bill_no", "transfer_bill_no", "state"},
    r.TransferInfo: {"out_bill_no", "transfer_bill_no", "state", "transfer_amount"},
    r.TransferCanceling: {"out_bill_no", "state"},
    r.ElectronicReceipt: {"state"},
    r.AuthorizationInfo: {"out_authorization_no", "state"},
    r.BillLink: {"download_url", "hash_type", "hash_value"},
}
"""Without which a reply is no success: what the money is known by, and what is asked for."""


def _said_of(kind: type[Any]) -> dict[str, Any]:
    """A value of its own for each name that a reply may have."""
    said: dict[str, Any] = {}
    for at, name in enumerate(it.name for it in fields(kind)):
        if name.endswith("_time"):
            said[name] = f"2026-11-29T08:00:{at:02}+08:00"
        elif name != "document":
            said[name] = at if name == "transfer_amount" else f"{name} as it was said"
    return said


def _document_of(kind: type[Any]) -> dict[str, Any]:
    said = _said_of(kind)
    if "close_reason" in said:
        said["close_info"] = {"close_reason": said.pop("close_reason")}
    return said


@pytest.mark.parametrize("kind", _MUST)
def test_all_that_is_said_stands_under_its_own_name(kind: type[Any]) -> None:
    document = _document_of(kind)
    value = kind.read(document)
    expected = _said_of(kind)
    if kind is r.TransferUnderAuthorizationTaken:
        expected["package_info"] = ""  # there is none: nobody has to confirm
    for name, said in expected.items():
        found = getattr(value, name)
        assert found == (datetime.fromisoformat(said) if name.endswith("_time") else said), name
        assert not isinstance(found, datetime) or found.tzinfo is BEIJING
    assert getattr(value, "document", document) is document


@pytest.mark.parametrize("kind", _MUST)
def test_what_may_be_absent_is_empty_and_what_must_be_there_is_named(kind: type[Any]) -> None:
    whole = _document_of(kind)
    for name in whole:
        less = {key: said for key, said in whole.items() if key != name}
        if name in _MUST[kind]:
            with pytest.raises(IncompleteObject, match=name):
                kind.read(less)
            continue
        absent = "close_reason" if name == "close_info" else name
        assert getattr(kind.read(less), absent) == (None if name.endswith("_time") else "")


def test_a_time_that_cannot_be_read_is_none_and_costs_no_reply() -> None:
    for said in ("soon", "", 1, None, "2026-02-30T00:00:00+08:00", "0001-01-01T00:00:00+14:00"):
        assert r.TransferInfo.read(_document_of(r.TransferInfo) | {"create_time": said}).state


def test_a_time_without_a_zone_is_beijings_and_one_of_another_zone_is_told_in_beijings() -> None:
    for said in ("2026-11-29T08:00:00", "2026-11-29T00:00:00Z", "2026-11-29T08:00:00.000+08:00"):
        taken = r.TransferCanceling.read(_document_of(r.TransferCanceling) | {"update_time": said})
        assert taken.update_time == datetime(2026, 11, 29, 8, tzinfo=BEIJING)
        assert taken.update_time.tzinfo is BEIJING


def test_a_close_info_that_is_no_object_is_named() -> None:
    with pytest.raises(IncompleteObject, match=r"^close_info is not an object$"):
        r.AuthorizationInfo.read(_document_of(r.AuthorizationInfo) | {"close_info": "USER_CLOSE"})


def test_a_transfer_that_waits_for_its_user_has_a_package_and_any_other_may_have_none() -> None:
    said = _document_of(r.TransferTaken) | {"state": "WAIT_USER_CONFIRM"}
    assert r.TransferTaken.read(said).package_info == said.pop("package_info")
    with pytest.raises(IncompleteObject, match=r"^package_info is not a text$"):
        r.TransferTaken.read(said)
    for state in ("ACCEPTED", "PROCESSING", "SUCCESS", "NEW_STATE"):
        assert r.TransferTaken.read(said | {"state": state}).package_info == ""


@pytest.mark.parametrize("name", ["download_url", "hash_type", "hash_value"])
def test_a_receipt_that_is_finished_can_be_fetched_and_checked(name: str) -> None:
    said = _document_of(r.ElectronicReceipt) | {"state": "FINISHED"}
    assert r.ElectronicReceipt.read(said).is_finished
    del said[name]
    with pytest.raises(IncompleteObject, match=f"^{name} is not a text$"):
        r.ElectronicReceipt.read(said)
    for state in ("GENERATING", "FAILED", "finished"):
        assert not r.ElectronicReceipt.read(said | {"state": state}).is_finished
