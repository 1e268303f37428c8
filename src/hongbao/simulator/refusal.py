"""The one way in which a user's claim is turned down."""

from __future__ import annotations


class ClaimRefused(Exception):
    """A user does not get the packet.

    Attributes:
        field: what is wrong: a parameter in the front end's spelling, or ``openid``,
            ``mch_billno``, ``sp_ticket``.
        reason: how.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"
