"""What somebody with all rights does to a database, and what an audit says of it then."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from hongbao.ledger.audits.audit import audit
from hongbao.ledger.model.event import GENESIS, Event, chain
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import DECISION, EVENT, STANDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from desk import Desk
    from hongbao.ledger.audits.audit_report import AuditReport

_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE ?"


@contextmanager
def disarmed(connection: Connection, table: str = "%") -> Iterator[None]:
    """No trigger of a table, or of any, and no foreign key speaks up; all are back afterwards."""
    if is_postgresql(connection):
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    triggers = connection.exec_driver_sql(_TRIGGERS, (table,)).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        connection.exec_driver_sql(sql)


def audited_after(desk: Desk, statements: Sequence[str]) -> AuditReport:
    """What an audit says of books that were changed, which are then as they were."""
    with desk.database.transaction() as connection:
        with disarmed(connection):
            for statement in statements:
                assert connection.exec_driver_sql(statement).rowcount, statement
        report = audit(connection)
        connection.rollback()
    return report


def rewrite(connection: Connection, payout_id: int, events: Sequence[Event]) -> None:
    """Give a payout that stands somewhere another history, all of it stored, whose chain holds."""
    connection.execute(delete(EVENT).where(EVENT.c.payout_id == payout_id))
    last = GENESIS
    for seq, event in enumerate(events, 1):
        facts: dict[str, Any] = json.loads(event.body)
        forged = chain(
            last, payout_id=payout_id, seq=seq, at=event.at, kind=event.kind, actor=event.actor,
            facts=facts,
        )  # fmt: skip
        last = forged.hash
        connection.execute(insert(EVENT).values(forged._asdict()))
    stands = update(STANDING).where(STANDING.c.payout_id == payout_id)
    connection.execute(stands.values(seq=len(events), hash=last))


def rewrite_decisions(connection: Connection, campaign_id: int, decisions: Sequence[Event]) -> None:
    """Give a campaign other decisions, whose chain holds."""
    connection.execute(delete(DECISION).where(DECISION.c.campaign_id == campaign_id))
    last = GENESIS
    for seq, one in enumerate(decisions, 1):
        forged = chain(
            last, payout_id=campaign_id, seq=seq, at=one.at, kind=one.kind, actor=one.actor,
            facts=json.loads(one.body),
        )  # fmt: skip
        last = forged.hash
        values = forged._asdict()
        connection.execute(insert(DECISION).values(campaign_id=values.pop("payout_id"), **values))
