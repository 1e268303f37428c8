"""The tables of the console's accounts: who may sign in, who is signed in, and what they did.

Nothing here can be used by whoever reads it: passwords are slow hashes, second factors are sealed
with them, and of sessions, invitations and recovery codes only the SHA-256 is stored.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from hongbao.ledger.store.metadata import METADATA, ROW_ID, history

CONSOLE_ACCOUNT = Table(
    "console_account",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("roles", Text, nullable=False),  # with blanks between them
    Column("password", Text),  # none before the invitation is used
    Column("second_factor", LargeBinary),  # sealed with the password
    # The last time step whose code was used: none is taken twice.
    Column("factor_step", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# A link that lets one person choose a password, once. Without an account it makes the first one.
CONSOLE_INVITATION = Table(
    "console_invitation",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("console_account.id")),
    Column("expires_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Each signs in once in place of the second factor; a used one is gone.
CONSOLE_RECOVERY = Table(
    "console_recovery",
    METADATA,
    Column("account_id", ForeignKey("console_account.id"), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

CONSOLE_SESSION = Table(
    "console_session",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("console_account.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    # When the person last showed password and second factor.
    Column("confirmed_at", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("console_session_account", "account_id"),
    sqlite_with_rowid=False,
)

# How often in a row a sign-in failed, by the hash of an account's name or of an address.
CONSOLE_DELAY = Table(
    "console_delay",
    METADATA,
    Column("subject", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("quiet_until", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The forms that were sent: none does anything twice.
CONSOLE_FORM = Table(
    "console_form",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("console_form_expiry", "expires_at"),
    sqlite_with_rowid=False,
)

# The one history of what people did in the console; its row says how long it is.
CONSOLE_RECORD = Table(
    "console_record",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("seq", Integer, nullable=False),
)

CONSOLE_ACT = history(
    "console_act", Column("record_id", ForeignKey("console_record.id"), primary_key=True)
)
