"""Observers of an audit: one writes the heads of all histories, one compares them."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from hongbao.checkpoint.heads import Head, place
from hongbao.checkpoint.merkle import Tree
from hongbao.english import counted
from hongbao.ledger.audits.audit_report import FindingCode, FindingCollector
from hongbao.ledger.model.event import Subject
from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hongbao.checkpoint.verified_checkpoint import VerifiedCheckpoint
    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

MARGIN: Instant = 3600 * SECOND
"""A new event may be this much older: transactions take time, and clocks are set back a little."""


class HeadsWriter:
    """Writes the heads of all histories.

    Args:
        file: the file to write to.

    Attributes:
        tree: the tree of all heads that were written.
        bills: how many of these are of the bills of a merchant.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.tree = Tree()
        self.bills = 0
        self._file = file

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """Write the head of a history."""
        del name
        # Without events the audit has a finding, and no checkpoint is taken; or it is a merchant of
        # an earlier version, for which no worker has run yet.
        if events:
            record = Head(of, number, events[-1].seq, bytes(events[-1].hash)).record()
            self.tree.add(record)
            self.bills += of is Subject.BILLS
            self._file.write(record)


class HeadsComparer:
    """Compares all histories with those of a checkpoint.

    Args:
        kept: the checkpoint.

    Attributes:
        findings: what is gone or was changed since then.
    """

    def __init__(self, kept: VerifiedCheckpoint) -> None:
        self.findings = FindingCollector()
        self._earliest = kept.checkpoint.at - MARGIN
        self._knows_bills = kept.checkpoint.bills is not None
        self._heads = kept.heads.heads()
        self._next = next(self._heads, None)

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """Compare a history."""
        if of is Subject.BILLS and not self._knows_bills:
            return
        while self._next is not None and self._next.place < place(of, number):
            self._miss(self._next)
        shown = f"{name} (payout {number})" if of is Subject.PAYOUT else f"{of} {name}"
        known = 0
        if self._next is not None and self._next.place == place(of, number):
            known = self._next.seq
            self._find(shown, _difference(self._next, events))
            self._next = next(self._heads, None)
        if len(events) > known and min(it.at for it in events[known:]) < self._earliest:
            self._find(
                shown, say("an event is dated before the checkpoint, which does not have it")
            )

    def finish(self) -> None:
        """Report the checkpoint's heads after the last history of the books."""
        while self._next is not None:
            self._miss(self._next)

    def _miss(self, head: Head) -> None:
        was = counted(head.seq, "event")
        self._find(f"{head.of} {head.number}", say("it is missing; it had {was}", was=was))
        self._next = next(self._heads, None)

    def _find(self, subject: str, words: str | None) -> None:
        if words is not None:
            self.findings.add(FindingCode.CHECKPOINT, subject, words)


def _difference(head: Head, events: Sequence[Event]) -> str | None:
    """What is wrong with a history, given its head in the checkpoint."""
    if len(events) < head.seq:
        return say(
            "it had {events}, and has {count}", events=counted(head.seq, "event"), count=len(events)
        )
    if bytes(events[head.seq - 1].hash) != head.hash:
        return say("its first {events} have changed", events=counted(head.seq, "event"))
    return None


class Watches:
    """Several observers of an audit."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._watches = tuple(watches)

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """Show a history to each."""
        for watch in self._watches:
            watch.history(of, number, name, events)
