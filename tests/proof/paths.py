"""The ways that a payout may go, each as a small world with its faults and its people."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import State
from hongbao.simulator.claims import ClaimRefused
from proof_stage import DAY, HOUR, MCH_ID, MINUTE, Due

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.payout import Payout
    from proof_stage import Stage

ALICE, BOB, CAROL = (f"oTEST_{name:_<22}" for name in ("alice", "bob", "carol"))
STRANGER = "oFOREIGN_0000000000000000001"


class Path(NamedTuple):
    """One of them.

    Attributes:
        sets: sets the stage for a campaign: what goes wrong, and what people do when.
        dues: the campaign's list.
        ends: where its payouts end, in their order.
    """

    sets: Callable[[Stage, str], None]
    dues: tuple[Due, ...]
    ends: tuple[State, ...]


def _claimed(stage: Stage, name: str) -> None:
    stage.wechat.recover()
    stage.at(45 * MINUTE, lambda: stage.claim(name, {ALICE, BOB}))
    stage.at(20 * HOUR, lambda: stage.claim(name, {ALICE, BOB}))


def _spoilt(
    fault: str, *, endpoint: str = "sendredpack", **more: object
) -> Callable[[Stage, str], None]:
    """The first send meets a fault."""

    def sets(stage: Stage, name: str) -> None:
        _claimed(stage, name)
        stage.wechat.fail({"fault": fault, "endpoint": endpoint, "nth": 1, **more})

    return sets


def _denied(stage: Stage, name: str) -> None:
    """It is paid, the reply is lost, a query does not know it yet, and the repeat is refused."""
    _spoilt("lose_reply")(stage, name)
    lies = {("gethbinfo", 1): "NOT_FOUND", ("sendredpack", 2): "OPENID_ERROR"}
    stage.lies.set(lambda name, nth: lies.get((name, nth)))


def _dry(stage: Stage, name: str) -> None:
    stage.wechat.recover()
    account = stage.wechat.simulated(MCH_ID).paying_account
    stage.wechat.top_up(150 - account.balance)

    def rescue() -> None:
        stage.wechat.top_up(1_000_000)
        stage.book.resume(name, by="treasurer")

    stage.at(2 * HOUR, rescue)
    stage.at(5 * HOUR, lambda: stage.claim(name, {ALICE, BOB}))
    stage.at(20 * HOUR, lambda: stage.claim(name, {ALICE, BOB}))


def _shared(stage: Stage, name: str) -> None:
    stage.wechat.recover()

    def friends() -> None:
        (payout,) = stage.payouts(name)
        for friend in (ALICE, BOB):
            with suppress(ClaimRefused):
                stage.wechat.claim(payout.billno, friend)

    stage.at(20 * HOUR, friends)


def _unclaimed(stage: Stage, _name: str) -> None:
    stage.wechat.recover()


def given_up(stage: Stage, name: str) -> None:
    """What nobody can say anything of is asked about late, and then given up by a person."""
    stage.wechat.recover()

    def doubtful() -> list[Payout]:
        return [it for it in stage.payouts(name) if it.state is State.IN_DOUBT]

    def ask() -> None:
        for payout in doubtful():
            stage.book.query_now(payout.id, by="auditor")

    def decide() -> None:
        for payout in doubtful():
            stage.give_up(payout)

    stage.at(6 * DAY, ask)
    stage.at(7 * DAY, decide)


_RECEIVED = (State.RECEIVED,)
_TO_ALICE = (Due("a", payee=ALICE),)

_TO_THREE = (Due("a", payee=ALICE), Due("b", payee=BOB), Due("c", payee=CAROL))
"""Their first calls are one range."""

PATHS: dict[str, Path] = {
    "accepted": Path(_claimed, _TO_ALICE, _RECEIVED),
    "three at once, a reply lost": Path(
        _spoilt("lose_reply"), _TO_THREE, (State.RECEIVED, State.RECEIVED, State.RETURNED)
    ),
    "refused": Path(given_up, (Due("a", payee=STRANGER),), (State.REFUSED,)),
    "unknown, then paid": Path(_spoilt("lose_reply"), _TO_ALICE, _RECEIVED),
    "unknown, then never stored": Path(_spoilt("lose_request"), _TO_ALICE, _RECEIVED),
    "paid, not found, repeat refused": Path(_denied, _TO_ALICE, _RECEIVED),
    "no connection": Path(_spoilt("refuse_connect", endpoint="*"), _TO_ALICE, _RECEIVED),
    "short of money, then paid": Path(
        _dry, (Due("a", payee=ALICE), Due("b", payee=BOB)), (State.RECEIVED, State.RECEIVED)
    ),
    "returned": Path(_unclaimed, (Due("a", payee=CAROL),), (State.RETURNED,)),
    "group": Path(
        _shared, (Due("a", kind="group", payee=CAROL, amount=1_000, people=3),), (State.RETURNED,)
    ),
    "mini program, reply lost": Path(
        _spoilt("lose_reply", endpoint="sendminiprogramhb"),
        (Due("a", kind="mini_program", payee=ALICE),),
        _RECEIVED,
    ),
    "work": Path(_claimed, (Due("a", kind="work", payee=ALICE),), _RECEIVED),
    "processing, then paid": Path(_spoilt("processing"), _TO_ALICE, _RECEIVED),
    "processing, then failed": Path(_spoilt("processing", fails=True), _TO_ALICE, (State.REFUSED,)),
}
