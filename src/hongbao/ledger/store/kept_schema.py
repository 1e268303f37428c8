"""The tables of what is kept sealed beside payouts. Neither is ever changed.

Neither has foreign keys, as ``schema`` says of all that grows with each payout; ``audit_kept``
looks them up.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from hongbao.ledger.store.metadata import METADATA, ROW_ID

# What a list says of a row beside its payment. The books cannot read it: see ``hongbao.sealing``.
KEPT = Table(
    "kept",
    METADATA,
    Column("payout_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Requests that cannot be made a second time with the same bytes, stored before they are sent. The
# last of an attempt is the one that is sent.
KEPT_REQUEST = Table(
    "kept_request",
    METADATA,
    Column("payout_id", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("call", Text, nullable=False),
    Column("key_id", Text, nullable=False),  # the payer's name of the key that its parts need
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Opaque to the books, but for whose they are."""
