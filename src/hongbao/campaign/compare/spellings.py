"""One key in two spellings: those of earlier versions are joined, look-alikes are reported.

What differs in leading zeros or in letter case may be one key that a program changed, or two: that
is for a person to say, so it is a warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hongbao.campaign.compare.receivers import Sieve
from hongbao.campaign.notes import ROWS_SHOWN, Caution
from hongbao.campaign.rows.columns import KEY
from hongbao.campaign.staging.staging import LONG_DIGITS, folded
from hongbao.english import counted
from hongbao.ledger.model.campaign import mask_key
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.business_key import KeyMaker
    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.ports import CampaignLedger
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging.lines import OwnKey
    from hongbao.campaign.staging.staging import Staging

_LONG_NUMBER = re.compile(f"[0-9]{{{LONG_DIGITS + 1},}}")


def take_stored_spellings(
    staging: Staging, layout: Layout, keys: KeyMaker, books: CampaignLedger, merchant_id: int
) -> None:
    """Give rows the spelling in which an earlier version stored their keys: it is known so."""
    if KEY in layout.places or keys.respelt:
        staging.replace_keys(books.spellings.outdated(merchant_id))


def warn_of_look_alikes(
    staging: Staging,
    notebook: Notebook,
    layout: Layout,
    books: CampaignLedger | None,
    merchant_id: int | None,
) -> None:
    """Report which new keys differ from others but in leading zeros or letter case.

    Args:
        staging: the rows; those that the books know are marked.
        notebook: where it is reported.
        layout: of the list.
        books: None if there are none yet.
        merchant_id: None if they do not know the merchant.
    """
    if KEY not in layout.places:
        return
    _report(notebook, say("in this list"), staging.alike_keys())
    _warn_of_lost_digits(staging, notebook)
    if books is None or merchant_id is None:
        return
    sieve = Sieve(map(folded, staging.new_keys()))
    for some in books.spellings.keys(merchant_id):
        staging.add_stored(key for key in some if sieve.passes(folded(key)))
    _report(notebook, say("in the books"), staging.keys_like_stored())


def _report(notebook: Notebook, where: str, alike: Iterator[tuple[OwnKey, str]]) -> None:
    """Report keys that are like others: all in one warning, with the first as an example.

    All of a list may be, row by row.
    """
    first = next(alike, None)
    if first is None:
        return
    row, other = first
    numbers, count, last = [row.number], 1, row.number
    for it, _ in alike:
        if it.number != last:
            numbers += [it.number] * (count < ROWS_SHOWN)
            count, last = count + 1, it.number
    key, another = (mask_key(it, row.payee) for it in (row.key, other))
    what = say(
        "these keys differ from keys {where} in leading zeros or letter case "
        "alone, and are paid as other payments: {key!r} in row {number}, "
        "{another!r} {where}",
        where=where,
        key=key,
        number=row.number,
        another=another,
    )
    notebook.add(Caution(what, count, tuple(numbers)))


def _warn_of_lost_digits(staging: Staging, notebook: Notebook) -> None:
    if not staging.long_numbers:
        return
    long = 0
    for key in filter(_LONG_NUMBER.fullmatch, staging.own_keys()):
        if key[LONG_DIGITS:].strip("0"):
            return
        long += 1
    if long:
        notebook.caution(
            say(
                "{keys} of more than {digits} digits, and all of them end in zeros: a "
                "spreadsheet keeps no more digits; compare them with where they come from",
                keys=counted(long, "key"),
                digits=LONG_DIGITS,
            )
        )
