"""The tables. The laws stand here first, as constraints and triggers, so that no code can break them.

Times are microseconds since the epoch, money is fen, both BIGINT; the same on both databases. The
migrations hold their own copy of each version; a test compares the newest with this.
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
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData()

# SQLite counts rows by itself only in a column of its own INTEGER type.
_ROW_ID = BigInteger().with_variant(Integer(), "sqlite")

BOOK = Table(
    "book",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),  # of the hashed receivers in events
    CheckConstraint("id = 1", name="one_book"),
)

MERCHANT = Table(
    "merchant",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("number", Text, nullable=False, unique=True),  # the payer's own number of it
    # What may be called how often: GCRA, see ``pace``. 0 is no limit.
    Column("interval", BigInteger, nullable=False),  # microseconds between two calls
    Column("burst", Integer, nullable=False),
    Column("arrival", BigInteger, nullable=False),  # GCRA's theoretical arrival time
    Column("slowed_interval", BigInteger),  # after too many calls; it recovers by itself
    Column("slowed_at", BigInteger),
    Column("ready_at", BigInteger, nullable=False),  # not worth looking at before
    # Limits a day, none where NULL. Days are Beijing's, counted from the epoch.
    Column("day_amount_max", BigInteger),
    Column("user_day_count_max", Integer),
    Column("user_day_amount_max", BigInteger),
    Column("day", Integer, nullable=False),
    Column("day_amount", BigInteger, nullable=False),  # begun or paid on that day
    # Sending hours, in minutes of Beijing's day.
    Column("opens", SmallInteger, nullable=False),
    Column("closes", SmallInteger, nullable=False),
    # Why nothing is sent for any of its campaigns; all NULL while it is.
    Column("stop_code", Text),
    Column("stop_reason", Text),
    Column("stop_advice", Text),
    CheckConstraint("interval >= 0 AND burst >= 1", name="pace"),
    CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="hours"),
    CheckConstraint(
        "day_amount >= 0 AND (day_amount_max IS NULL OR day_amount <= day_amount_max)",
        name="day_budget",
    ),
    Index("merchant_ready", "ready_at"),
)

CAMPAIGN = Table(
    "campaign",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("merchant_id", ForeignKey("merchant.id"), nullable=False),
    Column("profile", Text, nullable=False),  # which settings pay; opaque to the books
    Column("state", Text, nullable=False),
    Column("open", Boolean, nullable=False),  # whether anything in it can still be due
    Column("budget", BigInteger),
    Column("rows", Integer, nullable=False),
    Column("planned", BigInteger, nullable=False),  # fen, of all rows
    Column("digest", LargeBinary, nullable=False),  # of the rows' content, in their order
    Column("source", Text, nullable=False),  # the list's name
    Column("source_digest", LargeBinary, nullable=False),  # SHA-256 of the list's bytes
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("approved_at", BigInteger),
    Column("approved_by", Text),
    Column("approved_digest", LargeBinary),
    Column("stop_code", Text),
    Column("stop_reason", Text),
    Column("stop_advice", Text),
    Column("seq", Integer, nullable=False),
    CheckConstraint("budget IS NULL OR planned <= budget", name="budget"),
    CheckConstraint(
        "state IN ('importing', 'draft', 'approved', 'running', 'paused', 'cancelled')",
        name="states",
    ),
    CheckConstraint(
        "state IN ('importing', 'draft', 'cancelled')"
        " OR (approved_by IS NOT NULL AND approved_digest = digest)",
        name="approved",
    ),
    Index("campaign_open", "merchant_id", sqlite_where=text("open"), postgresql_where=text("open")),
)

TERMS = Table(
    "terms",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", Text, nullable=False),  # JSON: what many requests have in common
)

PAYOUT = Table(
    "payout",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("merchant_id", ForeignKey("merchant.id"), nullable=False),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("people", Integer, nullable=False),
    Column("terms_id", ForeignKey("terms.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("billno", Text, nullable=False),  # the live attempt's, so that a claim joins nothing
    Column("state", Text, nullable=False),
    Column("task", SmallInteger),
    Column("due_at", BigInteger),
    Column("lease", BigInteger),
    Column("calls", Integer, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("doubt", Text),
    Column("first_call_at", BigInteger),
    Column("resend_until", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("code", Text),
    Column("reason", Text),
    Column("listid", Text),
    Column("voucher", Text),
    Column("sent_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("claimed", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("day", Integer),
    Column("seq", Integer, nullable=False),
    UniqueConstraint("merchant_id", "key", name="payout_key"),
    UniqueConstraint("campaign_id", "row", name="payout_row"),
    CheckConstraint("amount > 0 AND people > 0", name="amounts"),
    CheckConstraint(
        "claimed >= 0 AND refunded >= 0 AND claimed + refunded <= amount", name="settlement"
    ),
    CheckConstraint("(task IS NULL) = (due_at IS NULL)", name="due"),
    CheckConstraint("answers <= calls", name="answers"),
    # Nothing is paid without a call, and nothing is unknown without one.
    CheckConstraint("calls > 0 OR state IN ('waiting', 'refused', 'cancelled')", name="called"),
    Index(
        "payout_due",
        "campaign_id",
        "task",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    # Who got what on which day: the limits a day, and the history that a new list is held against.
    Index("payout_payee", "merchant_id", "payee"),
)

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("payout_id", ForeignKey("payout.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("merchant_id", ForeignKey("merchant.id"), nullable=False),
    Column("billno", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    UniqueConstraint("merchant_id", "billno", name="attempt_billno"),
    Index(
        "one_live_attempt",
        "payout_id",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
    sqlite_with_rowid=False,
)

EVENT = Table(
    "event",
    METADATA,
    Column("payout_id", ForeignKey("payout.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,  # it stands beside its payout's other events
)

DECISION = Table(
    "decision",
    METADATA,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Running totals, so that a campaign of a million is looked at in a blink. Each worker adds to a
# shard of its own: nobody waits for another's commit. ``audit`` counts again.
TALLY = Table(
    "tally",
    METADATA,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("state", Text, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("payouts", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
)

CAUSE = Table(
    "cause",
    METADATA,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("code", Text, primary_key=True),  # of a refusal, or another mark that a breaker counts
    Column("shard", SmallInteger, primary_key=True),
    Column("payouts", BigInteger, nullable=False),
)
