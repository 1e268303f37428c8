"""The tails by which receivers are found, in the parts and blocks in which they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.store import payee_tails
from hongbao.ledger.store.schema import PAYEE_TAIL

if TYPE_CHECKING:
    from desk import Desk

PAYEES = ["", "o", "红包", "oA", *(f"oUSER_{place:04}" for place in range(300)), "oLAST_-", "o_"]


def test_rows_that_are_added_at_once_or_one_by_one_are_kept_alike(desk: Desk) -> None:
    first = payee_tails.BLOCK - 100
    campaigns = [desk.draft(1, name=name).id for name in ("spring", "summer")]
    with desk.transaction() as connection:
        connection.execute(PAYEE_TAIL.delete())
        payee_tails.add(connection, campaigns[0], first, PAYEES)
        for row, payee in enumerate(PAYEES, first):
            payee_tails.add(connection, campaigns[1], row, [payee])
        stored: dict[int, set[tuple[int, int, str]]] = {it: set() for it in campaigns}
        for bucket, campaign, block, tails in connection.execute(PAYEE_TAIL.select()):
            stored[campaign].add((bucket, block, tails))
        connection.rollback()
    assert stored[campaigns[0]] == stored[campaigns[1]]
    assert {block for _, block, _ in stored[campaigns[0]]} == {1, 1 + payee_tails.BLOCK}


def test_a_receiver_is_found_wherever_his_row_stands_in_its_block(desk: Desk) -> None:
    first = payee_tails.BLOCK - 100
    campaign = desk.draft(1).id
    with desk.transaction() as connection:
        payee_tails.add(connection, campaign, first, PAYEES)
        for row, payee in enumerate(PAYEES, first):
            assert (campaign, row) in list(payee_tails.rows_of(connection, payee, None))
            assert (campaign, row) in list(payee_tails.rows_of(connection, payee, [campaign]))
            assert list(payee_tails.rows_of(connection, payee, [])) == []
        connection.rollback()


def test_what_is_said_of_one_payout_is_what_is_kept_of_it(desk: Desk) -> None:
    campaign = desk.draft(1).id
    with desk.transaction() as connection:
        for row, payee in enumerate(PAYEES, payee_tails.BLOCK - 100):
            connection.execute(PAYEE_TAIL.delete())
            payee_tails.add(connection, campaign, row, [payee])
            [(bucket, _, block, tails)] = connection.execute(PAYEE_TAIL.select())
            assert (bucket, block, tails) == payee_tails.entry(row, payee)
        connection.rollback()
