"""The books of hongbao.toml: opened for one command, and what commands look up in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hongbao.cli.operator_file import signer
from hongbao.cli.program import typed
from hongbao.configuration.file import Configuration, find_configuration, read_configuration
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout import Payout, State
from hongbao.sentences import say
from hongbao.views import payout as views

if TYPE_CHECKING:
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.book import Book


_PROCESSES_MAX = 4  # more would leave a database little time for workers


@contextmanager
def opened(config: Path | None) -> Iterator[Ledger]:
    """The books alone, closed afterwards.

    Raises:
        ConfigurationError: if the settings are wrong, or the books cannot be opened.
    """
    with open_books(read_configuration(config)) as book:
        yield book


def open_books(configuration: Configuration) -> Ledger:
    """The books that the settings name.

    Raises:
        ConfigurationError: if they cannot be opened.
    """
    # SQLAlchemy takes 0.2 s to import, and most commands have no books.
    from hongbao.engine.ledger import Ledger  # noqa: PLC0415  # see above

    required = configuration.approval.signed
    return Ledger.of(configuration).deciding(signer=signer(wanted=required), required=required)


def processes() -> int:
    """How many processes one command may share much reading among."""
    return min(os.cpu_count() or 1, _PROCESSES_MAX)


class Held(NamedTuple):
    """A number that the books hold.

    Attributes:
        mch_billno: the number.
        campaign: the name of the campaign that its payout belongs to.
        row: its payout's place there.
        state: where its payout stands.
    """

    mch_billno: str
    campaign: str
    row: int
    state: State

    @property
    def problem(self) -> str:
        """Where it is."""
        return say(
            "the books hold {number}: row {row} of campaign {campaign}, {state}",
            number=self.mch_billno,
            row=self.row,
            campaign=self.campaign,
            state=self.state,
        )

    def command(self, verb: str) -> str:
        """What to type to have it done through the books."""
        return f"{typed()} payout {verb} {self.mch_billno}"


def find_held(mch_id: str, mch_billno: str) -> Held | None:
    """The number in the books; None if they do not hold it, or if no books are configured.

    Raises:
        ConfigurationError: if hongbao.toml is wrong, or names books that cannot be opened.
        BookUnavailable: if the database cannot be reached.
    """
    path = find_configuration(None)
    if path is None:
        return None
    # SQLAlchemy takes 0.2 s to import, and most who send a packet by hand have no books.
    from hongbao.ledger.store.upgrade import version_of  # noqa: PLC0415  # see above

    configuration = read_configuration(path)
    if version_of(configuration.database_url()).found is None:
        return None
    with open_books(configuration) as book:
        merchants = {it.merchant_id for it in book.channels() if it.number == mch_id}
        for payout in book.find(mch_billno):
            if payout.merchant_id in merchants:
                campaign = campaign_names(book)[payout.campaign_id]
                return Held(mch_billno, campaign, payout.row, payout.state)
    return None


def find_one(book: Book, key_or_billno: str, *, mch_id: str | None) -> Payout:
    """The payout of a business key or an order number.

    Args:
        book: where.
        key_or_billno: which.
        mch_id: whose, if several merchants have one of this key.

    Raises:
        LedgerError: if there is none, or more than one.
    """
    numbers = {it.merchant_id: it.number for it in book.channels()}
    found = [
        payout
        for payout in book.find(key_or_billno)
        if mch_id in (None, numbers.get(payout.merchant_id))
    ]
    if not found:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no payout of this key or order number"),
            remedy=say("Check it: letter case and leading zeros tell keys apart."),
        )
    if len(found) > 1:
        names = campaign_names(book)
        lines = "".join(
            f"\n  {views.line(it, campaign=names.get(it.campaign_id, '?'))}" for it in found
        )
        raise LedgerError(
            code=LedgerCode.AMBIGUOUS,
            problem=say("{count} payouts are called so:{lines}", count=len(found), lines=lines),
            remedy=say("Give the order number, or --mch-id."),
        )
    return found[0]


def campaign_names(book: Book) -> dict[int, str]:
    """The campaigns' names by their rows."""
    return {it.campaign.id: it.campaign.name for it in book.campaigns()}
