"""The columns that a list kept, opened for a report in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.campaign.ports import PayoutReader
    from hongbao.ledger.model.payout import Payout
    from hongbao.sealing import Keyring


class KeptCells:
    """Opens what is kept of payouts.

    Args:
        names: the columns, in the report's order.
        keyring: the keys.
    """

    def __init__(self, names: Sequence[str], keyring: Keyring) -> None:
        self._names = names
        self._keyring = keyring

    def of(self, books: PayoutReader, payouts: Sequence[Payout]) -> Mapping[int, tuple[str, ...]]:
        """The cells of payouts that follow each other in their campaign, by their ids.

        Raises:
            ConfigurationError: if a key is not there; see ``Keyring.open``.
        """
        if not payouts:
            return {}
        sealed = books.kept_between(payouts[0].id, payouts[-1].id)
        empty = ("",) * len(self._names)
        return {
            it.id: self._cells(sealed[it.id], it) if it.id in sealed else empty for it in payouts
        }

    def _cells(self, sealed: bytes, payout: Payout) -> tuple[str, ...]:
        place = place_of(payout.campaign_id)
        said = self._keyring.open(sealed, place=place, key=payout.key)
        return tuple(said.get(name, "") for name in self._names)


def place_of(campaign_id: int) -> str:
    """Whose rows they are, of which something is sealed: see ``Keyring.sealer``."""
    return f"campaign {campaign_id}"
