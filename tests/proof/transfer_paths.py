"""The ways that a transfer may go, each as a small world with its faults and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import State
from hongbao.simulator.settings import CancelRace, LowBalance
from paths import ALICE, BOB, CAROL, STRANGER, given_up
from proof_stage import HOUR, MCH_ID, MINUTE, Due

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_stage import TransferStage


class TransferPath(NamedTuple):
    """One of them.

    Attributes:
        sets: sets the stage for a campaign: what goes wrong, and what people do when.
        ends: where its payouts end, in their order.
        dues: the campaign's list.
    """

    sets: Callable[[TransferStage, str], None]
    ends: tuple[State, ...]
    dues: tuple[Due, ...]


_TO_TWO = (
    Due("a", "transfer", ALICE, amount=150),
    Due("b", "transfer_red_packet", BOB, amount=200),
)
_RECEIVED, _REFUSED = (State.RECEIVED,) * 2, (State.REFUSED,) * 2


def _calm(stage: TransferStage) -> None:
    stage.wechat.recover()
    stage.wechat.set(
        transfer_cancel_race=CancelRace.CANCEL, transfer_low_balance=LowBalance.PROCESSING
    )
    stage.wechat.top_up(1_000_000)


def _confirmed(stage: TransferStage, name: str) -> None:
    _calm(stage)
    for hours in (2, 10, 20):
        stage.at(hours * HOUR, lambda: stage.claim(name, {ALICE, BOB}))


def _spoilt(fault: str, endpoint: str = "transfer") -> Callable[[TransferStage, str], None]:
    """The first call of a kind meets a fault."""

    def sets(stage: TransferStage, name: str) -> None:
        _confirmed(stage, name)
        stage.wechat.fail({"fault": fault, "endpoint": endpoint, "nth": 1, "times": 1})

    return sets


def _left(stage: TransferStage, _name: str) -> None:
    _calm(stage)


def _cancel(stage: TransferStage, name: str) -> None:
    """Cancel it, unless all of it was refused before, as in books that were lost."""
    if any(payout.state is not State.REFUSED for payout in stage.payouts(name)):
        stage.book.cancel(name, by="boss", reason="a mistake")


def _cancelled(fault: str = "", endpoint: str = "cancel") -> Callable[[TransferStage, str], None]:
    """A cancelled campaign; nobody had confirmed."""

    def sets(stage: TransferStage, name: str) -> None:
        _calm(stage)
        if fault:
            stage.wechat.fail({"fault": fault, "endpoint": endpoint, "nth": 1, "times": 1})
        stage.at(2 * HOUR, lambda: _cancel(stage, name))

    return sets


def _raced(stage: TransferStage, name: str) -> None:
    """The user confirms while it is being taken back, and WeChat lets the user win."""
    _calm(stage)
    stage.wechat.set(transfer_cancel_race=CancelRace.USER, transfer_cancel_seconds=10 * MINUTE)
    stage.at(2 * HOUR, lambda: _cancel(stage, name))
    for minutes in (1, 5):
        stage.at(2 * HOUR + minutes * MINUTE, lambda: stage.claim(name, {ALICE, BOB}))


def _one_taken_out(stage: TransferStage, name: str) -> None:
    """One of two is taken back by a person, who asks about it at once, too."""
    _confirmed(stage, name)

    def take_out() -> None:
        first, _ = stage.payouts(name)
        stage.book.cancel_payout(first.id, by="boss", reason="the wrong person")
        stage.book.query_now(first.id, by="clerk")

    stage.at(HOUR / 2, take_out)  # when no worker has it, not even a dead one


def _dry(stage: TransferStage, name: str) -> None:
    """The money of the second one comes later, and WeChat waits for it."""
    _confirmed(stage, name)
    balance = stage.wechat.simulated(MCH_ID).paying_account.balance
    stage.wechat.top_up(150 - balance)
    stage.at(HOUR, lambda: stage.wechat.top_up(1_000_000))


def _stopped(stage: TransferStage, name: str) -> None:
    """The same, but WeChat says so, and a person resumes."""
    _dry(stage, name)
    stage.wechat.set(transfer_low_balance=LowBalance.NOT_ENOUGH)
    stage.at(HOUR + 1, lambda: stage.book.resume(name, by="treasurer"))


TRANSFER_PATHS: dict[str, TransferPath] = {
    "confirmed": TransferPath(_confirmed, _RECEIVED, _TO_TWO),
    "reply lost": TransferPath(_spoilt("lose_reply"), _RECEIVED, _TO_TWO),
    "request lost": TransferPath(_spoilt("lose_request"), _RECEIVED, _TO_TWO),
    "unsigned reply": TransferPath(_spoilt("unsigned_reply"), _RECEIVED, _TO_TWO),
    "probe": TransferPath(_spoilt("probe_reply"), _RECEIVED, _TO_TWO),
    "left": TransferPath(_left, _REFUSED, _TO_TWO),
    "cancelled": TransferPath(_cancelled(), _REFUSED, _TO_TWO),
    "cancel's reply lost": TransferPath(_cancelled("lose_reply"), _REFUSED, _TO_TWO),
    "cancel lost": TransferPath(_cancelled("lose_request"), _REFUSED, _TO_TWO),
    "user faster than cancel": TransferPath(_raced, _RECEIVED, _TO_TWO),
    "one taken back": TransferPath(_one_taken_out, (State.REFUSED, State.RECEIVED), _TO_TWO),
    "money comes later": TransferPath(_dry, _RECEIVED, _TO_TWO),
    "short of money, then resumed": TransferPath(_stopped, _RECEIVED, _TO_TWO),
    "refused": TransferPath(
        given_up, (State.REFUSED,), (Due("a", "transfer", STRANGER, amount=100),)
    ),
    "one of three does not confirm": TransferPath(
        _confirmed,
        (State.RECEIVED, State.REFUSED, State.RECEIVED),
        (
            Due("a", "transfer", ALICE, amount=100),
            Due("b", "transfer", CAROL, amount=100),
            Due("c", "transfer", BOB, amount=100),
        ),
    ),
}
