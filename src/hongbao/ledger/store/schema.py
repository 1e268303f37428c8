"""The tables. The laws stand here first, as constraints and triggers, so no code can break them.

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store import (  # so that whoever has METADATA has all
    bill_schema,  # noqa: F401  # see above
    console_schema,  # noqa: F401  # see above
    kept_schema,  # noqa: F401  # see above
    operator_schema,  # noqa: F401  # see above
    webhook_schema,  # noqa: F401  # see above
)
from hongbao.ledger.store.laws import BEGUN, HANDED_OVER, LISTED, UNKNOWN, one_of
from hongbao.ledger.store.metadata import METADATA, ROW_ID, history, partial

NEVER = 2**62
"""The ``ready_at`` of a channel with nothing to do."""


BOOK = Table(
    "book",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),  # of the hashed receivers in events
    CheckConstraint("id = 1", name="one_book"),
)

# Who owes. Keys and numbers are unique with a merchant, whichever way it pays: see ``PAYOUT``.
MERCHANT = Table(
    "merchant",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("number", Text, nullable=False, unique=True),  # the payer's own number of it
)

# One way in which a merchant pays: what the payer allows, and what it has stopped, is a way's own.
CHANNEL = Table(
    "channel",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("merchant_id", ForeignKey("merchant.id"), nullable=False),
    Column("rail", Text, nullable=False),  # the name of the way; opaque to the books
    # What may be called how often: GCRA, see ``rate_limit``. 0 is no limit.
    Column("interval", BigInteger, nullable=False),  # microseconds between two calls
    Column("burst", Integer, nullable=False),
    Column("arrival", BigInteger, nullable=False),  # GCRA's theoretical arrival time
    # How many calls were ever granted: it says whose turn it is, and makes the leases' tokens.
    Column("turn", BigInteger, nullable=False),
    Column("slowed_interval", BigInteger),  # after too many calls; it recovers by itself
    Column("slowed_at", BigInteger),
    Column("ready_at", BigInteger, nullable=False),  # not worth looking at before
    # Limits a day, none where NULL. Days are Beijing's, counted from the epoch.
    Column("day_amount_max", BigInteger),
    Column("user_day_count_max", Integer),
    Column("user_day_amount_max", BigInteger),
    Column("day", Integer, nullable=False),
    Column("day_amount", BigInteger, nullable=False),  # begun or paid on that day
    Column("opens", SmallInteger, nullable=False),  # its hours, in minutes of Beijing's day
    Column("closes", SmallInteger, nullable=False),
    # Why nothing is sent for any of its campaigns; all NULL while it is.
    Column("stop_code", Text),
    Column("stop_reason", Text),
    Column("stop_advice", Text),
    # The latest day on which anything was begun, and the newest time at which this row was written:
    # a clock that was wrong is noticed by them. See ``daily_limits.with_its_day`` and ``clock``.
    Column("last_day", Integer, nullable=False, server_default=text("0")),
    Column("seen_at", BigInteger, nullable=False, server_default=text("0")),
    # How many events it has; 0 of an earlier version's, until the next of its settings is recorded.
    Column("seq", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("interval >= 0 AND burst >= 1", name="pace"),
    CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="hours"),
    UniqueConstraint("merchant_id", "rail", name="channel_rail"),
    CheckConstraint("day_amount >= 0", name="day_budget"),
    Index("channel_ready", "ready_at"),
)

CAMPAIGN = Table(
    "campaign",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),  # who pays, and how
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
    Column("parent_id", BigInteger),  # of a supplement: the campaign that it belongs to
    # Of a standing campaign, else NULL: its mandate beside the budget, what programs added on the
    # last day on which they did, and since when they may add no more.
    Column("amount_max", BigInteger),
    Column("day_amount_max", BigInteger),
    Column("day_count_max", Integer),
    Column("day", Integer),
    Column("day_amount", BigInteger),
    Column("day_count", Integer),
    Column("ended_at", BigInteger),
    # Up to this row something has happened to each: a later one without a standing only waits.
    Column("begun", Integer, nullable=False, server_default=text("0")),
    # Who must approve it: see ``model.approval``.
    Column("approvers", Integer, nullable=False, server_default=text("1")),
    Column("two_from", BigInteger),
    Column("apart", Boolean, nullable=False, server_default=text("false")),
    Column("signed", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("approvers BETWEEN 1 AND 2", name="approvers"),
    CheckConstraint("budget IS NULL OR planned <= budget", name="budget"),
    CheckConstraint(
        "state IN ('importing', 'draft', 'approved', 'running', 'paused', 'cancelled')",
        name="campaign_states",
    ),
    CheckConstraint(
        "state IN ('importing', 'draft', 'cancelled')"
        " OR (approved_by IS NOT NULL AND approved_digest = digest)",
        name="approved",
    ),
    partial("campaign_open", "channel_id", where="open"),
)

TERMS = Table(
    "terms",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", Text, nullable=False),  # JSON: what many requests have in common
)

# The tables that grow with each payout have no foreign keys. PostgreSQL looks up each reference of
# each row: more than half of the time of an insert. What they refer to can never be deleted, all is
# written by ``changes`` alone, and ``audit`` looks them up.

# What is owed: one row for each row of a list, which never changes. Its first event is not stored:
# see ``first_events``.
PAYOUT = Table(
    "payout",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("merchant_id", BigInteger, nullable=False),
    Column("campaign_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("people", Integer, nullable=False),
    Column("terms_id", BigInteger, nullable=False),
    Column("billno", Text, nullable=False),  # its first number, derived from the key
    # The payout that has its key and number now; only of one that was cancelled before any call.
    Column("successor", BigInteger),
    UniqueConstraint("campaign_id", "row", name="payout_row"),
    CheckConstraint("amount > 0 AND people > 0", name="amounts"),
    # No index of the keys: the first number is derived from the key and is unique.
    partial("payout_billno", "merchant_id", "billno", where="successor IS NULL", unique=True),
)

# When and by whom successive rows of a campaign were stored: all up to the next one's first.
SUBMISSION = Table(
    "submission",
    METADATA,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("first", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    sqlite_with_rowid=False,
)

# First calls of successive rows, which a worker began together: nothing had happened to any of them
# but that it was stored. While it is open, those without a standing are in doubt: see ``rows``.
CALL_RANGE = Table(
    "call_range",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("campaign_id", BigInteger, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),  # when the calls began
    Column("actor", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("lease", BigInteger),  # this and the next are NULL once it is closed
    Column("due_at", BigInteger),  # when the lease ends
    Column("open", Integer, nullable=False),  # how many payouts have no standing yet
    Column("open_amount", BigInteger, nullable=False),  # fen that they come to
    UniqueConstraint("campaign_id", "first", name="call_range_rows"),
    CheckConstraint("first <= last AND 0 <= open AND open <= last - first + 1", name="ranges"),
    CheckConstraint(
        "(open = 0) = (due_at IS NULL) AND (lease IS NULL) = (due_at IS NULL)", name="range_leases"
    ),
    partial("call_range_open", "campaign_id", "due_at", where="due_at IS NOT NULL"),
)

# Where a payout stands. It has none until something happens to it other than a first call.
STANDING = Table(
    "standing",
    METADATA,
    Column("payout_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, nullable=False),  # this and the next two as in ``payout``
    Column("row", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    # The receiver, if its channel limits what a user gets in a day, for that alone; else NULL.
    Column("payee", Text),
    Column("state", Text, nullable=False),
    Column("task", SmallInteger),
    Column("due_at", BigInteger),
    Column("lease", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("billno", Text),  # the live attempt's number; NULL for the first
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
    Column("hash", LargeBinary, nullable=False),  # of its last event
    CheckConstraint(one_of("state", map(str, State)), name="payout_states"),
    CheckConstraint(one_of("task", map(int, Task)), name="tasks"),
    CheckConstraint(one_of("doubt", map(str, Disposition)), name="doubts"),
    CheckConstraint(
        "claimed >= 0 AND refunded >= 0 AND claimed + refunded <= amount", name="settlement"
    ),
    CheckConstraint("(task IS NULL) = (due_at IS NULL)", name="due"),
    CheckConstraint("lease IS NULL OR due_at IS NOT NULL", name="leased"),
    CheckConstraint("attempt > 0 AND 0 <= answers AND answers <= calls", name="answers"),
    CheckConstraint("(attempt = 1) = (billno IS NULL)", name="numbers"),
    CheckConstraint("(calls = 0) = (first_call_at IS NULL)", name="first_call"),
    CheckConstraint(BEGUN, name="standing_begin"),
    # Nothing is paid without a call, and nothing is unknown without one.
    CheckConstraint(
        "calls > 0 OR " + one_of("state", ("waiting", "refused", "cancelled")), name="called"
    ),
    partial("standing_due", "campaign_id", "task", "due_at", where="due_at IS NOT NULL"),
    partial("standing_payee", "payee", "day", where="payee IS NOT NULL AND day IS NOT NULL"),
    # What people look for: see ``read.payouts``. Each index costs a worker time, so most of these
    # hold only what few payouts have, or have late.
    partial("standing_state", "campaign_id", "state", "sent_at", "row", where=LISTED),
    partial("standing_code", "campaign_id", "code", "row", where="code IS NOT NULL"),
    partial("standing_settled", "campaign_id", "settled_at", "row", where="settled_at IS NOT NULL"),
    partial("standing_unknown", "first_call_at", where=UNKNOWN),
    partial("standing_listid", "listid", where="listid IS NOT NULL"),
    partial("standing_handed_over", "campaign_id", "row", where=HANDED_OVER),
)

# The later numbers of payouts; the first is the payout's own. The live one is the last.
ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("payout_id", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("merchant_id", BigInteger, nullable=False),
    Column("billno", Text, nullable=False),
    CheckConstraint("number > 1", name="later_numbers"),
    UniqueConstraint("merchant_id", "billno", name="attempt_billno"),
    sqlite_with_rowid=False,
)

EVENT = history("event", Column("payout_id", BigInteger, primary_key=True))

DECISION = history("decision", Column("campaign_id", ForeignKey("campaign.id"), primary_key=True))

CHANNEL_EVENT = history(
    "channel_event", Column("channel_id", ForeignKey("channel.id"), primary_key=True)
)

# What each transaction has changed of payouts, for whoever passes it on: see ``outbox``. Rows that
# all readers have dealt with may be deleted.
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("position", ROW_ID, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # JSON: kind, seq, first and last payout of each run
    sqlite_autoincrement=True,  # a position is never given twice, whatever was deleted
)

# The last characters of receivers, of each that ends alike in a block of rows: see ``payee_tails``.
PAYEE_TAIL = Table(
    "payee_tail",
    METADATA,
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("first", Integer, primary_key=True),  # row of the block
    Column("tails", Text, nullable=False),
    sqlite_with_rowid=False,  # what is looked through stands together
)

# Which workers are alive: see ``heartbeat``. Nothing else reads it.
WORKER = Table(
    "worker",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("process", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
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

# The same by the hour, so that a day is looked at in a blink, too: see ``read.figures``.
HOURLY = Table(
    "hourly",
    METADATA,
    Column("hour", Integer, primary_key=True),  # since the epoch
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("paid", BigInteger, nullable=False),  # payouts that were found to be paid then
    Column("amount", BigInteger, nullable=False),  # fen that they come to
    Column("claimed", BigInteger, nullable=False),  # fen that were found then to be claimed
    Column("refunded", BigInteger, nullable=False),  # fen that were found then to be back
)
