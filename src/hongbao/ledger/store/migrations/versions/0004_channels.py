"""A merchant's ways of paying, each with limits, a pace, hours, stops and a history of its own.

What was a merchant's row is the channel of its red packets, under the same number: so histories of
settings and checkpoints of earlier versions verify as before, and decisions that name a merchant
name that channel. The merchant keeps what is its own whichever way it pays: keys and numbers.

Endpoints of webhooks, each with a history, and what has not arrived there yet.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from hongbao.ledger.store.migrations.script import apply

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the books in place."""
    apply(revision)
