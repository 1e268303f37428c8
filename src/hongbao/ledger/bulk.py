"""Many rows with one statement: what executing a statement costs is paid once.

SQLite executes one prepared statement with each row. PostgreSQL would answer each: it is sent all
rows at once, by COPY where rows are new, else as one array a column.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, Text

from hongbao.ledger.database import is_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table
    from sqlalchemy.sql.type_api import TypeEngine

    Rows = Sequence[Sequence[Any]]


def insert(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Add rows to a table.

    Args:
        connection: in a transaction that writes.
        table: which.
        columns: what the rows hold, in this order.
        rows: a value a column each.
    """
    if not rows:
        return
    if not is_postgresql(connection):
        _each(connection, _insert(connection.dialect, table, columns), rows)
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(_copy(connection.dialect, table, columns)) as copy:
        write = copy.write_row
        for row in rows:
            write(row)


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
        table: which.
        to: what becomes as a row says.
        same: what must be as it says, for anything to be changed.
        rows: the values of ``to``, then those of ``same``.
        alike: what becomes the same in all rows.

    Returns:
        How many were changed.
    """
    if not rows:
        return 0
    constants = dict(alike or {})
    statement = _update(connection.dialect, table, tuple(constants), to, same)
    first = tuple(constants.values())
    if is_postgresql(connection):
        arrays = _arrays(table, to + same, rows)
        return connection.exec_driver_sql(statement, first + arrays).rowcount
    return _each(connection, statement, [(*first, *row) for row in rows] if first else rows)


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Add figures to those that a table has under the same primary key.

    Args:
        connection: in a transaction that writes.
        table: whose columns, but for its primary key, are all figures.
        rows: a value a column each; in an order that all who do so keep, because the rows of the
            table are locked one after the other.
    """
    if not rows:
        return
    statement = _add(connection.dialect, table)
    if is_postgresql(connection):
        columns = tuple(column.name for column in table.c)
        connection.exec_driver_sql(statement, _arrays(table, columns, rows))
    else:
        _each(connection, statement, rows)


def _each(connection: Connection, statement: str, rows: Rows) -> int:
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(statement, rows)
        return cursor.rowcount
    finally:
        cursor.close()


@cache
def _insert(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {_into(dialect, table, columns)} VALUES ({_marks(columns)})"  # noqa: S608 - the schema's names


@cache
def _copy(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return f"COPY {_into(dialect, table, columns)} FROM STDIN"


@cache
def _update(
    dialect: Dialect,
    table: Table,
    alike: tuple[str, ...],
    to: tuple[str, ...],
    same: tuple[str, ...],
) -> str:
    name = table.name
    constant, changed, keys = (_names(dialect, columns) for columns in (alike, to, same))
    if dialect.name != "postgresql":
        changes = ", ".join(f"{column} = ?" for column in constant + changed)
        conditions = " AND ".join(f"{column} = ?" for column in keys)
        return f"UPDATE {name} SET {changes} WHERE {conditions}"  # noqa: S608 - the schema's names
    # A column may be compared and changed: its two values need two names.
    new = [f"new{place}" for place in range(len(changed))]
    old = [f"old{place}" for place in range(len(keys))]
    changes = ", ".join(
        [f"{column} = %s" for column in constant]
        + [f"{column} = {value}" for column, value in zip(changed, new, strict=True)]
    )
    conditions = " AND ".join(
        f"{name}.{column} = {value}" for column, value in zip(keys, old, strict=True)
    )
    return (
        f"UPDATE {name} SET {changes} FROM {_unnest(dialect, table, to + same)}"  # noqa: S608 - the schema's names
        f" AS said ({', '.join(new + old)}) WHERE {conditions}"
    )


@cache
def _add(dialect: Dialect, table: Table) -> str:
    name = table.name
    columns = tuple(column.name for column in table.c)
    keys = ", ".join(_names(dialect, tuple(column.name for column in table.primary_key)))
    figures = _names(dialect, tuple(c.name for c in table.c if not c.primary_key))
    sums = ", ".join(f"{figure} = {name}.{figure} + excluded.{figure}" for figure in figures)
    values = (
        f"SELECT * FROM {_unnest(dialect, table, columns)}"  # noqa: S608 - the schema's names
        if dialect.name == "postgresql"
        else f"VALUES ({_marks(columns)})"
    )
    return (
        f"INSERT INTO {_into(dialect, table, columns)} {values}"
        f" ON CONFLICT ({keys}) DO UPDATE SET {sums}"
    )


def _into(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return f"{table.name} ({', '.join(_names(dialect, columns))})"


def _names(dialect: Dialect, columns: Iterable[str]) -> list[str]:
    return [dialect.identifier_preparer.quote(column) for column in columns]


def _marks(columns: tuple[str, ...]) -> str:
    return ", ".join("?" * len(columns))


def _unnest(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    types = [table.c[column].type.compile(dialect=dialect) for column in columns]
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in types)})"


def _arrays(table: Table, columns: tuple[str, ...], rows: Rows) -> tuple[str, ...]:
    turned = zip(*rows, strict=True)
    return tuple(
        array(values, table.c[column].type) for column, values in zip(columns, turned, strict=True)
    )


def array(values: Sequence[Any], kind: TypeEngine[Any]) -> str:
    """An array as PostgreSQL reads it.

    psycopg makes them too, and looks at each value in Python: ten times as slow.
    """
    if isinstance(kind, Text):
        items = ",".join([_quoted(value) for value in values])
    elif isinstance(kind, LargeBinary):
        items = ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values])
    else:
        # Numbers and booleans: nothing in them stands for anything else.
        items = ",".join(map(str, values)).replace("None", "NULL")
    return f"{{{items}}}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
