"""The tables. The laws stand here first, as constraints and triggers, so no code can break them.

Times are microseconds since the epoch, money is fen, both BIGINT; the same on both databases. The
migrations hold their own copy of each version; a test compares the newest with this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    event,
    text,
)

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import STEPS, State, Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

METADATA = MetaData()

NEVER = 2**62
"""The ``ready_at`` of a merchant with nothing to do."""


def _one_of(column: str, values: Iterable[str | int]) -> str:
    # SQLite makes a table of each IN list for each row that it checks: twice the time of an insert.
    listed = (f"'{value}'" if isinstance(value, str) else str(value) for value in values)
    return f"({' OR '.join(f'{column} = {value}' for value in listed)})"


def _illegal_step() -> str:
    legal = " OR ".join(
        f"(old.state = '{earlier}' AND {_one_of('new.state', sorted(map(str, later)))})"
        for earlier, later in STEPS.items()
        if later
    )
    return f"NOT (new.state = old.state OR {legal})"


ILLEGAL_STEP = _illegal_step()
"""The condition of the trigger that lets a payout only take the steps of ``payout.STEPS``."""


_MANDATE = ("budget", "amount_max", "day_amount_max", "day_count_max")
BEYOND_MANDATE = (
    "old.approved_at IS NOT NULL AND (new.rows <> old.rows AND (old.amount_max IS NULL"
    " OR old.ended_at IS NOT NULL) OR new.day_amount > new.day_amount_max"
    " OR new.day_count > new.day_count_max OR "
    + " OR ".join(f"coalesce(new.{name}, 0) <> coalesce(old.{name}, 0)" for name in _MANDATE)
    + ")"
)
"""The condition of the trigger that lets only programs add rows after the approval, and only within
the mandate that was approved."""

HANDED_OVER = "task IS NULL AND " + _one_of("state", ("in_doubt", "sent", "waiting"))
"""The condition of a payout that has not come to its end, and with which nothing is done any more
before a person asks for it."""


LISTED = "state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN'"
"""The condition of all payouts but those that a worker is sending at this moment for the first
time, or has left so by dying: see ``Payout.on_its_way``. An index of them takes nothing in while
they are sent."""


UNKNOWN = f"state = 'in_doubt' AND ({LISTED})"
"""The condition of the payouts of which it is not known whether they are paid."""


def _partial(name: str, *columns: str, where: str) -> Index:
    index = Index(name, *columns)

    @event.listens_for(index, "before_create")
    def condition(made: Index, connection: Connection, **_: object) -> None:
        # Said to the dialect that makes it, so that nobody else imports PostgreSQL's: 0.04 s.
        made.dialect_options[connection.dialect.name]["where"] = text(where)

    return index


def _history(name: str, of: Column[int]) -> Table:
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
    # Sending hours, in minutes of Beijing's day.
    Column("opens", SmallInteger, nullable=False),
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
    CheckConstraint("day_amount >= 0", name="day_budget"),
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
    _partial("campaign_open", "merchant_id", where="open"),
)

TERMS = Table(
    "terms",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", Text, nullable=False),  # JSON: what many requests have in common
)

# The three tables that grow with each payout have no foreign keys. PostgreSQL looks up each
# reference of each row: more than half of the time of an insert. What they refer to can never be
# deleted, all is written by ``changes`` alone, and ``audit`` looks them up.
PAYOUT = Table(
    "payout",
    METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("merchant_id", BigInteger, nullable=False),
    Column("campaign_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("people", Integer, nullable=False),
    Column("terms_id", BigInteger, nullable=False),
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
    # No index of the keys: the first attempt's number is derived from the key and is unique.
    UniqueConstraint("campaign_id", "row", name="payout_row"),
    CheckConstraint(_one_of("state", map(str, State)), name="payout_states"),
    # A trigger would say it too, and take a third of the time of an insert.
    CheckConstraint("seq > 1 OR state = 'waiting'", name="payout_begin"),
    CheckConstraint(_one_of("task", map(int, Task)), name="tasks"),
    CheckConstraint(_one_of("doubt", map(str, Disposition)), name="doubts"),
    CheckConstraint("amount > 0 AND people > 0", name="amounts"),
    CheckConstraint(
        "claimed >= 0 AND refunded >= 0 AND claimed + refunded <= amount", name="settlement"
    ),
    CheckConstraint("(task IS NULL) = (due_at IS NULL)", name="due"),
    CheckConstraint("lease IS NULL OR due_at IS NOT NULL", name="leased"),
    CheckConstraint("attempt > 0 AND 0 <= answers AND answers <= calls", name="answers"),
    CheckConstraint("(calls = 0) = (first_call_at IS NULL)", name="first_call"),
    # Nothing is paid without a call, and nothing is unknown without one.
    CheckConstraint(
        "calls > 0 OR " + _one_of("state", ("waiting", "refused", "cancelled")), name="called"
    ),
    _partial("payout_due", "campaign_id", "task", "due_at", where="due_at IS NOT NULL"),
    # Who got what on which day, for the limits a day: only what was sent has a day, so that a list
    # of a million is stored without it.
    _partial("payout_payee", "merchant_id", "payee", where="day IS NOT NULL"),
    # What people look for: see ``read.payouts``. Each column that is in an index more costs a
    # worker time, so most of these hold only what few payouts have, or have late.
    _partial("payout_state", "campaign_id", "state", "sent_at", "row", where=LISTED),
    _partial("payout_code", "campaign_id", "code", "row", where="code IS NOT NULL"),
    _partial("payout_settled", "campaign_id", "settled_at", "row", where="settled_at IS NOT NULL"),
    _partial("payout_unknown", "first_call_at", where=UNKNOWN),
    _partial("payout_listid", "listid", where="listid IS NOT NULL"),
    _partial("payout_handed_over", "campaign_id", "row", where=HANDED_OVER),
)

# Every number that a payout ever had. Its live one is the one that its row names: so there is never
# more than one.
ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("payout_id", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("merchant_id", BigInteger, nullable=False),
    Column("billno", Text, nullable=False),
    UniqueConstraint("merchant_id", "billno", name="attempt_billno"),
    sqlite_with_rowid=False,
)

EVENT = _history("event", Column("payout_id", BigInteger, primary_key=True))

DECISION = _history("decision", Column("campaign_id", ForeignKey("campaign.id"), primary_key=True))

MERCHANT_EVENT = _history(
    "merchant_event", Column("merchant_id", ForeignKey("merchant.id"), primary_key=True)
)

# What each transaction has changed of payouts, for whoever passes it on: see ``outbox``. Rows that
# all readers have dealt with may be deleted.
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("position", _ROW_ID, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # JSON: kind, seq, first and last payout of each run
    sqlite_autoincrement=True,  # a position is never given twice, whatever was deleted
)

# The last characters of the receivers of successive rows, as many of each: see ``payee_tails``.
PAYEE_TAIL = Table(
    "payee_tail",
    METADATA,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("row", Integer, primary_key=True),  # the first of them
    Column("tails", Text, nullable=False),
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
