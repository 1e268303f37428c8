"""Holds the books against what the simulator says that it paid: twice, never, or to the fen?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from filled_book import NAME, is_foreign
from hongbao.ledger.model.payout import PAID, State

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.testing.control_client import ControlClient


class Reckoning(NamedTuple):
    """What became of everybody.

    Attributes:
        paid: payouts.
        refused: payouts.
        in_doubt: payouts: of those who can never be paid.
        calls: that the simulator saw.
        faults: of them that went wrong on purpose.
        unsure: payouts that were sent more than once, with one number.
    """

    paid: int
    refused: int
    in_doubt: int
    calls: int
    faults: int
    unsure: int


def reckon(book: Book, control: ControlClient) -> Reckoning:
    """Assert that each was paid once who should be, nobody else, and that both sides agree."""
    journal = control.journal()
    assert journal[0].number == 0, "the journal has dropped its oldest entries"
    payments = Counter(entry.mch_billno for entry in journal if entry.paid)
    twice = [billno for billno, times in payments.items() if times > 1]
    assert not twice, f"paid twice: {twice}"
    payouts = list(book.payouts_of(NAME))
    for payout in payouts:
        assert payout.attempt == 1
        if is_foreign(payout.payee):
            # A repeat's refusal does not settle it, if the first call ended in the dark.
            in_the_dark = payout.state is State.IN_DOUBT and payout.calls > 1
            assert payout.state is State.REFUSED or in_the_dark, payout
            assert payments[payout.billno] == 0, payout
        else:
            assert payout.state in PAID, payout
            assert payments[payout.billno] == 1, payout
    paid = [payout for payout in payouts if payout.state in PAID]
    assert payments.total() == len(paid), "somebody was paid whom the books do not know"
    assert control.totals().debited == sum(payout.amount for payout in paid)
    assert book.standing(NAME).paid == control.totals().debited
    assert control.audit() == ""
    report = book.audit()
    assert not report.findings, report
    return Reckoning(
        paid=len(paid),
        refused=sum(payout.state is State.REFUSED for payout in payouts),
        in_doubt=sum(payout.state is State.IN_DOUBT for payout in payouts),
        calls=len(journal),
        faults=sum(bool(entry.fault) for entry in journal),
        unsure=sum(payout.calls > 1 for payout in payouts),
    )
