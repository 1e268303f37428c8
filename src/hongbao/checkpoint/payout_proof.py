"""Proves the history of one payout to somebody who has neither the books nor this program."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.checkpoint.heads import Head
from hongbao.checkpoint.merkle import inclusion_path
from hongbao.errors import BookCorrupt, LedgerCode, LedgerError
from hongbao.ledger.model.event import Subject
from hongbao.ledger.model.replay import broken
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.checkpoint.verified_checkpoint import VerifiedCheckpoint
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Payout


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutProof:
    """The events of a payout up to a checkpoint, and the path from them to the signed root.

    Attributes:
        mch_billno: its order number.
        events: all the events that it had then.
        index: the index of its head in the tree.
        leaf: its head as a leaf of the tree.
        path: the hashes from the leaf to the root, the nearest first.
        kept: the checkpoint.
    """

    mch_billno: str
    events: tuple[Event, ...]
    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    kept: VerifiedCheckpoint

    def document(self) -> dict[str, object]:
        """For JSON: bytes are in base64, except the hashes of events, which are hexadecimal."""
        return {
            "mch_billno": self.mch_billno,
            "events": [
                {**event._asdict(), "hash": bytes(event.hash).hex()} for event in self.events
            ],
            "index": self.index,
            "leaf": b64encode(self.leaf).decode(),
            "path": [b64encode(one).decode() for one in self.path],
            "checkpoint": self.kept.note,
        }


def prove(kept: VerifiedCheckpoint, payout: Payout, history: Sequence[Event]) -> PayoutProof:
    """Prove the history of a payout.

    Args:
        kept: the checkpoint.
        payout: the payout.
        history: all its events.

    Raises:
        LedgerError: if the payout came after the checkpoint.
        BookCorrupt: if its history up to the checkpoint has changed.
    """
    found = kept.heads.find(Subject.PAYOUT, payout.id)
    if found is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say(
                "the checkpoint {path} has no payout {billno}", path=kept.path, billno=payout.billno
            ),
            remedy=say("Give one that was taken after its list was stored."),
        )
    index, head = found
    events = tuple(history[: head.seq])
    last = events[-1] if events else None
    if (
        last is None
        or broken(events)
        or Head(Subject.PAYOUT, payout.id, last.seq, last.hash) != head
    ):
        raise BookCorrupt(
            findings=(
                say(
                    "checkpoint: {billno}: its history has changed since then", billno=payout.billno
                ),
            )
        )
    return PayoutProof(
        mch_billno=payout.billno,
        events=events,
        index=index,
        leaf=head.record(),
        path=tuple(inclusion_path(index, kept.checkpoint.size, kept.heads.records)),
        kept=kept,
    )
