"""The tables of operators and of what they have signed. Neither is ever changed, but to revoke."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text

from hongbao.ledger.store.metadata import METADATA, ROW_ID

OPERATOR = Table(
    "operator",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("public", LargeBinary, nullable=False, unique=True),  # Ed25519, 32 bytes
    Column("added_at", BigInteger, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revoked_by", Text),
    Column("revoked_for", Text),
    CheckConstraint(
        "(revoked_at IS NULL) = (revoked_by IS NULL)"
        " AND (revoked_at IS NULL) = (revoked_for IS NULL)",
        name="operator_revoked",
    ),
)

# What was signed, by its digest, which the actor in a history names.
SIGNATURE = Table(
    "signature",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("operator_id", ForeignKey("operator.id"), nullable=False),
    Column("statement", Text, nullable=False),  # the very bytes, in UTF-8
    Column("signature", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
