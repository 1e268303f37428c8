"""The books of a report, which tell how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.cli.steps import Steps
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.standing import Standing

_OFTEN = 1_000


class WatchedBooks:
    """As much of the books as a report reads.

    Args:
        book: the books.
        steps: told how many payouts were written.
    """

    def __init__(self, book: Book, steps: Steps) -> None:
        self._book = book
        self._steps = steps
        self._total = 0

    def now(self) -> Instant:
        """What time it is in the books."""
        return self._book.now()

    def standing(self, name: str) -> Standing:
        """How far a campaign is."""
        standing = self._book.standing(name)
        self._total = standing.rows
        return standing

    def payouts_of(self, name: str) -> Iterator[Payout]:
        """The payouts of a campaign, in their order."""
        for done, payout in enumerate(self._book.payouts_of(name), 1):
            yield payout
            if done % _OFTEN == 0 or done == self._total:
                self._steps.tell("writing", done, self._total)
