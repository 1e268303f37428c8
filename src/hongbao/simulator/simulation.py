"""A simulated WeChat and the folder that holds its merchants' files, without sockets."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from hongbao.simulator.app import App
from hongbao.simulator.clock import RealClock
from hongbao.simulator.merchant import AppKind, FundAccount, SimulatedMerchant
from hongbao.simulator.world import World

if TYPE_CHECKING:
    from hongbao.simulator.clock import Clock
    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.folder.kept_merchant import KeptMerchant
    from hongbao.simulator.settings import Settings

OPENING_BALANCE = 100_000_000
"""The balance of every new merchant's basic account, in fen: a million yuan."""

_SEED_BITS = 64


class Simulation:
    """A simulated WeChat, to which ports can be added.

    Hold ``app.lock`` to use ``app`` or ``world`` while requests may come in.

    Args:
        folder: an open folder; it is not closed here.
        clock: the simulated time; the real time if left out.
        seed: seeds all randomness in the world; random if left out.
        settings: how WeChat behaves where no source settles it.

    Attributes:
        folder: the merchants' files.
        app: answers requests.
        base_url: its address; empty while it has none.
    """

    def __init__(
        self,
        folder: SimulatorFolder,
        *,
        clock: Clock | None = None,
        seed: int | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.folder = folder
        self.base_url = ""
        self._seed = secrets.randbits(_SEED_BITS) if seed is None else seed
        self._settings = settings
        self.app = App(self._new_world(clock or RealClock()))

    @property
    def world(self) -> World:
        """The state behind ``app``."""
        return self.app.world

    def start_over(self) -> None:
        """Forget everything except the folder's merchants and the time."""
        with self.app.lock:
            self.app.world = self._new_world(self.app.world.clock)
            self.app.restart()

    def add_merchant(
        self, kept: KeptMerchant, *, balance: int = OPENING_BALANCE
    ) -> SimulatedMerchant:
        """Add a merchant, with a certificate and settings in the folder.

        Args:
            kept: the merchant.
            balance: fen on its basic account.

        Raises:
            InvalidRequest: if its number is taken.
            ConfigurationError: if its files cannot be written.
        """
        merchant = _merchant(kept, balance)
        with self.app.lock:
            if kept.mch_id not in self.world.merchants:
                self.folder.add_merchant(kept, datetime.now(UTC))
                self.folder.write_settings(self.base_url)
                merchant.v3 = self.folder.merchant_v3(kept.mch_id)
            self.world.add_merchant(merchant)
        return merchant

    def merchant_settings(
        self, mch_id: str | None = None, *, mini_program: bool = False
    ) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.Merchant``; ``work`` is a dict, as in TOML.

        Args:
            mch_id: the merchant; the folder's first one if left out.
            mini_program: use the mini program's appid, to send mini-program packets.

        Raises:
            ConfigurationError: if there is no such merchant or mini program.
        """
        return self.folder.settings(mch_id, base_url=self.base_url, mini_program=mini_program)

    def credentials(self, mch_id: str | None = None) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.V3Credentials``.

        Args:
            mch_id: the merchant; the folder's first one if left out.

        Raises:
            ConfigurationError: if there is no such merchant.
        """
        return self.folder.credentials(mch_id, base_url=self.base_url)

    def _new_world(self, clock: Clock) -> World:
        world = World(clock=clock, dice=Random(self._seed), settings=self._settings)  # noqa: S311  # a seed is wanted
        world.wechat_side = self.folder.wechat_side
        for kept in self.folder.merchants.values():
            merchant = _merchant(kept, OPENING_BALANCE)
            merchant.v3 = self.folder.merchant_v3(kept.mch_id)
            world.add_merchant(merchant)
        return world


def _merchant(kept: KeptMerchant, balance: int) -> SimulatedMerchant:
    appids = {kept.app_id: AppKind.OFFICIAL_ACCOUNT}
    if kept.mini_program_app_id is not None:
        appids[kept.mini_program_app_id] = AppKind.MINI_PROGRAM
    work_secrets = {}
    if kept.corp_id is not None and kept.work_secret is not None:
        appids[kept.corp_id] = AppKind.CORP
        work_secrets[kept.corp_id] = kept.work_secret
    return SimulatedMerchant(
        mch_id=kept.mch_id,
        key=kept.key,
        appids=appids,
        work_secrets=work_secrets,
        basic=FundAccount.holding(balance),
    )
