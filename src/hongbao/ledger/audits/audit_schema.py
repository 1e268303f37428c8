"""Checks that the books' tables, constraints, indexes and triggers are as the migrations make them.

They are laws that no program can break, unless somebody removes them first.

SQLite's expected schema is created in memory. A PostgreSQL server lets few users create tables, so
its expected schema is in a file, which a test compares with the migrations. A table may be
partitioned there: its primary key then has another name, and each partition has its triggers.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.metadata import METADATA
from hongbao.ledger.store.migrations.script import revisions, statements
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

POSTGRESQL_FILE = Path(__file__).parents[1] / "store" / "migrations" / "newest.postgresql.json"
"""PostgreSQL's expected schema: definitions by name."""

_SQLITE = """
SELECT type, name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'
"""
_POSTGRESQL = """
WITH ours AS (
    SELECT oid, relname FROM pg_class
    WHERE relname = ANY(:tables) AND relnamespace = quote_ident(current_schema())::regnamespace
), parts AS (
    SELECT relid, relid::regclass::text AS relname
    FROM ours CROSS JOIN LATERAL pg_partition_tree(ours.oid) WHERE level > 0
)
SELECT 'column ' || relname || '.' || attname, concat_ws(' ',
    format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
    pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum
UNION ALL
SELECT 'constraint ' || relname || '.'
    || CASE contype WHEN 'p' THEN relname || '_pkey' ELSE conname END,
    pg_get_constraintdef(pg_constraint.oid)
FROM ours JOIN pg_constraint ON conrelid = ours.oid AND contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT
    'index ' || CASE WHEN indisprimary THEN relname || '_pkey' ELSE indexrelid::regclass::text END,
    CASE
        WHEN indisprimary THEN regexp_replace(pg_get_indexdef(indexrelid),
            ' INDEX .* ON (ONLY )?', ' INDEX ' || relname || '_pkey ON ')
        ELSE pg_get_indexdef(indexrelid)
    END || CASE WHEN indisvalid THEN '' ELSE ', which is not valid' END
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT 'trigger ' || relname || '.' || tgname,
    pg_get_triggerdef(pg_trigger.oid) || CASE tgenabled WHEN 'O' THEN '' ELSE ', switched off' END
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL
SELECT 'trigger ' || relname || '.' || tgname, 'switched off, or of this partition alone'
FROM parts JOIN pg_trigger ON tgrelid = relid
WHERE tgenabled <> 'O' OR (NOT tgisinternal AND tgparentid = 0
    AND tgfoid IS DISTINCT FROM to_regproc('hongbao_refuse'))
UNION ALL
SELECT 'references of ' || relname, 'switched off'
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND tgisinternal AND tgenabled <> 'O'
UNION ALL
SELECT 'rule ' || relname || '.' || rulename, pg_get_ruledef(pg_rewrite.oid)
FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT 'function ' || proname, prosrc FROM pg_proc
WHERE proname LIKE 'hongbao%' AND pronamespace = quote_ident(current_schema())::regnamespace
"""
# An index of the operator's own makes something quicker, and changes nothing.
_MAY_BE_MORE = ("index ", "table ", "view ")


def schema_problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """The names of what is missing, changed or unexpected, and which of these, in words."""
    expected = _expected_postgresql() if is_postgresql(connection) else _expected_sqlite()
    found = live_schema(connection)
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            yield name, say("it is missing")
        elif name not in expected:
            if not name.startswith(_MAY_BE_MORE):
                yield name, say("no migration makes it")
        elif found[name] != expected[name]:
            yield name, say("it is not as the migrations make it")


def live_schema(connection: Connection) -> dict[str, str]:
    """All definitions in the database, by name."""
    if not is_postgresql(connection):
        rows = connection.exec_driver_sql(_SQLITE)
        return {f"{kind} {name}": _plain(sql) for kind, name, sql in rows}
    # How the server prints definitions is a setting, which a role or a database may have.
    connection.execute(text("SELECT set_config('quote_all_identifiers', 'off', true)"))
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    found = connection.execute(text(_POSTGRESQL), {"tables": list(METADATA.tables)})
    return {
        str(name).replace(f" {schema}.", " "): _plain(sql).replace(f" {schema}.", " ")
        for name, sql in found
    }


@cache
def _expected_sqlite() -> Mapping[str, str]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        for revision in revisions():
            for statement in statements(revision, "sqlite"):
                connection.exec_driver_sql(statement)
        found = live_schema(connection)
    engine.dispose()
    return found


@cache
def _expected_postgresql() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(POSTGRESQL_FILE.read_text(encoding="utf-8"))
    return found


def _plain(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()
