"""What a campaign's status says where it would be easy to misread it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.engine.ledger import Ledger
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

STATUS = ("campaign", "status", "spring")


def approved(run: Run, office: Office, rows: int = 2) -> None:
    assert run(*office.new(office.write_list(rows))).code == 0
    assert run("campaign", "approve", "spring", "--yes").code == 0


def test_a_campaign_whose_rest_was_cancelled_says_so_and_by_whom(
    run: Run, office: Office, town: Town
) -> None:
    approved(run, office)
    assert run("payout", "cancel", "k0001", "--reason", "left us", "--yes").code == 0
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 9
    head, *_ = run(*STATUS).stdout.splitlines()
    assert head.startswith("spring: complete, but for what was cancelled, paid by ")
    assert town.paid_once() == 1


def test_a_cancelled_campaign_says_by_whom_and_why(run: Run, office: Office) -> None:
    approved(run, office)
    cancel = ("campaign", "cancel", "spring", "--reason", "wrong list", "--by", "carol", "--yes")
    assert run(*cancel).code == 0
    text = run(*STATUS).stdout
    assert text.startswith("spring: cancelled, paid by ")
    [line] = [it for it in text.splitlines() if it.startswith("  cancelled: ")]
    assert line.endswith(" by carol: wrong list")


def test_an_import_that_broke_off_says_how_to_finish_it(run: Run, office: Office) -> None:
    with Ledger.open(str(office.folder / "books.db")) as book:
        plan = Plan(
            name="spring", channel_id=book.set_channel("1", "redpack", PayerLimits(), by="anna"),
            profile="demo", budget=None, source="list.csv", source_digest=bytes(32),
        )  # fmt: skip
        book.begin_import(plan, by="anna")
    text = run(*STATUS).stdout
    assert "hongbao campaign new list.csv --merchant demo --name spring ..." in text


def test_a_choice_that_is_missing_is_asked_for_in_one_line(run: Run, office: Office) -> None:
    office.write_list(1)
    ran = run("campaign", "new", "list.csv", "--merchant", "demo", "--name", "spring")
    assert ran.code == 2
    assert "Missing option '--unit'. Choose from: yuan, fen." in ran.stderr


def test_what_stands_twice_in_the_settings_is_called_so(run: Run, office: Office) -> None:
    path = office.folder / "hongbao.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[approval]\napart = true\napart = true\n", encoding="utf-8")
    ran = run(*STATUS)
    assert ran.code == 6
    assert "has a setting or a table twice (at line " in ran.stderr


def test_where_an_endpoint_begins_is_said_of_a_new_one_alone(run: Run, office: Office) -> None:
    add = ("webhook", "add", "shop", "https://shop.example/hooks")
    assert run(*add, "--after", "0").code == 0
    ran = run(*add, "--after", "0")
    assert ran.code == 2
    assert "webhook replay" in ran.stderr
    assert run(*add).code == 0
    assert office.folder.exists()


def test_a_draft_says_who_has_to_do_what_next(run: Run, office: Office) -> None:
    assert run(*office.new(office.write_list())).code == 0
    assert run(*STATUS).stdout.endswith(" campaign approve spring\n")
    rejected = run("campaign", "reject", "spring", "--reason", "one fen too much", "--by", "li")
    assert rejected.stdout.startswith("Rejected: spring. Nobody approves it before ")
    last = run(*STATUS).stdout.splitlines()[-1]
    assert last.startswith("  rejected: ")
    assert last.endswith(" by li: one fen too much")
    back = run("campaign", "withdraw-approval", "spring", "--reason", "it is right", "--by", "li")
    assert back.stdout.startswith("Withdrawn: spring waits for its approval again.\n")
    assert run(*STATUS).stdout.endswith(" campaign approve spring\n")
    assert run("campaign", "approve", "spring", "--yes").code == 0
    assert "campaign approve" not in run(*STATUS).stdout


def test_how_a_campaign_stands_is_english_in_documents_whoever_reads(
    run: Run, office: Office
) -> None:
    approved(run, office)
    again = run("campaign", "approve", "spring", "--yes", "--json", "--lang", "zh")
    assert again.json["error"]["happened"].isascii()
    assert run("campaign", "run", "spring").code == 0
    again = run("campaign", "approve", "spring", "--yes", "--json", "--lang", "zh")
    assert again.json["error"]["happened"].endswith(", and is complete.")


def test_what_another_campaign_pays_is_said_to_an_approver_of_chinese_in_chinese(
    run: Run, office: Office
) -> None:
    approved(run, office)
    rows = (office.folder / "list.csv").read_text(encoding="utf-8").replace("k000", "other-")
    (office.folder / "other.csv").write_text(rows, encoding="utf-8")
    name = ("--merchant", "demo", "--name", "summer", "--unit", "yuan")
    assert run("campaign", "new", "other.csv", *name).code == 0
    text = run("campaign", "approve", "summer", "--yes", "--lang", "zh").stdout
    assert "在 spring（已批准）中：2 行，2.00 元" in text
