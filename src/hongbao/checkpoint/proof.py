"""What proves the history of one payout to somebody who has neither the books nor this program."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from hongbao.checkpoint.heads import PAYOUT, Head
from hongbao.checkpoint.merkle import inclusion_path
from hongbao.errors import BookCorrupt, LedgerError
from hongbao.ledger.replay import broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.checkpoint.reading import Kept
    from hongbao.ledger.event import Event
    from hongbao.ledger.payout import Payout


def prove(kept: Kept, payout: Payout, history: Sequence[Event]) -> dict[str, object]:
    """The events of a payout up to a checkpoint, and how they lead to what was signed.

    Args:
        kept: the checkpoint.
        payout: which.
        history: all its events.

    Returns:
        A document for JSON: ``mch_billno``; ``events``, each with all its stored parts; ``index``,
        ``leaf`` and ``path`` of the tree, in base64; ``checkpoint``, the signed note.

    Raises:
        LedgerError: if the payout came after the checkpoint.
        BookCorrupt: if its history is not the one that it had then.
    """
    found = kept.heads.find(PAYOUT, payout.id)
    if found is None:
        raise LedgerError(
            problem=f"the checkpoint {kept.path} has no payout {payout.billno}",
            remedy="Give one that was taken after its list was stored.",
        )
    index, head = found
    events = history[: head.seq]
    last = events[-1] if events else None
    if last is None or broken(events) or Head(PAYOUT, payout.id, last.seq, last.hash) != head:
        raise BookCorrupt(
            findings=(f"checkpoint: {payout.billno}: its history is not the one that it had",)
        )
    path = inclusion_path(index, kept.checkpoint.size, kept.heads.records)
    return {
        "mch_billno": payout.billno,
        "events": [{**event._asdict(), "hash": bytes(event.hash).hex()} for event in events],
        "index": index,
        "leaf": b64encode(head.record()).decode(),
        "path": [b64encode(one).decode() for one in path],
        "checkpoint": kept.note,
    }
