"""Writes many rows with few statements, so that the cost of a statement is paid once for all.

PostgreSQL takes new rows by COPY, and others as one array a column. SQLite takes them as the values
of a statement.
"""

from __future__ import annotations

import json
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, LargeBinary, Text

from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.values import execute_with_values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table
    from sqlalchemy.sql.type_api import TypeEngine

    Rows = Sequence[Sequence[Any]]


def insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    *,
    alike: Mapping[str, object] | None = None,
) -> None:
    """Add rows to a table.

    Args:
        connection: in a transaction that writes.
        table: the table.
        columns: the columns of the rows, in their order.
        rows: rows with a value for each column. If an iterator makes them, PostgreSQL stores some
            while the next are made. An empty list costs no statement.
        alike: the values that all rows have in further columns. SQLite takes each of them once, and
            not with each row, which takes half the time of rows that have much in common.
    """
    if not rows:
        return
    constants = alike or {}
    if not is_postgresql(connection):
        parts = _insert_sqlite(connection.dialect, table, tuple(constants), columns)
        _with_values(connection, parts, rows, *constants.values())
        return
    cursor: Any = connection.connection.cursor()
    into = _into(connection.dialect, table, (*columns, *constants))
    same = tuple(constants.values())
    with cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        write = copy.write_row
        for row in rows:
            write((*row, *same))


def update(
    connection: Connection,
    table: Table,
    to: tuple[str, ...],
    same: tuple[str, ...],
    rows: Rows,
    *,
    alike: Mapping[str, object] | None = None,
) -> int:
    """Change rows of a table.

    Args:
        connection: in a transaction that writes.
        table: the table.
        to: the columns that get a row's values.
        same: the columns that must have a row's values for it to be changed.
        rows: the values of ``to``, then those of ``same``.
        alike: the values that all rows get.

    Returns:
        How many were changed.
    """
    if not rows:
        return 0
    columns = list(zip(*rows, strict=True))
    changed = dict(zip(to, columns, strict=False))
    # Most results of a batch have much in common, and a column costs more than a value.
    constants = dict(alike or {})
    constants |= {name: values[0] for name, values in changed.items() if len(set(values)) == 1}
    changed = {name: values for name, values in changed.items() if name not in constants}
    shape = (connection.dialect, table, tuple(constants), tuple(changed), same)
    compared = columns[len(to) :]
    if not is_postgresql(connection):
        differing = list(zip(*changed.values(), *compared, strict=True))
        return _with_values(connection, _update_sqlite(*shape), differing, *constants.values())
    statement = _update_postgresql(*shape)
    arguments = [_text(value) for value in constants.values()]
    arguments += [
        array(values, table.c[name].type)
        for name, values in zip((*changed, *same), (*changed.values(), *compared), strict=True)
    ]
    return connection.exec_driver_sql(statement, tuple(arguments)).rowcount


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Add figures to those that a table has under the same primary key.

    Args:
        connection: in a transaction that writes.
        table: a table whose columns, except its primary key, are all figures.
        rows: rows with a value for each column, in an order that all transactions keep, because the
            table's rows are locked one after the other.
    """
    if not rows:
        return
    before, after = _add(connection.dialect, table)
    if not is_postgresql(connection):
        _with_values(connection, (before, after), rows)
        return
    columns = tuple(column.name for column in table.c)
    arrays = zip(table.c, zip(*rows, strict=True), strict=True)
    connection.exec_driver_sql(
        f"{before}SELECT * FROM {_unnest(connection.dialect, table, columns)}{after}",  # noqa: S608 - the schema's names
        tuple(array(values, column.type) for column, values in arrays),
    )


def _with_values(
    connection: Connection, parts: tuple[str, str], rows: Iterable[Sequence[Any]], *first: object
) -> int:
    with closing(connection.connection.cursor()) as cursor:
        return execute_with_values(cast("sqlite3.Cursor", cursor), parts, rows, *first)


@lru_cache(maxsize=256)
def _insert_sqlite(
    dialect: Dialect, table: Table, alike: tuple[str, ...], columns: tuple[str, ...]
) -> tuple[str, str]:
    before = f"INSERT INTO {_into(dialect, table, (*alike, *columns))} "
    if not alike:
        return before, ""
    # SQLite names the columns of values so.
    said = ["?"] * len(alike) + [f"column{place}" for place in range(1, len(columns) + 1)]
    return f"{before}SELECT {', '.join(said)} FROM (", ")"  # noqa: S608 - the schema's names


@lru_cache(maxsize=256)
def _update_sqlite(
    dialect: Dialect,
    table: Table,
    alike: tuple[str, ...],
    to: tuple[str, ...],
    same: tuple[str, ...],
) -> tuple[str, str]:
    said = [f"said.column{place}" for place in range(1, len(to) + len(same) + 1)]
    constant, changed, keys = (_names(dialect, columns) for columns in (alike, to, same))
    changes = [f"{column} = ?" for column in constant]
    changes += [f"{column} = {value}" for column, value in zip(changed, said, strict=False)]
    conditions = [
        f"{table.name}.{column} = {value}"
        for column, value in zip(keys, said[len(to) :], strict=True)
    ]
    before = f"UPDATE {table.name} SET {', '.join(changes)} FROM ("  # noqa: S608 - the schema's names
    return before, f") AS said WHERE {' AND '.join(conditions)}"


@lru_cache(maxsize=256)
def _update_postgresql(
    dialect: Dialect,
    table: Table,
    alike: tuple[str, ...],
    to: tuple[str, ...],
    same: tuple[str, ...],
) -> str:
    # A column may be compared and changed: its two values need two names.
    new = [f"new{place}" for place in range(len(to))]
    old = [f"old{place}" for place in range(len(same))]
    constant, changed, keys = (_names(dialect, columns) for columns in (alike, to, same))
    kinds = [_kind(dialect, table, column) for column in alike]
    changes = [f"{column} = %s::{kind}" for column, kind in zip(constant, kinds, strict=True)]
    changes += [f"{column} = {value}" for column, value in zip(changed, new, strict=True)]
    conditions = [
        f"{table.name}.{column} = {value}" for column, value in zip(keys, old, strict=True)
    ]
    return (
        f"UPDATE {table.name} SET {', '.join(changes)}"  # noqa: S608 - the schema's names
        f" FROM {_unnest(dialect, table, to + same)} AS said ({', '.join(new + old)})"
        f" WHERE {' AND '.join(conditions)}"
    )


@lru_cache
def _add(dialect: Dialect, table: Table) -> tuple[str, str]:
    columns = tuple(column.name for column in table.c)
    keys = ", ".join(_names(dialect, (column.name for column in table.primary_key)))
    figures = _names(dialect, (column.name for column in table.c if not column.primary_key))
    sums = ", ".join(f"{figure} = {table.name}.{figure} + excluded.{figure}" for figure in figures)
    before = f"INSERT INTO {_into(dialect, table, columns)} "
    return before, f" ON CONFLICT ({keys}) DO UPDATE SET {sums}"


@lru_cache
def _into(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return f"{table.name} ({', '.join(_names(dialect, columns))})"


@lru_cache
def _unnest(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    kinds = [_kind(dialect, table, column) for column in columns]
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)})"


def _names(dialect: Dialect, columns: Iterable[str]) -> list[str]:
    return [dialect.identifier_preparer.quote(column) for column in columns]


def _kind(dialect: Dialect, table: Table, column: str) -> str:
    return table.c[column].type.compile(dialect=dialect)


def _text(value: object) -> str | None:
    """A value as PostgreSQL text of any type, so that its size does not change the statement."""
    return (
        None if value is None else f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    )


def texts(connection: Connection, values: Sequence[str]) -> str:
    """Texts as a single parameter: an array for PostgreSQL, JSON for SQLite's ``json_each``."""
    return array(values, Text()) if is_postgresql(connection) else json.dumps(values)


def numbers(connection: Connection, values: Sequence[int]) -> str:
    """Numbers as a single parameter, likewise."""
    return array(values, BigInteger()) if is_postgresql(connection) else json.dumps(values)


def array(values: Sequence[Any], kind: TypeEngine[Any]) -> str:
    """An array in PostgreSQL's text format.

    psycopg makes them too, but handles each value in Python, which is ten times as slow.
    """
    if isinstance(kind, Text):
        items = ",".join([_quoted(value) for value in values])
    elif isinstance(kind, LargeBinary):
        items = ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values])
    else:
        # Numbers and booleans need no quoting.
        items = ",".join(map(str, values)).replace("None", "NULL")
    return f"{{{items}}}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
