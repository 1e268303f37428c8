"""What is due next of a campaign with its supplements, and why nothing is sent before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.cli.campaign import words
from hongbao.ledger.model.campaign import GROWING

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.limits import Limits
    from hongbao.ledger.model.payout import Instant, Task
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.read.waiting import Wait


def wait_of(book: Book, standing: Standing, limits: Limits | None) -> Wait | None:
    """Why nothing of it is sent now; None if something is, or nothing is left to send.

    A supplement counts from its approval on.
    """
    approved = [it for it in standing.to_send if it.state not in GROWING]
    waits = [book.wait(it.id, limits=limits) for it in approved or [standing.campaign]]
    found = [it for it in waits if it is not None]
    if len(found) < len(waits):
        return None
    return min(found, key=lambda wait: (wait.until is None, wait.until or 0))


def due_of(book: Book, standing: Standing, limits: Limits | None) -> dict[Task, Instant]:
    """When each task may be done next, in the campaign or in a supplement."""
    found: dict[Task, Instant] = {}
    for campaign in standing.campaigns:
        due, wait = book.next_due(campaign.id), book.wait(campaign.id, limits=limits)
        for task, at in words.following(due, wait).items():
            found[task] = min(at, found.get(task, at))
    return found
