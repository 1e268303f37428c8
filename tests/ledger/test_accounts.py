"""Accounts of the console in the books: no act is ever changed, and an audit sees what was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from hongbao.errors import LedgerError
from hongbao.ledger.audits.audit_accounts import account_problems
from hongbao.ledger.model.account import BY_ACCOUNT, BY_ADDRESS, ActKind, BrowserSession, Role
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.console_schema import CONSOLE_ACCOUNT, CONSOLE_ACT
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.model.account import UserAccount

LINK, HOUR = b"1" * 32, 3600 * SECOND


def admin(accounts: Accounts, at: int) -> UserAccount:
    accounts.invite(LINK, name=None, by="cli", at=at, expires_at=at + HOUR)
    return accept(accounts, "anna", at)


def accept(accounts: Accounts, name: str, at: int) -> UserAccount:
    return accounts.accept(
        LINK, name=name, password="hash", second_factor=b"sealed", factor_step=1,
        recovery=[b"2" * 32, b"3" * 32], at=at,
    )  # fmt: skip


def test_a_link_makes_the_first_admin_once(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    assert accounts.is_empty()
    anna = admin(accounts, at)
    assert (anna.name, set(anna.roles), accounts.is_empty()) == ("anna", {Role.ADMIN}, False)
    with pytest.raises(LedgerError, match="used already"):
        accept(accounts, "eve", at)
    assert [it.name for it in accounts.all()] == ["anna"]


def test_acts_cannot_be_changed_or_taken_out(desk: Desk) -> None:
    admin(desk.book.accounts, desk.clock.now)
    for statement in (update(CONSOLE_ACT).values(actor="nobody"), delete(CONSOLE_ACT)):
        with pytest.raises(LedgerError), desk.transaction() as connection:
            connection.execute(statement)
    kinds = [it.kind for it in reversed(desk.book.accounts.acts())]
    assert kinds == [ActKind.INVITED, ActKind.ADDED, ActKind.ACCEPTED]


def test_an_audit_finds_roles_that_somebody_has_given_himself_by_sql(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    admin(accounts, at)
    accounts.add("eve", {Role.VIEWER}, by="anna", at=at)
    with desk.transaction() as connection:
        assert list(account_problems(connection)) == []
        connection.execute(
            update(CONSOLE_ACCOUNT)
            .where(CONSOLE_ACCOUNT.c.name == "eve")
            .values(roles="checker viewer")
        )
        [(_, name, words)] = account_problems(connection)
    assert (name, words) == ("account 2", "it is not what the acts in the console say")
    assert desk.book.audit().findings_count == 1


def test_an_audit_finds_acts_that_are_gone(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    admin(accounts, at)
    accounts.record(ActKind.DID, by="anna", at=at, facts={"page": "/x"})
    with desk.transaction() as connection, disarmed(connection, "console_act"):
        connection.execute(delete(CONSOLE_ACT).where(CONSOLE_ACT.c.seq == 4))
        [(_, _, words)] = account_problems(connection)
        assert words == "there are 3, and should be 4"
        connection.execute(delete(CONSOLE_ACT).where(CONSOLE_ACT.c.seq == 1))
        [(_, _, words)] = account_problems(connection)
        assert words == "event 1 is missing"


def test_somebody_always_looks_after_accounts(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    admin(accounts, at)
    accounts.add("bo", {Role.MAKER, Role.ADMIN}, by="anna", at=at)
    accounts.change("bo", roles={Role.MAKER}, by="anna", at=at)
    for change in ({"roles": {Role.VIEWER}}, {"disabled": True}):
        with pytest.raises(LedgerError, match="nobody would be left"):
            accounts.change("anna", by="bo", at=at, **change)
    assert accounts.get("anna").roles == {Role.ADMIN}


@pytest.mark.parametrize("name", ["", " anna", "anna ", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(LedgerError):
        desk.book.accounts.add(name, {Role.MAKER}, by="anna", at=desk.clock.now)


def test_what_is_used_once_is_used_once_by_many_at_once(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    anna = admin(accounts, at)
    uses = (
        lambda: accounts.use_recovery(anna, b"2" * 32),
        lambda: accounts.use_factor_step(anna, 7),
        lambda: accounts.spend_form(b"5" * 32, at=at, expires_at=at + HOUR),
    )
    with ThreadPoolExecutor(6) as threads:
        for use in uses:
            assert sum(threads.map(lambda _, use=use: use(), range(6))) == 1
    assert not accounts.use_factor_step(anna, 6), "one before it"


def test_tries_at_the_same_moment_count_each(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    subjects = {b"6" * 32: BY_ACCOUNT, b"7" * 32: BY_ADDRESS}
    with ThreadPoolExecutor(8) as threads:
        tried = list(threads.map(lambda _: accounts.try_sign_in(subjects, at=at), range(8)))
    assert tried.count(None) == BY_ACCOUNT.free + 1
    assert {it for it in tried if it is not None} == {at + SECOND}
    accounts.forget_failures(subjects)
    assert accounts.try_sign_in(subjects, at=at) is None


def test_waits_double_up_to_the_longest() -> None:
    waits = [BY_ACCOUNT.after(failures) // SECOND for failures in range(12)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert BY_ADDRESS.after(10**6) == 15 * 60 * SECOND


def test_sessions_are_found_by_their_hash_until_they_end(desk: Desk) -> None:
    accounts, at = desk.book.accounts, desk.clock.now
    anna = admin(accounts, at)
    hashes = [bytes([number]) * 32 for number in range(3)]
    for number in hashes:
        session = BrowserSession(
            hash=number, account_id=anna.id, created_at=at, seen_at=at, confirmed_at=at,
            expires_at=at + HOUR, address="127.0.0.1", agent="a browser",
        )  # fmt: skip
        accounts.begin_session(session, anna)
    assert accounts.session(hashes[0], at=at) is not None
    assert accounts.alive([*hashes, b"9" * 32], at=at) == set(hashes)
    accounts.end_session(hashes[0], by="anna", at=at)
    assert accounts.session(hashes[0], at=at) is None
    assert accounts.end_sessions(anna, by="anna", at=at, keep=hashes[1]) == 1
    assert [it.hash for it in accounts.sessions(anna, at=at)] == [hashes[1]]
    assert accounts.alive(hashes, at=at + HOUR) == set()
    assert accounts.session(hashes[1], at=at + HOUR) is None
