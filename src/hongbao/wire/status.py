"""What a packet's status may be, and which may follow which.

Source: https://pay.weixin.qq.com/doc/v2/partner/4011983160 (gethbinfo).
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The status of a packet as a query answers it."""

    SENDING = "SENDING"
    """Being sent; or refused for balance, limit or risk, with a ``reason``, and still alive."""
    SENT = "SENT"
    """Delivered and debited, waiting to be claimed."""
    FAILED = "FAILED"
    """Not sent; nothing was spent. The number is dead."""
    RECEIVED = "RECEIVED"
    """Claimed; of a group packet, at least in part."""
    RFUND_ING = "RFUND_ING"
    """The unclaimed money is on its way back. The spelling is WeChat's."""
    REFUND = "REFUND"
    """The unclaimed money is back with the merchant."""


STEPS: dict[Status, frozenset[Status]] = {
    Status.SENDING: frozenset({Status.SENT, Status.FAILED}),
    Status.SENT: frozenset({Status.RECEIVED, Status.RFUND_ING}),
    # Only a group packet goes on from here: what its friends left unclaimed returns (uncertain).
    Status.RECEIVED: frozenset({Status.RFUND_ING}),
    Status.RFUND_ING: frozenset({Status.REFUND}),
    Status.FAILED: frozenset(),
    Status.REFUND: frozenset(),
}
"""The single steps. A reader who looks rarely may see several at once: see ``may_follow``."""


def may_follow(earlier: Status, later: Status) -> bool:
    """Whether a packet seen as ``earlier`` can be seen as ``later`` afterwards."""
    return earlier is later or any(may_follow(step, later) for step in STEPS[earlier])


def parse_status(text: str) -> Status | str:
    """The status, or the text itself where WeChat sends one that is not known here."""
    try:
        return Status(text)
    except ValueError:
        return text
