"""An audit finds each law of the database that was taken away, changed or added."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.audits.audit_schema import POSTGRESQL_FILE, live_schema
from hongbao.ledger.store.database import is_postgresql

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.audits.audit_report import AuditFinding


def found_after(desk: Desk, *statements: str) -> tuple[AuditFinding, ...]:
    """What an audit finds in a database whose schema was changed, which is then as it was."""
    from hongbao.ledger.audits.audit import audit

    with desk.transaction() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        report = audit(connection)
        connection.rollback()
    return report.findings


def test_the_file_says_what_the_migrations_make_of_postgresql(desk: Desk) -> None:
    with desk.transaction() as connection:
        if not is_postgresql(connection):
            return
        made = live_schema(connection)
    if json.loads(POSTGRESQL_FILE.read_text(encoding="utf-8")) != made:
        written = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)
        POSTGRESQL_FILE.write_text(f"{written}\n", encoding="utf-8")
        pytest.fail(f"{POSTGRESQL_FILE} was written anew: look at the change and keep it")


def test_every_trigger_index_and_constraint_that_is_dropped_is_found(desk: Desk) -> None:
    with desk.transaction() as connection:
        postgresql = is_postgresql(connection)
        names = sorted(live_schema(connection))
    missed = []
    for name in names:
        kind, _, rest = name.partition(" ")
        table, _, part = rest.rpartition(".")
        if kind == "constraint":
            drop = f"ALTER TABLE {table} DROP CONSTRAINT {part} CASCADE"
        elif kind == "trigger" and postgresql:
            drop = f"DROP TRIGGER {part} ON {table}"
        elif kind in {"trigger", "index"} and not re.search(
            "_pkey$|_key$|_rows?$|_rail$|attempt_billno$", rest
        ):
            drop = f"DROP {kind} {rest}"
        else:
            continue
        if name not in {it.subject for it in found_after(desk, drop)}:
            missed.append(name)
    assert len(names) > 20
    assert missed == []


SWITCHED_OFF = [
    "ALTER TABLE standing DISABLE TRIGGER standing_step",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE campaign DISABLE TRIGGER ALL",
    (
        "CREATE OR REPLACE FUNCTION hongbao_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$"
    ),
    "CREATE RULE no_delete AS ON DELETE TO event DO INSTEAD NOTHING",
    "ALTER TABLE standing ALTER COLUMN state DROP NOT NULL",
    "ALTER TABLE standing ALTER COLUMN sent_at TYPE numeric",
    "ALTER TABLE payout ALTER COLUMN amount SET DEFAULT 1",
    "ALTER TABLE payout ADD COLUMN note TEXT",
    "ALTER TABLE payout DROP CONSTRAINT amounts, ADD CONSTRAINT amounts CHECK (amount > -1)",
    (
        "CREATE TRIGGER more BEFORE UPDATE ON payout FOR EACH ROW EXECUTE FUNCTION "
        "hongbao_refuse('no')"
    ),
]


@pytest.mark.parametrize("statement", SWITCHED_OFF)
def test_what_postgresql_can_switch_off_or_replace_is_found(desk: Desk, statement: str) -> None:
    if desk.database.is_postgresql:
        assert {it.code for it in found_after(desk, statement)} == {FindingCode.SCHEMA}


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE payout ADD COLUMN note TEXT",),
        ("CREATE TRIGGER more AFTER UPDATE ON payout BEGIN SELECT 1; END",),
        (
            "DROP TRIGGER payout_delete",
            "CREATE TRIGGER payout_delete BEFORE DELETE ON payout BEGIN SELECT 1; END",
        ),
        (
            "PRAGMA writable_schema = ON",
            (
                "UPDATE sqlite_master SET sql = replace(sql, 'amount > 0', 'amount > -1') "
                "WHERE name = 'payout'"
            ),
        ),
    ],
)
def test_what_sqlite_lets_change_is_found(desk: Desk, statements: tuple[str, ...]) -> None:
    if not desk.database.is_postgresql:
        assert {it.code for it in found_after(desk, *statements)} == {FindingCode.SCHEMA}


def test_an_index_of_the_operators_own_is_no_finding(desk: Desk) -> None:
    assert found_after(desk, "CREATE INDEX by_key ON payout (key)") == ()
