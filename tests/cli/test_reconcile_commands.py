"""``hongbao reconcile``: bills come in, and what differs is shown, asked about and closed."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from campaign_office import kill_dead, wait_until
from hongbao.cli.reconcile.taking import ENDS
from hongbao.reconcile.bill_fetching import FetchEnd

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Ran, Run

pytest_plugins = ["books"]

DAY = 86_400
WORK = ("campaign", "run", "spring", "--leave-idle", "0")


class Desk(NamedTuple):
    """Books with three packets that were paid; one of them was not opened."""

    run: Run
    office: Office
    town: Town

    def reconcile(self, *arguments: str) -> Ran:
        """One of its commands."""
        return self.run("reconcile", *arguments, "--json")

    def today(self) -> str:
        """The Beijing day by the simulator's clock."""
        at = datetime.fromtimestamp(self.town.control.now(), UTC) + timedelta(hours=8)
        return f"{at:%Y-%m-%d}"

    def pass_days(self, days: int) -> None:
        """Let days pass, with a worker on each."""
        for _ in range(days):
            self.town.control.advance(DAY)
            self.run(*WORK)

    def breaks(self, *arguments: str) -> list[dict[str, Any]]:
        """Those that are open, or all."""
        found: list[dict[str, Any]] = self.reconcile("breaks", *arguments).json["breaks"]
        return found

    def kinds(self) -> list[tuple[str, str]]:
        """Of the open ones, with what each is about."""
        return sorted((it["kind"], it["subject"]) for it in self.breaks())

    def fail(self, *rules: dict[str, object]) -> None:
        """Have WeChat's bills be wrong."""
        self.town.control.script_faults(*rules)


@pytest.fixture
def desk(book_url: str, run: Run, office: Office, town: Town) -> Desk:
    """On both databases."""
    office.database = book_url
    top = f'rehearsal_clock = "{town.control_url}"'
    office.configure(town.settings, top)
    # Noon: a bill is there from 10:00 of the next day on.
    town.control.advance((4 * 3600 - town.control.now()) % DAY)
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    assert run(*WORK).code == 0
    numbers = numbers_of(run)
    for row in (1, 2):
        town.control.claim(numbers[row - 1], f"oTEST_payee_{row:016d}")
    return Desk(run, office, town)


def numbers_of(run: Run) -> list[str]:
    return [
        run("payout", "show", f"k000{row}", "--json").json["payout"]["mch_billno"]
        for row in (1, 2, 3)
    ]


def test_what_was_paid_and_what_came_back_agrees_with_the_bills(desk: Desk) -> None:
    desk.pass_days(4)
    fetched = desk.reconcile("fetch")
    assert (fetched.code, fetched.json["outcome"]) == (0, "done")
    assert {it["end"] for it in fetched.json["bills"]} == {"stored", "empty"}
    ran = desk.reconcile("run")
    assert (ran.code, ran.json["outcome"]) == (0, "agrees"), ran
    [merchant] = ran.json["merchants"]
    assert (merchant["movements"], merchant["breaks"], merchant["missing"]) == (4, {}, [])
    assert desk.reconcile("status").json["merchants"][0]["unmatched"] == 0
    assert desk.run("reconcile", "breaks").stdout == "0 breaks.\n"
    [of] = desk.reconcile("report").json["merchants"]
    assert all(day["ties"] for day in of["days"])
    assert sum(day["own_out"] for day in of["days"]) == 300
    assert sum(day["own_in"] for day in of["days"]) == 100
    # Once more: nothing is fetched but what may have been late, and nothing changes.
    assert not [it for it in desk.reconcile("fetch").json["bills"] if it["end"] != "empty"]
    assert desk.reconcile("run").json["merchants"][0]["matched"] == 0
    assert desk.run("audit", "--json").json["outcome"] == "sound"


def test_a_row_that_is_missing_is_found_explained_and_closed_by_a_corrected_bill(
    desk: Desk,
) -> None:
    first, *_ = numbers_of(desk.run)
    day = desk.today()
    desk.fail({"fault": "bill_missing_row", "mch_billno": first})
    desk.pass_days(4)
    desk.reconcile("fetch")
    ran = desk.reconcile("run")
    assert (ran.code, ran.json["outcome"], ran.json["exit_code"]) == (13, "breaks", 13)
    assert ("missing_in_bill", first) in desk.kinds()
    [missing] = [it for it in desk.breaks() if it["kind"] == "missing_in_bill"]
    assert (missing["expected"], missing["found"], missing["age"]) == (100, 0, "overdue")
    told = desk.run("reconcile", "explain", str(missing["id"]))
    assert told.code == 0
    for words in ("missing_in_bill", "the money left", "账本认为已付款", first, "received"):
        assert words in told.stdout
    zh = desk.reconcile("explain", str(missing["id"]), "--lang", "zh").json
    assert "zh" in zh
    assert "en" not in zh
    desk.town.control.end_faults()
    again = desk.reconcile("fetch", "--since", day, "--until", day)
    assert [it["end"] for it in again.json["bills"]] == ["corrected"]
    assert desk.reconcile("run").json["merchants"][0]["closed"] == len(desk.breaks("--all"))
    [before] = [it for it in desk.breaks("--all") if it["id"] == missing["id"]]
    assert (before["age"], before["closed_by"]) == ("closed", "reconcile")


def test_a_person_closes_a_break_with_a_reason_and_classes_a_kind_once(desk: Desk) -> None:
    desk.fail({"fault": "bill_foreign_rows"})
    desk.pass_days(1)
    desk.reconcile("fetch")
    assert desk.reconcile("run").code == 13
    trade, refund = [it for it in desk.breaks() if it["kind"] == "unknown_kind"]
    assert desk.reconcile("close", str(trade["id"]), "--reason", "our shop").code == 8
    for it in (trade, refund):
        closed = desk.reconcile(
            "close", str(it["id"]), "--reason", "our shop", "--as", "others", "--by", "anna"
        )
        assert (closed.code, closed.json["closed_by"], closed.json["learned"]) == (
            0, "anna", "others",
        )  # fmt: skip
    assert desk.reconcile("close", str(trade["id"]), "--reason", "again").code == 8
    desk.pass_days(1)
    desk.reconcile("fetch")
    assert desk.reconcile("run").code == 0
    [of] = desk.reconcile("report").json["merchants"]
    others = [(day["others_in"], day["others_out"]) for day in of["days"]]
    assert (100, 100) in others
    assert set(others) <= {(0, 0), (100, 100)}
    assert desk.reconcile("explain", "4711").code == 8


def test_a_file_is_imported_once_in_gzip_too_and_never_for_another_day(
    desk: Desk, wechats_bill: bytes
) -> None:
    path = desk.office.folder / "bill.csv.gz"
    path.write_bytes(gzip.compress(wechats_bill))
    ran = desk.reconcile("import", "bill.csv.gz", "--merchant", "demo")
    assert (ran.code, ran.json["end"], ran.json["rows"]) == (0, "stored", 1)
    path.with_name("bill.csv").write_bytes(wechats_bill)
    assert desk.reconcile("import", "bill.csv", "--merchant", "demo").json["end"] == "same"
    wrong = desk.reconcile("import", "bill.csv", "--merchant", "demo", "--day", "2026-11-30")
    assert (wrong.code, "another day" in wrong.stdout) == (6, True)
    for name in ("list.csv", "none.csv"):
        assert desk.reconcile("import", name, "--merchant", "demo").code == 6
    later = wechats_bill.replace(b"2026-11-20", b"9999-12-31")
    path.with_name("later.csv").write_bytes(later)
    refused = desk.reconcile("import", "later.csv", "--merchant", "demo")
    assert (refused.code, "its day, 9999-12-31, is not over" in refused.stdout) == (6, True)
    rounded = wechats_bill.replace(b"42000", b"1.00004E+27").replace(b"`", b"")
    path.with_name("saved.csv").write_bytes(rounded)
    refused = desk.reconcile("import", "saved.csv", "--merchant", "demo")
    assert (refused.code, "line 2 is no row" in refused.stdout) == (6, True)
    assert "a spreadsheet has rounded one of its numbers" in refused.stdout
    other = wechats_bill.replace(b"1.00", b"1.01", 1)
    path.with_name("bill.csv").write_bytes(other)
    corrected = desk.reconcile("import", "bill.csv", "--merchant", "demo").json
    assert (corrected["end"], corrected["corrects"], corrected["whole"]) == (
        "corrected", ran.json["bill"], False,
    )  # fmt: skip
    assert ("summary", f"Basic/{ran.json['day']}") in [*_run_kinds(desk)]


def test_a_sub_merchants_bill_is_kept_apart_from_its_providers(
    desk: Desk, wechats_bill: bytes
) -> None:
    changes = {"kind": "service-provider", "sub_mch_id": "1900000999"}
    desk.office.configure(desk.town.settings, **changes, msgappid="wx0000000000de0777")
    (desk.office.folder / "bill.csv").write_bytes(wechats_bill)
    found = desk.reconcile("import", "bill.csv", "--merchant", "demo")
    assert (found.code, found.json["account"]) == (0, "Basic@1900000999")


def _run_kinds(desk: Desk) -> list[tuple[str, str]]:
    desk.reconcile("run")
    return desk.kinds()


@pytest.fixture
def wechats_bill() -> bytes:
    header = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
        "账户结余(元),资金变更提交申请人,备注,业务凭证号"
    )
    row = "`2026-11-20 09:00:00,`42000,`7001,`交易,`交易,`收入,`1.00,`99.00,`system,`secret,`S1"
    lines = (header, row, "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额")
    return "\r\n".join([*lines, "`1.0,`1.0,`1.00,`0.0,`0.00", ""]).encode()


def test_a_payment_that_the_books_call_unpaid_stops_the_merchant_and_is_asked_about(
    desk: Desk, wechats_bill: bytes
) -> None:
    """The bill is a hint: a worker asks, and WeChat's answer decides."""
    (desk.office.folder / "late.csv").write_text(
        "key,openid,amount\nlate,oTEST_late_0000000001,1\n"
    )
    new = ("--merchant", "demo", "--name", "late", "--unit", "yuan")
    assert desk.run("campaign", "new", "late.csv", *new).code == 0
    number = desk.run("payout", "show", "late", "--json").json["payout"]["mch_billno"]
    bill = wechats_bill.replace(b"`S1", f"`{number}".encode())
    bill = bill.replace("收入,`1.00".encode(), "支出,`1.00".encode())
    (desk.office.folder / "bill.csv").write_bytes(bill)
    assert desk.reconcile("import", "bill.csv", "--merchant", "demo").code == 0
    ran = desk.reconcile("run")
    assert ran.json["merchants"][0]["stopped"]
    assert ("missing_in_ledger", number) in desk.kinds()
    [merchant] = desk.run("merchant", "list", "--json").json["merchants"]
    assert merchant["stop"]["code"] == "RECONCILE_MISSING_IN_LEDGER"
    told = desk.run("reconcile", "explain", str(desk.breaks()[0]["id"])).stdout
    assert "secret" not in told
    assert "支出, 1.00" in told


def test_a_worker_reconciles_by_itself_if_it_is_told_to(desk: Desk) -> None:
    desk.pass_days(2)
    top = f'rehearsal_clock = "{desk.town.control_url}"\nreconcile = "daily"'
    desk.office.configure(desk.town.settings, top)
    worker = desk.office.start("worker")
    try:
        wait_until(lambda: desk.reconcile("status").json["merchants"][0]["bills"] > 0)
        wait_until(lambda: desk.reconcile("status").json["merchants"][0]["unmatched"] == 0)
    finally:
        kill_dead(worker)
    assert desk.breaks() == []


def test_finance_closes_days_once_nothing_is_in_the_way_and_opens_them_again(desk: Desk) -> None:
    first = desk.today()
    days = ("--merchant", "demo", "--since", first, "--until", first)
    desk.pass_days(1)
    desk.reconcile("fetch")
    early = desk.reconcile("period", "close", *days, "--dry-run")
    assert (early.code, early.json["outcome"]) == (13, "not_ready")
    assert desk.reconcile("period", "close", *days).code != 0
    desk.pass_days(2)
    desk.reconcile("fetch")
    desk.reconcile("run")
    assert desk.reconcile("period", "close", *days, "--dry-run").json["outcome"] == "ready"
    closed = desk.reconcile("period", "close", *days)
    [account] = closed.json["accounts"]
    assert (account["own_out"], account["paid"], account["ties"]) == (300, 300, True)
    [listed] = desk.reconcile("period", "list").json["periods"]
    assert listed["period"] == closed.json["period"]
    number = str(listed["period"])
    done = desk.reconcile("period", "reopen", number, "--reason", "a bill is wrong", "--by", "fin")
    assert (done.json["outcome"], done.json["reopened_by"]) == ("reopened", "fin")
    assert desk.run("reconcile", "period", "list").stdout.count("opened again") == 1


def test_each_end_of_fetching_a_bill_has_words() -> None:
    assert set(ENDS) == set(FetchEnd)
