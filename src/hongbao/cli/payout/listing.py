"""``hongbao payout find`` and ``list``: which payouts there are, of all campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine, print_text
from hongbao.cli.books import campaign_names
from hongbao.cli.moments import Moments
from hongbao.cli.options import AsJson, By, ConfigPath, argument, optional
from hongbao.cli.payout import filters
from hongbao.cli.program import typed
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout import Instant, Payout
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.sentences import said, say
from hongbao.views import payout_list as views
from hongbao.views.payout_list import ListedPayout

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

_FOUND_MAX = 100
_AT_ONCE = 2_000


Wanted: TypeAlias = Annotated[
    str,
    argument(
        "OPENID|KEY|BILLNO|SEND_LISTID",
        "Receiver, business key, order number, or WeChat's own number of the packet.",
    ),
]
InFull: TypeAlias = Annotated[
    bool,
    optional(
        "--in-full", "Show receivers in full instead of masked. It is recorded with your name."
    ),
]


def find(
    *,
    wanted: Wanted,
    in_full: InFull = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Find payouts by receiver, key, order number or send_listid.

    All campaigns of all merchants are searched. Of a receiver, the newest payouts come first.
    """
    seer = person.person(by)
    with books.opened(config) as book:
        found = book.search(wanted, limit=_FOUND_MAX)
        if not found:
            raise LedgerError(
                code=LedgerCode.NOT_FOUND,
                problem=say("the books have no payout of this receiver, key or number"),
                remedy=say(
                    "Check it: letter case and leading zeros matter. An openid is searched for as "
                    "a whole."
                ),
            )
        listed, now = _listed(book, (it.payout for it in found)), book.now()
        if in_full:
            counts = Counter(it.payout.campaign_id for it in found)
            book.disclose(counts, what="payout find", by=seer)
    documents = views.documents(listed, now=now, in_full=in_full)
    matches = zip(documents, found, strict=True)
    text = views.text(listed, now=now, in_full=in_full)
    more = len(found) == _FOUND_MAX
    note = said(
        "There may be more than these {most}: {program} payout list --help",
        most=_FOUND_MAX,
        program=typed(),
    )
    hint = said(
        "All about one: {program} payout show {billno}",
        program=typed(),
        billno=listed[0].payout.billno,
    )
    return CommandResult(
        {"payouts": [{**it, "found_by": match.by} for it, match in matches], "more": more},
        "\n".join([text, note if more else hint]),
        as_json=as_json,
    )


def list_payouts(
    *,
    campaign: filters.OfCampaign = None,
    mch_id: filters.OfMerchant = None,
    state: filters.InStates = None,
    code: filters.WithCode = None,
    kind: filters.OfKind = None,
    openid: filters.ToReceiver = None,
    needs_attention: filters.NeedsAttention = False,
    unclaimed_since: filters.UnclaimedSince = None,
    since: filters.Since = None,
    until: filters.Until = None,
    paid_since: filters.PaidSince = None,
    paid_until: filters.PaidUntil = None,
    settled_since: filters.SettledSince = None,
    settled_until: filters.SettledUntil = None,
    newest_first: filters.NewestFirst = False,
    limit: filters.Limit = 100,
    after: filters.After = None,
    config: ConfigPath = None,
    as_csv: filters.AsCsv = False,
    as_json: AsJson = False,
) -> CommandResult:
    """List payouts, by what is asked of them.

    Of several filters, all must hold. Times are Beijing's, such as '2026-11-11 08:00', or how long
    ago, such as 90m, 12h or 3d.
    """
    if as_csv and as_json:
        raise WrongCommandLine(say("Give --csv or --json, not both"))
    with books.opened(config) as book:
        now = book.now()
        at = (moments := Moments(now)).read
        asked = PayoutFilter(
            campaign=campaign, merchant=mch_id, states=frozenset(state or ()), code=code,
            kind=kind, payee=openid, needs_attention=needs_attention, newest_first=newest_first,
            unclaimed_since=at("--unclaimed-since", unclaimed_since),
            created_since=at("--since", since), created_until=at("--until", until),
            sent_since=at("--paid-since", paid_since), sent_until=at("--paid-until", paid_until),
            settled_since=at("--settled-since", settled_since),
            settled_until=at("--settled-until", settled_until),
        )  # fmt: skip
        payouts, cursor = _page(book, asked, after, limit)
        listed = _listed(book, payouts)
    again = _again(moments, cursor)
    return _answer(listed, cursor, now, again, as_csv=as_csv, as_json=as_json)


def _page(
    book: Book, asked: PayoutFilter, after: str | None, limit: int
) -> tuple[list[Payout], str | None]:
    """So many payouts, and the cursor of those that follow; fewer only at the end."""
    found: list[Payout] = []
    while True:
        page = book.payouts(asked, after=after, limit=min(_AT_ONCE, limit - len(found)))
        found += page.items
        after = page.next
        if after is None or len(found) == limit:
            return found, after


def _listed(book: Book, payouts: Iterable[Payout]) -> list[ListedPayout]:
    numbers = {it.merchant_id: it.number for it in book.channels()}
    names = campaign_names(book)
    return [ListedPayout(it, names[it.campaign_id], numbers[it.merchant_id]) for it in payouts]


def _again(moments: Moments, cursor: str | None) -> str:
    """What goes on behind a cursor; so long ago is another time by then."""
    if cursor is None:
        return ""
    fixed = "".join(f" {option} '{at}'" for option, at in moments.passing.items())
    return said("More follow: the same with{fixed} --after {cursor}", fixed=fixed, cursor=cursor)


def _answer(
    listed: list[ListedPayout],
    cursor: str | None,
    now: Instant,
    more: str,
    *,
    as_csv: bool,
    as_json: bool,
) -> CommandResult:
    if as_csv:
        text = views.csv_text(listed, now=now)
        if more:
            print_text(more, error=True)
    elif listed:
        text = "\n".join([views.text(listed, now=now), *([more] if more else [])])
    else:
        text = said("There are no such payouts.")
    found = {"payouts": views.documents(listed, now=now), "next": cursor}
    return CommandResult(found, text, as_json=as_json)
