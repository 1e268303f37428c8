"""Books in which a clock has left times that are a day ahead, at a clock that is right again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.database import Database, machine_time
from hongbao.ledger.store.schema import CHANNEL

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

AHEAD = 26 * 3600


@pytest.fixture
def wrong(run: Run, office: Office, town: Town) -> Office:
    """An approved campaign, all of whose times are ahead."""
    office.configure(town.settings, rate=25)
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    run("merchant", "list")
    database = Database(str(office.folder / "books.db"))
    then = machine_time() + AHEAD * SECOND
    with database.transaction() as connection:
        connection.execute(CHANNEL.update().values(ready_at=then, arrival=then, seen_at=then))
    database.close()
    return office


def checks(run: Run) -> dict[str, str]:
    """What the doctor says of each thing."""
    found = run("doctor", "--config", "hongbao.toml", "--json").json["checks"]
    return {check["name"]: check["state"] for check in found}


def test_status_and_doctor_say_by_how_much_the_books_are_ahead(run: Run, wrong: Office) -> None:
    del wrong
    assert "the books are 26 hours ahead of the clock" in run("campaign", "status", "spring").stdout
    told = run("campaign", "status", "spring", "--json").json
    assert AHEAD - 60 < told["clock_behind_seconds"] <= AHEAD
    assert checks(run)["times in the books"] == "warn"


def test_a_run_says_so_and_pays_everybody_at_once(run: Run, wrong: Office, town: Town) -> None:
    del wrong
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "complete")
    assert AHEAD - 60 < ran.json["clock_behind_seconds"] <= AHEAD
    assert ran.json["seconds"] < 30
    assert town.paid_once() == 3
    assert run("campaign", "status", "spring", "--json").json["clock_behind_seconds"] == 0
    assert "times in the books" not in checks(run)
    assert run("audit").code == 0


def test_a_worker_says_what_it_has_brought_forward(run: Run, wrong: Office) -> None:
    del wrong
    ran = run("worker", "--leave-idle", "0")
    assert "the books were 26 hours ahead of the clock" in ran.everything
