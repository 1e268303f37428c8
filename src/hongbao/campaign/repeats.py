"""Who and what stands in a list more than once, and whether that is meant."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from hongbao.campaign.allowance import UserDays
from hongbao.campaign.column import KEY, PAYEE
from hongbao.campaign.key import KeyMaker
from hongbao.ledger.model.campaign import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.layout import Layout
    from hongbao.campaign.spool import Spool
    from hongbao.ledger.model.limits import Limits


def check_payees(
    spool: Spool, notebook: Notebook, layout: Layout, campaign: str, *, allowed: bool
) -> None:
    """Refuse that a receiver stands in several rows, or tell such rows apart by their keys.

    Args:
        spool: the rows.
        notebook: what is wrong is noted there.
        layout: of the list.
        campaign: its name, for derived keys.
        allowed: whether receivers may repeat.
    """
    if allowed:
        spool.set_keys(_ordinal_keys(spool, campaign))
        return
    for payee, number, _, first in spool.repeated_payees():
        if number != first:
            told = f"{mask(payee)} stands in row {first} already; --allow-repeats permits it"
            notebook.problem(number, layout.names[PAYEE], told)


def _ordinal_keys(spool: Spool, campaign: str) -> Iterator[tuple[str, int]]:
    """Keys for the rows of one receiver that have none: they are counted, from 1."""
    keys = KeyMaker(campaign)
    for payee, rows in groupby(spool.repeated_payees(), attrgetter("same")):
        without = (row for row in rows if not row.own)
        for ordinal, row in enumerate(without, 1):
            if ordinal > 1:
                yield keys.key(payee, ordinal), row.number


def check_keys(spool: Spool, notebook: Notebook, layout: Layout) -> None:
    """Refuse that a key stands in several rows. Derived ones cannot, unless a list says them."""
    if KEY not in layout.places:
        return
    for _, number, _, first in spool.repeated_keys():
        if number != first:
            # Not the key itself: it may be made of a receiver.
            notebook.problem(number, layout.names[KEY], f"this key stands in row {first} already")


def check_users(spool: Spool, notebook: Notebook, limits: Limits) -> None:
    """Say how many rows must wait for a later day, because a user has had enough on the first."""
    if limits.user_day_count_max is None and limits.user_day_amount_max is None:
        return
    if not spool.crowded:
        return
    days = UserDays(limits)
    for _, rows in groupby(spool.user_rows(), attrgetter("payee")):
        days.add(rows)
    if days.put_off:
        notebook.add(days.caution())
