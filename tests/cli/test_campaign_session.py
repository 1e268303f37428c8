"""A whole session of an operator: a list is checked, stored, approved, paid and reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def test_a_dry_run_checks_everything_and_leaves_nothing_behind(run: Run, office: Office) -> None:
    ran = run(*office.new(office.write_list(), "--dry-run", "--json"))
    assert (ran.code, ran.json["outcome"]) == (0, "checked")
    assert ran.json["total"] == {"rows": 5, "amount": 500}
    assert ran.json["stored"] is None
    assert not (office.folder / "books.db").exists()


def test_a_list_is_paid_once_from_the_draft_to_the_report(
    run: Run, office: Office, town: Town
) -> None:
    new = office.new(office.write_list(), "--json")
    dry = run(*new, "--dry-run").json["sha256"]
    stored = run(*new).json
    assert (stored["outcome"], stored["stored"], stored["sha256"]) == ("stored", 5, dry)
    approved = run("campaign", "approve", "spring", "--sha256", dry, "--by", "alice", "--json")
    assert approved.json["campaign"]["approved_by"] == "alice"
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "complete")
    assert ran.json["money"]["paid"] == 500
    assert ran.json["adds_up"]
    assert town.paid_once() == 5
    assert run("audit", "--json").json["outcome"] == "sound"
    assert run("campaign", "report", "spring", "--output", "report.csv").code == 0
    report = (office.folder / "report.csv").read_text(encoding="utf-8-sig")
    assert report.count("k000") == 5
    some = ("--state", "received", "--state", "refused", "--headers", "zh", "--paid-since", "1h")
    ran = run("campaign", "report", "spring", "--output", "some.csv", *some)
    assert ran.code == 0
    assert "业务单号" in (office.folder / "some.csv").read_text(encoding="utf-8-sig")
    assert run("campaign", "report", "spring", "--paid-since", "soon").code == 2


def test_the_same_list_again_is_nothing_new(run: Run, office: Office, town: Town) -> None:
    new = office.new(office.write_list())
    run(*new)
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring")
    for again in (new, (*new, "--dry-run")):
        ran = run(*again, "--json")
        assert (ran.code, ran.json["new"]["rows"], ran.json["known"]["rows"]) == (0, 0, 5)
    assert run(*new, "--json").json["outcome"] == "nothing new"
    run("campaign", "run", "spring")
    assert town.paid_once() == 5


def test_all_problems_of_a_list_are_reported_at_once_and_nothing_is_stored(
    run: Run, office: Office
) -> None:
    (office.folder / "list.csv").write_text(
        "key,openid,amount\na,o 1,1.00\nb,oTEST_payee_2,many\nb,oTEST_payee_3,0.001\n",
        encoding="utf-8",
    )
    ran = run(*office.new(), "--json")
    assert (ran.code, ran.json["outcome"]) == (7, "problems")
    assert {problem["row"] for problem in ran.json["problems"]} >= {2, 3, 4}
    assert run("campaign", "list", "--json").json["campaigns"] == []
    told = run(*office.new()).stdout
    assert "row 2" in told
    assert "Nothing was stored" in told


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty. Give a list with a header and one row a payout."),
        (
            "openid,amount,wishing\no,1,發財\n".encode("big5"),
            "can be read as GB18030, but 2 of 2 characters",
        ),
        ("openid\n".encode("utf-16") + b"\x00\xd8x\x00", "byte 17 (row 2) is not UTF-16. Save"),
        (b"PK\x03\x04", "is not an XLSX that can be read"),
    ],
    ids=["empty", "big5", "utf-16", "xlsx"],
)
def test_a_file_that_is_no_table_is_a_list_with_a_problem(
    run: Run, office: Office, content: bytes, problem: str
) -> None:
    (office.folder / "list.csv").write_bytes(content)
    ran = run(*office.new(), "--json")
    assert (ran.code, ran.json["outcome"], ran.json["problem_count"]) == (7, "problems", 1)
    [found] = ran.json["problems"]
    assert (found["row"], found["column"]) == (0, "")
    assert problem in found["what"]
    assert (ran.json["read_as"], ran.json["source_sha256"]) == (None, None)
    told = run(*office.new())
    assert told.code == 7
    assert told.stdout.startswith(f"list.csv: cannot be read\n1 problem\n  the list: {problem[:8]}")
    assert run("campaign", "list", "--json").json["campaigns"] == []


def test_a_file_that_is_not_there_or_may_not_be_opened_is_no_list(run: Run, office: Office) -> None:
    (office.folder / "folder").mkdir()
    for path in ("nobody.csv", "folder"):
        ran = run(*office.new(path), "--json")
        assert (ran.code, ran.json["outcome"]) == (6, "configuration")
        assert "cannot be read (" in ran.json["error"]["happened"]


def test_where_rows_have_problems_the_total_is_called_that_of_the_others(
    run: Run, office: Office
) -> None:
    good = office.write_list(2)
    assert "\n  total  2  2.00  yuan\n" in run(*office.new(good, "--dry-run")).stdout
    with (office.folder / good).open("a", encoding="utf-8") as file:
        file.write("k0009,oTEST_payee_9,many\n")
    ran = run(*office.new(good))
    assert ran.code == 7
    assert "\n  right by themselves  2  2.00  yuan\n" in ran.stdout
    assert run(*office.new(good), "--json").json["total"] == {"rows": 2, "amount": 200}


def test_a_key_with_other_content_is_refused_and_nothing_changes(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    other = office.write_list(yuan="2.00", name="other.csv")
    ran = run(*office.new(other), "--json")
    assert ran.code == 7
    assert "amount was 100 fen and is now 200 fen" in json.dumps(ran.json["problems"])
    assert {payout.amount for payout in office.payouts()} == {100}


def test_a_budget_is_not_passed(run: Run, office: Office) -> None:
    ran = run(*office.new(office.write_list(), "--budget", "4.99"), "--json")
    assert ran.code == 7
    assert "4.99" in json.dumps(ran.json["problems"])


@pytest.mark.parametrize("wanted", ["0" * 64, "not hexadecimal", "abcd"])
def test_only_the_digest_that_was_shown_can_be_approved(
    run: Run, office: Office, wanted: str
) -> None:
    run(*office.new(office.write_list()))
    ran = run("campaign", "approve", "spring", "--sha256", wanted, "--json")
    assert ran.code == (8 if wanted == "0" * 64 else 2)
    assert run("campaign", "status", "spring", "--json").json["outcome"] == "draft"


def test_where_nobody_can_be_asked_nothing_is_approved(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    ran = run("campaign", "approve", "spring", "--json")
    assert ran.code == 2
    assert "--sha256" in ran.json["error"]["happened"]


def test_a_draft_does_not_run(run: Run, office: Office, town: Town) -> None:
    run(*office.new(office.write_list()))
    ran = run("campaign", "run", "spring")
    assert ran.code == 10
    assert "campaign approve spring" in ran.stdout
    assert town.control.journal() == []


def test_an_account_that_runs_dry_stops_it_and_a_top_up_goes_on_with_the_same_numbers(
    run: Run, office: Office, town: Town
) -> None:
    town.have(250)
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes")
    before = {payout.billno for payout in office.payouts()}
    ran = run("campaign", "run", "spring", "--json")
    assert ran.code == 10
    assert ran.json["money"]["paid"] == 200
    status = run("campaign", "status", "spring", "--check")
    assert status.code == 10
    assert "NOTENOUGH" in status.stdout
    assert "campaign resume spring" in status.stdout
    coming = status.stdout.partition("next: ")[2]
    assert coming.startswith("check claims")
    assert "send" not in coming
    town.have(1000)
    assert run("campaign", "resume", "spring", "--json").code == 0
    assert run("campaign", "run", "spring", "--json").json["outcome"] == "complete"
    assert town.paid_once() == 5
    assert {payout.billno for payout in office.payouts()} == before


def test_a_campaign_whose_rest_waits_for_a_person_is_not_done(
    run: Run, office: Office, town: Town
) -> None:
    town.control.change_merchant(town.mch_id, api_method_on=False)
    run(*office.new(office.write_list(rows=1)))
    run("campaign", "approve", "spring", "--yes")
    while not run("campaign", "status", "spring", "--json").json["handed_over"]:
        assert run("campaign", "run", "spring").code == 10
        run("campaign", "resume", "spring")
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["money"]["waiting"]) == (10, 100)
    status = run("campaign", "status", "spring", "--check")
    assert (status.code, "1 for a person to look at" in status.stdout) == (10, True)


def test_a_pause_holds_until_it_is_resumed(run: Run, office: Office, town: Town) -> None:
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "pause", "spring", "--reason", "lunch").code == 0
    ran = run("campaign", "run", "spring")
    assert (ran.code, town.paid_once()) == (10, 0)
    assert "lunch" in ran.stdout
    run("campaign", "resume", "spring")
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 5


def test_what_was_cancelled_is_never_sent(run: Run, office: Office, town: Town) -> None:
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "cancel", "spring", "--reason", "wrong list").code == 2
    assert run("campaign", "cancel", "spring", "--reason", "wrong list", "--yes").code == 0
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["outcome"]) == (10, "cancelled")
    assert {payout.state for payout in office.payouts()} == {State.CANCELLED}
    assert town.control.journal() == []


def test_refusals_are_no_silent_success(run: Run, office: Office) -> None:
    (office.folder / "list.csv").write_text(
        "openid,amount\noTEST_payee_1,1.00\noFOREIGN_payee,1.00\n", encoding="utf-8"
    )
    run(*office.new())
    run("campaign", "approve", "spring", "--yes")
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["outcome"]) == (9, "complete with refusals")
    assert ran.json["payouts"]["refused"] == 1


def test_a_receiver_is_masked_wherever_it_is_shown(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring")
    for command in (
        ("payout", "show", "k0001"),
        ("campaign", "status", "spring"),
        ("campaign", "list"),
    ):
        for form in ((), ("--json",)):
            ran = run(*command, *form)
            assert ran.code == 0
            assert "oTEST_payee_0000000000000001" not in ran.everything


@pytest.mark.parametrize("there", ["report.csv", "report.summary.csv", "report.xlsx"])
def test_a_report_overwrites_no_file_unless_it_is_forced(
    run: Run, office: Office, there: str
) -> None:
    run(*office.new(office.write_list()))
    file = office.folder / there
    file.write_text("mine", encoding="utf-8")
    report = ("campaign", "report", "spring", "--output", there.replace(".summary", ""))
    ran = run(*report)
    assert (ran.code, file.read_text(encoding="utf-8")) == (6, "mine")
    assert f"{there}: is there already" in ran.stderr
    assert [it.name for it in office.folder.glob("report*")] == [there]
    assert run(*report, "--force").code == 0
    assert file.read_bytes() != b"mine"


def test_a_campaign_that_is_not_there_is_reported(run: Run, office: Office) -> None:
    ran = run("campaign", "status", "winter", "--json")
    assert (ran.code, ran.json["outcome"]) == (8, "books")
    assert "winter" in ran.json["error"]["happened"]
