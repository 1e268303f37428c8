"""Periods that finance has closed: days of a merchant, with totals that stand from then on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen


class AccountTotals(NamedTuple):
    """What an account's bills of some days come to; amounts are fen.

    Attributes:
        account: which account.
        opening: what was on it before; None if nothing moved.
        own_out: what went with our numbers.
        own_in: what came with our numbers.
        others_out: what went otherwise.
        others_in: what came otherwise.
        closing: what was on it afterwards; None if nothing moved.
        paid: what the books say of the payments among ``own_out``.
        unpaid_out: what of ``own_out`` has numbers that the books do not call paid: money that was
            locked and came back, and what breaks name.
    """

    account: str
    opening: Fen | None
    own_out: Fen
    own_in: Fen
    others_out: Fen
    others_in: Fen
    closing: Fen | None
    paid: Fen
    unpaid_out: Fen

    @property
    def ties(self) -> bool:
        """Whether what was there, came and went is what is left."""
        if self.opening is None or self.closing is None:
            return not (self.own_out or self.own_in or self.others_out or self.others_in)
        moved = self.own_in + self.others_in - self.own_out - self.others_out
        return self.opening + moved == self.closing

    @property
    def differs(self) -> Fen:
        """How much more of our payments the bills have than the books: only a break explains it."""
        return self.own_out - self.paid - self.unpaid_out


class PeriodFacts(NamedTuple):
    """What is recorded when a period is closed.

    Attributes:
        first_day: the first Beijing day, as days since the epoch.
        last_day: the last.
        accounts: the totals of each account.
        bills: the books' numbers of the bills that these are of.
        breaks: the breaks of these days that were left open.
    """

    first_day: int
    last_day: int
    accounts: Sequence[AccountTotals]
    bills: Sequence[int]
    breaks: Sequence[int]

    @property
    def body(self) -> str:
        """As the books store it: JSON."""
        said = {
            "accounts": [it._asdict() for it in self.accounts],
            "bills": list(self.bills),
            "breaks": list(self.breaks),
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Period(NamedTuple):
    """A period that was closed.

    Attributes:
        id: the books' number of it.
        merchant_id: whose.
        facts: what was recorded.
        closed_at: when it was closed.
        closed_by: by whom.
        reopened_at: when it was opened again; None if it stands.
        reopened_by: by whom.
        reason: why.
    """

    id: int
    merchant_id: int
    facts: PeriodFacts
    closed_at: Instant
    closed_by: str
    reopened_at: Instant | None
    reopened_by: str | None
    reason: str | None

    @property
    def stands(self) -> bool:
        """Whether it is closed still."""
        return self.reopened_at is None


def facts_of(first_day: int, last_day: int, body: str) -> PeriodFacts:
    """What is recorded, from the stored JSON."""
    said: dict[str, Any] = json.loads(body)
    accounts = [AccountTotals(**it) for it in said["accounts"]]
    return PeriodFacts(first_day, last_day, accounts, said["bills"], said["breaks"])
