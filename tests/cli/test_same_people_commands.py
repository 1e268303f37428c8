"""The same people again, as an operator meets them: refused with commands that help."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Ran


def write(office: Office, name: str, count: int, *, order: int = 1, first: int = 1) -> str:
    """A list without keys."""
    lines = [f"oTEST_payee_{row:016d},1.00" for row in range(first, first + count)][::order]
    text = "\r\n".join(["openid,amount", *lines, ""])
    (office.folder / name).write_text(text, encoding="utf-8")
    return name


def new(office: Office, file: str, name: str, *more: str) -> Ran:
    given = ("--merchant", "demo", "--name", name, "--unit", "yuan")
    return office.run("campaign", "new", file, *given, *more)


def typed(office: Office, command: str) -> Ran:
    """A command as the program shows it, from its own words on."""
    words = shlex.split(command)
    return office.run(*words[words.index("campaign") :])


def test_late_recipients_are_refused_then_added_then_paid_once(office: Office, town: Town) -> None:
    assert new(office, write(office, "kl.csv", 5), "qixi").code == 0
    office.run("campaign", "approve", "qixi", "--yes")
    assert office.run("campaign", "run", "qixi").code == 0
    more = write(office, "more.csv", 7, order=-1)
    refused = new(office, more, "Qixi", "--json")
    assert refused.code == 7
    answer = json.loads(refused.stdout)
    assert (answer["pays_again"]["rows"], answer["pays_again"]["amount"]) == (5, 500)
    assert answer["pays_again"]["places"][0]["where"] == "in qixi (complete)"
    assert answer["ways_out"].keys() == {"extend", "leave_out", "pay_again"}
    told = new(office, more, "Qixi").stdout
    assert "to add those that it does not have: " in told
    assert "--except qixi" in told
    assert "--pay-again --reason WHY" in told

    extended = json.loads(typed(office, answer["ways_out"]["extend"]).stdout)
    assert (extended["name"], extended["stored"], extended["known"]["rows"]) == ("qixi+1", 2, 5)
    before = json.loads(office.run("campaign", "status", "qixi", "--json").stdout)
    assert (before["campaign"]["phase"], before["money"]["planned"]) == ("complete", 700)
    assert [it["state"] for it in before["supplements"]] == ["draft"]
    assert office.run("campaign", "run", "qixi").code == 0
    assert town.paid_once() == 5
    shown = office.run("campaign", "status", "qixi").stdout
    assert "supplement qixi+1: draft, 2 payouts, 2.00 yuan" in shown
    approved = office.run("campaign", "approve", "qixi", "--yes").stdout
    assert "Approved: qixi+1, 2 payouts, 2.00 yuan" in approved
    assert office.run("campaign", "run", "qixi").code == 0
    assert town.paid_once() == 7
    office.run("campaign", "report", "qixi", "--output", "r.csv")
    report = (office.folder / "r.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in report[1:]] == list("1234567")
    summary = (office.folder / "r.summary.csv").read_text(encoding="utf-8-sig")
    assert "supplement qixi+1,追加名单 qixi+1,2,2.00" in summary
    assert "adds up,是否相符,,,yes 是" in summary
    assert office.run("audit").code == 0


def test_the_ways_out_pay_the_others_alone_or_everybody_for_a_reason(office: Office) -> None:
    new(office, write(office, "kl.csv", 3), "qixi")
    more = write(office, "more.csv", 4)
    ways = json.loads(new(office, more, "later", "--json").stdout)["ways_out"]
    left_out = json.loads(typed(office, ways["leave_out"]).stdout)
    assert left_out["stored"] == 1
    assert left_out["left_out"] == [{"of": "qixi", "rows": 3, "amount": 300}]
    approved = office.run("campaign", "approve", "later", "--yes").stdout
    assert "left out: 3 rows, 3.00 yuan whose receivers are in qixi (draft)" in approved
    again = typed(office, ways["pay_again"].replace("later", "twice").replace("WHY", "'won again'"))
    assert json.loads(again.stdout)["stored"] == 4
    approved = office.run("campaign", "approve", "twice", "--yes", "--json").stdout
    [warning] = json.loads(approved)["warnings"]
    assert "pays again: 4 rows, 4.00 yuan" in warning
    assert warning.endswith("won again")
    assert office.run("audit").code == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--pay-again",), "--pay-again needs a --reason"),
        (("--pay-again", "--reason", " "), "--pay-again needs a --reason"),
        (("--reason", "so"), "--reason says why of --pay-again"),
    ],
)
def test_whoever_is_paid_again_is_paid_for_a_reason(
    office: Office, more: tuple[str, ...], message: str
) -> None:
    ran = new(office, write(office, "kl.csv", 3), "qixi", *more)
    assert ran.code == 2
    assert message in ran.stderr


def test_rows_with_keys_are_warned_of_where_they_are_tried_stored_and_approved(
    office: Office,
) -> None:
    new(office, write(office, "kl.csv", 3), "qixi")
    office.write_list(2, name="keyed.csv")
    text = (office.folder / "keyed.csv").read_text(encoding="utf-8")
    (office.folder / "keyed.csv").write_text(text, encoding="utf-8")
    for more in (("--dry-run",), ()):
        told = new(office, "keyed.csv", "keyed", *more).stdout
        assert "2 rows, 2.00 yuan, repeat what the same receivers get elsewhere" in told
    approved = office.run("campaign", "approve", "keyed", "--yes").stdout
    assert "with keys of their own, but the same as: 2 rows, 2.00 yuan: in qixi (draft)" in approved


def test_a_corrected_list_takes_over_a_draft_that_was_cancelled_or_replaces_one(
    office: Office,
) -> None:
    office.write_list(2)
    assert office.run(*office.new()).code == 0
    office.run("campaign", "cancel", "spring", "--yes", "--reason", "typo")
    office.write_list(2, yuan="2.00", name="right.csv")
    taken = new(office, "right.csv", "second")
    assert taken.code == 0
    assert "taken over from spring, where they were never sent: 2 rows, 4.00 yuan" in taken.stdout
    office.write_list(2, yuan="3.00", name="third.csv")
    replaced = office.run("campaign", "replace", "second", "third.csv", "--unit", "yuan")
    assert replaced.code == 0
    with Book.open(str(office.folder / "books.db")) as book:
        assert [it.campaign.name for it in book.campaigns()] == ["spring", "second~1", "second"]
        assert book.standing("second").planned == 600
    assert office.run("audit").code == 0


def test_nothing_new_shows_no_digest_of_nothing(office: Office) -> None:
    office.write_list(2)
    office.run(*office.new())
    told = new(office, "list.csv", "other")
    assert told.code == 0
    assert "0" * 64 not in told.stdout
    assert "in spring (draft), which pays them, and not paid here: 2 rows, 2.00 yuan" in told.stdout
    assert "not paid again" not in told.stdout
    assert json.loads(new(office, "list.csv", "other", "--json").stdout)["sha256"] is None


def test_what_there_is_no_campaign_of_is_neither_extended_nor_replaced(office: Office) -> None:
    office.write_list(2)
    for verb in ("extend", "replace"):
        for more in (("--dry-run",), ()):
            ran = office.run("campaign", verb, "spring", "list.csv", "--unit", "yuan", *more)
            assert ran.code == 8
            assert "no campaign 'spring'" in ran.stderr
