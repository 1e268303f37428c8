"""What a campaign that is extended has of a list already, by what rows say and by their keys.

A row with a key of its own is the row of that key. A row without one is any row of the campaign
that says the same receiver, amount and kind, as often as the campaign has it.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from hongbao.campaign.notes import Sum
from hongbao.campaign.rows.columns import PAYEE
from hongbao.ledger.model.campaign import mask
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hongbao.business_key import KeyMaker
    from hongbao.campaign.compare.bookmark import Bookmark
    from hongbao.campaign.compare.receivers import Receivers
    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.ports import CampaignLedger
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging.staging import Staging
    from hongbao.ledger.model.campaign import Content
    from hongbao.money import Fen

_BEGIN = """
CREATE TABLE there (
    payee TEXT NOT NULL, amount INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    ordinal INTEGER NOT NULL, taken BOOLEAN NOT NULL
)
"""
_BY_KEY = "UPDATE there SET taken = 1 WHERE key IN (SELECT key FROM line WHERE own)"
_BY_CONTENT = """
CREATE TABLE skipped AS
SELECT number, amount FROM (
    SELECT number, payee, amount, kind, row_number() OVER (
        PARTITION BY payee, amount, kind ORDER BY number
    ) AS place
    FROM line WHERE NOT own AND payee IN (SELECT payee FROM there)
) JOIN (
    SELECT payee, amount, kind, count(*) AS times FROM there WHERE NOT taken
    GROUP BY payee, amount, kind
) USING (payee, amount, kind)
WHERE place <= times
"""
_SKIPPED = "SELECT count(*), coalesce(sum(amount), 0) FROM skipped"
_TAKE_OUT = "DELETE FROM line WHERE number IN (SELECT number FROM skipped)"
_FURTHER = """
SELECT number, payee FROM line
WHERE payee IN (SELECT payee FROM there) AND NOT (own AND key IN (SELECT key FROM there))
ORDER BY number
"""
_LATER = """
SELECT payee, number, ordinal FROM line JOIN (
    SELECT payee, max(ordinal) AS ordinal FROM there GROUP BY payee
) USING (payee) WHERE NOT own ORDER BY payee, number
"""


class Supplement:
    """A list that extends a campaign.

    Args:
        staging: the rows.
        receivers: the same.
        keys: derives those of rows that say none.
        mark: where the books stand.
    """

    def __init__(
        self, staging: Staging, receivers: Receivers, keys: KeyMaker, mark: Bookmark
    ) -> None:
        self._staging = staging
        self._receivers = receivers
        self._keys = keys
        self._family = mark.family
        self._campaign = mark.name if mark.named is None else mark.named.name

    def skip(self, books: CampaignLedger) -> Sum:
        """Take out the rows without keys that the campaign has; gives what they come to."""
        database = self._receivers.database
        database.execute(_BEGIN)
        for number in sorted(self._family):
            for page in books.contents(number):
                self._receivers.insert("there", self._there(page), 6)
        database.execute(_BY_KEY)
        database.execute(_BY_CONTENT)
        found = Sum(*database.execute(_SKIPPED).fetchone())
        database.execute(_TAKE_OUT)
        return found

    def check_receivers(self, notebook: Notebook, layout: Layout, *, allowed: bool) -> None:
        """Let the keys of further payments to whom the campaign has count on, or refuse those.

        Args:
            notebook: what is wrong is noted there.
            layout: of the list.
            allowed: whether receivers may repeat.
        """
        self._staging.set_keys(self._later_keys())
        if allowed:
            return
        for number, payee in self._receivers.database.execute(_FURTHER):
            notebook.problem(
                number,
                layout.names[PAYEE],
                say(
                    "{payee} is in campaign {campaign} already, with another amount, kind or "
                    "key; --allow-repeats permits a further payment",
                    payee=mask(payee),
                    campaign=self._campaign,
                ),
            )

    def _there(self, page: Iterable[Content]) -> Iterator[tuple[str, Fen, str, str, int, bool]]:
        # What was cancelled before any call, with a supplement, is paid to nobody.
        ordinal = self._keys.ordinal
        return (
            (it.payee, it.amount, it.kind, it.key, ordinal(it.key), False)
            for it in page
            if not it.free
        )

    def _later_keys(self) -> Iterator[tuple[str, int]]:
        rows = self._receivers.database.execute(_LATER)
        for payee, some in groupby(rows, itemgetter(0)):
            for place, (_, number, ordinal) in enumerate(some, 1):
                yield self._keys.key(payee, ordinal + place), number
