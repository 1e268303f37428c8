"""What lists keep beside payments is bound by decisions, and never changed unnoticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.errors import InvalidRequest, LedgerError
from hongbao.ledger.model.campaign import DecisionKind, Entry, Plan
from hongbao.ledger.model.kept_request import KeptRequest
from hongbao.ledger.store.kept_schema import KEPT
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk


def keep(desk: Desk, *kept: bytes, first: int = 1, name: str = "spring") -> None:
    """A draft, or more rows of it, of which something is kept."""
    plan = Plan(
        name=name, channel_id=desk.channel(), profile="demo", budget=None, source="list.csv",
        source_digest=bytes(32),
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    rows = [
        Entry(f"{name}/{row}", "normal", f"oUSER{row}", 100, 1, terms_id, it)
        for row, it in enumerate(kept, first)
    ]
    desk.book.submit(begun.id, [rows], by="anna", keeps=["姓名"])
    desk.book.finish_import(name, by="anna")


def findings(desk: Desk) -> list[str]:
    return [f"{it.subject}: {it.words}" for it in desk.book.audit().findings]


def test_the_decision_that_stores_rows_says_what_is_kept_of_them(desk: Desk) -> None:
    keep(desk, b"one", b"", b"three")
    facts = [json.loads(it.body).get("kept") for it in desk.book.decisions("spring")
             if it.kind == DecisionKind.EXTENDED]  # fmt: skip
    assert [(it["columns"], it["first"], it["last"], it["payouts"]) for it in facts] == [
        (["姓名"], 1, 3, 2)
    ]
    assert desk.book.kept_columns("spring") == ["姓名"]
    assert sorted(desk.book.kept_between(1, 9).values()) == [b"one", b"three"]
    assert findings(desk) == []


def test_rows_that_are_there_keep_what_they_had(desk: Desk) -> None:
    keep(desk, b"one")
    keep(desk, b"other", b"two")
    assert sorted(desk.book.kept_between(1, 9).values()) == [b"one", b"two"]
    assert findings(desk) == []


def test_what_is_kept_in_a_list_that_is_replaced_stays_with_the_old_one(desk: Desk) -> None:
    keep(desk, b"one")
    desk.book.cancel("spring", by="anna", reason="typo")
    keep(desk, b"two", name="summer")
    assert sorted(desk.book.kept_between(1, 9).values()) == [b"one", b"two"]
    assert findings(desk) == []


@pytest.mark.parametrize("kept", ["text", None, bytearray(b"x")])
def test_what_is_not_sealed_is_refused(desk: Desk, kept: object) -> None:
    with pytest.raises(InvalidRequest, match="kept"):
        keep(desk, kept)  # type: ignore[arg-type]


def test_the_database_changes_nothing_that_is_kept(desk: Desk) -> None:
    keep(desk, b"one")
    desk.book.keep_request(1, 1, KeptRequest(1, "transfer", "KEY", b"{}"))
    statements = [
        "UPDATE kept SET sealed = sealed", "DELETE FROM kept",
        "UPDATE kept_request SET call = 'x'", "DELETE FROM kept_request",
    ]  # fmt: skip
    if desk.database.is_postgresql:
        statements += ["TRUNCATE kept", "TRUNCATE kept_request"]
    for statement in statements:
        with pytest.raises(LedgerError, match="never changed"), desk.transaction() as connection:
            connection.exec_driver_sql(statement)


def test_the_audit_finds_what_was_changed_exchanged_or_put_beside(desk: Desk) -> None:
    keep(desk, b"one", b"two")
    one, two = sorted(desk.book.kept_between(1, 9))
    with desk.transaction() as connection, disarmed(connection):
        for number, sealed in ((one, b"two"), (two, b"one")):
            where = KEPT.c.payout_id == number
            connection.execute(KEPT.update().where(where).values(sealed=sealed))
    changed = "campaign spring: what is kept of its rows 1 to 2 is not what was stored with them"
    assert findings(desk) == [changed]
    desk.book.keep_request(77, 1, KeptRequest(1, "transfer", "KEY", b"{}"))
    with desk.transaction() as connection, disarmed(connection):
        connection.execute(KEPT.insert().values(payout_id=99, sealed=b"x"))
    assert set(findings(desk)) == {
        changed,
        "kept columns: something is kept of 1 payout more than any decision says",
        "payout 77: a request is kept of it, and the books do not have it",
    }
