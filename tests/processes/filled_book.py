"""An approved campaign in the books, ready to be paid, and what must become of each row."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.limits import PayerLimits
from hongbao.simulator.settings import FOREIGN_PREFIX

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

NAME = "spring"
PROFILE = "demo"
TERMS = {"send_name": "Shop", "wishing": "Thanks", "act_name": "Spring", "remark": "Prize"}

FOREIGN_EVERY = 50
"""One in so many can never be paid: few enough that no breaker takes it for a fault of the list."""
_CHUNK = 5_000


TRANSFER_TERMS = {
    "profile": PROFILE,
    "transfer_scene_id": "1000",
    "transfer_remark": "Prize",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}


def fill(
    book: Book,
    *,
    mch_id: str,
    payouts: int,
    rate: float | None,
    transfer_terms: dict[str, str] | None = None,
) -> None:
    """Put so many payouts into the books and approve them.

    Args:
        book: empty.
        mch_id: who pays.
        payouts: how many.
        rate: calls a second; None for any number.
        transfer_terms: of transfers, if they are to be that.
    """
    rail, kind = ("redpack", "normal") if transfer_terms is None else ("transfer", "transfer")
    channel_id = book.set_channel(mch_id, rail, PayerLimits(rate=rate, burst=30), by="anna")
    plan = Plan(
        name=NAME,
        channel_id=channel_id,
        profile=PROFILE,
        budget=None,
        source="spring.csv",
        source_digest=sha256(b"").digest(),
    )
    campaign = book.begin_import(plan, by="importer")
    [terms_id] = book.terms([transfer_terms or TERMS])
    entries = [_entry(number, kind, terms_id) for number in range(payouts)]
    chunks = (entries[start : start + _CHUNK] for start in range(0, payouts, _CHUNK))
    book.submit(campaign.id, chunks, by="importer")
    draft = book.finish_import(NAME, by="importer")
    book.approve(NAME, digest=draft.digest, by="approver")


def is_foreign(payee: str) -> bool:
    """Whether it belongs to another appid, so that its payout must be refused."""
    return payee.startswith(FOREIGN_PREFIX)


def _entry(number: int, kind: str, terms_id: int) -> Entry:
    foreign = number % FOREIGN_EVERY == FOREIGN_EVERY - 1
    prefix = FOREIGN_PREFIX if foreign else "oPROOF_openid_"
    return Entry(
        key=f"{NAME}/{number}",
        kind=kind,
        payee=f"{prefix}{number:014}",
        amount=100 + number % 100,
        people=1,
        terms_id=terms_id,
    )
