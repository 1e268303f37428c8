"""A program enqueues payouts and runs workers: ``hongbao.engine``, against a simulated WeChat."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from campaign_office import wait_until
from hongbao import engine
from hongbao.engine import (
    BudgetExceeded,
    KeyReused,
    Ledger,
    LedgerError,
    Mandate,
    State,
    read_configuration,
    run_worker,
    run_worker_async,
)
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.ledger.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from campaign_office import Office, Town
    from hongbao.engine import Payout

MANDATE = Mandate(total=100_000, day_amount=50_000, day_count=100, largest=10_000)
SOMEBODY = "oTEST_payee_0000000000000001"


class Program:
    """A program with an open ledger and a standing campaign that is approved."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.configuration = read_configuration(Path("hongbao.toml"))
        self.merchant = self.configuration.payer("demo")

    def stand(self) -> None:
        """Begin the campaign, and approve it."""
        draft = self.ledger.begin_standing("refunds", self.merchant, MANDATE, by="anna")
        self.ledger.approve("refunds", digest=draft.digest, by="bert")

    def enqueue(self, key: str = "order-1", **said: Any) -> Payout:
        """Ask for a payout."""
        asked: dict[str, Any] = {
            "campaign": "refunds", "merchant": self.merchant, "key": key, "openid": SOMEBODY,
            "amount_fen": 100, "by": "test",
        }  # fmt: skip
        return self.ledger.enqueue(**(asked | said))


@pytest.fixture
def program(office: Office) -> Iterator[Program]:
    """The program."""
    with Ledger.open(str(office.folder / "books.db")) as ledger:
        program = Program(ledger)
        program.stand()
        yield program


def test_all_public_names_exist_and_are_sorted() -> None:
    assert engine.__all__ == sorted(engine.__all__, key=lambda name: (not name.isupper(), name))
    assert all(getattr(engine, name) is not None for name in engine.__all__)


def test_a_payout_is_paid_once_with_what_the_settings_and_the_program_say(
    program: Program, town: Town
) -> None:
    first = program.enqueue(wishing="Sorry")
    again = program.enqueue(wishing="Sorry")
    assert (again.id, again.state) == (first.id, State.WAITING)
    progress = run_worker(program.ledger, program.configuration, leave_idle=2)
    assert (progress.claimed, town.paid_once()) == (1, 1)
    assert program.ledger.payout("order-1").state is State.SENT
    terms = program.ledger.terms_body(first.terms_id)
    assert (terms["wishing"], terms["act_name"]) == ("Sorry", "Spring")


def test_one_ledger_serves_programs_and_a_worker_that_stops_when_it_is_told(
    program: Program, town: Town
) -> None:
    stop = threading.Event()
    worker = threading.Thread(
        target=lambda: run_worker(program.ledger, program.configuration, stop=stop)
    )
    worker.start()
    for number in range(5):
        program.enqueue(f"order-{number}")
    wait_until(lambda: program.ledger.payout("order-4").state is State.SENT)
    stop.set()
    worker.join(30)
    assert not worker.is_alive()
    assert town.paid_once() == 5


def test_in_an_event_loop_others_go_on_beside_the_worker(program: Program, town: Town) -> None:
    def sent() -> bool:
        return program.ledger.payout("order-1").state is State.SENT

    async def serve() -> int:
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker_async(program.ledger, program.configuration, stop=stop)
        )
        await asyncio.to_thread(program.enqueue)
        await asyncio.to_thread(wait_until, sent)
        stop.set()
        return (await working).claimed

    assert asyncio.run(serve()) == 1
    assert town.paid_once() == 1


def test_a_worker_that_is_told_before_it_begins_claims_nothing(
    program: Program, town: Town
) -> None:
    program.enqueue()
    stop = threading.Event()
    stop.set()
    assert run_worker(program.ledger, program.configuration, stop=stop).claimed == 0
    assert program.ledger.payout("order-1").state is State.WAITING
    assert town.paid_once() == 0


@pytest.mark.usefixtures("office")
def test_a_worker_pays_while_threads_of_the_program_have_all_connections(
    town: Town, postgresql_url: str
) -> None:
    with closing(Database(postgresql_url)) as database, ExitStack() as stack:
        program = Program(Ledger(database))
        program.stand()
        program.enqueue()
        for _ in range(15):
            stack.enter_context(database.reading())
        run_worker(program.ledger, program.configuration, leave_idle=1)
    assert town.paid_once() == 1


def test_a_worker_says_what_stops_a_merchant(program: Program, town: Town) -> None:
    town.have(0)
    program.enqueue()
    seen: list[str] = []
    run_worker(
        program.ledger, program.configuration, leave_idle=2, merchants=["demo"],
        stopped=lambda stop: seen.append(stop.code),
    )  # fmt: skip
    assert seen == ["NOTENOUGH"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"merchants": []}, "merchants: a worker needs one merchant at least"),
        ({"lease_seconds": float("nan")}, "lease: is nan seconds"),
        ({"lease_seconds": float("inf")}, "lease: is inf seconds"),
        ({"lease_seconds": 10**12}, "lease: is 1000000000000 seconds"),
        ({"lease_seconds": 0}, "lease: is 0 seconds"),
    ],
)
def test_a_worker_that_cannot_work_as_it_is_told_says_what_is_wrong(
    program: Program, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        run_worker(program.ledger, program.configuration, leave_idle=0, **said)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": "cash"}, "kind"),
    ({"key": ""}, "key"),
    ({"key": "2.02611E+17"}, "key"),
    ({"key": "k" * 129}, "key"),
    ({"openid": "nobody's openid"}, "openid"),
    ({"amount_fen": 0}, "amount_fen"),
    ({"amount_fen": 100.0}, "amount_fen"),
    ({"amount_fen": "100"}, "amount_fen"),
    ({"amount_fen": True}, "amount_fen"),
    ({"amount_fen": 20_001}, "amount_fen"),
    ({"amount_fen": 100_001}, "amount_fen"),
    ({"amount_fen": None}, "amount_fen"),
    ({"people": 3}, "people"),
    ({"people": True}, "people"),
    ({"people": 1.0}, "people"),
    ({"people": "1"}, "people"),
    ({"key": 1001}, "key"),
    ({"key": b"order-1"}, "key"),
    ({"key": None}, "key"),
    ({"openid": None}, "openid"),
    ({"openid": b"oTEST"}, "openid"),
    ({"kind": ["normal"]}, "kind"),
    ({"kind": None}, "kind"),
    ({"merchant": "demo"}, "merchant"),
    ({"merchant": None}, "merchant"),
    ({"campaign": 5}, "campaign"),
    ({"by": 5}, "by"),
    ({"scene_id": 1}, "scene_id"),
    ({"wishing": True}, "wishing"),
    ({"kind": "group", "amount_fen": 300, "people": 1}, "people"),
    ({"wishing": "w" * 200}, "wishing"),
    ({"wishing": 5}, "wishing"),
    ({"sender_name": "Anna"}, "sender_name"),
]


@pytest.mark.parametrize(("said", "field"), WRONG)
def test_what_wechat_would_refuse_is_refused_and_nothing_is_stored(
    program: Program, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        program.enqueue(**{"key": "order-1"} | said)
    assert caught.value.field == field
    assert "nobody's openid" not in str(caught.value)
    assert program.ledger.standing("refunds").rows == 0


def test_a_retry_after_an_edit_of_the_settings_is_the_payout_that_is_there(
    program: Program, town: Town
) -> None:
    first = program.enqueue(wishing="Sorry")
    run_worker(program.ledger, program.configuration, leave_idle=2)
    demo = program.merchant
    edited = [
        replace(demo, texts={**demo.texts, "remark": "Autumn"}),
        replace(demo, texts={}),
        replace(demo, limits=replace(demo.limits, day_amount_max=50)),
        replace(demo, limits=replace(demo.limits, user_day_amount_max=50)),
        replace(demo, app_id="wx00000000000000ff"),
        replace(demo, profile="renamed"),
        replace(demo, client_ip=None),
        replace(demo, rules={}),
    ]
    others: list[dict[str, Any]] = [
        {"wishing": "Hello"}, {"remark": "Autumn"}, {"amount_fen": 40},
    ]  # fmt: skip
    for merchant in edited:
        again = program.enqueue(wishing="Sorry", merchant=merchant)
        assert (again.id, again.state) == (first.id, State.SENT)
        for said in others:
            with pytest.raises(KeyReused, match="would be paid a second time") as caught:
                program.enqueue(merchant=merchant, **({"wishing": "Sorry"} | said))
            assert [name for name, *_ in caught.value.differences] == [
                name.removesuffix("_fen") for name in said
            ]
    with pytest.raises(InvalidRequest, match="limits of a day"):
        program.enqueue("order-2", merchant=edited[2])
    assert town.paid_once() == 1
    assert program.ledger.audit().findings == ()


class Kind(StrEnum):
    """A program's own names."""

    NORMAL = "normal"


def test_a_text_that_is_an_enumerations_member_is_its_value(program: Program) -> None:
    first = program.enqueue(kind=Kind.NORMAL)
    assert type(program.enqueue().kind) is str
    assert program.ledger.payout("order-1") == first
    assert program.ledger.audit().findings == ()


def test_arguments_of_a_wrong_type_are_named(program: Program) -> None:
    ledger, merchant = program.ledger, program.merchant
    wrong: list[tuple[str, Callable[[], object]]] = [
        ("key", lambda: ledger.payout(1001)),  # type: ignore[arg-type]
        ("merchant", lambda: ledger.payout("a", merchant="demo")),  # type: ignore[arg-type]
        ("name", lambda: ledger.begin_standing(5, merchant, MANDATE, by="a")),  # type: ignore[arg-type]
        ("merchant", lambda: ledger.begin_standing("b", "demo", MANDATE, by="a")),  # type: ignore[arg-type]
        ("mandate", lambda: ledger.begin_standing("b", merchant, {}, by="a")),  # type: ignore[arg-type]
    ]
    for field, ask in wrong:
        with pytest.raises(InvalidRequest) as caught:
            ask()
        assert caught.value.field == field


def test_a_text_that_neither_the_program_nor_the_settings_say_is_named(
    office: Office, town: Town
) -> None:
    path = office.folder / "hongbao.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[merchants.demo.texts]")[0])
    with Ledger.open(str(office.folder / "books.db")) as ledger:
        program = Program(ledger)
        program.stand()
        with pytest.raises(InvalidRequest, match="send_name must be given, or in the merchant's"):
            program.enqueue()
    assert town.mch_id == program.merchant.number


def test_a_kind_that_the_settings_have_no_account_for_is_no_request(program: Program) -> None:
    with pytest.raises(ConfigurationError, match="work packets need a"):
        program.enqueue(kind="work", sender_name="Anna")


def test_the_mandate_and_the_key_are_reported_by_errors_of_their_own(program: Program) -> None:
    program.enqueue()
    with pytest.raises(KeyReused):
        program.enqueue(amount_fen=200)
    with pytest.raises(BudgetExceeded) as caught:
        program.enqueue("order-2", amount_fen=10_001)
    assert (caught.value.limit, caught.value.most) == ("largest", 10_000)
    with pytest.raises(LedgerError, match="no campaign 'bonus'"):
        program.enqueue("order-3", campaign="bonus")


def test_a_payout_is_found_by_its_key_in_any_spelling_and_none_is_an_error(
    program: Program,
) -> None:
    payout = program.enqueue("ORDER-１")
    assert program.ledger.payout(" ORDER-1 ").id == payout.id
    assert program.ledger.payout("ORDER-1", merchant=program.merchant).id == payout.id
    with pytest.raises(LedgerError, match="no payout of this key"):
        program.ledger.payout("order-1")
