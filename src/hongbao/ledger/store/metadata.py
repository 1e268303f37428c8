"""What all tables have in common: where they are listed, and the parts that several are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
    text,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

METADATA = MetaData()
"""All tables, once ``schema`` is imported."""

# SQLite counts rows by itself only in a column of its own INTEGER type.
ROW_ID = BigInteger().with_variant(Integer(), "sqlite")


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that meet a condition."""
    index = Index(name, *columns, unique=unique)

    @event.listens_for(index, "before_create")
    def condition(made: Index, connection: Connection, **_: object) -> None:
        # Said to the dialect that makes it, so that nobody else imports PostgreSQL's: 0.04 s.
        made.dialect_options[connection.dialect.name]["where"] = text(where)

    return index


def history(name: str, of: Column[int]) -> Table:
    """A table of chained events, beside the subject that they are about."""
    return Table(
        name,
        METADATA,
        of,
        Column("seq", Integer, primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        sqlite_with_rowid=False,  # each event stands beside the others of its history
    )
