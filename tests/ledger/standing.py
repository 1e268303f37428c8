"""A standing campaign and what programs ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desk import UNLIMITED
from hongbao.errors import LedgerError
from hongbao.ledger.intake.appending import Payment
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.mandate import Mandate

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout

NUMBER = "1900012345"
MANDATE = Mandate(total=2_000, day_amount=1_000, day_count=5, largest=400)


def plan(desk: Desk, mandate: Mandate = MANDATE, *, name: str = "refunds") -> Plan:
    """What is said of a standing campaign."""
    return Plan(
        name=name, channel_id=desk.channel(NUMBER, UNLIMITED), profile="demo",
        budget=mandate.total, source="programs", source_digest=mandate.digest, mandate=mandate,
    )  # fmt: skip


def stand(desk: Desk, mandate: Mandate = MANDATE, *, name: str = "refunds") -> Campaign:
    """A standing campaign that is approved."""
    draft = desk.book.stand(plan(desk, mandate, name=name), by="anna")
    return desk.book.approve(name, digest=draft.digest, by="bert")


def payment(key: str, amount: int = 100, **facts: Any) -> Payment:
    """What a program asks for."""
    said: dict[str, Any] = {
        "key": key, "kind": "normal", "payee": f"oUSER{key:>020}", "amount": amount, "people": 1,
        "terms": {"wishing": "恭喜发财"}, "number": NUMBER, "rail": "redpack", "profile": "demo",
    }  # fmt: skip
    return Payment(**(said | facts))


def append(desk: Desk, key: str, amount: int = 100, **facts: Any) -> Payout:
    """Ask for a payout."""
    return desk.book.append("refunds", payment(key, amount, **facts), by="shop")


def refused(desk: Desk, key: str, amount: int = 100, **facts: Any) -> LedgerError:
    """Why a payout is not stored; that nothing is, is looked at."""
    before = desk.book.standing("refunds"), len(list(desk.payouts())), desk.book.last_position()
    with pytest.raises(LedgerError) as caught:
        append(desk, key, amount, **facts)
    after = desk.book.standing("refunds"), len(list(desk.payouts())), desk.book.last_position()
    assert before == after
    return caught.value
