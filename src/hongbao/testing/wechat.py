"""A test's access to a simulated WeChat: who pays, what goes wrong, what users do.

It knows both the client and the simulator; nothing else does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from hongbao.client.merchant import Merchant, ServiceProvider, WorkWx
from hongbao.simulator import claims, money_audit
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import FaultPlan
from hongbao.simulator.transfer import confirming
from hongbao.simulator.transfer.notifying import write_notice
from hongbao.testing.memory import AsyncMemoryTransport, MemoryTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.simulator.app import App
    from hongbao.simulator.claims import ClaimResult
    from hongbao.simulator.holdings import MoneyTotals
    from hongbao.simulator.journal import RecordedRequest
    from hongbao.simulator.merchant import SimulatedMerchant
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.simulation import Simulation
    from hongbao.simulator.transfer.confirming import ConfirmPage
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.world import World

IN_MEMORY_URL = "https://localhost"
"""A placeholder: the requests stay in the process."""


class SimulatedWeChat:
    """What the fixtures return, the same over sockets and in memory.

    A ``mch_id`` that is left out is the demo merchant's.

    Args:
        simulation: the simulation, with or without ports.

    Attributes:
        simulation: use it, holding ``app.lock``, for what has no method here.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        if not simulation.base_url:
            simulation.base_url = IN_MEMORY_URL

    @property
    def app(self) -> App:
        """The simulator's application, which answers requests."""
        return self.simulation.app

    @property
    def world(self) -> World:
        """The state of the simulated WeChat."""
        return self.simulation.app.world

    @property
    def base_url(self) -> str:
        """The address for WeChat's calls."""
        return self.simulation.base_url

    @property
    def mch_id(self) -> str:
        """The demo merchant's number."""
        return next(iter(self.simulation.folder.merchants))

    # Who pays ----------------------------------------------------------------------------------

    def merchant(
        self, mch_id: str | None = None, *, mini_program: bool = False, **changes: object
    ) -> Merchant:
        """A merchant for a client.

        Args:
            mch_id: its number.
            mini_program: use the mini program's appid, to send mini-program packets.
            changes: other arguments of ``hongbao.Merchant``.
        """
        return Merchant(**self._arguments(mch_id, changes, mini_program=mini_program))

    def service_provider(self, mch_id: str | None = None, **changes: object) -> ServiceProvider:
        """A service provider for a client; also set ``simulated(mch_id).provider``."""
        return ServiceProvider(**self._arguments(mch_id, changes))

    def credentials(self, mch_id: str | None = None, **changes: object) -> V3Credentials:
        """A merchant for a client of V3 transfers.

        Args:
            mch_id: its number.
            changes: other arguments of ``hongbao.V3Credentials``.
        """
        # Most tests have nothing of V3.
        from hongbao.client.transfer.credentials import V3Credentials  # noqa: PLC0415  # see above

        return V3Credentials(**{**self.simulation.credentials(mch_id), **changes})

    def transport(self, mch_id: str | None = None) -> MemoryTransport:
        """For ``RedPack(merchant, transport=...)``: no sockets."""
        return MemoryTransport(self.app, certificate_mch_id=mch_id or self.mch_id)

    def async_transport(self, mch_id: str | None = None) -> AsyncMemoryTransport:
        """For ``AsyncRedPack(merchant, transport=...)``: no sockets."""
        return AsyncMemoryTransport(self.app, certificate_mch_id=mch_id or self.mch_id)

    def simulated(self, mch_id: str | None = None) -> SimulatedMerchant:
        """A merchant as WeChat keeps it; its attributes may be set."""
        return self.world.merchant(mch_id or self.mch_id)

    def set(self, **changes: object) -> None:
        """Change ``Settings``: how WeChat behaves where no source settles it."""
        with self.app.lock:
            self.world.settings = replace(self.world.settings, **cast("dict[str, Any]", changes))

    # What goes wrong, and when -----------------------------------------------------------------

    def fail(
        self,
        *rules: Mapping[str, Any] | str,
        seed: int = 0,
        odds: Mapping[str, float] | None = None,
    ) -> None:
        """Replace the plan of faults, which ``docs/simulator.md`` describes.

        Args:
            rules: such as ``"lose_reply"``, which means always, or
                ``{"fault": "cut_reply", "endpoint": "sendredpack", "nth": 2, "bytes": 100}``.
            seed: seeds the odds.
            odds: such as ``{"lose_reply": 0.1}``.
        """
        said = [{"fault": rule} if isinstance(rule, str) else rule for rule in rules]
        self.app.script(parse_plan({"rules": said, "seed": seed, "odds": odds or {}}))

    def recover(self) -> None:
        """End all faults."""
        self.app.script(FaultPlan())

    def advance(self, seconds: float) -> None:
        """Put the clock forward, and apply what is due by then."""
        with self.app.lock:
            self.world.clock.advance(seconds)
            self.world.settle()

    def top_up(self, amount: int, *, mch_id: str | None = None) -> None:
        """Add fen to the account that pays, or take them away."""
        with self.app.lock:
            merchant = self.simulated(mch_id)
            merchant.top_up(merchant.paying_account, amount, self.world.clock.now())

    def reset(self) -> None:
        """Forget packets, users, totals, the journal and faults."""
        self.app.restart()

    # What users do -----------------------------------------------------------------------------

    def claim(self, mch_billno: str, openid: str, *, mch_id: str | None = None) -> ClaimResult:
        """A user opens a normal, WeCom or group packet.

        Raises:
            ClaimRefused: if they do not get it.
        """
        with self.app.lock:
            return claims.claim_packet(
                self.world, mch_id=mch_id or self.mch_id, mch_billno=mch_billno, openid=openid
            )

    def claim_mini_program(
        self, params: Mapping[str, str], openid: str, *, scene: int | None = None
    ) -> ClaimResult:
        """A user's mini program calls ``wx.sendBizRedPacket``, with ``ClaimParams.as_dict()``.

        Raises:
            ClaimRefused: naming the parameter that is wrong, and how.
        """
        with self.app.lock:
            return claims.claim_mini_program(self.world, params, openid=openid, scene=scene)

    def draw(self, sp_ticket: str, openid: str) -> ClaimResult:
        """A user wins a preordered packet and opens it.

        Raises:
            ClaimRefused: if they do not get it.
        """
        with self.app.lock:
            return claims.draw_ticket(self.world, sp_ticket=sp_ticket, openid=openid)

    def wallet(self, openid: str) -> int:
        """The fen that a user has claimed."""
        return self.world.wallet(openid)

    def look_at_page(self, params: Mapping[str, str], openid: str) -> ConfirmPage:
        """A user opens the page of a transfer, with ``front_end_params(...).for_mini_program()``.

        Raises:
            ClaimRefused: naming the parameter that is wrong, and how.
        """
        with self.app.lock:
            return confirming.look_at_page(self.world, params, openid)

    def confirm(
        self, params: Mapping[str, str], openid: str, *, ends: str = "", agrees: bool = True
    ) -> ConfirmPage:
        """A user opens the page of a transfer or an authorisation, and confirms.

        Args:
            params: as for ``look_at_page``.
            openid: who.
            ends: a ``fail_reason``, if the user does not get it after all.
            agrees: whether the user agrees to an authorisation that is asked for beside.

        Raises:
            ClaimRefused: as for ``look_at_page``; or its time is over.
        """
        with self.app.lock:
            return confirming.confirm_page(self.world, params, openid, ends=ends, agrees=agrees)

    def notify(
        self, deliver: Callable[[dict[str, str], bytes], int], *, shuffled: bool = False
    ) -> list[int]:
        """Send the notifications that are due; those that are not taken come again, later.

        Args:
            deliver: takes headers and body, and returns the status that your server answers.
            shuffled: the last first; and each twice, as may happen.

        Returns:
            The statuses.
        """
        statuses = []
        with self.app.lock:
            now, notices = self.world.settle(), self.world.transfers.notices
            due = notices.due(now)
            for notice in [*due[::-1], *due] if shuffled else due:
                sent = write_notice(self.world, notice)
                statuses.append(deliver(sent.headers, sent.body))
                notices.sent(notice, now, taken=statuses[-1] in (200, 204))
                self.world.transfers.touch(notice.about)
        return statuses

    # What came of it ---------------------------------------------------------------------------

    def packet(self, mch_billno: str, *, mch_id: str | None = None) -> Packet | None:
        """A packet as it is now; None if WeChat has never heard of it."""
        with self.app.lock:
            self.world.settle()
            return self.world.find(mch_id or self.mch_id, mch_billno)

    def transfer(self, out_bill_no: str, *, mch_id: str | None = None) -> SimulatedTransfer | None:
        """A transfer as it is now; None if WeChat has never heard of it."""
        with self.app.lock:
            self.world.settle()
            return self.world.transfers.find(mch_id or self.mch_id, out_bill_no)

    def payments(self, mch_billno: str, *, mch_id: str | None = None) -> int:
        """How many times money was taken for a number: 0 or 1."""
        with self.app.lock:
            return self.world.payments(mch_id or self.mch_id, mch_billno)

    def journal(self, mch_billno: str | None = None) -> list[RecordedRequest]:
        """The requests that came in, of all numbers or of one."""
        with self.app.lock:
            entries = list(self.app.journal)
        return [entry for entry in entries if mch_billno in (None, entry.mch_billno)]

    def totals(self) -> MoneyTotals:
        """Where the money is, in fen."""
        with self.app.lock:
            return self.world.totals()

    def audit(self) -> None:
        """Check that everything adds up to the fen.

        Raises:
            BooksDisagree: if it does not, which is a bug in the simulator.
        """
        with self.app.lock:
            money_audit.check(self.world)

    def _arguments(
        self, mch_id: str | None, changes: Mapping[str, object], *, mini_program: bool = False
    ) -> dict[str, Any]:
        found = self.simulation.merchant_settings(mch_id, mini_program=mini_program)
        if "work" in found:
            found["work"] = WorkWx(**found["work"])
        return {**found, **changes}
