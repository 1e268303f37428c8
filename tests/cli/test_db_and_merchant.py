"""``hongbao db`` and ``hongbao merchant list``: what the books are, and who pays from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def test_a_version_is_reported_without_making_anything(run: Run, office: Office) -> None:
    ran = run("db", "version", "--json")
    assert (ran.code, ran.json["version"]) == (0, None)
    assert ran.json["database"] == str(office.folder / "books.db")
    assert not (office.folder / "books.db").exists()


def test_an_upgrade_brings_the_newest_version(run: Run, office: Office) -> None:
    ran = run("db", "upgrade", "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "done")
    assert ran.json["version"] == ran.json["newest"]
    assert run("db", "version").stdout == f"{office.folder}/books.db: version 0005\n"


def test_a_database_that_cannot_be_reached_is_reported_without_its_password(
    run: Run, office: Office, town: Town
) -> None:
    path = office.folder / "hongbao.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('database = "books.db"', 'database_env = "BOOKS"'), encoding="utf-8"
    )
    url = "postgresql://payer:TopSecretWord@127.0.0.1:1/hongbao"
    for command in (("db", "version"), ("campaign", "list"), ("worker",), ("doctor",)):
        ran = run(*command, env={"BOOKS": url})
        assert ran.code != 0
        assert "TopSecretWord" not in ran.everything


def test_merchants_of_settings_and_books_are_listed(run: Run, office: Office, town: Town) -> None:
    with Book.open(str(office.folder / "books.db")) as book:
        book.set_channel("1900000777", "redpack", PayerLimits(rate=3), by="anna")
    ran = run("merchant", "list", "--json")
    found = {it["mch_id"]: it for it in ran.json["merchants"]}
    assert (found[town.mch_id]["name"], found[town.mch_id]["in_books"]) == ("demo", False)
    assert (found["1900000777"]["name"], found["1900000777"]["rate"]) == (None, 3.0)
    assert "(not in the settings)" in run("merchant", "list").stdout


def test_a_stopped_merchant_says_why(run: Run, office: Office, town: Town) -> None:
    town.have(0)
    run(*office.new(office.write_list(1)))
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring", "--leave-idle", "0")
    (found,) = run("merchant", "list", "--json").json["merchants"]
    assert found["stop"]["code"] == "NOTENOUGH"
    shown = run("merchant", "list").stdout
    assert "stopped: NOTENOUGH: " in shown
    assert "重试. Top up that account. Then resume: it goes on with the same numbers." in shown
