"""Books that were restored, lost, or never knew of a packet pay nobody a second time."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import new_billno
from hongbao.simulator.merchant import AppKind
from shop import write_toml

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaign_office import Office, Town
    from shop import Ran, Run

RUN = ("campaign", "run", "spring", "--leave-idle", "30", "--json")
REOPEN = ("payout", "reopen", "k0001", "--reason", "again", "--by", "carol")


def approved(run: Run, office: Office, file: str) -> None:
    """Import a list and approve it."""
    assert run(*office.new(file)).code == 0
    sha256 = run("campaign", "status", "spring", "--json").json["campaign"]["sha256"]
    assert run("campaign", "approve", "spring", "--sha256", sha256, "--by", "bob").code == 0


def lose_books(office: Office) -> None:
    for path in office.folder.glob("books.db*"):
        path.unlink()


def shown(run: Run, which: str = "k0001") -> dict[str, Any]:
    found: dict[str, Any] = run("payout", "show", which, "--json").json
    return found


def refuse_everything(town: Town) -> None:
    """WeChat takes the appid for no official account's."""
    town.control.change_merchant(
        town.mch_id, appids={town.settings["app_id"]: AppKind.MINI_PROGRAM.value}
    )


def relent(town: Town) -> None:
    town.control.change_merchant(
        town.mch_id, appids={town.settings["app_id"]: AppKind.OFFICIAL_ACCOUNT.value}
    )


def test_restored_books_that_meet_a_refusal_reopen_nobody_who_was_paid(
    run: Run, town: Town, office: Office
) -> None:
    approved(run, office, office.write_list(4))
    shutil.copy(office.folder / "books.db", office.folder / "backup.db")
    assert run(*RUN).json["outcome"] == "complete"
    lose_books(office)
    shutil.copy(office.folder / "backup.db", office.folder / "books.db")
    refuse_everything(town)
    stopped = run(*RUN).json
    assert (stopped["payouts"]["refused"], stopped["payouts"]["sent"]) == (0, 4)
    relent(town)
    for row in range(1, 5):
        assert run("payout", "reopen", f"k000{row}", "--reason", "again").code == 8
    run("campaign", "resume", "spring")
    assert run(*RUN).json["outcome"] == "complete"
    assert town.paid_once() == 4
    assert run("audit", "--json").json["outcome"] == "sound"


def test_books_that_are_put_back_after_a_reopening_pay_nobody_again(
    run: Run, town: Town, office: Office
) -> None:
    approved(run, office, office.write_list(4))
    shutil.copy(office.folder / "books.db", office.folder / "backup.db")
    refuse_everything(town)
    run(*RUN)
    relent(town)
    for row in range(1, 5):
        # The refusals stopped the campaign, so that some were never sent.
        run("payout", "reopen", f"k000{row}", "--reason", "the appid is bound now")
    run("campaign", "resume", "spring")
    assert run(*RUN).json["outcome"] == "complete"
    assert town.paid_once() == 4
    lose_books(office)
    shutil.copy(office.folder / "backup.db", office.folder / "books.db")
    assert run(*RUN).json["outcome"] == "complete"
    assert town.paid_once() == 4
    assert run("audit", "--json").json["outcome"] == "sound"


def test_lost_books_do_not_call_paid_what_went_to_another_openid(
    run: Run, town: Town, office: Office
) -> None:
    approved(run, office, office.write_list(1))
    assert run(*RUN).json["outcome"] == "complete"
    lose_books(office)
    path = office.folder / "list.csv"
    path.write_text(path.read_text("utf-8").replace("0001,1.00", "0009,1.00"), "utf-8")
    approved(run, office, "list.csv")
    town.control.advance(
        2
    )  # else WeChat would refuse the first call: the number's last is too near
    ran = run(*RUN)
    assert (ran.code, ran.json["outcome"], ran.json["handed_over"]) == (11, "in doubt", 1)
    found = shown(run)["payout"]
    assert (found["state"], found["code"], found["task"]) == ("in_doubt", "OTHER_ORDER", None)
    assert "in the books it is oTES…0009" in found["reason"]
    told = run("payout", "show", "k0001").stdout
    assert "a person looks in the merchant platform whom this number paid" in told
    town.control.claim(found["mch_billno"], "oTEST_payee_0000000000000001", mch_id=town.mch_id)
    run("payout", "query", "k0001")
    assert run(*RUN).json["outcome"] == "in doubt"
    found = shown(run)["payout"]
    assert found["reason"] == "WeChat says that oTES…0001 claimed it, not oTES…0009"
    assert run("audit", "--json").json["outcome"] == "sound"
    # What a person can do about it.
    dead = run("payout", "declare-dead", "k0001", "--reason", "the old openid had it", "--json")
    assert (dead.code, dead.json["payout"]["state"]) == (0, "refused")
    assert run(*REOPEN).code == 8
    ran = run(*REOPEN, "--override", "--confirm", "k0001")
    assert ran.code == 0
    assert "sent with another number, " in ran.stdout
    assert run(*RUN).json["outcome"] == "complete"
    assert town.paid_once() == 2, "two people, by two numbers"


def test_lost_books_do_not_call_paid_or_refused_what_was_paid_with_another_amount(
    run: Run, town: Town, office: Office
) -> None:
    approved(run, office, office.write_list(1))
    run(*RUN)
    lose_books(office)
    approved(run, office, office.write_list(1, yuan="2.00"))
    town.control.advance(2)  # as above
    ran = run(*RUN)
    assert (ran.code, ran.json["payouts"]["in_doubt"]) == (11, 1)
    found = shown(run)["payout"]
    assert "WeChat says 100 fen" in found["reason"]
    assert town.paid_once() == 1


def test_a_packet_that_was_sent_by_hand_is_known_to_the_list_that_has_its_key(
    run: Run, town: Town, office: Office
) -> None:
    toml = str(write_toml(office.folder / "merchant.toml", town.settings))
    by_hand = (
        "send", "normal", "--key", "k0001", "--fen", "100", "--send-name", "Shop", "--wishing",
        "by hand", "--act-name", "Test", "--remark", "r", "--merchant", toml,
        "--re-openid", "oTEST_payee_0000000000000001",
    )  # fmt: skip
    assert run(*by_hand).code == 0
    approved(run, office, office.write_list(1))
    refuse_everything(town)
    run(*RUN)
    relent(town)
    assert run(*REOPEN).code == 8
    run("campaign", "resume", "spring")
    run(*RUN)
    assert town.paid_once() == 1
    refused = run(*by_hand)
    number = new_billno(town.mch_id, "k0001")
    assert refused.code == 8
    assert f"payout send {number}" in refused.everything
    assert "campaign spring" in refused.everything
    asked = run("query", number, "--merchant", toml, "--json")
    assert (asked.code, asked.json["packet"]["status"]) == (0, "SENT")
    assert f"payout query {number}" in asked.stderr
    elsewhere = run("query", new_billno(town.mch_id, "k0002"), "--merchant", toml)
    assert "Note" not in elsewhere.stderr


@pytest.fixture
def refused(run: Run, town: Town, office: Office) -> Callable[..., Ran]:
    """A payout that WeChat refuses."""

    def pay() -> Ran:
        town.control.change_merchant(town.mch_id, amount_min=200)
        approved(run, office, office.write_list(1))
        return run(*RUN)

    return pay


def test_a_refusal_is_confirmed_by_one_query(
    run: Run, town: Town, refused: Callable[..., Ran]
) -> None:
    ran = refused()
    assert (ran.code, ran.json["outcome"]) == (9, "complete with refusals")
    found = shown(run)
    kinds = [event["kind"] for event in found["history"]]
    assert kinds == ["submitted", "called", "refused", "proven_dead"]
    assert found["payout"]["code"] == "MONEY_LIMIT"
    calls = [entry.call for entry in town.control.journal(mch_id=town.mch_id)]
    assert calls == ["sendredpack", "gethbinfo"]


def test_while_it_is_being_confirmed_everybody_sees_why_it_was_refused(
    run: Run, office: Office, refused: Callable[..., Ran]
) -> None:
    refused()
    lose_books(office)
    approved(run, office, "list.csv")
    assert run("campaign", "run", "spring", "--leave-idle", "0", "--json").code in {10, 11}
    found = shown(run)["payout"]
    assert (found["state"], found["task"], found["code"]) == ("in_doubt", "query", "MONEY_LIMIT")
    assert "a query has yet to confirm" in run("payout", "show", "k0001").stdout
    run("campaign", "report", "spring", "--output", "report.csv")
    report = (office.folder / "report.csv").read_text("utf-8-sig")
    assert "refused, being confirmed by a query" in report
    assert "MONEY_LIMIT" in report


def test_override_asks_for_the_key(run: Run, refused: Callable[..., Ran]) -> None:
    refused()
    for arguments, code in (
        (("--override",), 2),
        (("--override", "--confirm", "k0002"), 2),
        (("--confirm", "k0001"), 2),
        (("--override", "--confirm", "k0001"), 0),
    ):
        assert run(*REOPEN, *arguments).code == code
