"""The conditions that triggers, constraints and indexes are made of, as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable


def one_of(column: str, values: Iterable[str | int]) -> str:
    """The condition that a column has one of some values."""
    # SQLite makes a table of each IN list for each row that it checks: twice the time of an insert.
    listed = (f"'{value}'" if isinstance(value, str) else str(value) for value in values)
    return f"({' OR '.join(f'{column} = {value}' for value in listed)})"


def _illegal_step() -> str:
    legal = " OR ".join(
        f"(old.state = '{earlier}' AND {one_of('new.state', sorted(map(str, later)))})"
        for earlier, later in STEPS.items()
        if later
    )
    return f"NOT (new.state = old.state OR {legal})"


ILLEGAL_STEP = _illegal_step()
"""The condition of the trigger that lets a payout only take the steps of ``payout.STEPS``."""


_MANDATE = ("budget", "amount_max", "day_amount_max", "day_count_max")
BEYOND_MANDATE = (
    "old.approved_at IS NOT NULL AND (new.rows <> old.rows AND (old.amount_max IS NULL"
    " OR old.ended_at IS NOT NULL) OR new.day_amount > new.day_amount_max"
    " OR new.day_count > new.day_count_max OR "
    + " OR ".join(f"coalesce(new.{name}, 0) <> coalesce(old.{name}, 0)" for name in _MANDATE)
    + ")"
)
"""The condition of the trigger that lets only programs add rows after the approval, and only within
the mandate that was approved."""

OPEN = "campaign.open"
"""The condition of a campaign in which something can be due. As a text, since SQLite does not see
that the index ``campaign_open`` holds what ``campaign.open = 1`` asks for."""

HANDED_OVER = "task IS NULL AND " + one_of(
    "state", ("awaiting_user", "in_doubt", "sent", "waiting")
)
"""The condition of a payout that has not come to its end, and with which nothing is done any more
before a person asks for it."""


LISTED = "state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN'"
"""The condition of all payouts but those that a worker is sending at this moment for the first
time, or has left so by dying: see ``Payout.on_its_way``. An index of them takes nothing in while
they are sent."""


UNKNOWN = f"state = 'in_doubt' AND ({LISTED})"
"""The condition of the payouts of which it is not known whether they are paid."""

BEGUN = (
    "seq > 2 OR state = 'waiting' OR (seq = 2 AND "
    + one_of("state", ("in_doubt", "refused", "cancelled"))
    + ")"
)
"""The condition of a standing that a payout can have after so many events: what may be paid was
called, which is its second event."""
