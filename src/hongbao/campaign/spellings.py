"""One key in two spellings: those of earlier versions are joined, those that look alike are told.

What differs in leading zeros or in letter case may be one key that a program changed, or two: that
is for a person to say, so it is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.business_key import is_normal
from hongbao.campaign.column import KEY
from hongbao.campaign.finding import ROWS_SHOWN, Caution
from hongbao.english import counted
from hongbao.ledger.campaign import mask_key
from hongbao.ledger.spellings import variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.layout import Layout
    from hongbao.campaign.ports import Books
    from hongbao.campaign.spool import OwnKey, Spool

_AT_ONCE = 5_000
_DIGITS_KEPT = 15


def take_stored_spellings(
    spool: Spool, layout: Layout, campaign: str, books: Books, merchant_id: int
) -> None:
    """Give rows the spelling in which an earlier version stored their keys: it is known so."""
    if KEY in layout.places or not is_normal(campaign):
        spool.replace_keys(books.spellings.outdated(merchant_id))


def warn_of_look_alikes(
    spool: Spool, notebook: Notebook, layout: Layout, books: Books | None, merchant_id: int | None
) -> None:
    """Tell which new keys differ from others but in leading zeros or letter case.

    Args:
        spool: the rows; those that the books know are marked.
        notebook: where it is told.
        layout: of the list.
        books: None if there are none yet.
        merchant_id: None if they do not know the merchant.
    """
    if KEY not in layout.places:
        return
    alike = list(spool.alike_keys())
    _tell(notebook, "in this list", [key.number for key, _ in alike], alike[:1])
    _warn_of_lost_digits(spool, notebook)
    if books is None or merchant_id is None:
        return
    lengths = books.spellings.padded(merchant_id)
    numbers: list[int] = []
    first: list[tuple[OwnKey, str]] = []
    for rows in spool.new_keys(_AT_ONCE):
        spelt = {other: row for row in rows for other in variants(row.key, lengths)}
        found = books.spellings.holders(merchant_id, spelt)
        numbers += sorted({spelt[other].number for other in found})
        first = first or [(spelt[other], other) for other in found][:1]
    _tell(notebook, "in the books", numbers, first)


def _tell(
    notebook: Notebook, where: str, numbers: list[int], example: Sequence[tuple[OwnKey, str]]
) -> None:
    for row, other in example:
        key, stored = (mask_key(it, row.payee) for it in (row.key, other))
        what = (
            f"these keys differ from keys {where} in leading zeros or letter case alone, and are "
            f"paid as other payments: {key!r} in row {row.number}, {stored!r} {where}"
        )
        notebook.add(Caution(what, len(numbers), tuple(numbers[:ROWS_SHOWN])))


def _warn_of_lost_digits(spool: Spool, notebook: Notebook) -> None:
    long, shortened = spool.long_numbers(_DIGITS_KEPT)
    if long and long == shortened:
        notebook.caution(
            f"{counted(long, 'key')} of more than {_DIGITS_KEPT} digits, and all of them end in "
            "zeros: a spreadsheet keeps no more digits; compare them with where they come from"
        )
