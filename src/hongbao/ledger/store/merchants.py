"""Merchants: who owes. Whichever way one pays, its keys and its payouts' numbers are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.schema import MERCHANT
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection


def number_of(connection: Connection, merchant_id: int) -> str:
    """The payer's own number of a merchant.

    Raises:
        LedgerError: if the books have no such merchant.
    """
    number = connection.scalar(select(MERCHANT.c.number).where(MERCHANT.c.id == merchant_id))
    if number is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say(
                "the books have no merchant with the id {merchant_id}", merchant_id=merchant_id
            ),
            remedy=say("Set one of its channels first."),
        )
    return str(number)


def store_merchant(connection: Connection, number: str) -> int:
    """The books' number of a merchant; one that is new to them is added."""
    connection.execute(
        insert_into(connection, MERCHANT)
        .values(number=number)
        .on_conflict_do_nothing(index_elements=["number"])
    )
    of_number = select(MERCHANT.c.id).where(MERCHANT.c.number == number)
    return int(connection.scalars(of_number).one())
