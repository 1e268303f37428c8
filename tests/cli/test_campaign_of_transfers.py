"""A campaign of transfers, by the commands, against a WeChat in a process of its own."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from hongbao.engine import (
    Confirmations,
    Ledger,
    LedgerError,
    State,
    asgi_app,
    read_configuration,
    wsgi_app,
)
from hongbao.engine.notify_app import BODY_BYTES_MAX
from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Town
    from hongbao.ledger.model.payout import Payout
    from shop import Run

TEXTS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "Autumn lottery",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}


class Cashier(NamedTuple):
    """A folder whose merchant pays by transfers.

    Attributes:
        folder: the working directory.
        town: the simulated WeChat.
        run: runs a command there.
        app_id: under which receivers are known.
    """

    folder: Path
    town: Town
    run: Run
    app_id: str

    def write_list(self, rows: int = 4, kind: str = "", yuan: str = "1.00") -> None:
        """A list of receivers, each with a key of its own."""
        lines = [f"k{row},oTEST_payee_{row:016d},{yuan},{kind}" for row in range(1, rows + 1)]
        text = "\n".join(["key,openid,amount,kind", *lines, ""])
        (self.folder / "list.csv").write_text(text, encoding="utf-8")

    def new(self, *more: str, name: str = "autumn") -> Any:
        """Store the list, and approve it."""
        given = ("list.csv", "--merchant", "till", "--name", name, "--unit", "yuan")
        made = self.run("campaign", "new", *given, *more, "--json")
        assert made.code == 0, made.everything
        assert self.run("campaign", "approve", name, "--yes").code == 0
        return made.json

    def payouts(self, name: str = "autumn") -> list[Payout]:
        """As the books have them."""
        with Book.open(str(self.folder / "books.db")) as book:
            return list(book.payouts_of(name))

    def states(self) -> set[State]:
        """The states of all payouts."""
        return {it.state for it in self.payouts()}

    def transfer(self, payout: Payout) -> dict[str, Any]:
        """As WeChat knows it."""
        place = f"transfers/{self.town.mch_id}/{payout.billno}"
        return self.town.control.ask("GET", place)

    def confirm(self, payout: Payout) -> None:
        """The user confirms."""
        package = self.transfer(payout)["package_info"]
        said = {"mchId": self.town.mch_id, "appId": self.app_id, "package": package}
        self.town.control.ask("POST", "confirm", {**said, "openid": payout.payee})

    def work(self) -> None:
        """A worker does all that is due by now."""
        assert self.run("worker", "--leave-idle", "0.1").code == 0

    def later(self, **span: float) -> None:
        """The time of WeChat, which is that of the books, goes on."""
        minutes = span.get("minutes", 0) + 60 * span.get("hours", 0)
        self.town.control.advance(60 * minutes)


@pytest.fixture
def cashier(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Cashier:
    """A folder with a hongbao.toml for the simulator's merchant, by whose clock the books go."""
    monkeypatch.chdir(tmp_path)
    given = town.control.ask("GET", f"merchants/{town.mch_id}/credentials")
    (tmp_path / "till.key").write_text(given.pop("api_v3_key"), encoding="utf-8")
    (tmp_path / "till.key").chmod(0o600)
    town.have(1_000_000)
    values = {
        "rail": "transfer",
        "api_v3_key_file": "till.key",
        "rate": "unlimited",
        **given,
    }
    lines = [
        'database = "books.db"',
        f"rehearsal_clock = {json.dumps(town.control_url)}",
        "[merchants.till]",
        *(f"{name} = {json.dumps(value)}" for name, value in values.items()),
        "[merchants.till.texts]",
        *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in TEXTS.items()),
    ]
    path = tmp_path / "hongbao.toml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    path.chmod(0o600)
    return Cashier(tmp_path, town, run, given["app_id"])


def test_a_campaign_of_transfers_is_paid_as_its_users_confirm(cashier: Cashier) -> None:
    cashier.write_list()
    cashier.new()
    ran = cashier.run("campaign", "run", "autumn", "--json")
    assert (ran.code, ran.json["campaign"]["phase"]) == (0, "awaiting users"), ran.everything
    assert ran.json["money"]["awaiting_user"] == ran.json["money"]["planned"] == 400
    assert (ran.json["money"]["paid"], ran.json["adds_up"]) == (0, True)
    first, *others = cashier.payouts()
    for payout in (first, *others[:2]):
        cashier.confirm(payout)
    cashier.later(minutes=2)
    cashier.work()
    states = [it.state for it in cashier.payouts()]
    assert states == [*[State.RECEIVED] * 3, State.AWAITING_USER]
    cashier.later(hours=26)
    cashier.work()
    left = cashier.payouts()[-1]
    assert (left.state, left.code) == (State.REFUSED, "OVERDUE_CLOSE")
    status = cashier.run("campaign", "status", "autumn", "--json").json
    assert status["campaign"]["phase"] == "complete with refusals"
    assert status["money"]["paid"] == status["money"]["claimed"] == 300
    assert cashier.run("audit").code == 0


def test_what_waits_for_its_user_is_taken_back_unless_the_user_was_faster(
    cashier: Cashier,
) -> None:
    cashier.write_list(6, kind="transfer-red-packet")
    cashier.new()
    assert cashier.run("campaign", "run", "autumn").code == 0
    fast, *others = cashier.payouts()
    cashier.confirm(fast)
    taken = cashier.run("payout", "cancel", others[0].key, "--reason", "moved", "--yes")
    assert taken.code == 0, taken.everything
    cashier.work()
    cashier.later(minutes=1)
    cashier.work()
    codes = {it.row: (it.state, it.code) for it in cashier.payouts()}
    assert codes[2] == (State.REFUSED, "CANCELLED")
    stopped = cashier.run("campaign", "cancel", "autumn", "--reason", "over", "--yes", "--json")
    assert stopped.code == 0, stopped.everything
    for _ in range(3):
        cashier.work()
        cashier.later(minutes=1)
    codes = {it.row: (it.state, it.code) for it in cashier.payouts()}
    assert codes.pop(1) == (State.RECEIVED, None)
    assert set(codes.values()) == {(State.REFUSED, "CANCELLED")}
    assert {cashier.transfer(it)["state"] for it in others} == {"CANCELLED"}
    assert cashier.run("audit").code == 0


def test_a_lost_reply_is_asked_about_and_locks_nothing_twice(cashier: Cashier) -> None:
    cashier.write_list(3)
    cashier.new()
    cashier.town.control.script_faults({"fault": "lose_reply", "endpoint": "transfer"})
    cashier.run("campaign", "run", "autumn", "--leave-idle", "0.5")
    cashier.town.control.end_faults()
    cashier.later(minutes=1)
    assert cashier.run("campaign", "run", "autumn").code == 0
    payouts = cashier.payouts()
    assert {it.state for it in payouts} == {State.AWAITING_USER}
    merchant = cashier.town.control.merchant(cashier.town.mch_id)
    assert merchant["basic"]["balance"] == 1_000_000 - 300
    assert cashier.run("audit").code == 0


def test_one_key_is_never_paid_by_both_rails(cashier: Cashier) -> None:
    cashier.write_list(2)
    cashier.new()
    settings = cashier.town.settings
    (cashier.folder / "demo.key").write_text(settings["key"], encoding="utf-8")
    (cashier.folder / "demo.key").chmod(0o600)
    more = {**settings, "key_file": "demo.key"}
    lines = [
        "[merchants.packets]",
        *(
            f"{name} = {json.dumps(value)}"
            for name, value in more.items()
            if name not in {"key", "work"}
        ),
        '[merchants.packets.texts]\nsend_name = "a"\nwishing = "b"\nact_name = "c"\nremark = "d"\n',
    ]
    with (cashier.folder / "hongbao.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))
    given = ("list.csv", "--merchant", "packets", "--name", "other", "--unit", "yuan")
    again = cashier.run("campaign", "new", *given, "--json")
    assert again.code == 7, again.everything
    assert "kind" in again.stdout
    named = cashier.run("merchant", "list", "--json").json["merchants"]
    assert [(it["name"], it["rail"]) for it in named] == [
        ("till", "transfer"),
        ("packets", "redpack"),
    ]


def test_the_doctor_proves_keys_and_addresses_by_one_signed_query(cashier: Cashier) -> None:
    well = cashier.run("doctor", "--json")
    assert well.code == 0, well.everything
    query = next(it for it in well.json["checks"] if it["name"] == "till: signed query")
    assert "NOT_FOUND, signed by WeChat" in query["found"]
    text = (cashier.folder / "hongbao.toml").read_text(encoding="utf-8")
    wrong = text.replace('mch_id = "1999000001"', 'mch_id = "1999000009"')
    (cashier.folder / "hongbao.toml").write_text(wrong, encoding="utf-8")
    ill = cashier.run("doctor", "--json")
    assert ill.code != 0
    query = next(it for it in ill.json["checks"] if it["name"] == "till: signed query")
    assert query["state"] == "fail"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ('rail = "redpack"', "merchants.till.api_v3_key"),
        ('rail = "transfer"\nkey_file = "till.key"', "merchants.till.key"),
        ('rail = "transfer"\nkind = "service-provider"', "merchants.till.kind"),
        ('rail = "transfer"\nclient_ip = "203.0.113.7"', "merchants.till.client_ip"),
        ('rail = "transfer"\n[merchants.till.work]\ncorp_id = "ww1"', "merchants.till.work"),
    ],
)
def test_settings_of_the_other_rail_are_refused_by_name(
    cashier: Cashier, changed: str, what: str
) -> None:
    text = (cashier.folder / "hongbao.toml").read_text(encoding="utf-8")
    (cashier.folder / "hongbao.toml").write_text(
        text.replace('rail = "transfer"', changed), encoding="utf-8"
    )
    ran = cashier.run("merchant", "list")
    assert ran.code == 6, ran.everything
    assert what in ran.stderr


def test_a_list_says_what_no_transfer_can_be_made_of(cashier: Cashier) -> None:
    lines = [
        "key,openid,amount,kind,transfer_scene_id",
        "k1,oTEST_payee_0000000000000001,0.09,,",
        "k2,oTEST_payee_0000000000000002,2000.00,,",
        "k3,oTEST_payee_0000000000000003,200.01,transfer-red-packet,",
        "k4,oTEST_payee_0000000000000004,1.00,transfer-red-packet,1009",
        "k5,oTEST_payee_0000000000000005,1.00,normal,",
        "k6,o ho,1.00,,",
    ]
    (cashier.folder / "list.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    given = ("list.csv", "--merchant", "till", "--name", "autumn", "--unit", "fen")
    yuan = (*given[:-1], "yuan")
    found = cashier.run("campaign", "new", *yuan, "--json")
    assert found.code == 7, found.everything
    problems = {it["row"]: it["what"] for it in found.json["problems"]}
    # The scene of the fourth wants something reported that the settings say for all.
    assert set(problems) == {0, 2, 3, 4, 6, 7}
    assert "real name" in problems[3]


@contextmanager
def desk() -> Iterator[tuple[Ledger, Confirmations]]:
    """What a server of the merchant's has."""
    configuration = read_configuration(Path("hongbao.toml"))
    with (
        Ledger.of(configuration) as ledger,
        Confirmations(ledger, configuration) as confirmations,
    ):
        yield ledger, confirmations


def test_a_server_opens_the_page_by_the_same_number_again_and_only_while_it_waits(
    cashier: Cashier,
) -> None:
    cashier.write_list(1)
    cashier.new()
    with desk() as (ledger, confirmations):
        with pytest.raises(LedgerError, match="does not wait for its receiver"):
            confirmations.page(cashier.payouts()[0])
        assert cashier.run("campaign", "run", "autumn").code == 0
        (payout,) = cashier.payouts()
        params = confirmations.page(payout).for_mini_program()
        assert params["package"] == cashier.transfer(payout)["package_info"]
        assert confirmations.page(payout).for_mini_program() == params
        said = {**params, "openid": payout.payee}
        cashier.town.control.ask("POST", "confirm", said)
        with pytest.raises(LedgerError, match="does not wait for its receiver: WeChat says"):
            confirmations.page(payout)
        cashier.later(hours=25)
        with pytest.raises(LedgerError, match="24 hours are over"):
            confirmations.page(payout)
        assert ledger.audit().findings == ()
    assert cashier.town.control.merchant(cashier.town.mch_id)["basic"]["balance"] == 999_900
    with Book.open(str(cashier.folder / "books.db")) as book:
        stored = [*(it.voucher for it in book.payouts_of("autumn"))]
    assert stored == [None], "no package is kept"


def test_a_notification_has_a_worker_ask_and_is_believed_only_by_its_signature(
    cashier: Cashier,
) -> None:
    cashier.write_list(1)
    path = cashier.folder / "hongbao.toml"
    told_where = '[merchants.till.texts]\nnotify_url = "https://pay.example.test/notify/till"'
    text = path.read_text(encoding="utf-8").replace("[merchants.till.texts]", told_where)
    path.write_text(text, encoding="utf-8")
    cashier.new()
    assert cashier.run("campaign", "run", "autumn").code == 0
    (payout,) = cashier.payouts()
    cashier.confirm(payout)
    (sent,) = cashier.town.control.ask("GET", "notifications")["notifications"]
    headers, body = sent["headers"], sent["body"].encode()
    with desk() as (ledger, confirmations):
        assert dict(confirmations.merchants) == {"till": cashier.town.mch_id}
        assert confirmations.notified("till", {}, body) == 401
        assert confirmations.notified("till", headers, body + b" ") == 401
        assert confirmations.notified("nobody", headers, body) == 404
        assert cashier.payouts()[0].due_at == payout.due_at, "nothing was believed"
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert asyncio.run(posted_async(confirmations, "/notify/till", headers, body)) == 204
        asked = [it.kind for it in ledger.history(payout.id)]
        assert asked.count("requested") == 1, "what comes again asks for nothing more"
        assert cashier.payouts()[0].state is State.AWAITING_USER, "a hint decides nothing"
        cashier.work()
        assert cashier.payouts()[0].state is State.RECEIVED
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert len(ledger.history(payout.id)) == len(asked) + 1
        large = b"x" * (BODY_BYTES_MAX + 1)
        assert posted(wsgi_app(confirmations), "/notify/till", headers, large) == 413
        assert asyncio.run(posted_async(confirmations, "/notify/till", headers, large)) == 413
        assert posted(wsgi_app(confirmations), "/notify/till", {}, b"", method="GET") == 405
        assert ledger.audit().findings == ()


def posted(
    app: Any, path: str, headers: dict[str, str], body: bytes, *, method: str = "POST"
) -> int:
    """What a WSGI server is answered."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    said: list[str] = []
    assert list(app(environ, lambda status, _: said.append(status))) == []
    return int(said[0][:3])


async def posted_async(
    confirmations: Confirmations, path: str, headers: dict[str, str], body: bytes
) -> int:
    """What an ASGI server is answered."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": pairs}
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await asgi_app(confirmations)(scope, receive, send)
    return int(said[0]["status"])
