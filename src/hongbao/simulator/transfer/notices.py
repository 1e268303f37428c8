"""What WeChat wants to tell merchants: notifications, each until it is taken.

They are posted to the merchant's server if the simulator is started so; else a test fetches those
that are due, hands them to the code under test, and says what that answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.simulator.transfer.order import SimulatedAuthorization, SimulatedTransfer

REPEATS_SECONDS = (15, 15, 30, 180, 600, 1200, *[1800] * 3, 3600, *[10800] * 3, *[21600] * 2)
"""Between two attempts, as WeChat's own skills for agents have it; a page has another series."""

TAKEN = frozenset({200, 204})
"""The answers that take a notification; after any other it comes again."""


@dataclass(slots=True, kw_only=True, eq=False)
class Notice:
    """One notification.

    Attributes:
        serial: from 1.
        mch_id: whom it is for.
        about: what it tells.
        moment: when that happened.
        due_at: when it is sent next; None once it is taken, or was sent often enough.
        attempts: how often it was sent.
    """

    serial: int
    mch_id: str
    about: SimulatedTransfer | SimulatedAuthorization = field(repr=False)
    moment: float
    due_at: float | None
    attempts: int = 0


class Notices:
    """The notifications of a world, in the order in which they were made."""

    def __init__(self) -> None:
        self._notices: dict[int, Notice] = {}
        self._waiting: dict[int, Notice] = {}
        self._by_order: dict[int, list[Notice]] = {}

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._notices.values())

    def find(self, serial: int) -> Notice | None:
        """One by its serial."""
        return self._notices.get(serial)

    def of_transfer(self, transfer: SimulatedTransfer, moment: float) -> None:
        """Tell that a transfer has ended, if it names where."""
        if transfer.document.get("notify_url"):
            self._add(transfer, moment)

    def of_authorization(self, authorization: SimulatedAuthorization, moment: float) -> None:
        """Tell that an authorisation has changed."""
        self._add(authorization, moment)

    def about(self, serial: int) -> list[Notice]:
        """Those about one order."""
        return self._by_order.get(serial, [])

    def recall(self, notice: Notice) -> None:
        """Restore one of an earlier run."""
        self._notices[notice.serial] = notice
        if notice.due_at is not None:
            self._waiting[notice.serial] = notice
        self._by_order.setdefault(notice.about.serial, []).append(notice)

    def due(self, now: float) -> list[Notice]:
        """Those that are to be sent by now, in the order in which they are due."""
        found = [it for it in self._waiting.values() if it.due_at is not None and it.due_at <= now]
        return sorted(found, key=lambda notice: (notice.due_at or 0.0, notice.serial))

    def sent(self, notice: Notice, now: float, *, taken: bool) -> None:
        """It was sent; if it was not taken, it comes again."""
        again = notice.attempts < len(REPEATS_SECONDS) and not taken
        notice.due_at = now + REPEATS_SECONDS[notice.attempts] if again else None
        notice.attempts += 1
        if not again:
            self._waiting.pop(notice.serial, None)

    def put_off(self, notice: Notice, moment: float) -> None:
        """It is not sent before a later moment."""
        notice.due_at = moment

    def _add(self, about: SimulatedTransfer | SimulatedAuthorization, moment: float) -> None:
        serial = len(self._notices) + 1
        self.recall(
            Notice(serial=serial, mch_id=about.mch_id, about=about, moment=moment, due_at=moment)
        )
