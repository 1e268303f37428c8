"""The tables of webhooks: who receives events, and what has not arrived yet."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from hongbao.ledger.store.metadata import METADATA, ROW_ID, history

ENDPOINT = Table(
    "endpoint",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),  # with blanks between them; none for all
    Column("state", Text, nullable=False),
    # Up to here deliveries were made of what the outbox has.
    Column("position", BigInteger, nullable=False),
    # How many claims there were, for the leases' tokens.
    Column("turn", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("quiet_until", BigInteger),
    Column("delivered_at", BigInteger),
    Column("answer", Text),
    Column("seq", Integer, nullable=False),
    CheckConstraint("state = 'active' OR state = 'disabled'", name="endpoint_states"),
)

RECORDED = ("name", "url", "types", "state")
"""The columns of which an endpoint's history alone says how they stand."""

ENDPOINT_EVENT = history(
    "endpoint_event", Column("endpoint_id", ForeignKey("endpoint.id"), primary_key=True)
)

# What is to be posted to an endpoint; deleted once it has arrived. The outbox keeps what happened.
DELIVERY = Table(
    "delivery",
    METADATA,
    Column("endpoint_id", ForeignKey("endpoint.id"), primary_key=True),
    Column("about", Text, primary_key=True),  # this and the next five: a change, as the feed has it
    Column("subject", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # while it is claimed, the end of the lease
    Column("lease", BigInteger),
    Index("delivery_due", "endpoint_id", "due_at"),
)
