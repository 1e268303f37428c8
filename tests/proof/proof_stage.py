"""What outlives every worker: the books, a simulated WeChat, people, and their common time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from virtual_time import VirtualTime, run

from hongbao import AsyncRedPack
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.worker import Worker
from hongbao.ledger.intake.appending import Payment
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.rails.port import Rails
from hongbao.rails.redpack.caller import RedPackCaller
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.simulator.claims import ClaimRefused
from hongbao.simulator.folder.folder import DEMO, SimulatorFolder
from hongbao.simulator.folder.kept_merchant import KeptMerchant
from hongbao.simulator.simulation import Simulation
from hongbao.testing.memory import MemoryLine
from hongbao.testing.wechat import SimulatedWeChat
from hongbao.wire.claim import claim_params
from lies import Lies

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from hongbao import Merchant
    from hongbao.client.transport import HttpRequest, HttpResponse
    from hongbao.dispatch.progress import Progress, Watcher
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.mandate import Mandate
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.rails.port import Caller
    from hongbao.rails.redpack.caller import Account
    from hongbao.simulator.settings import Settings
    from shelf import Shelf

T = TypeVar("T")

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
LATENCY_SECONDS = 0.05
IDLE_SECONDS_MAX = 40 * DAY
"""Longer than anything takes: a worker that would be idle for so long has nothing to wait for."""
BOUNDS = Bounds(claimed=16, share=8, poll_seconds=2 * IDLE_SECONDS_MAX)
# Everything happens that happens by the usual rules, but less often, so that a run costs less.
RETRY = replace(
    RED_PACK.retry,
    looks=(int(DAY + 10 * MINUTE),),
    not_found_seconds_max=int(6 * HOUR),
    query_only_seconds=int(36 * HOUR),
)
RAILS = Rails(replace(RED_PACK, retry=RETRY))
WORLD_SEED = 1

MERCHANTS = (
    DEMO,
    *(
        KeptMerchant(
            mch_id=f"199900000{number}",
            key=f"SimulatorOnlyKey{number}NeverInRealUse0",
            app_id=f"wx0000000000de00{number}1",
            mini_program_app_id=f"wx0000000000de00{number}2",
            corp_id=f"ww0000000000de00{number}3",
            work_secret=f"SimulatorOnlySecret{number}NeverInRealUse000000000",
        )
        for number in (2, 3)
    ),
)
MCH_ID = DEMO.mch_id

_TEXTS = {"send_name": "商户", "wishing": "恭喜发财", "act_name": "春节", "remark": "一等奖"}
_APP_IDS: Mapping[str, Callable[[KeptMerchant], str | None]] = {
    "normal": lambda kept: kept.app_id,
    "group": lambda kept: kept.app_id,
    "mini_program": lambda kept: kept.mini_program_app_id,
    "work": lambda _kept: None,
}


class Due(NamedTuple):
    """One payment to make."""

    key: str
    kind: str = "normal"
    payee: str = "oTEST_payee_0000000000000001"
    amount: int = 100
    people: int = 1


class Payers:
    """Who pays: merchants' files and the clients' settings, made once for all tests."""

    def __init__(self, path: Path) -> None:
        self.folder = SimulatorFolder.open(path, datetime.now(UTC))
        for kept in MERCHANTS[1:]:
            self.folder.add_merchant(kept, datetime.now(UTC))
        self._merchants: dict[tuple[str, str | None], Merchant] = {}

    def merchant(self, wechat: SimulatedWeChat, account: Account) -> Merchant:
        """The settings of an account; its profile is the merchant's number."""
        who = (account.profile, account.app_id)
        if who not in self._merchants:
            changes: dict[str, Any] = {"app_id": account.app_id} if account.app_id else {}
            self._merchants[who] = wechat.merchant(account.profile, **changes)
        return self._merchants[who]


class Gate(Protocol):
    """What every call of a worker to the books or to WeChat goes through."""

    async def books(self, work: Callable[[], T]) -> T:
        """As a ``Carrier``."""
        ...

    async def wechat(self, work: Callable[[], T]) -> T:
        """One exchange, which may be lost on its way."""
        ...


class OpenGate:
    """Lets everything through."""

    async def books(self, work: Callable[[], T]) -> T:
        """As ``Gate.books``."""
        return work()

    wechat = books


class Line:
    """A worker's way to WeChat, in virtual time."""

    def __init__(self, stage: Stage, mch_id: str, gate: Gate) -> None:
        self._line = MemoryLine(stage.wechat.app, certificate_mch_id=mch_id)
        self._lies = stage.lies
        self._gate = gate

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``AsyncTransport.send``."""
        await asyncio.sleep(LATENCY_SECONDS)
        response = await self._gate.wechat(lambda: self._exchange(request, timeout_seconds))
        await asyncio.sleep(LATENCY_SECONDS)
        return response

    def _exchange(self, request: HttpRequest, timeout_seconds: float) -> HttpResponse:
        told = self._lies.tell(request.path)
        return told or self._line.exchange(request, timeout_seconds)

    async def aclose(self) -> None:
        """As ``AsyncTransport.aclose``."""
        self._line.close()


class Stage:
    """The whole world but for the workers.

    Args:
        payers: who pays.
        shelf: for the books.
        settings: how WeChat behaves where no source settles it.
        time: everybody's; a new one if left out.

    Attributes:
        time: everybody's.
        wechat: the simulated one.
        shelf: where the books are.
        book: the books.
        lies: what WeChat says that is not so.
        workers: those that work now.
    """

    rail, rails = "redpack", RAILS

    def __init__(
        self,
        payers: Payers,
        shelf: Shelf,
        *,
        settings: Settings | None = None,
        time: VirtualTime | None = None,
    ) -> None:
        shelf.renew()
        self.time = time or VirtualTime()
        self.wechat = SimulatedWeChat(
            Simulation(payers.folder, clock=self.time, seed=WORLD_SEED, settings=settings)
        )
        self.shelf = shelf
        self.book = shelf.door(0, self.time.books)
        self.lies = Lies()
        self.workers: list[Worker] = []
        self.names: list[str] = []
        self._payers = payers
        self._acts: list[tuple[Instant, int, Callable[[], object]]] = []
        self._lists: list[Callable[[], None]] = []
        self._number = count(1)

    # What people do ------------------------------------------------------------------------------

    def campaign(
        self,
        name: str,
        dues: Sequence[Due],
        *,
        mch_id: str = MCH_ID,
        limits: PayerLimits | None = None,
        approve: bool = True,
    ) -> None:
        """Import a list, and approve it."""
        self._lists.append(
            partial(self.campaign, name, dues, mch_id=mch_id, limits=limits, approve=approve)
        )
        book = self.book
        channel_id = book.set_channel(mch_id, self.rail, limits or PayerLimits(), by="anna")
        bodies = self.terms_of(self._payers.folder.merchants[mch_id])
        terms = dict(zip(bodies, book.terms(list(bodies.values())), strict=True))
        plan = Plan(
            name=name, channel_id=channel_id, profile=mch_id, budget=None,
            source=f"{name}.csv", source_digest=bytes(32),
        )  # fmt: skip
        campaign = book.begin_import(plan, by="importer")
        entries = [Entry(f"{name}/{due.key}", *due[1:], terms_id=terms[due.kind]) for due in dues]
        book.submit(campaign.id, [entries], by="importer")
        drafted = book.finish_import(name, by="importer")
        self.names.append(name)
        if approve:
            book.approve(name, digest=drafted.digest, by="approver")

    def stand(self, name: str, mandate: Mandate) -> None:
        """Begin a standing campaign, and approve it."""
        channel_id = self.book.set_channel(MCH_ID, "redpack", PayerLimits(), by="anna")
        plan = Plan(
            name=name, channel_id=channel_id, profile=MCH_ID, budget=mandate.total,
            source="programs", source_digest=mandate.digest, mandate=mandate,
        )  # fmt: skip
        self.book.approve(name, digest=self.book.stand(plan, by="anna").digest, by="bert")
        self.names.append(name)

    def enqueue(self, name: str, due: Due) -> Payout:
        """What a program asks for, which does not know whether it has asked before."""
        terms = _terms(self._payers.folder.merchants[MCH_ID], due.kind)
        payment = Payment(
            key=f"{name}/{due.key}", kind=due.kind, payee=due.payee, amount=due.amount,
            people=due.people, terms=terms, number=MCH_ID, rail="redpack", profile=MCH_ID,
        )  # fmt: skip
        return self.book.append(name, payment, by="shop")

    def import_again(self) -> None:
        """Import every list once more, into books that are empty."""
        lists = list(self._lists)
        for held in (self._lists, self.names):
            held.clear()
        for again in lists:
            again()

    def payouts(self, *names: str) -> list[Payout]:
        """Those of these campaigns, or of all."""
        return [payout for name in names or self.names for payout in self.book.payouts_of(name)]

    def give_up(self, payout: Payout) -> None:
        """Have somebody say that it was not paid."""
        self.book.declare_dead(
            payout.id, by="auditor", reason="not in the bills", windows=self.rails.windows
        )

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Let somebody do something so long from now, whoever works then."""
        moment = self.time.instant + int(seconds * SECOND)
        heappush(self._acts, (moment, next(self._number), act))

    def claim(self, name: str, payees: Container[str]) -> None:
        """Let users open what a campaign sent them, as far as it has come."""
        for payout in self.payouts(name):
            if payout.payee not in payees:
                continue
            with suppress(ClaimRefused):
                self._open(payout)

    def _open(self, payout: Payout) -> None:
        mch_id = self.number_of(payout)
        if payout.kind != "mini_program":
            self.wechat.claim(payout.billno, payout.payee, mch_id=mch_id)
        elif payout.voucher is not None:
            kept = self._payers.folder.merchants[mch_id]
            params = claim_params(
                payout.voucher,
                app_id=str(kept.mini_program_app_id),
                key=kept.key,
                time_stamp=int(self.time.now()),
                nonce_str="proof",
            )
            self.wechat.claim_mini_program(params.as_dict(), payout.payee)

    def number_of(self, payout: Payout) -> str:
        """The number of the merchant that pays it."""
        numbers = {it.merchant_id: it.number for it in self.book.channels()}
        return numbers[payout.merchant_id]

    # Who works -----------------------------------------------------------------------------------

    def live(self, gate: Gate | None = None, **options: Any) -> None:
        """Let one worker work until nothing is left to be done, by it or by people."""
        run(self.time, lambda: self._live(gate or OpenGate(), options))

    async def _live(self, gate: Gate, options: dict[str, Any]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                playing = group.create_task(self.play())
                await self.work(gate, **options)
                playing.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def play(self) -> None:
        """Let people do what they do, at its time."""
        while self._acts:
            await asyncio.sleep((self._acts[0][0] - self.time.instant) / SECOND)
            _, _, act = heappop(self._acts)
            act()
            for worker in self.workers:
                worker.stir()

    async def work(self, gate: Gate, **options: Any) -> None:
        """Be a worker until nothing is left to be done; ``options`` are those of ``worker``."""
        worker = self.worker(
            gate, watcher=lambda progress: self._leave(worker, progress), **options
        )
        self.workers.append(worker)
        try:
            await worker.run()
        finally:
            self.workers.remove(worker)

    def worker(
        self,
        gate: Gate,
        *,
        book: Book | None = None,
        name: str = "worker",
        bounds: Bounds = BOUNDS,
        watcher: Watcher | None = None,
    ) -> Worker:
        """A worker whose every step goes through a gate."""
        # Books have no memory of their own, so that workers in turn may share them.
        book = book or self.book
        caller = self.caller(gate, book)
        return Worker(
            book,
            {channel.id: caller for channel in book.channels()},
            name=name,
            rails=self.rails,
            carrier=gate.books,
            bounds=bounds,
            watcher=watcher,
        )

    def caller(self, gate: Gate, book: Book) -> Caller:
        """What calls for all channels."""
        return RedPackCaller(
            lambda account: self._client(account, gate),
            terms=book.terms_body, carrier=gate.books, timeout_seconds=30.0,
        )  # fmt: skip

    def terms_of(self, kept: KeptMerchant) -> dict[str, dict[str, object]]:
        """The terms of each kind."""
        return {kind: _terms(kept, kind) for kind in _APP_IDS}

    def _leave(self, worker: Worker, progress: Progress) -> None:
        """Send a worker home that has nothing to wait for."""
        busy = progress.in_flight or progress.unrecorded or self._acts
        if not busy and (progress.idle_seconds or 0) > IDLE_SECONDS_MAX:
            worker.drain()

    def _client(self, account: Account, gate: Gate) -> AsyncRedPack:
        return AsyncRedPack(
            self._payers.merchant(self.wechat, account),
            transport=Line(self, account.profile, gate),
        )


def _terms(kept: KeptMerchant, kind: str) -> dict[str, object]:
    terms: dict[str, object] = {"profile": kept.mch_id, **_TEXTS}
    if (app_id := _APP_IDS[kind](kept)) is not None:
        terms["app_id"] = app_id
    if kind == "work":
        terms |= {"sender_name": "张三"}
    return terms
