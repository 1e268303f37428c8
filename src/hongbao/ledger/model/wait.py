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
    SCHEDULE = "schedule"
    """A person said that it begins, or goes on, at a later time."""
    PERSON = "person"
    """The remaining payouts wait for a person; no worker acts on them."""
    HOURS = "hours"
    """It is outside the hours in which its merchant sends."""
    RATE = "rate"
    """Its merchant's rate limit spaces the calls."""
    DAY_LIMIT = "day limit"
    """What its merchant may still pay today is not enough for the next payout."""
    USER_LIMIT = "user limit"
    """Its receivers have got all that a user may get today."""
    RETRY = "retry"
    """A payout was tried, and is tried again then."""
    CLOCK = "clock"
    """A payout was never tried and is due only then: a clock was ahead when it was stored."""


class Wait(NamedTuple):
    """Why nothing of a campaign is sent now.

    Attributes:
        cause: the cause of the wait; if there are several, the one that lasts longest.
        until: when something may be sent; None if that needs a person.
        code: the code of the stop, or of the last outcome of the payout that is tried again.
    """

    cause: Cause
    until: Instant | None
    code: str | None = None
