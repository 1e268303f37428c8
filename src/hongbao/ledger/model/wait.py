"""Why nothing of a campaign is sent now, and until when. Pure values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hongbao.ledger.model.payout import Instant


class Cause(StrEnum):
    """Why a campaign's payouts wait."""

    APPROVAL = "approval"
    """Nobody has approved it yet."""
    PAUSE = "pause"
    """A person paused it."""
    STOP = "stop"
    """A worker saw why nothing more must be sent for it, or for its merchant."""
    PERSON = "person"
    """What is left waits for a person: no worker does anything with it."""
    HOURS = "hours"
    """It is outside the hours in which its merchant sends."""
    RATE = "rate"
    """Its merchant's calls are that far apart."""
    DAY_LIMIT = "day limit"
    """Its merchant's money for today does not suffice for the next payout."""
    USER_LIMIT = "user limit"
    """Its receivers have got all that a user may have today."""
    RETRY = "retry"
    """It was tried, and is tried again then."""
    CLOCK = "clock"
    """It was never tried, and is due then all the same: a clock was ahead when it was stored."""


class Wait(NamedTuple):
    """Why nothing of a campaign is sent now.

    Attributes:
        cause: of the wait; of several, the one that lasts longest.
        until: when something may be sent; None until a person does something.
        code: of the last outcome of what is tried again, or of the stop.
    """

    cause: Cause
    until: Instant | None
    code: str | None = None
