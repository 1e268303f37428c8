"""Keeps a simulated WeChat in a file, so that it continues where a killed process stopped.

Packets are the truth: accounts, totals, wallets and the day's counts are recomputed from them.
Changes are written before the reply is sent. If that fails, the reply is not sent.
"""

from __future__ import annotations

import json
import logging
import time
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.sentences import say
from hongbao.simulator.clock import ManualClock, RealClock
from hongbao.simulator.control.json_in import JsonFields
from hongbao.simulator.control.json_out import shown_plan
from hongbao.simulator.control.merchant_json import change_merchant, kept_merchant
from hongbao.simulator.control.state import change_settings, show_settings
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import FaultProgress, Faults
from hongbao.simulator.holdings import Touched
from hongbao.simulator.journal import ENTRIES_MAX
from hongbao.simulator.kept.packet_text import packet_text, parse_packet
from hongbao.simulator.kept.store import Rows, Store, StoreError
from hongbao.simulator.kept.transfer_text import merchant_of, order_text, parse_order
from hongbao.simulator.merchant import TopUp

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.simulator.clock import Clock
    from hongbao.simulator.simulation import Simulation

_log = logging.getLogger("hongbao.simulator")

_WORLD, _FAULTS, _MERCHANT, _ORDER = "world", "faults", "merchant/", "order/"
_DROP_EVERY = 10_000
"""How many of the journal's oldest entries are dropped from the file at a time."""


class Keeper:
    """Keeps one simulation. Make it with ``open``; hold ``app.lock`` for everything else.

    Args:
        simulation: the simulation to keep.
        store: the file; it is closed with the keeper.

    Attributes:
        goes_on: whether the simulation continues a world that was in the file.
    """

    def __init__(self, simulation: Simulation, store: Store) -> None:
        self.goes_on = not store.is_new
        self._simulation = simulation
        self._store = store
        self._touched: Touched | None = None
        self._state: dict[str, str] = {}
        self._entries = 0

    @classmethod
    def open(cls, path: Path, simulation: Simulation) -> Keeper:
        """Restore a simulation from its file, if there is one, and keep it from now on.

        Args:
            path: the file; it is created if it is missing.
            simulation: a new simulation that has had no request yet.

        Raises:
            ConfigurationError: if the file cannot be used, or holds something else.
        """
        try:
            keeper = cls(simulation, Store(path))
        except (StoreError, OSError) as error:
            _cannot(path, error)
        try:
            if keeper.goes_on:
                keeper._load()
            keeper._write(everything=True)
        except (StoreError, ValueError, KeyError, TypeError, ConfigurationError) as error:
            keeper.close()
            _cannot(path, error)
        simulation.app.keep = keeper.save
        return keeper

    def save(self, *, everything: bool) -> bool:
        """Write what has changed since the last time.

        Args:
            everything: also save what no request changes: settings, merchants, faults, the clock.

        Returns:
            Whether it was written. If not, the next call tries again.
        """
        try:
            self._write(everything=everything)
        except StoreError as error:
            _log.error("the world was not kept, so the reply is not sent: %s", error)
            return False
        return True

    def close(self) -> None:
        """Stop keeping the simulation."""
        self._simulation.app.keep = None
        self._store.close()

    # Writing -----------------------------------------------------------------------------------

    def _write(self, *, everything: bool) -> None:
        world, journal = self._simulation.world, self._simulation.app.journal
        # The world is another one, or was reset: write the whole file again.
        anew = world.touched is None or world.touched is not self._touched
        touched = Touched({}, {}, {}) if world.touched is None or anew else world.touched
        if anew:
            touched.packets.update((packet.serial, packet) for packet in world.packets())
            touched.users.update(world.users)
            touched.orders.update((order.serial, order) for order in world.transfers.orders())
        known, entries = ({}, 0) if anew else (self._state, self._entries)
        state = self._shown_state() if everything or anew else self._shown_faults()
        state |= self._shown_orders(touched)
        changed = {name: body for name, body in state.items() if known.get(name) != body}
        new = journal.since(entries)
        first = journal.written - len(new) + 1
        drops = journal.written // _DROP_EVERY > entries // _DROP_EVERY
        rows = Rows(
            state=list(changed.items()),
            users=[(user.openid, json.dumps(user.appids)) for user in touched.users.values()],
            packets=[
                (serial, packet.mch_id, packet_text(packet, world.merchants[packet.mch_id]))
                for serial, packet in touched.packets.items()
            ],
            journal=[(number, json.dumps(entry)) for number, entry in enumerate(new, first)],
            drop=max(0, journal.written - ENTRIES_MAX) if drops else 0,
        )
        self._store.write(rows, anew=anew)
        touched.packets.clear()
        touched.users.clear()
        touched.orders.clear()
        world.touched = self._touched = touched
        self._state = {**known, **changed}
        self._entries = journal.written

    def _shown_state(self) -> dict[str, str]:
        world = self._simulation.world
        shown: dict[str, Any] = {
            _WORLD: {
                "secret": world.secret,
                "clock": _shown_clock(world.clock),
                "settings": show_settings(self._simulation, JsonFields({})),
            }
        }
        for mch_id, merchant in world.merchants.items():
            topped_up = {"basic": merchant.basic, "operating": merchant.operating}
            shown[_MERCHANT + mch_id] = {
                "changes": kept_merchant(merchant),
                "topped_up": {name: account.topped_up for name, account in topped_up.items()},
                "top_ups": merchant.top_ups,
            }
        return {name: json.dumps(value) for name, value in shown.items()} | self._shown_faults()

    def _shown_orders(self, touched: Touched) -> dict[str, str]:
        """Transfers and authorisations are few: they stand among the state."""
        world = self._simulation.world
        return {
            f"{_ORDER}{serial:012d}": order_text(
                order, world.merchants[order.mch_id], world.transfers.notices.about(serial)
            )
            for serial, order in touched.orders.items()
        }

    def _shown_faults(self) -> dict[str, str]:
        faults = self._simulation.app.faults
        if not (faults.plan.rules or faults.plan.odds):
            return {_FAULTS: "{}"}
        shown = {"plan": shown_plan(faults.plan), "progress": faults.progress}
        return {_FAULTS: json.dumps(shown)}

    # Reading -----------------------------------------------------------------------------------

    def _load(self) -> None:
        app, world = self._simulation.app, self._simulation.world
        self._state = self._store.state()
        orders = {name: body for name, body in self._state.items() if name.startswith(_ORDER)}
        state = {n: json.loads(body) for n, body in self._state.items() if n not in orders}
        said = state[_WORLD]
        numbered = [(number, json.loads(body)) for number, body in self._store.journal()]
        app.journal.recall((tuple(row) for _, row in numbered), numbered[-1][0] if numbered else 0)
        last = numbered[-1][1][0] if numbered else 0.0
        world.clock = _clock(said["clock"], last)
        world.secret = said["secret"]
        change_settings(self._simulation, JsonFields(said["settings"]))
        for name, kept in state.items():
            if name.startswith(_MERCHANT):
                merchant = world.merchant(name.removeprefix(_MERCHANT))
                change_merchant(merchant, JsonFields(kept["changes"]))
                for account, topped_up in kept["topped_up"].items():
                    found = getattr(merchant, account)
                    found.top_up(topped_up - found.topped_up)
                # Earlier versions wrote none.
                merchant.top_ups.extend(TopUp(*it) for it in kept.get("top_ups", []))
        for openid, body in self._store.users():
            for appid in json.loads(body):
                world.register(openid, appid)
        for mch_id, body in self._store.packets():
            world.recall(parse_packet(body, world.merchant(mch_id)))
        for _, body in sorted(orders.items()):
            world.transfers.recall(*parse_order(body, world.merchant(merchant_of(body))))
        world.dice = Random(f"{world.secret}/{world.packets_held}")  # noqa: S311  # a seed is wanted
        if faults := state[_FAULTS]:
            app.faults = Faults(parse_plan(faults["plan"]), FaultProgress(*faults["progress"]))
        self._entries = app.journal.written
        world.touched = self._touched = Touched({}, {}, {})


def _shown_clock(clock: Clock) -> dict[str, float]:
    now = clock.now()
    if isinstance(clock, ManualClock):
        return {"stands_at": now}
    return {"ahead": round(now - time.time(), 3)}  # of the machine's


def _clock(said: dict[str, float], last: float) -> Clock:
    if "stands_at" in said:
        return ManualClock(max(said["stands_at"], last))
    clock = RealClock()
    # It never goes back, even if the machine's clock did.
    clock.advance(max(0.0, max(time.time() + said["ahead"], last) - clock.now()))
    return clock


def _cannot(path: Path, error: Exception) -> NoReturn:
    problem = error.found if isinstance(error, InvalidRequest) else str(error)
    raise ConfigurationError(
        setting=str(path),
        problem=say(
            "is not a world that this version of the simulator can keep ({problem})",
            problem=problem,
        ),
        remedy=say("Check its owner and the free space, or move it away to begin anew."),
    ) from error
