"""Several payouts: a line each in words, as JSON documents, and as the lines of a report in CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from hongbao import beijing
from hongbao.campaign.report.columns import COLUMNS, FOREIGN
from hongbao.campaign.report.delimited import guarded
from hongbao.campaign.report.line import line_of
from hongbao.ledger.model.campaign import mask_key
from hongbao.ledger.model.payout import Instant, Payout
from hongbao.money import format_yuan
from hongbao.sentences import both, marked, said
from hongbao.state_words import state_of
from hongbao.views.columns import in_columns
from hongbao.views.document import mask_openid
from hongbao.views.payout import facts_of

_HEAD = (
    marked("billno"),
    marked("campaign"),
    marked("row"),
    both("key", "业务单号"),  # the other "key" of the catalogue is a secret one
    marked("receiver"),
    marked("yuan"),
    marked("paid"),
    marked("state"),
)
_CSV = ("campaign", "mch_id", "row", *COLUMNS[1:])


class ListedPayout(NamedTuple):
    """A payout among others.

    Attributes:
        payout: which.
        campaign: the name of its campaign.
        merchant: the number of its merchant.
    """

    payout: Payout
    campaign: str
    merchant: str


def text(listed: Sequence[ListedPayout], *, now: Instant, in_full: bool = False) -> str:
    """A line a payout.

    Args:
        listed: the payouts.
        now: the books' time.
        in_full: whether receivers are shown in full; else they are masked.
    """
    rows = [
        (
            it.billno,
            campaign,
            str(it.row),
            it.key if in_full else mask_key(it.key, it.payee),
            it.payee if in_full else mask_openid(it.payee),
            format_yuan(it.amount),
            "" if it.sent_at is None else beijing.text(it.sent_at),
            state_of(it, now).label.said + (f" ({it.code})" if it.code else ""),
        )
        for it, campaign, _ in listed
    ]
    return in_columns([tuple(map(said, _HEAD)), *rows], right={2, 5})


def documents(
    listed: Sequence[ListedPayout], *, now: Instant, in_full: bool = False
) -> list[dict[str, object]]:
    """The payouts for a program; amounts in fen. With ``in_full``, ``receiver`` is the openid."""
    return [
        facts_of(it, campaign=campaign, merchant=merchant, now=now)
        | ({"key": it.key, "receiver": it.payee} if in_full else {})
        for it, campaign, merchant in listed
    ]


def csv_text(
    listed: Sequence[ListedPayout], *, now: Instant, in_full: bool = False, header: bool = True
) -> str:
    """The payouts as CSV; texts are guarded as in a report.

    Args:
        listed: the payouts.
        now: the books' time.
        in_full: whether receivers are shown in full; else they are masked.
        header: whether the names of the columns come first.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if header:
        writer.writerow(_CSV)
    for it, campaign, merchant in listed:
        line = line_of(it.row, it, in_full=in_full, now=now)
        cells = (campaign, merchant, *line)
        writer.writerow(
            guarded(cell) if name in FOREIGN else cell
            for name, cell in zip(_CSV, cells, strict=True)
        )
    return stream.getvalue().rstrip("\n")
