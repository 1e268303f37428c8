"""A merchant's row tells the newest time that it has seen, and a refused payout may be in doubt.

So a wrong clock is noticed, and what the payer says about a number is so.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from hongbao.ledger.migrations.script import apply

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the books in place."""
    apply(revision)
