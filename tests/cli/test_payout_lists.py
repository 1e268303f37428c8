"""``hongbao payout find`` and ``list``, ``campaign list`` and ``history``, ``workers``."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from campaign_office import kill_dead, wait_until
from hongbao.campaign.report.columns import COLUMNS

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

PAYEE = "oTEST_payee_0000000000000002"
MASKED = "oTES…0002"


@pytest.fixture
def paid(run: Run, office: Office) -> None:
    """Spring, five payouts that are paid, and the draft summer."""
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes", "--by", "bob")
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 0
    draft = "key,openid,amount\ns1,oTEST_payee_0000000000000002,2.00\n"
    (office.folder / "summer.csv").write_text(draft, encoding="utf-8")
    given = ("--merchant", "demo", "--name", "summer", "--unit", "yuan")
    assert run("campaign", "new", "summer.csv", *given).code == 0


@pytest.mark.usefixtures("paid")
def test_a_receiver_is_found_in_all_campaigns_and_is_masked(run: Run) -> None:
    ran = run("payout", "find", PAYEE, "--json")
    assert ran.code == 0
    assert [(it["key"], it["found_by"], it["state"]) for it in ran.json["payouts"]] == [
        ("s1", "openid", "waiting"), ("k0002", "openid", "sent"),
    ]  # fmt: skip
    assert PAYEE not in ran.everything
    text = run("payout", "find", PAYEE).stdout
    assert MASKED in text
    assert PAYEE not in text
    assert "paid, not claimed yet" in text


@pytest.mark.usefixtures("paid")
def test_one_is_found_by_its_numbers_too(run: Run) -> None:
    [one] = run("payout", "find", "k0003", "--json").json["payouts"]
    for by in ("mch_billno", "send_listid"):
        [found] = run("payout", "find", one[by], "--json").json["payouts"]
        assert (found["key"], found["found_by"]) == ("k0003", by)


@pytest.mark.usefixtures("paid")
def test_who_saw_a_receiver_in_full_stands_in_the_history(run: Run) -> None:
    ran = run("payout", "find", "k0002", "--in-full", "--by", "carol", "--json")
    assert [it["receiver"] for it in ran.json["payouts"]] == [PAYEE]
    assert PAYEE in run("payout", "find", "k0002", "--in-full", "--by", "carol").stdout
    run("campaign", "report", "spring", "--in-full", "--by", "dora")
    history = run("campaign", "history", "spring", "--json").json["decisions"]
    assert [(it["kind"], it["by"], it["facts"]) for it in history[-3:]] == [
        ("disclosed", "carol", {"shown": 1, "what": "payout find"}),
        ("disclosed", "carol", {"shown": 1, "what": "payout find"}),
        ("disclosed", "dora", {"shown": 5, "what": "campaign report"}),
    ]
    assert run("audit").code == 0


@pytest.mark.usefixtures("paid")
def test_a_masked_report_and_a_masked_search_leave_no_mark(run: Run) -> None:
    run("campaign", "report", "spring")
    run("payout", "find", "k0002")
    history = run("campaign", "history", "spring", "--json").json["decisions"]
    assert "disclosed" not in [it["kind"] for it in history]


@pytest.mark.parametrize("more", [(), ("--in-full",)])
@pytest.mark.usefixtures("paid")
def test_what_is_not_there_is_reported_with_a_code(run: Run, more: tuple[str, ...]) -> None:
    ran = run("payout", "find", "oTEST_nobody", *more, "--json")
    assert (ran.code, ran.json["outcome"], ran.json["error"]["code"]) == (8, "books", "not_found")


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ((), ["k0001", "k0002", "k0003", "k0004", "k0005", "s1"]),
        (("--newest-first", "--limit", "2"), ["s1", "k0005"]),
        (("--campaign", "summer"), ["s1"]),
        (("--state", "waiting"), ["s1"]),
        (("--state", "waiting", "--state", "refused"), ["s1"]),
        (("--state", "refused"), []),
        (("--openid", PAYEE, "--paid-since", "1d"), ["k0002"]),
        (("--unclaimed-since", "12h"), []),
        (("--settled-since", "2026-11-11", "--code", "NO_AUTH"), []),
        (("--needs-attention",), []),
        (("--since", "1h", "--kind", "normal", "--until", "2100-01-01"), [
            "k0001", "k0002", "k0003", "k0004", "k0005", "s1"]),
        (("--since", "2100-01-01 00:00"), []),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("paid")
def test_payouts_are_listed_by_what_is_asked(
    run: Run, filters: tuple[str, ...], keys: list[str]
) -> None:
    ran = run("payout", "list", *filters, "--json")
    assert ran.code == 0
    # A worker sends some at once, so that those that were paid come in any order.
    assert sorted(it["key"] for it in ran.json["payouts"]) == sorted(keys)
    text = run("payout", "list", *filters).stdout
    assert all(key in text for key in keys)
    assert ("There are no such payouts." in text) is (keys == [])


@pytest.mark.usefixtures("paid")
def test_a_list_goes_on_by_its_cursor_as_long_as_there_are_more(run: Run) -> None:
    found: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        page = run("payout", "list", "--limit", "4", *after, "--json").json
        found += [it["key"] for it in page["payouts"]]
        if page["next"] is None:
            break
        after = ("--after", page["next"])
    assert found == ["k0001", "k0002", "k0003", "k0004", "k0005", "s1"]
    assert "More follow: the same with --after " in run("payout", "list", "--limit", "4").stdout


@pytest.mark.usefixtures("paid")
def test_a_time_that_passes_is_reported_as_a_date_with_which_the_cursor_goes_on(run: Run) -> None:
    told = run("payout", "list", "--limit", "4", "--since", "1h").stdout.splitlines()[-1]
    fixed = told.partition("--since '")[2].partition("'")[0]
    more = run("payout", "list", "--since", fixed, "--after", told.split()[-1], "--json").json
    assert [it["key"] for it in more["payouts"]] == ["k0005", "s1"]


@pytest.mark.usefixtures("paid")
def test_csv_has_the_columns_of_a_report_and_masks_receivers(run: Run) -> None:
    ran = run("payout", "list", "--limit", "4", "--csv")
    [header, *rows] = csv.reader(io.StringIO(ran.stdout))
    assert header == ["campaign", "mch_id", "row", *COLUMNS[1:]]
    assert [dict(zip(header, row, strict=True))["key"] for row in rows] == [
        "k0001", "k0002", "k0003", "k0004",
    ]  # fmt: skip
    assert PAYEE not in ran.everything
    assert "--after" in ran.stderr


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("--since", "yesterday"), 2), (("--since", "2026-13-01"), 2), (("--state", "lost"), 2),
        (("--limit", "0"), 2), (("--csv",), 2), (("--after", "nonsense"), 8),
        (("--campaign", "winter"), 8), (("--mch-id", "1"), 8),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("paid")
def test_a_filter_that_makes_no_sense_is_refused(
    run: Run, wrong: tuple[str, ...], code: int
) -> None:
    ran = run("payout", "list", *wrong, "--json")
    assert (ran.code, ran.json["exit_code"]) == (code, code)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ((), ["spring", "summer"]),
        (("--phase", "complete"), ["spring"]),
        (("--phase", "draft", "--phase", "paused"), ["summer"]),
        (("--merchant", "demo", "--since", "1h"), ["spring", "summer"]),
        (("--merchant", "other"), []),
        (("--until", "2026-01-01"), []),
        (("--needs-attention",), []),
    ],
)
@pytest.mark.usefixtures("paid")
def test_campaigns_are_listed_by_what_is_asked(
    run: Run, filters: tuple[str, ...], names: list[str]
) -> None:
    found = run("campaign", "list", *filters, "--json").json["campaigns"]
    assert [it["campaign"]["name"] for it in found] == names
    text = run("campaign", "list", *filters).stdout
    assert ("There are no such campaigns." in text) is (names == [])


@pytest.mark.usefixtures("paid")
def test_a_campaign_that_a_worker_stopped_needs_attention(run: Run, town: Town) -> None:
    town.have(0)
    run("campaign", "approve", "summer", "--yes")
    assert run("campaign", "run", "summer", "--leave-idle", "0").code == 10
    found = run("campaign", "list", "--needs-attention", "--json").json["campaigns"]
    assert [it["campaign"]["name"] for it in found] == ["summer"]


@pytest.mark.usefixtures("paid")
def test_a_history_says_who_decided_what_and_why(run: Run) -> None:
    run("campaign", "pause", "summer", "--reason", "x")
    run("campaign", "cancel", "summer", "--reason", "wrong list", "--yes", "--by", "carol")
    text = run("campaign", "history", "summer").stdout
    assert "1 payout, 2.00 yuan by now" in text
    assert text.splitlines()[-1].split()[2:] == ["summer", "cancelled", "carol", "wrong", "list"]
    whole = run("campaign", "history", "spring", "--json").json
    who = {it["kind"]: it["by"] for it in whole["decisions"]}
    assert (who["approved"], whole["more"]) == ("bob", False)
    ran = run("campaign", "history", "spring", "--limit", "2", "--json")
    assert (ran.json["decisions"], ran.json["more"]) == (whole["decisions"][-2:], True)
    assert "There were more before" in run("campaign", "history", "spring", "--limit", "2").stdout
    assert run("campaign", "history", "winter").code == 8


def test_workers_are_shown_while_they_are_alive(run: Run, office: Office) -> None:
    ran = run("workers")
    assert ran.stdout.startswith("No worker is alive. Start one with: ")
    process = office.start("worker")
    try:
        wait_until(lambda: bool(run("workers", "--json").json["workers"]))
        [worker] = run("workers", "--json").json["workers"]
        assert (worker["process"], worker["alive"]) == (process.pid, True)
        assert str(process.pid) in run("workers").stdout
    finally:
        kill_dead(process)


@pytest.mark.usefixtures("paid")
def test_who_has_not_claimed_is_written_in_full_and_that_is_recorded(
    run: Run, office: Office, town: Town
) -> None:
    claimed = run("payout", "show", "k0002", "--json").json["payout"]["mch_billno"]
    town.control.claim(claimed, PAYEE)
    run("payout", "query", "k0002")
    run("campaign", "run", "spring", "--leave-idle", "0")
    ran = run("campaign", "remind", "spring", "--by", "carol", "--json")
    assert (ran.code, ran.json["payouts"], ran.json["unclaimed"]) == (0, 4, 400)
    text = (office.folder / "spring-unclaimed.csv").read_text(encoding="utf-8-sig")
    assert "oTEST_payee_0000000000000001" in text
    assert PAYEE not in text
    assert text.splitlines()[1].endswith(",23")
    last = run("campaign", "history", "spring", "--json").json["decisions"][-1]
    assert (last["by"], last["facts"]) == ("carol", {"shown": 4, "what": "campaign remind"})
    assert run("campaign", "remind", "spring").code == 6, "it is there already"
    assert run("campaign", "remind", "spring", "--output", "a.txt").code == 6
    assert run("campaign", "remind", "spring", "--force").stdout.startswith("Written: ")
    assert run("campaign", "remind", "winter").code == 8
