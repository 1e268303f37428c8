"""Books as earlier versions have written them, from files, in a database of their version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, MetaData, delete, insert

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FOLDER = Path(__file__).parent
_COUNTED = "SELECT sequencename FROM pg_sequences WHERE sequencename LIKE '%_id_seq'"


def written(version: str) -> dict[str, list[dict[str, Any]]]:
    """What a version wrote: rows by the names of their tables."""
    return {
        name: [{column: _value(it) for column, it in row.items()} for row in rows]
        for name, rows in json.loads(
            (_FOLDER / f"books_of_{version}.json").read_text(encoding="utf-8")
        ).items()
    }


def _value(stored: Any) -> Any:
    return bytes.fromhex(stored["hex"]) if isinstance(stored, dict) else stored


def write(connection: Connection, version: str) -> None:
    """Write them into an empty database."""
    config = Config()
    config.set_main_option("script_location", "hongbao.ledger.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, version)
    tables = MetaData()
    tables.reflect(connection)
    connection.execute(delete(tables.tables["book"]))
    for name, rows in written(version).items():
        table = tables.tables[name]
        for row in rows:
            values = {
                column: bool(it) if isinstance(table.c[column].type, Boolean) else it
                for column, it in row.items()
            }
            connection.execute(insert(table).values(values))
    if connection.dialect.name == "postgresql":
        for sequence in connection.exec_driver_sql(_COUNTED.replace("%", "%%")).scalars().all():
            last = f"(SELECT max(id) FROM {sequence.removesuffix('_id_seq')})"
            connection.exec_driver_sql(f"SELECT setval('{sequence}', {last})")
        if "outbox" in tables.tables:
            connection.exec_driver_sql(
                "SELECT setval('outbox_position_seq', (SELECT max(position) FROM outbox))"
            )
