"""What a list says beside its payments, sealed; and requests whose bytes nobody can make again.

Each topic of this version has its SQL in files of its own: ``0005.TOPIC.BACKEND.sql``.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from hongbao.ledger.store.migrations.script import apply

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change the books in place."""
    apply(revision)
