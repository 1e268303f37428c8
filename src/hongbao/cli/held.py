"""Whether the books that hongbao.toml names hold an order number: then it is theirs to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.cli import books
from hongbao.cli.program import typed
from hongbao.configuration.file import find_configuration, read_configuration

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import State


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
        return (
            f"the books hold {self.mch_billno}: row {self.row} of campaign {self.campaign}, "
            f"{self.state}"
        )

    def command(self, verb: str) -> str:
        """What to type to have it done through the books."""
        return f"{typed()} payout {verb} {self.mch_billno}"


def find(mch_id: str, mch_billno: str) -> Held | None:
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
    with books.open_books(configuration) as book:
        merchants = {merchant.id for merchant in book.merchants() if merchant.number == mch_id}
        for payout in book.find(mch_billno):
            if payout.merchant_id in merchants:
                names = {it.campaign.id: it.campaign.name for it in book.campaigns()}
                campaign = names[payout.campaign_id]
                return Held(mch_billno, campaign, payout.row, payout.state)
    return None
