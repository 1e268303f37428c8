"""The commands work on PostgreSQL as they do on SQLite, but for the upgrade that is a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

pytest_plugins = ["books"]


def test_a_list_is_paid_once(run: Run, office: Office, town: Town, postgresql_url: str) -> None:
    office.database = postgresql_url
    office.configure(town.settings)
    run(*office.new(office.write_list(20)))
    run("campaign", "approve", "spring", "--yes")
    for _ in range(2):
        assert run("campaign", "run", "spring", "--json").json["outcome"] == "complete"
    assert town.paid_once() == 20
    assert run("audit", "--json").json["outcome"] == "sound"


def test_books_without_a_schema_say_how_to_make_one(
    run: Run, office: Office, town: Town, postgres: str
) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh")
        connection.execute("CREATE DATABASE fresh")
    office.database = f"{postgres.rpartition('/')[0]}/fresh"
    office.configure(town.settings)
    ran = run("campaign", "list", "--json")
    assert (ran.code, ran.json["outcome"]) == (6, "configuration")
    assert "db upgrade" in ran.json["error"]["todo"]
    doctor = run("doctor", "--json")
    assert next(it for it in doctor.json["checks"] if it["name"] == "books")["state"] == "fail"
    assert run("db", "upgrade").code == 0
    assert run("campaign", "list").code == 0
