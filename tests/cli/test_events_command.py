"""``hongbao events``: a line each, from any position on, and along with what happens."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from campaign_office import ended

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Run


@pytest.fixture
def paid(run: Run, office: Office) -> Office:
    """A campaign of three that is paid, and a draft."""
    run(*office.new(office.write_list(3)))
    assert run("campaign", "approve", "spring", "--yes").code == 0
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 0
    return office


def lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def types(found: list[dict[str, Any]]) -> list[str]:
    return [it["type"] for it in found]


def test_it_tells_all_from_the_list_to_its_end(paid: Office, run: Run) -> None:
    ran = run("events")
    assert ran.code == 0
    found = lines(ran.stdout)
    assert types(found)[:5] == ["payout.queued"] * 3 + ["campaign.approved", "campaign.started"]
    assert types(found).count("payout.sent") == 3
    assert types(found)[-1] == "campaign.completed"
    assert found[-1]["data"]["paid_fen"] == 300
    assert "oTEST_payee" not in ran.stdout


def test_a_reader_goes_on_after_the_last_position_that_he_has(paid: Office, run: Run) -> None:
    everything = lines(run("events").stdout)
    third = everything[3]["position"]
    rest = lines(run("events", "--after", str(third)).stdout)
    assert rest == [it for it in everything if it["position"] > third]
    assert run("events", "--after", str(everything[-1]["position"])).stdout == ""


def test_it_tells_of_one_campaign_alone(paid: Office, run: Run) -> None:
    run(*office_list(paid))
    assert {it["data"]["campaign"] for it in lines(run("events").stdout)} == {"spring", "summer"}
    found = lines(run("events", "--campaign", "summer").stdout)
    assert types(found) == ["payout.queued"]
    ran = run("events", "--campaign", "nowhere")
    assert (ran.code, ran.stdout) == (8, "")


def office_list(office: Office) -> tuple[str, ...]:
    """The command that imports another list."""
    text = "key,openid,amount\nother,oTEST_payee_other,1.00\n"
    (office.folder / "summer.csv").write_text(text, encoding="utf-8")
    return (
        "campaign", "new", "summer.csv", "--merchant", "demo", "--name", "summer", "--unit", "yuan",
    )  # fmt: skip


def test_a_position_that_is_not_there_is_refused(paid: Office, run: Run) -> None:
    ran = run("events", "--after", "4711")
    assert ran.code == 8
    assert "Compare all payouts with what you know" in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_follows_hears_what_happens_until_a_signal_ends_it_well(
    paid: Office, run: Run, number: signal.Signals
) -> None:
    run(*office_list(paid))
    process = paid.start("events", "--follow", "--campaign", "summer")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["type"] == "payout.queued"
    assert run("campaign", "approve", "summer", "--yes").code == 0
    assert json.loads(process.stdout.readline())["type"] == "campaign.approved"
    process.send_signal(number)
    ran = ended(process)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")


def test_it_ends_when_nobody_reads_any_more(paid: Office) -> None:
    process = paid.start("events", "--follow")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    ran = ended(process)
    assert (ran.code, ran.stderr) == (0, "")
