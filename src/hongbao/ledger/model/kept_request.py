"""A request that is stored before it is sent, since it cannot be made again with the same bytes."""

from __future__ import annotations

from typing import NamedTuple


class KeptRequest(NamedTuple):
    """A request of an attempt.

    Attributes:
        seq: its place among those of the attempt, from 1; the last one is sent.
        call: the payer's name of the call.
        key_id: the payer's name of the key by which a part of it is encrypted.
        body: its bytes; not to be shown, since they hold a receiver.
    """

    seq: int
    call: str
    key_id: str
    body: bytes

    def __repr__(self) -> str:
        return f"KeptRequest(seq={self.seq}, call={self.call!r}, key_id={self.key_id!r})"
