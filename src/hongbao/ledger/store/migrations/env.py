"""Applies migrations within the transaction of ``upgrade``. Alembic runs this file."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
