"""Books that hold one campaign, as reports need them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.campaign.report.report import write_report
from hongbao.ledger.model.campaign import Campaign, CampaignState
from hongbao.ledger.model.payout import SECOND, Payout, State, Task
from hongbao.ledger.model.standing import Standing
from list_maker import payee

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.model.payout import Instant

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing
LISTID = "1000041701202611233000000000000"[:28]


def a_payout(row: int, state: State, **changes: Any) -> Payout:
    """A payout of 2 yuan in some state."""
    called = state not in {State.WAITING, State.CANCELLED}
    values: dict[str, Any] = {
        "id": row, "merchant_id": 1, "campaign_id": 1, "key": f"spring/{row}", "row": row,
        "kind": "normal", "payee": payee(row), "amount": 200, "people": 1, "terms_id": 1,
        "attempt": 1, "billno": f"BILL{row:024d}", "state": state, "task": None, "due_at": None,
        "lease": None, "calls": int(called), "answers": int(called), "doubt": None,
        "first_call_at": NOON if called else None, "resend_until": None, "tries": 0, "code": None,
        "reason": None, "listid": None, "voucher": None, "sent_at": None, "settled_at": None,
        "claimed": 0, "refunded": 0, "day": None, "seq": 1,
    }  # fmt: skip
    return Payout(**{**values, **changes})


PAYOUTS = [
    a_payout(1, State.RECEIVED, claimed=200, listid=LISTID, sent_at=NOON, settled_at=NOON + SECOND),
    a_payout(2, State.RETURNED, refunded=200, sent_at=NOON),
    a_payout(3, State.SENT, kind="group", people=3, claimed=50, sent_at=NOON, task=Task.LOOK),
    a_payout(4, State.REFUSED, code="OPENID_ERROR", reason="openid 与 appid 不匹配"),
    a_payout(5, State.IN_DOUBT, code="SYSTEMERROR", reason="系统繁忙", task=Task.QUERY),
    a_payout(6, State.IN_DOUBT, code="NOT_FOUND", reason="unknown (yet)"),
    a_payout(7, State.WAITING, code="NO_AUTH", reason="IP 地址非法", task=Task.SEND),
    a_payout(8, State.CANCELLED),
]


class Fixed(NamedTuple):
    """Books that hold one campaign."""

    payouts_: list[Payout]
    state: CampaignState = CampaignState.RUNNING

    def now(self) -> Instant:
        """What time it is in them."""
        return NOON

    def standing(self, name: str) -> Standing:
        """As the books have it."""
        planned = sum(payout.amount for payout in self.payouts_)
        campaign = Campaign(
            id=1, name=name, channel_id=1, merchant_id=1, rail="redpack",
            profile="demo", state=self.state, open=True, budget=None,
            rows=len(self.payouts_), planned=planned, digest=b"\1" * 32,
            source="list.csv", source_digest=b"\2" * 32, created_at=NOON, created_by="operator",
            approved_at=NOON, approved_by="=boss", approved_digest=b"\1" * 32, stop=None, seq=3,
        )  # fmt: skip
        return Standing(campaign=campaign, merchant="1900012345", merchant_stop=None, totals={})

    def payouts_of(self, _: str, **span: Any) -> Iterator[Payout]:
        """As the books have them."""
        _, row = span["after"]
        return iter(self.payouts_[row : row + span["most"]])


def report(path: Path, books: object, **options: Any) -> Standing:
    """Write a report of books that know no more than it asks for."""
    return write_report(path, books, "spring", **options)  # type: ignore[arg-type]


def read(path: Path) -> list[dict[str, str]]:
    """A CSV, as a program reads it."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
