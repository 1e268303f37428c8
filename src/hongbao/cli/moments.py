"""The books' times for people and programs: always Beijing's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND
from hongbao.wire.replies import BEIJING

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant


def beijing(moment: Instant) -> str:
    """As people read it: ``2026-11-23 12:00:00``."""
    return f"{_datetime(moment):%Y-%m-%d %H:%M:%S}"


def iso(moment: Instant | None) -> str | None:
    """As programs read it: ``2026-11-23T12:00:00.000001+08:00``."""
    return None if moment is None else _datetime(moment).isoformat()


def _datetime(moment: Instant) -> datetime:
    # In whole numbers: a float of seconds loses microseconds.
    seconds, microseconds = divmod(moment, SECOND)
    return datetime.fromtimestamp(seconds, BEIJING).replace(microsecond=microseconds)
