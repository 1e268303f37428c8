"""Books in which much happens at once that webhooks tell of."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from hongbao.ledger.book import Book


def draft(book: Book, name: str, count: int, policy: ApprovalPolicy = ANYBODY) -> None:
    """Store a list: one event a payout, its version 1."""
    channel = book.set_channel("1900012345", "redpack", PayerLimits(), by="anna")
    plan = Plan(
        name=name, channel_id=channel, profile="demo", budget=None, source="list.csv",
        source_digest=sha256(name.encode()).digest(), policy=policy,
    )  # fmt: skip
    begun = book.begin_import(plan, by="anna")
    [terms_id] = book.terms([{"wishing": "恭喜发财"}])
    rows = [
        Entry(f"{name}/{row}", "normal", f"oUSER_{name}_{row}", 100, 1, terms_id)
        for row in range(count)
    ]
    book.submit(begun.id, [rows], by="anna")
    book.finish_import(name, by="anna")


def cancel(book: Book, name: str) -> None:
    """Cancel it: one more event a payout, its version 2, and one of the campaign."""
    book.cancel(name, by="anna", reason="wrong list")
