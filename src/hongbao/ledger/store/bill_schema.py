"""The tables of bills: as they came, what they say of our numbers, where the books differ.

Beside them stand the days that finance has closed.

Nothing here is ever changed but a break, and whether a period is open again; each such change is an
event. What a bill says is made again of its bytes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from hongbao.ledger.model.bill import BreakKind, Learned
from hongbao.ledger.store.laws import one_of
from hongbao.ledger.store.metadata import METADATA, ROW_ID, history, partial

# One row for each merchant that has bills: whose history it is that follows.
RECONCILIATION = Table(
    "reconciliation",
    METADATA,
    Column("merchant_id", ForeignKey("merchant.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
)

RECONCILIATION_EVENT = history(
    "reconciliation_event",
    Column("merchant_id", ForeignKey("reconciliation.merchant_id"), primary_key=True),
)

BILL = Table(
    "bill",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("merchant_id", ForeignKey("reconciliation.merchant_id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # of the bytes, unpacked
    Column("plain_bytes", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rows_out", Integer, nullable=False),
    Column("amount_in", BigInteger, nullable=False),
    Column("amount_out", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),  # whether it agrees with its own totals
    Column("bad_lines", Integer, nullable=False),
    Column("bad_line", Integer),
    Column("opening", BigInteger),
    Column("closing", BigInteger),
    Column("gaps", Integer, nullable=False),
    Column("gap_line", Integer),
    Column("source", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    UniqueConstraint("merchant_id", "account", "day", "sha256", name="bill_key"),
)

# The bytes, compressed, some at a time. They hold receivers and remarks, as the ledger does.
BILL_PIECE = Table(
    "bill_piece",
    METADATA,
    Column("bill_id", ForeignKey("bill.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# The rows that have our numbers. No foreign keys, as in the other tables that grow with payouts.
MOVEMENT = Table(
    "movement",
    METADATA,
    Column("bill_id", BigInteger, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("payout_id", BigInteger, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("outgoing", Boolean, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("booked_at", BigInteger, nullable=False),
    Column("flow", Text, nullable=False),
    Index("movement_payout", "payout_id"),
    sqlite_with_rowid=False,
)

# That all rows of a bill were looked up, and what came of it.
BILL_MATCH = Table(
    "bill_match",
    METADATA,
    Column("bill_id", ForeignKey("bill.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("movements", Integer, nullable=False),
    Column("amount_in", BigInteger, nullable=False),
    Column("amount_out", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of the movements
    Column("body", Text, nullable=False),  # JSON: what they are called, and the other rows
)

BILL_BREAK = Table(
    "bill_break",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("merchant_id", ForeignKey("reconciliation.merchant_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payout_id", BigInteger),
    Column("bill_id", BigInteger),
    Column("line", Integer),
    Column("day", Integer, nullable=False),
    Column("expected", BigInteger),
    Column("found", BigInteger),
    Column("detail", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("closed_by", Text),
    Column("reason", Text),
    Column("learned", Text),
    UniqueConstraint("merchant_id", "kind", "subject", name="break_key"),
    CheckConstraint(one_of("kind", map(str, BreakKind)), name="break_kinds"),
    CheckConstraint(
        f"learned IS NULL OR (kind = 'unknown_kind' AND {one_of('learned', map(str, Learned))})",
        name="learned",
    ),
    CheckConstraint("open = (closed_at IS NULL)", name="closed"),
    CheckConstraint(
        "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (reason IS NULL)",
        name="closed_by",
    ),
    partial("break_payout", "payout_id", where="payout_id IS NOT NULL"),
    partial("break_open", "merchant_id", where="open"),
)

# Days that finance has closed: their totals, and the bills that these are of.
BILL_PERIOD = Table(
    "bill_period",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("merchant_id", ForeignKey("reconciliation.merchant_id"), nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON: totals by account, bills, breaks left open
    Column("closed_at", BigInteger, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("reopened_at", BigInteger),
    Column("reopened_by", Text),
    Column("reason", Text),
    CheckConstraint("first_day <= last_day", name="period_days"),
    CheckConstraint(
        "(reopened_at IS NULL) = (reopened_by IS NULL)"
        " AND (reopened_at IS NULL) = (reason IS NULL)",
        name="reopened",
    ),
    partial("period_closed", "merchant_id", "first_day", where="reopened_at IS NULL", unique=True),
)
