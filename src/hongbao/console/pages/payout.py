"""One payout: where it stands, every call, and what a person may do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse

from hongbao.campaign.explanations import explain
from hongbao.console.pages.payout_filters import numbers_and_names, payout_of
from hongbao.console.refusals import not_found
from hongbao.ledger.model.account import ActKind
from hongbao.ledger.model.campaign import mask_key
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.state_words import HISTORY, state_of, task_words
from hongbao.views.document import mask_openid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Payout
    from hongbao.state_words import Words

_NOT_PAID = frozenset({State.WAITING, State.AWAITING_USER})
_OVER = frozenset({State.RECEIVED, State.RETURNED})


class HistoryLine(NamedTuple):
    """One event as the page shows it.

    Attributes:
        event: as it is stored.
        words: what happened.
        facts: what it says, by name; nothing there is a receiver.
    """

    event: Event
    words: Words
    facts: list[tuple[str, str]]


def show(visit: Visit) -> Response:
    """The payout with this order number, its receiver masked."""
    return _page(visit, payout_of(visit.book, visit.places["billno"]), in_full=False)


def show_receiver(visit: Visit) -> Response:
    """The same page with the receiver in full; who looked is recorded before."""
    payout = payout_of(visit.book, visit.places["billno"])
    _record_look(visit, payout, "/payouts/{billno}/receiver")
    return _page(visit, payout, in_full=True)


def query(visit: Visit) -> Response:
    """Have a worker ask WeChat about it now."""
    payout = payout_of(visit.book, visit.places["billno"])
    visit.book.query_now(payout.id, by=visit.by)
    return _back(visit, payout, "queried")


def note(visit: Visit) -> Response:
    """Write a note into its history."""
    payout = payout_of(visit.book, visit.places["billno"])
    visit.book.note(payout.id, by=visit.by, text=visit.form.get("note", ""))
    return _back(visit, payout, "noted")


def cancel(visit: Visit) -> Response:
    """Take one person out of a campaign: before any call, or before the user has confirmed."""
    payout = payout_of(visit.book, visit.places["billno"])
    visit.book.cancel_payout(payout.id, by=visit.by, reason=visit.form.get("reason", ""))
    return _back(visit, payout, "cancelled")


def open_phone(visit: Visit) -> Response:
    """Lead to the receiver's phone in the simulator; only of a rehearsal.

    The page links to here and not to the phone, so that it has no receiver in it. The phone's
    address has, and a list that is rehearsed may be a real one: who looked is recorded before.
    """
    phone = _phone(visit)
    if phone is None:
        return not_found(visit)
    payout = payout_of(visit.book, visit.places["billno"])
    _record_look(visit, payout, "/payouts/{billno}/phone")
    path = f"/phone/{quote(payout.payee, safe='')}/packet/{quote(payout.billno, safe='')}"
    return RedirectResponse(phone + path, status_code=303)


def _record_look(visit: Visit, payout: Payout, page: str) -> None:
    visit.book.disclose({payout.campaign_id: 1}, what="console /payouts/...", by=visit.by)
    facts = {"page": page, "billno": payout.billno}
    visit.site.accounts.record(ActKind.LOOKED, by=visit.by, at=visit.at, facts=facts)


def _back(visit: Visit, payout: Payout, done: str) -> Response:
    return visit.redirect(f"/payouts/{payout.billno}", done=done)


def _page(visit: Visit, payout: Payout, *, in_full: bool) -> Response:
    numbers, names = numbers_and_names(visit.site)
    now, history = visit.book.now(), visit.book.history(payout.id)
    return visit.render(
        "payout.html", it=payout, campaign=names[payout.campaign_id],
        merchant=numbers[payout.merchant_id],
        key=payout.key if in_full else mask_key(payout.key, payout.payee),
        receiver=payout.payee if in_full else mask_openid(payout.payee), in_full=in_full,
        state=state_of(payout, now), explained=explain(payout), history=list(_lines(history)),
        task=None if payout.task is None else task_words(
            payout.task, awaiting=payout.state is State.AWAITING_USER
        ).of_one,
        may_query=bool(payout.calls) and payout.state not in _OVER,
        may_cancel=payout.state in _NOT_PAID, phone=_phone(visit) is not None,
    )  # fmt: skip


def _lines(history: list[Event]) -> Iterator[HistoryLine]:
    for event in history:
        facts = {str(name): _text(value) for name, value in json.loads(event.body).items()}
        yield HistoryLine(event, HISTORY[EventKind(event.kind)], sorted(facts.items()))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _phone(visit: Visit) -> str | None:
    """Where the simulator shows its users' phones; None if real money is paid, or it is unknown."""
    clock = visit.site.configuration.rehearsal_clock
    if clock is None or not visit.site.is_sandbox:
        return None
    found = urlsplit(clock)
    return f"{found.scheme}://{found.netloc}"
