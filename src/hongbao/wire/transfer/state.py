"""What a transfer's state may be, what it says of the money, and which may follow which.

Source: the pages 4012716437 (query) and 4012715191 (guide).
"""

from __future__ import annotations

from enum import StrEnum


class TransferState(StrEnum):
    """The state of a transfer. The spellings are WeChat's."""

    ACCEPTED = "ACCEPTED"
    """Taken; nothing is locked yet."""
    PROCESSING = "PROCESSING"
    """Its money is being locked. One for which the balance is too low stays here, for 24 hours."""
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    """The money is locked; the user has 24 hours to confirm. Nobody tells the user so."""
    TRANSFERING = "TRANSFERING"
    """The user has confirmed; it is being paid."""
    CANCELING = "CANCELING"
    """It is being taken back. The user may have been faster."""
    SUCCESS = "SUCCESS"
    """Paid. Final."""
    FAIL = "FAIL"
    """Not paid, and its money is back. Final; the reason is beside it."""
    CANCELLED = "CANCELLED"
    """Taken back, and its money is back. Final."""


class MoneyStatus(StrEnum):
    """What a state says of the money of one number."""

    YES = "YES"
    """Paid."""
    NO = "NO"
    """It can never be paid by this number."""
    OPEN = "OPEN"
    """It may still be paid: no other number for it."""


STEPS: dict[TransferState, frozenset[TransferState]] = {
    TransferState.ACCEPTED: frozenset(
        {TransferState.PROCESSING, TransferState.CANCELING, TransferState.FAIL}
    ),
    TransferState.PROCESSING: frozenset(
        {TransferState.WAIT_USER_CONFIRM, TransferState.CANCELING, TransferState.FAIL}
    ),
    TransferState.WAIT_USER_CONFIRM: frozenset(
        {TransferState.TRANSFERING, TransferState.CANCELING, TransferState.FAIL}
    ),
    TransferState.TRANSFERING: frozenset({TransferState.SUCCESS, TransferState.FAIL}),
    # The user may have confirmed at the moment of the cancel: no source says who wins.
    TransferState.CANCELING: frozenset(
        {TransferState.CANCELLED, TransferState.TRANSFERING, TransferState.FAIL}
    ),
    TransferState.SUCCESS: frozenset(),
    TransferState.FAIL: frozenset(),
    TransferState.CANCELLED: frozenset(),
}
"""The single steps. Who looks rarely sees several at once: see ``may_become``."""

FINAL = frozenset(state for state, following in STEPS.items() if not following)
"""Never left. An answer that contradicts one is an incident, and corrects nothing."""


def money_of(state: TransferState | str) -> MoneyStatus:
    """What a state says of the money; one that is not known here may still pay."""
    if state == TransferState.SUCCESS:
        return MoneyStatus.YES
    return (
        MoneyStatus.NO
        if state in (TransferState.FAIL, TransferState.CANCELLED)
        else MoneyStatus.OPEN
    )


def may_become(earlier: TransferState, later: TransferState) -> bool:
    """Whether a transfer seen as ``earlier`` can be seen as ``later`` afterwards."""
    return earlier is later or any(may_become(step, later) for step in STEPS[earlier])


def parse_state(text: str) -> TransferState | str:
    """The state, or the text itself where WeChat sends one that is not known here."""
    try:
        return TransferState(text)
    except ValueError:
        return text
