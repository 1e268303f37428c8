"""Wrong clocks, confirmed refusals, supplements, and numbers that unsent payouts give away.

A merchant's row tells the newest time that it has seen, and has a history of its settings. A
refused payout may be in doubt again. An outbox says what happened in the order of its commits.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from hongbao.ledger.store.migrations.script import apply

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the books in place."""
    apply(revision)
