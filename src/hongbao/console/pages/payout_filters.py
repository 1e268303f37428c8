"""Which payouts an address asks for, and the chips that say so and are taken away one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from hongbao import beijing
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.sentences import marked as _
from hongbao.sentences import say
from hongbao.state_words import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.console.site import ConsoleSite
    from hongbao.console.visit import Visit
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Payout

TIMES = {
    "unclaimed_since": _("Paid by then, not claimed"),
    "since": _("Stored since"),
    "until": _("Stored before"),
    "paid_since": _("Paid since"),
    "paid_until": _("Paid before"),
    "settled_since": _("Settled since"),
    "settled_until": _("Settled before"),
}
"""The filters by time, as ``hongbao payout list`` has them; times are Beijing's."""
TEXTS = {
    "merchant": _("Merchant's number"),
    "code": _("Error code"),
    "kind": _("Kind"),
}
_LABELS = {
    "campaign": _("Campaign"),
    **TEXTS,
    "state": _("State"),
    "attention": _("Needs somebody"),
    "receiver_of": _("Same receiver as"),
    **TIMES,
}
OLDEST = "oldest"


class Chip(NamedTuple):
    """One filter that is set.

    Attributes:
        label: what it is about.
        value: what was asked for.
        without: the query of the same list without it.
    """

    label: str
    value: str
    without: str


class AskedPayouts(NamedTuple):
    """What an address asks for.

    Attributes:
        said: the filters as the address has them, without those that are empty.
        filter: the same for the books.
    """

    said: Mapping[str, str]
    filter: PayoutFilter

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode(self.said)

    def chips(self, visit: Visit) -> list[Chip]:
        """What is asked for, in the order of the filters."""
        found = []
        for name in [it for it in _LABELS if it in self.said]:
            value = self.said[name]
            if name == "state":
                words = visit.site.renderers[visit.tongue].words
                value = ", ".join(words(STATES[it].label) for it in sorted(self.filter.states))
            left = urlencode({it: text for it, text in self.said.items() if it != name})
            label = visit.say(_LABELS[name])
            found.append(Chip(label, "" if name == "attention" else value, left))
        return found


def read_filter(book: Book, query: Mapping[str, str]) -> AskedPayouts:
    """What an address asks for.

    A receiver stands in no address: ``receiver_of`` is the order number of a payout to the same.

    Args:
        book: the books, which know that payout.
        query: what stands behind the question mark; ``state`` may have several, with commas.

    Raises:
        InvalidRequest: if there is no such state, or a time cannot be read.
        LedgerError: if there is no payout of that number.
    """
    names = (*_LABELS, "order")
    said = {it: query[it].strip() for it in names if query.get(it, "").strip()}
    at = {name: _time(name, said[name]) for name in TIMES if name in said}
    number = said.get("receiver_of")
    asked = PayoutFilter(
        campaign=said.get("campaign"), merchant=said.get("merchant"), code=said.get("code"),
        kind=said.get("kind"), states=_states(said.get("state", "")),
        payee=None if number is None else payout_of(book, number).payee,
        needs_attention="attention" in said, newest_first=said.get("order") != OLDEST,
        unclaimed_since=at.get("unclaimed_since"),
        created_since=at.get("since"), created_until=at.get("until"),
        sent_since=at.get("paid_since"), sent_until=at.get("paid_until"),
        settled_since=at.get("settled_since"), settled_until=at.get("settled_until"),
    )  # fmt: skip
    return AskedPayouts(said, asked)


def payout_of(book: Book, billno: str) -> Payout:
    """The payout that has or had an order number; of several the last, which took it over.

    Raises:
        LedgerError: if there is none.
    """
    found = book.payouts(PayoutFilter(billno=billno)).items
    if not found:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no payout of this order number"),
            remedy=say("Check it: letter case matters."),
        )
    return max(found, key=lambda it: it.id)


def payouts_address(query: str) -> str:
    """The list that a query asks for."""
    return f"/payouts?{query}" if query else "/payouts"


def numbers_and_names(site: ConsoleSite) -> tuple[dict[int, str], dict[int, str]]:
    """The merchants' numbers and the campaigns' names, by their rows in the books."""
    numbers = {it.merchant_id: it.number for it in site.book.channels()}
    return numbers, site.book.campaign_names()


def _states(said: str) -> frozenset[State]:
    found = [it.strip() for it in said.split(",") if it.strip()]
    for it in found:
        if it not in set(State):
            rule = say("one of {names}", names=", ".join(State))
            raise InvalidRequest(field="state", rule=rule, found=repr(it[:20]))
    return frozenset(map(State, found))


def _time(name: str, said: str) -> int:
    try:
        return beijing.read(said)
    except ValueError:
        rule = say("a time of Beijing's, such as 2026-11-11 08:00")
        raise InvalidRequest(field=name, rule=rule, found=repr(said[:20])) from None
