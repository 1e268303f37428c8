"""Writes a transfer or an authorisation as a line of text and reads it back. It opens no file."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from hongbao.sentences import say
from hongbao.simulator.packet import NEVER
from hongbao.simulator.transfer.notices import Notice
from hongbao.simulator.transfer.order import SimulatedAuthorization, SimulatedTransfer
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.simulator.merchant import SimulatedMerchant

_NOT_AS_THEY_ARE = frozenset({"account", "due_at", "state"})


def order_text(
    order: SimulatedTransfer | SimulatedAuthorization,
    merchant: SimulatedMerchant,
    notices: Iterable[Notice],
) -> str:
    """Write an order as text, with what WeChat wants to tell of it."""
    said = {
        known.name: getattr(order, known.name)
        for known in fields(order)
        if known.name not in _NOT_AS_THEY_ARE
    }
    said["document"] = dict(order.document)
    said["state"] = str(order.state)
    said["notices"] = [[it.serial, it.moment, it.due_at, it.attempts] for it in notices]
    if isinstance(order, SimulatedTransfer):
        said["due_at"] = None if order.due_at == NEVER else order.due_at
        operating = order.account is merchant.operating
        said["account"] = None if order.account is None else operating
    return json.dumps(said, ensure_ascii=False)


def parse_order(
    text: str, merchant: SimulatedMerchant
) -> tuple[SimulatedTransfer | SimulatedAuthorization, list[Notice]]:
    """Read an order from a text that ``order_text`` wrote.

    Raises:
        ValueError: if it is no such text.
    """
    try:
        said: dict[str, Any] = json.loads(text)
        rows = said.pop("notices")
        order = _transfer(said, merchant) if "out_bill_no" in said else _authorization(said)
        notices = [
            Notice(
                serial=serial,
                mch_id=order.mch_id,
                about=order,
                moment=moment,
                due_at=due_at,
                attempts=attempts,
            )
            for serial, moment, due_at, attempts in rows
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(say("no transfer that this version wrote")) from error
    return order, notices


def merchant_of(text: str) -> str:
    """Whose order it is.

    Raises:
        KeyError: if it is none.
    """
    return str(json.loads(text)["mch_id"])


def _transfer(said: dict[str, Any], merchant: SimulatedMerchant) -> SimulatedTransfer:
    operating, due_at = said.pop("account"), said.pop("due_at")
    account = merchant.operating if operating else merchant.basic
    return SimulatedTransfer(
        **{**said, "state": TransferState(said["state"])},
        account=None if operating is None else account,
        due_at=NEVER if due_at is None else due_at,
    )


def _authorization(said: dict[str, Any]) -> SimulatedAuthorization:
    return SimulatedAuthorization(**said)
