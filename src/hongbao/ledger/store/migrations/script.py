"""Applies the SQL of one version: statements with blank lines between them, in some files."""

from __future__ import annotations

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def revisions() -> list[str]:
    """All versions that there are, oldest first."""
    return sorted({path.name.partition(".")[0] for path in _VERSIONS.glob("*.sqlite.sql")})


def statements(revision: str, backend: str) -> list[str]:
    """What a version does on ``"sqlite"`` or ``"postgresql"``: its own file, then its parts'."""
    parts = sorted(_VERSIONS.glob(f"{revision}.*.{backend}.sql"))
    files = [_VERSIONS / f"{revision}.{backend}.sql", *parts]
    scripts = [path.read_text(encoding="utf-8").split("\n\n") for path in files]
    return [one.strip().removesuffix(";") for script in scripts for one in script]


def apply(revision: str) -> None:
    """Do it, in Alembic's transaction."""
    connection = op.get_bind()
    for statement in statements(revision, connection.dialect.name):
        connection.exec_driver_sql(statement)
