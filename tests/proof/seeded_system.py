"""A whole system of which a seed decides everything: lists, people, faults, crashes, clocks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from virtual_time import run

import second_life
from chaos import ChaosGate, Odds
from crashing import Crash
from hongbao.dispatch.ports import Bounds
from hongbao.errors import BookUnavailable, LedgerError
from hongbao.ledger.model.campaign import SENDING, CampaignState
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.simulator.settings import AmountMismatch, RepeatOfPaid, Settings
from proof_stage import DAY, HOUR, MERCHANTS, MINUTE, Due, OpenGate, Stage
from second_life import Life

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.payout import Instant
    from proof_stage import Payers
    from shelf import Shelf

USERS = tuple(f"oTEST_user{number}_{'x' * 16}" for number in range(5))
STRANGER = "oFOREIGN_0000000000000000001"
KINDS = ("normal",) * 5 + ("mini_program",) * 2 + ("group", "work")
FAULTS = (
    "hang", "lose_request", "lose_reply", "cut_reply", "garble_reply", "http_500", "http_502",
    "html_page", "unknown_code", "systemerror", "processing", "slow_sending", "refuse_connect",
    "refused_but_held",
)  # fmt: skip
QUERIES = ("gethbinfo", "queryworkwxredpack")
DENIALS = ("NOT_FOUND", "NOT_FOUND", "SYSTEMERROR", "CA_ERROR", "FREQ_LIMIT")
REFUSALS = (
    "OPENID_ERROR", "PARAM_ERROR", "MONEY_LIMIT", "NOTENOUGH", "CA_ERROR", "SENDNUM_LIMIT",
    "FREQ_LIMIT", "PROCESSING", "SEND_FAILED",
)  # fmt: skip


class SeededSystem:
    """First all goes wrong, then the books may be lost, then nothing goes wrong any more.

    Args:
        seed: decides everything.
        payers: who pays.
        shelf: for the books.
        life: with which books it goes on.
    """

    faults: tuple[str, ...] = FAULTS

    def __init__(self, seed: int, payers: Payers, shelf: Shelf, life: Life = Life.FIRST) -> None:
        self._seed = seed
        self._life = life
        self._dice = dice = Random(seed)
        settings = Settings(
            repeat_of_paid=dice.choice(list(RepeatOfPaid)),
            amount_mismatch=dice.choice(list(AmountMismatch)),
            same_number_seconds=dice.choice((1.0, 1.0, 10.0)),
            refusals_held=dict.fromkeys(dice.sample(REFUSALS, dice.choice((0, 0, 3))), True),
        )
        self.stage = self._stage(payers, shelf, settings)
        self._ahead: list[Instant] = []
        self._willing = set(dice.sample(USERS, 3))
        for number in range(dice.choice((1, 1, 2))):
            self._set_merchant(MERCHANTS[number].mch_id)
        if life is not Life.FIRST:
            shelf.keep()

    def _stage(self, payers: Payers, shelf: Shelf, settings: Settings) -> Stage:
        return Stage(payers, shelf, settings=settings)

    # The safety half -----------------------------------------------------------------------------

    def rage(self) -> None:
        """Let everything go wrong for some hours; at the end every process dies."""
        dice = self._dice
        kinds = dice.sample(self.faults, dice.randint(0, 5))
        bad = dice.uniform(0.02, 0.5)
        odds = {kind: bad / len(kinds) for kind in kinds}
        self.stage.wechat.fail(seed=self._seed, odds=odds)
        lies = dice.choice((0.0, 0.0, 0.1, 0.3))
        self.stage.lies.set(lambda name, _nth: self._lie(name) if dice.random() < lies else None)
        seconds = dice.choice((20 * MINUTE, 2 * HOUR, 6 * HOUR))
        run(self.stage.time, lambda: self._rage(seconds))

    async def _rage(self, seconds: float) -> None:
        dice = self._dice
        odds = Odds(*(dice.choice((0.0, 0.01, 0.1)) for _ in Odds._fields))
        lives = [asyncio.create_task(self._process(n, odds)) for n in range(dice.randint(1, 3))]
        lives.append(asyncio.create_task(self._people()))
        await asyncio.sleep(seconds)
        for life in lives:
            life.cancel()
        for end in await asyncio.gather(*lives, return_exceptions=True):
            if end is None or isinstance(end, Exception):
                raise AssertionError("a process ended by itself") from end

    def _lie(self, name: str) -> str:
        return self._dice.choice(DENIALS if name in QUERIES else REFUSALS)

    async def _process(self, number: int, odds: Odds) -> None:
        """A process that is started again whenever it has ended."""
        self._ahead.append(0)
        book = self.stage.shelf.door(
            number + 1, lambda: self.stage.time.instant + self._ahead[number]
        )
        dice = Random(f"{self._seed}/{number}")
        bounds = Bounds(
            claimed=dice.choice((2, 6, 16)),
            share=dice.choice((1, 4, 8)),
            poll_seconds=2 * HOUR,
        )
        me = asyncio.current_task()
        assert me is not None
        for life in count(1):
            gate = ChaosGate(dice, odds)
            name = f"worker {number}, life {life}"
            with suppress(Crash, BookUnavailable):
                await self.stage.work(gate, book=book, name=name, bounds=bounds)
            if me.cancelling():  # just as it died: a group of tasks raises the error alone
                raise asyncio.CancelledError
            await asyncio.sleep(dice.uniform(0, 20 * MINUTE))

    async def _people(self) -> None:
        """Do something now and then, be it wise or not."""
        acts = self._acts()
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / (2 * HOUR)))
            self._dice.choice(acts)()
            for worker in self.stage.workers:
                worker.stir()

    def _acts(self) -> tuple[Callable[[], None], ...]:
        """What they may do, each as often as it stands here."""
        return (
            *(self._users,) * 4, self._jump, self._pause, *(self._tend,) * 2, self._meddle,
            self._cancel,
        )  # fmt: skip

    def _jump(self) -> None:
        """A machine's clock is wrong from now on, or right again."""
        if self._ahead:
            number = self._dice.randrange(len(self._ahead))
            self._ahead[number] = self._dice.choice((0, -30, 30, -600, 600)) * SECOND

    def _pause(self) -> None:
        name = self._dice.choice(self.stage.names)
        with suppress(LedgerError):
            self.stage.book.pause(name, by="boss", reason="to look at it")

    def _cancel(self) -> None:
        if self._dice.random() < 0.2:
            name = self._dice.choice(self.stage.names)
            with suppress(LedgerError):
                self.stage.book.cancel(name, by="boss", reason="a mistake")

    def _meddle(self) -> None:
        """Ask, send or try again what they please; the books refuse what is not allowed."""
        payout, book = self._dice.choice(self.stage.payouts()), self.stage.book
        act = self._dice.randrange(3)
        with suppress(LedgerError):
            if act == 0:
                book.query_now(payout.id, by="clerk")
            elif act == 1:
                book.send_now(payout.id, by="clerk")
            elif payout.payee != STRANGER:
                book.reopen(payout.id, by="clerk", reason="the receiver asks")

    def lose_the_books(self) -> None:
        """Go on with an earlier copy of them, or with empty ones, and have everything refused."""
        if self._life is not Life.FIRST:
            self._ahead[:] = [0] * len(self._ahead)
            second_life.begin(self.stage, self._life, number=self._seed)

    # The liveness half ---------------------------------------------------------------------------

    def recover(self) -> None:
        """Let nothing go wrong any more, and people do what is to be done."""
        stage = self.stage
        stage.wechat.recover()
        stage.lies.set(lambda _name, _nth: None)
        for kept in MERCHANTS:
            stage.wechat.simulated(kept.mch_id).risky_openids.clear()
        for hours in (0, 2, 20, 44, 68, 92):
            stage.at(hours * HOUR, self._tend)
            stage.at(hours * HOUR + 1, self._users)
        for days in (2, 6):
            stage.at(days * DAY, lambda: second_life.ask(stage))
        # What is asked about to the last comes to a person after 29 days.
        for days in (7, 31):
            stage.at(days * DAY, lambda: second_life.close(stage))
        self._ahead[:] = [0] * len(self._ahead)
        stage.live(OpenGate())

    def _tend(self) -> None:
        """Top up, and let what was stopped go on."""
        stage = self.stage
        stops = {standing.number for standing in stage.book.channels() if standing.stop}
        for name in stage.names:
            standing = stage.book.standing(name)
            stage.wechat.top_up(5_000, mch_id=standing.merchant)
            paused = standing.campaign.state is CampaignState.PAUSED
            sending = standing.campaign.state in SENDING
            if paused or (sending and standing.merchant in stops):
                stage.book.resume(name, by="boss")

    def _users(self) -> None:
        for name in self.stage.names:
            self.stage.claim(name, self._willing)

    # What is there -------------------------------------------------------------------------------

    def _set_merchant(self, mch_id: str) -> None:
        dice, stage = self._dice, self.stage
        simulated = stage.wechat.simulated(mch_id)
        simulated.limits.calls_per_second = dice.choice((None, 5, 30))
        simulated.limits.user_packets_per_day = dice.choice((None, 2, 10))
        simulated.limits.night_rule = dice.random() < 0.2
        simulated.risky_openids = {user: 1 for user in USERS if dice.random() < 0.05}
        if dice.random() < 0.4:
            stage.wechat.top_up(dice.randint(0, 1_500) - simulated.basic.balance, mch_id=mch_id)
        opens, closes = dice.choice(((0, 1440), (0, 1440), (9 * 60, 21 * 60)))
        limits = PayerLimits(
            rate=dice.choice((None, 2.0, 30.0)),
            burst=dice.choice((1, 5)),
            day_amount_max=dice.choice((None, None, 3_000)),
            user_day_count_max=dice.choice((None, 2)),
            opens=opens,
            closes=closes,
        )
        for number in range(dice.choice((1, 1, 2))):
            dues = [self._due(row) for row in range(dice.randint(1, 4))]
            stage.campaign(f"{mch_id}-{number}", dues, mch_id=mch_id, limits=limits)

    def _due(self, row: int) -> Due:
        dice = self._dice
        kind = dice.choice(KINDS)
        payee = STRANGER if dice.random() < 0.1 else dice.choice(USERS)
        shared = kind == "group"
        amount = dice.randint(300, 1_000) if shared else dice.randint(100, 500)
        return Due(str(row), kind, payee, amount, people=3 if shared else 1)
