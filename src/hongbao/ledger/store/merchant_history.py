"""The chained history of a merchant's settings: its limits, its stops and its slower rates.

How much of the limits is used is not part of it, since that changes with every claim.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hongbao.ledger.store.decisions import STOP_COLUMNS
from hongbao.ledger.store.histories import append
from hongbao.ledger.store.schema import MERCHANT, MERCHANT_EVENT

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant

RECORDED = (
    "number", "interval", "burst", "day_amount_max", "user_day_count_max", "user_day_amount_max",
    "opens", "closes", "slowed_interval", *STOP_COLUMNS,
)  # fmt: skip
"""The columns of which its events alone say how they stand: the first event has all of them, each
other those that it changed."""


class MerchantEventKind(StrEnum):
    """What happened."""

    LIMITS = "limits"
    """It is new, or somebody changed its settings."""
    SLOWED = "slowed"
    """The payer said that it was called too often."""
    STOPPED = "stopped"
    """A worker stopped it, because it found a reason not to go on."""
    LIFTED = "lifted"
    """A person resumed what was stopped."""


def change(
    connection: Connection,
    merchant: Row[Any],
    kind: MerchantEventKind,
    *,
    by: str,
    now: Instant,
    **changes: object,
) -> None:
    """Change a merchant's row, which this transaction has locked, and append the event.

    Args:
        connection: the transaction.
        merchant: the row as it is stored. That of an earlier version has no history yet: it begins
            with all its settings as they then stand.
        kind: what happened.
        by: a person or a worker.
        now: when.
        changes: columns and their new values.
    """
    before: dict[str, object] = {}
    if not merchant.seq:
        before = {name: getattr(merchant, name) for name in RECORDED}
    facts = before | {name: value for name, value in changes.items() if name in RECORDED}
    append(
        connection, MERCHANT_EVENT, MERCHANT, of=merchant.id, seq=merchant.seq, kind=kind, actor=by,
        now=now, facts=facts, changes=changes,
    )  # fmt: skip
