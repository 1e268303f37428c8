"""Writes a packet as a line of text and reads it back. It opens no file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hongbao.sentences import say
from hongbao.simulator.packet import NEVER, Packet, Received, Terms
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.simulator.merchant import FundAccount, SimulatedMerchant

_BASIC, _OPERATING = "basic", "operating"
_AS_THEY_ARE = (
    "serial", "mch_billno", "re_openid", "total_amount", "created_at", "called_at", "paid_at",
    "payments", "pending", "reason", "sent_at", "shares", "claims", "claimed", "refunded_at",
)  # fmt: skip


def packet_text(packet: Packet, merchant: SimulatedMerchant) -> str:
    """Write a packet as text, without its ``mch_id``.

    Args:
        packet: the packet.
        merchant: its merchant, to name the account that paid.
    """
    said = {name: getattr(packet, name) for name in _AS_THEY_ARE}
    said["terms"] = {name: text for name, text in packet.terms._asdict().items() if text}
    said["status"] = packet.status.value
    said["account"] = _account_name(packet.account, merchant)
    said["due_at"] = None if packet.due_at == NEVER else packet.due_at
    return json.dumps(said, ensure_ascii=False)


def parse_packet(text: str, merchant: SimulatedMerchant) -> Packet:
    """Read a packet from a text that ``packet_text`` wrote.

    Raises:
        ValueError: if it is no such text.
    """
    try:
        said: dict[str, Any] = json.loads(text)
        values = {name: said[name] for name in _AS_THEY_ARE}
        values["claims"] = tuple(Received(*claim) for claim in said["claims"])
        due_at, account = said["due_at"], said["account"]
        return Packet(
            **values,
            mch_id=merchant.mch_id,
            terms=Terms(**{**dict.fromkeys(Terms._fields, ""), **said["terms"]}),
            status=Status(said["status"]),
            account=None if account is None else _ACCOUNTS[account](merchant),
            due_at=NEVER if due_at is None else due_at,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(say("no packet that this version wrote")) from error


_ACCOUNTS = {_BASIC: lambda it: it.basic, _OPERATING: lambda it: it.operating}


def _account_name(account: FundAccount | None, merchant: SimulatedMerchant) -> str | None:
    if account is None:
        return None
    return _BASIC if account is merchant.basic else _OPERATING
