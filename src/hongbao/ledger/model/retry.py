"""Refused payouts of a campaign that may be sent again: how many, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.campaign import Entry
    from hongbao.money import Fen


class RefusedSum(NamedTuple):
    """Some refused payouts.

    Attributes:
        payouts: how many.
        amount: fen that they come to.
    """

    payouts: int = 0
    amount: Fen = 0

    def plus(self, amount: Fen) -> RefusedSum:
        """These and one more."""
        return RefusedSum(self.payouts + 1, self.amount + amount)


class RetryPlan(NamedTuple):
    """The refused payouts of a campaign, by what may be done with them now.

    Attributes:
        again: those that are sent again: a query has said, after the last refusal, that no order of
            their number lives.
        new_numbers: how many of those get another number, since theirs has failed for good.
        unproven: of whose number nothing is proven yet: they are to be queried first.
        paid_instead: whose receiver a later campaign pays the same amount.
        more: whether there are more than one decision takes, or than were looked at.
        codes: how many of the first had which code.
    """

    again: RefusedSum
    new_numbers: int
    unproven: RefusedSum
    paid_instead: RefusedSum
    more: bool
    codes: Mapping[str, int]


class ReturnedPlan(NamedTuple):
    """The payouts of a campaign whose money has come back, by what may be done with them now.

    Attributes:
        again: those that are paid again, each under a key of its own, and so with another number:
            nobody has claimed any of it, and all of it has come back.
        partly: of which something was claimed.
        done: that are paid again already, or are to be.
        withdrawn: that were to be paid again, until a person took them out of the supplement.
        paid_instead: whose receiver a later campaign pays the same amount.
        more: whether there are more than one decision takes.
        entries: the first, as rows of a supplement.
    """

    again: RefusedSum
    partly: RefusedSum
    done: RefusedSum
    withdrawn: RefusedSum
    paid_instead: RefusedSum
    more: bool
    entries: tuple[Entry, ...]
