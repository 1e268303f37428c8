"""The first books.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

from hongbao.ledger.store.migrations.script import apply

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables, with their laws."""
    apply(revision)
