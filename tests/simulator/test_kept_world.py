"""A world that is kept is the same after any step, read again by another process."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from hongbao.errors import ConfigurationError
from hongbao.simulator.claims import claim_packet, draw_ticket
from hongbao.simulator.clock import RealClock
from hongbao.simulator.control import state as control
from hongbao.simulator.control.json_in import JsonFields
from hongbao.simulator.control.merchant_json import kept_merchant, shown_account
from hongbao.simulator.faults import FaultPlan
from hongbao.simulator.journal import Journal
from hongbao.simulator.kept import keeper as keeping
from hongbao.simulator.kept.keeper import Keeper
from hongbao.simulator.kept.packet_text import packet_text
from hongbao.simulator.kept.store import Rows, Store
from hongbao.simulator.merchant import MerchantLimits
from hongbao.simulator.money_audit import check
from hongbao.wire.messages import Query
from hongbao.wire.status import Status
from stage import (
    ALICE,
    BOB,
    DAY,
    HOUR,
    MCH_ID,
    MINI,
    OFFICIAL,
    SUB,
    Stage,
    a_merchant,
    group,
    normal,
    preorder,
)  # fmt: skip
from test_conservation import Life as Unkept

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.simulation import Simulation

_SHARED_MEMORY = Path("/dev/shm")
_MEMORY = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None


def opened(path: Path, stage: Stage) -> Keeper:
    """A stage is a simulation as far as a keeper asks: a world, and what answers."""
    return Keeper.open(path, cast("Simulation", stage))


def copied(path: Path) -> Path:
    """The file as a process finds it that starts when this one was killed."""
    folder = path.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for part in path.parent.glob(f"{path.name}*"):
        shutil.copy(part, folder)
    return folder / path.name


def again(path: Path) -> Stage:
    """The world of a file, read by another stage, which began otherwise."""
    stage = Stage(seed=2)
    opened(copied(path), stage).close()
    return stage


def seen(stage: Stage) -> dict[str, Any]:
    """All that a world is."""
    world, journal, faults = stage.world, stage.app.journal, stage.app.faults
    nothing_fails = faults.plan == FaultPlan()
    now = world.settle()
    for merchant in world.merchants.values():
        merchant.today.turn(now)
    return {
        "now": now,
        "secret": world.secret,
        "settings": world.settings,
        "held": world.packets_held,
        "packets": [packet_text(it, world.merchants[it.mch_id]) for it in world.packets()],
        "users": {user.openid: (user.appids, user.wallet) for user in world.users.values()},
        "totals": [world.totals(), *map(world.totals, world.merchants)],
        "merchants": {
            it.mch_id: (
                kept_merchant(it),
                shown_account(it.basic),
                shown_account(it.operating),
                (it.today.packets, it.today.amount, it.today._users),
            )
            for it in world.merchants.values()
        },
        "journal": (journal.written, list(journal)),
        "faults": (faults.plan, None if nothing_fails else faults.progress),
    }


class Life(Unkept):
    """As that of a world that is not kept; after each step a copy is read again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="hongbao-kept-", dir=_MEMORY)
        self.path = Path(self.folder.name, "world.sqlite")
        self.keeper = opened(self.path, self.stage)

    @rule(odds=st.sampled_from([{}, {"refused_but_held": 0.3, "processing": 0.3}]))
    def change_faults(self, odds: dict[str, float]) -> None:
        """What goes wrong by seed, and by a rule that counts."""
        rules = [{"fault": "slow_sending", "nth": 3, "times": 2}] if odds else []
        self.stage.fail(*rules, odds=odds)
        assert self.keeper.save(everything=True)

    @rule()
    def forget(self) -> None:
        """Everything is forgotten but the merchant."""
        self.stage.app.restart()
        self.seen.clear()
        self.paid.clear()

    @invariant()
    def a_copy_is_the_same(self) -> None:
        """Whoever starts again now finds what was told."""
        mine = seen(self.stage)
        assert self.keeper.save(everything=True)
        other = again(self.path)
        assert seen(other) == mine
        check(other.world)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.keeper.close()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "world.sqlite"


def test_what_a_request_changes_is_in_the_file_before_its_reply_leaves(path: Path) -> None:
    """Without anybody asking for it: what is read is what a kill would leave."""
    stage = Stage()
    keeper = opened(path, stage)
    stage.fail({"fault": "lose_reply", "nth": 2})
    keeper.save(everything=True)
    for message in (normal("N1"), normal("N1"), preorder("H1"), Query("N1")):
        stage.say(message)
        assert seen(again(path)) == seen(stage)
    keeper.close()


def test_what_users_do_is_kept(path: Path) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    world = stage.world
    stage.ask(normal("N1"))
    stage.ask(group("G1"))
    ticket = stage.ask(preorder("H1")).sp_ticket
    acts: list[Callable[[], object]] = [
        lambda: claim_packet(world, mch_id=MCH_ID, mch_billno="N1", openid=ALICE),
        lambda: claim_packet(world, mch_id=MCH_ID, mch_billno="G1", openid=ALICE),
        lambda: claim_packet(world, mch_id=MCH_ID, mch_billno="G1", openid=BOB),
        lambda: draw_ticket(world, sp_ticket=ticket, openid="oTEST_carol"),
        lambda: world.register("oTEST_dave", OFFICIAL),
        lambda: world.register("oTEST_dave", MINI),
    ]
    for act in acts:
        act()
        assert keeper.save(everything=True)
        assert seen(again(path)) == seen(stage)
    assert world.users["oTEST_dave"].appids == (OFFICIAL, MINI)
    keeper.close()


def test_a_step_that_was_made_is_not_made_again_by_other_settings(path: Path) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    stage.ask(normal("N1"))
    stage.clock.advance(DAY)
    stage.world.settle()
    stage.set(refund_seconds=60.0)
    assert keeper.save(everything=True)
    assert seen(again(path)) == seen(stage)
    assert again(path).packet("N1").status is Status.RFUND_ING
    keeper.close()


def test_what_came_due_while_nobody_ran_happens_at_its_time(path: Path) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    stage.ask(normal("N1"))
    keeper.close()
    later = Stage()
    opened(path, later).close()
    later.world.clock.advance(DAY + HOUR)
    info = later.ask(Query("N1"))
    assert (info.status, info.refund_amount) == (Status.REFUND, 100)
    assert later.payments("N1") == 1


def test_the_clock_of_a_kept_world_never_goes_back(path: Path) -> None:
    """A running one is as far ahead of the machine's as it was, and not behind its last request."""
    stage = Stage()
    stage.world.clock = RealClock()
    stage.world.clock.advance(5 * DAY)
    keeper = opened(path, stage)
    before = stage.world.clock.now()
    stage.say(normal("N1"))
    keeper.close()
    other = Stage()
    opened(path, other).close()
    assert isinstance(other.world.clock, RealClock)
    assert before <= other.world.clock.now() < before + HOUR
    store = Store(path)
    state = store.state()
    slow = state["world"].replace('"ahead": 432000.0', '"ahead": -432000.0')
    assert slow != state["world"]
    store.write(Rows(state=[("world", slow)]))
    store.close()
    behind = Stage()
    opened(path, behind).close()
    assert behind.world.clock.now() >= before


def test_the_day_s_counts_are_those_of_the_day(path: Path) -> None:
    stage = Stage()
    stage.merchant.limits = MerchantLimits(calls_per_second=None, user_packets_per_day=2)
    keeper = opened(path, stage)
    for number in ("N1", "N2"):
        stage.ask(normal(number))
    assert stage.code(normal("N3")) == "SENDNUM_LIMIT"
    keeper.close()
    other = Stage()
    keeper = opened(path, other)
    assert other.code(normal("N3")) == "SENDNUM_LIMIT"
    other.world.clock.advance(DAY - 1)
    assert other.code(normal("N3")) == "SUCCESS"
    keeper.close()
    third = Stage()
    opened(path, third).close()
    assert third.merchant.today.of_user(ALICE) == (1, 100)


def test_a_merchant_s_settings_and_secrets_are_kept_and_read_by_their_owner_alone(
    path: Path,
) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    stage.merchant.frozen = True
    stage.merchant.work_secrets["ww1"] = "another secret"
    stage.merchant.scenes["PRODUCT_2"] = (1, 5)
    stage.merchant.top_up(stage.merchant.basic, 77, stage.clock.now())
    assert keeper.save(everything=True)
    kept = again(path)
    assert seen(kept) == seen(stage)
    assert kept.merchant.top_ups == stage.merchant.top_ups
    for part in path.parent.glob(f"{path.name}*"):
        assert part.is_dir() or part.stat().st_mode & 0o077 == 0
    keeper.close()


def test_only_so_much_of_the_journal_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "ENTRIES_MAX", 20)
    monkeypatch.setattr(keeping, "_DROP_EVERY", 10)
    stage = Stage()
    stage.app.journal = Journal(20)
    keeper = opened(path, stage)
    for _ in range(95):
        stage.say(Query("N1"))
    with sqlite3.connect(copied(path)) as found:
        numbers = [number for (number,) in found.execute("SELECT number FROM journal")]
    found.close()
    assert (numbers[0], numbers[-1]) == (71, 95)
    other = Stage()
    other.app.journal = Journal(20)
    opened(copied(path), other).close()
    assert (other.app.journal.written, list(other.app.journal)) == (95, list(stage.app.journal))
    keeper.close()


def test_what_cannot_be_written_is_not_reported_and_is_written_with_the_next(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    keeper._store._connection.execute("PRAGMA query_only = ON")
    lost = stage.say(normal("N1"))
    assert (lost.cut, lost.body) == (0, b"")
    assert "was not kept" in caplog.text
    keeper._store._connection.execute("PRAGMA query_only = OFF")
    assert stage.code(normal("N1")) == "SUCCESS"
    assert seen(again(path)) == seen(stage)
    assert again(path).payments("N1") == 1
    keeper.close()


@pytest.mark.parametrize("content", ["no database", "other layout", "no world", "no such merchant"])
def test_a_file_that_holds_something_else_is_refused_and_stays_as_it_is(
    path: Path, content: str
) -> None:
    if content == "no database":
        path.write_text("my notes " * 100, encoding="utf-8")
    else:
        stage = Stage(merchant=a_merchant(mch_id=SUB)) if "merchant" in content else Stage()
        opened(path, stage).close()
        with sqlite3.connect(path) as changed:
            if content == "other layout":
                changed.execute("PRAGMA user_version = 99")
            elif content == "no world":
                changed.execute("UPDATE state SET body = '[]' WHERE name = 'world'")
        changed.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is not a world that this version"):
        opened(path, Stage())
    assert path.read_bytes() == before


def test_the_control_port_s_reset_empties_the_file_too(path: Path) -> None:
    stage = Stage()
    keeper = opened(path, stage)
    stage.ask(normal("N1"))
    control.reset(cast("Simulation", stage), JsonFields({}))
    assert keeper.save(everything=True)
    other = again(path)
    assert (other.world.packets_held, len(other.app.journal)) == (0, 0)
    assert stage.code(normal("N1")) == "SUCCESS"
    assert again(path).payments("N1") == 1
    keeper.close()
