"""``hongbao doctor --config`` looks at the files, the books, the rates and every merchant."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaign_office import Office, Town
    from shop import Run

Checks = dict[str, dict[str, Any]]


@pytest.fixture
def doctor(run: Run, office: Office) -> Callable[..., tuple[int, Checks]]:
    """The doctor's exit code, and its checks by name."""

    def examine(*options: str) -> tuple[int, Checks]:
        ran = run("doctor", "--config", "hongbao.toml", "--json", *options)
        return ran.code, {check["name"]: check for check in ran.json["checks"]}

    return examine


def test_all_of_it_is_looked_at(
    doctor: Callable[..., tuple[int, Checks]], office: Office, town: Town
) -> None:
    office.configure(town.settings, rate=25)
    code, found = doctor()
    assert code == 0
    assert {check["state"] for check in found.values()} == {"ok"}
    assert {"settings", "books", "demo: rate", "demo: key", "demo: signed query"} <= found.keys()
    assert found["books"]["found"].endswith("is made when it is first needed")
    assert not (office.folder / "books.db").exists()


def test_the_books_are_opened_once_they_are_there(
    doctor: Callable[..., tuple[int, Checks]], run: Run
) -> None:
    run("db", "upgrade")
    _, found = doctor()
    assert found["books"]["found"].endswith("version 0005")
    assert found["clock of the books"]["state"] == "ok"


def test_workers_that_are_alive_are_counted_and_one_that_is_silent_is_named(
    doctor: Callable[..., tuple[int, Checks]], run: Run, office: Office
) -> None:
    run("db", "upgrade")
    path = str(office.folder / "books.db")
    with Book.open(path) as book:
        book.beat("worker a")
    said = doctor()[1]["workers"]
    assert (said["state"], said["found"]) == ("ok", "1 worker at work")
    with Book.open(path, clock=lambda: time.time_ns() // 1000 - 3 * 3600 * 1_000_000) as book:
        book.beat("worker b")
    code, found = doctor()
    assert code == 0
    assert found["workers"]["state"] == "warn"
    assert found["workers"]["found"] == "1 worker at work; 1 silent, the last for 3 hours"
    assert "worker b" in found["workers"]["todo"]


def test_files_that_others_can_read_are_warned_of(
    doctor: Callable[..., tuple[int, Checks]], office: Office
) -> None:
    for name in ("hongbao.toml", "demo.key"):
        (office.folder / name).chmod(0o644)
    code, found = doctor()
    warned = [name for name, check in found.items() if name.startswith("file ")]
    assert code == 0
    assert [name.rpartition("/")[2].removeprefix("file ") for name in warned] == [
        "hongbao.toml",
        "demo.key",
    ]
    assert "chmod 600" in found[warned[0]]["todo"]


@pytest.mark.parametrize(("rate", "state"), [(25, "ok"), (26, "warn"), ("unlimited", "warn")])
def test_a_rate_above_wechats_own_is_warned_of(
    doctor: Callable[..., tuple[int, Checks]], office: Office, town: Town, rate: object, state: str
) -> None:
    office.configure(town.settings, rate=rate)
    assert doctor()[1]["demo: rate"]["state"] == state


def test_a_secret_that_is_missing_is_reported_with_its_setting(
    doctor: Callable[..., tuple[int, Checks]], office: Office
) -> None:
    (office.folder / "demo.key").unlink()
    code, found = doctor()
    assert code == 6
    assert "merchants.demo.key_file" in found["demo: secrets"]["found"]


def test_every_problem_of_the_file_is_a_line(
    doctor: Callable[..., tuple[int, Checks]], office: Office, town: Town, run: Run
) -> None:
    office.configure(town.settings, rate=0, hours="noon")
    ran = run("doctor", "--config", "hongbao.toml")
    assert ran.code == 6
    for name in ("rate", "hours"):
        assert f"merchants.demo.{name}" in ran.stdout


def test_without_options_the_file_that_is_found_is_examined(run: Run, office: Office) -> None:
    assert "demo: signed query" in run("doctor").stdout


def test_a_file_and_a_merchant_are_not_examined_at_once(run: Run, office: Office) -> None:
    assert run("doctor", "--config", "hongbao.toml", "--merchant", "m.toml").code == 2
