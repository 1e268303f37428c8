"""Applies the SQL file of one version: statements with blank lines between them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def revisions() -> list[str]:
    """All versions that there are, oldest first."""
    return sorted(path.name.partition(".")[0] for path in _VERSIONS.glob("*.sqlite.sql"))


def statements(revision: str, backend: str) -> list[str]:
    """What a version does on ``"sqlite"`` or ``"postgresql"``."""
    script = (_VERSIONS / f"{revision}.{backend}.sql").read_text(encoding="utf-8")
    return [statement.strip().removesuffix(";") for statement in script.split("\n\n")]


def apply(revision: str) -> None:
    """Do it, in Alembic's transaction."""
    connection = op.get_bind()
    for statement in statements(revision, connection.dialect.name):
        connection.exec_driver_sql(statement)
