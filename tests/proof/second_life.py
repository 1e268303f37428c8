"""A second life of the books: an earlier copy, or empty ones that are filled with the same lists.

What WeChat paid in the first life it remembers, and they do not. Everything that they send is
refused at first, so that they would call it refused; then a person reopens whatever they let be
reopened.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.billno import new_billno
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import State
from hongbao.wire.transfer.state import FINAL

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from proof_stage import Stage

REFUSALS = {
    "redpack": ("PARAM_ERROR", "ILLEGAL_APPID", "OPENID_ERROR", "MONEY_LIMIT"),
    "transfer": ("INVALID_REQUEST", "PARAM_ERROR"),
}
"""Codes that leave no order, with which a send is answered before anybody looks at its number."""


_OPEN = frozenset({State.WAITING, State.IN_DOUBT, State.AWAITING_USER})


class Life(StrEnum):
    """Which books a system goes on with."""

    FIRST = "its own"
    RESTORED = "an earlier copy"
    REOPENED = "an earlier copy, after a reopening"
    """All was refused, reopened and sent once more before the copy was put back."""
    EMPTIED = "empty books, same list"


def begin(stage: Stage, life: Life, *, number: int) -> None:
    """Lose the books, have all be refused, and reopen what may be.

    Of a copy from before a reopening nothing is refused any more: it goes on as it was.

    Args:
        stage: of which a copy was kept when the lists were approved.
        life: which books there are now.
        number: which refusal.
    """
    if life is Life.EMPTIED:
        stage.shelf.renew()
        stage.import_again()
    else:
        stage.shelf.restore()
    stage.wechat.recover()
    stage.lies.set(lambda _name, _nth: None)
    if life is not Life.REOPENED:
        refuse_and_reopen(stage, number=number)


def refuse_and_reopen(stage: Stage, *, number: int) -> None:
    """Have WeChat refuse all that is sent, fix the cause, and reopen what may be."""
    refusals = REFUSALS[stage.rail]
    code = refusals[number % len(refusals)]
    stage.lies.set(lambda name, _nth: code if name.startswith("send") else None)
    stage.live()
    stage.lies.set(lambda _name, _nth: None)
    for payout in stage.payouts():
        with suppress(LedgerError):
            stage.book.reopen(payout.id, by="clerk", reason="the appid is right now")
    for name in stage.names:
        if stage.book.standing(name).campaign.state is CampaignState.PAUSED:
            stage.book.resume(name, by="clerk")


def ask(stage: Stage) -> None:
    """Look after what was left to a person."""
    for payout in left(stage):
        with suppress(LedgerError):
            if payout.state is not State.WAITING:
                stage.book.query_now(payout.id, by="clerk")
            else:
                stage.book.send_now(payout.id, by="clerk")


def close(stage: Stage) -> None:
    """Give up what is still open and was not paid, as the merchant's bills say.

    A copy of the books does not know a second number that was given after it was made; where the
    bills have one, the payout is reopened.
    """
    for payout in left(stage):
        if not _paid(stage, payout, payout.attempt):
            stage.give_up(payout)
    for payout in stage.payouts():
        if payout.state is State.REFUSED and _paid(stage, payout, payout.attempt + 1):
            stage.book.reopen(payout.id, by="auditor", reason="its second number is in the bills")


def _paid(stage: Stage, payout: Payout, attempt: int) -> bool:
    number = stage.number_of(payout)
    billno = new_billno(number, payout.key, attempt)
    transfer = stage.wechat.transfer(billno, mch_id=number)
    if transfer is not None:  # what was locked and came back has moved money, too
        return transfer.paid > 0 or transfer.state not in FINAL
    return stage.wechat.payments(billno, mch_id=number) > 0


def left(stage: Stage) -> list[Payout]:
    """What waits for a person."""
    return [payout for payout in stage.payouts() if payout.task is None and payout.state in _OPEN]
