"""``hongbao audit`` finds what was changed behind the books' back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Run


def test_clean_books_are_sound(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    ran = run("audit", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["payouts"]) == (0, "sound", 5)
    assert "every chain, every fen" in run("audit").stdout


def test_books_that_do_not_exist_yet_are_sound(run: Run, office: Office) -> None:
    assert run("audit", "--json").json["findings_count"] == 0


def test_a_row_that_was_changed_by_hand_is_found(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    database = sqlite3.connect(office.folder / "books.db")
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    with database:  # whoever owns the file can take the locks off
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE payout SET amount = 20000 WHERE key = 'k0001'")
    database.close()
    ran = run("audit", "--json")
    assert (ran.code, ran.json["outcome"]) == (12, "findings")
    assert ran.json["findings_count"] > 0
    told = run("audit")
    assert told.code == 12
    assert "Stop all workers" in told.stdout
    assert "oTEST_payee_0000000000000001" not in told.everything + ran.everything
