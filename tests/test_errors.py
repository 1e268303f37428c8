"""Errors carry their facts, also across a process border."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from hongbao import (
    ConfigurationError,
    Disposition,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    PacketNotFound,
    Refused,
    TransferNotFound,
    UntrustedReply,
)

if TYPE_CHECKING:
    from hongbao import (
        HongbaoError,
    )

_ERRORS: list[HongbaoError] = [
    InvalidRequest(field="wishing", rule="short", found="200 characters", mch_billno="B1"),
    ConfigurationError(setting="cert.pem", problem="expired", remedy="Get a new one."),
    NotSent(mch_billno="B1", endpoint="sendredpack", why="connection refused"),
    Refused(
        mch_billno="B1",
        endpoint="sendredpack",
        err_code="NOTENOUGH",
        err_code_des="余额不足",
        disposition=Disposition.OPEN,
        advice="Top up.",
    ),
    OutcomeUnknown(mch_billno="B1", endpoint="sendredpack", why="timeout"),
    PacketNotFound(mch_billno="B1", endpoint="gethbinfo", why="?", err_code="NOT_FOUND"),
    TransferNotFound(mch_billno="B1", endpoint="query", why="?", err_code="NOT_FOUND"),
    UntrustedReply(mch_billno="B1", endpoint="sendredpack", why="torn"),
]


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_with_its_facts(error: HongbaoError) -> None:
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert (str(twin), vars(twin)) == (str(error), vars(error))


@pytest.mark.parametrize("error", _ERRORS[2:], ids=lambda error: type(error).__name__)
def test_every_end_of_a_call_names_its_order_number(error: HongbaoError) -> None:
    assert "B1" in str(error)
    assert vars(error)["mch_billno"] == "B1"


def test_an_unknown_outcome_is_never_a_refusal() -> None:
    assert not issubclass(OutcomeUnknown, Refused)
    assert not issubclass(Refused, OutcomeUnknown)
    assert issubclass(UntrustedReply, OutcomeUnknown)
