"""The exception that turns down a user's claim."""

from __future__ import annotations


class ClaimRefused(Exception):
    """A user does not get the packet.

    Attributes:
        field: what is wrong: a parameter in the front end's spelling, or ``openid``,
            ``mch_billno``, ``sp_ticket``.
        reason: what is wrong with it.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"
