"""Splits a group packet's money among its people. It knows amounts and chance only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def split_at_random(total_amount: int, people: int, dice: Random) -> list[int]:
    """Split an amount into random shares of at least 1 fen that add up to it exactly.

    Each person draws evenly up to twice the average of what is left, which is how WeChat's own
    split is commonly described: all shares have the same expectation, whoever comes first.

    Args:
        total_amount: fen, at least 1 for each person.
        people: the number of shares.
        dice: the source of randomness.
    """
    if not 1 <= people <= total_amount:
        raise ValueError(f"{total_amount} fen cannot be split among {people}")
    shares = []
    left = total_amount
    for others in range(people - 1, 0, -1):
        # Never more than what leaves the others 1 fen each, since they are at least one.
        share = dice.randint(1, 2 * left // (others + 1) - 1)
        shares.append(share)
        left -= share
    shares.append(left)
    return shares
