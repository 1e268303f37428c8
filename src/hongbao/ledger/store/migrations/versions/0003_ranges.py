"""Payouts that never change, beside where each stands, and ranges of first calls.

What a payout was submitted with and where it stands are two tables. First events and first numbers
are no longer stored twice: they stand in the payout and its submission. Old events stay.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from hongbao.ledger.store.migrations.script import apply

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the books in place."""
    apply(revision)
