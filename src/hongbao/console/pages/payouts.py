"""All payouts, page by page: filtered by the address, as a table, CSV or JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from starlette.responses import Response

from hongbao.console.pages.downloads import streamed_csv
from hongbao.console.pages.payout_filters import (
    OLDEST,
    TEXTS,
    TIMES,
    numbers_and_names,
    payouts_address,
    read_filter,
)
from hongbao.digits import whole_number
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.account import ActKind
from hongbao.ledger.model.campaign import mask_key
from hongbao.ledger.model.payout import State
from hongbao.ledger.read.payouts import LIMIT_MAX
from hongbao.sentences import say
from hongbao.state_words import STATES, state_of
from hongbao.views import payout_list
from hongbao.views.document import mask_openid, plain
from hongbao.views.payout_list import ListedPayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hongbao.console.pages.payout_filters import AskedPayouts
    from hongbao.console.site import ConsoleSite
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.payout import Payout

PAGE = 50
IN_FULL_MAX = 20_000
"""More receivers than this nobody takes along at once; a campaign's report has them all."""


def show(visit: Visit) -> Response:
    """A page of them, as the address filters them: ``?state=in_doubt&campaign=spring``."""
    asked = read_filter(visit.book, visit.query)
    page = visit.book.payouts(asked.filter, after=visit.query.get("after") or None, limit=PAGE)
    return visit.render(
        "payouts.html", payouts=_listed(visit.site, page.items), asked=asked,
        chips=asked.chips(visit), next=page.next, row=row_facts(visit), states=STATES,
        state_names=State, texts=TEXTS, times=TIMES, oldest=OLDEST, address=payouts_address,
        more=not {**TEXTS, **TIMES}.keys().isdisjoint(asked.said),
    )  # fmt: skip


def as_json(visit: Visit) -> Response:
    """The same for a program, receivers masked: ``?limit=100&after=CURSOR``."""
    asked = read_filter(visit.book, visit.query)
    said = visit.query.get("limit", "100")
    limit = whole_number(said, digits=len(str(LIMIT_MAX)))
    if limit is None or not 0 < limit <= LIMIT_MAX:
        raise InvalidRequest(
            field="limit",
            rule=say("{low} to {high}", low=1, high=LIMIT_MAX),
            found=repr(said[:20]),
        )
    page = visit.book.payouts(asked.filter, after=visit.query.get("after") or None, limit=limit)
    found = payout_list.documents(_listed(visit.site, page.items), now=visit.book.now())
    text = json.dumps({"payouts": plain(found), "next": page.next}, ensure_ascii=False)
    return Response(text, media_type="application/json")


def as_csv(visit: Visit) -> Response:
    """All of them as CSV, receivers masked."""
    asked = read_filter(visit.book, visit.query)
    pages = (_listed(visit.site, page) for page in pages_of(visit.site, asked))
    return _csv(visit, pages, in_full=False)


def in_full(visit: Visit) -> Response:
    """All of them as CSV with receivers in full; who took them along is recorded before."""
    asked = read_filter(visit.book, visit.form)
    found: list[Payout] = []
    for page in pages_of(visit.site, asked):
        found += page
        if len(found) > IN_FULL_MAX:
            rule = f"for at most {IN_FULL_MAX} payouts: filter them, or take a campaign's report"
            raise InvalidRequest(field="receivers in full", rule=rule, found="more")
    counts = Counter(it.campaign_id for it in found)
    visit.book.disclose(counts, what="console /payouts", by=visit.by)
    visit.site.accounts.record(
        ActKind.LOOKED, by=visit.by, at=visit.at,
        facts={"page": visit.path, "payouts": len(found), "filter": asked.query},
    )  # fmt: skip
    return _csv(visit, [_listed(visit.site, found)], in_full=True)


def pages_of(site: ConsoleSite, asked: AskedPayouts) -> Iterator[list[Payout]]:
    """All payouts that are asked for, many at a time."""
    after: str | None = None
    while True:
        page = site.book.payouts(asked.filter, after=after, limit=LIMIT_MAX)
        yield page.items
        if (after := page.next) is None:
            return


def row_facts(visit: Visit) -> Callable[[ListedPayout], dict[str, object]]:
    """What the table says of a payout, receivers masked."""
    now = visit.book.now()

    def facts(listed: ListedPayout) -> dict[str, object]:
        it = listed.payout
        return {
            "key": mask_key(it.key, it.payee),
            "receiver": mask_openid(it.payee),
            "state": state_of(it, now).label,
        }

    return facts


def _listed(site: ConsoleSite, payouts: Iterable[Payout]) -> list[ListedPayout]:
    numbers, names = numbers_and_names(site)
    return [ListedPayout(it, names[it.campaign_id], numbers[it.merchant_id]) for it in payouts]


def _csv(visit: Visit, pages: Iterable[Sequence[ListedPayout]], *, in_full: bool) -> Response:
    now = visit.book.now()

    def parts() -> Iterator[str]:
        for place, page in enumerate(pages):
            if page or not place:
                yield payout_list.csv_text(page, now=now, in_full=in_full, header=not place) + "\n"

    return streamed_csv("payouts.csv", parts())
