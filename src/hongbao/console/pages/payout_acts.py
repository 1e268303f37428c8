"""One thing done to many payouts: those that were picked, or all that a filter names.

It is asked about again with their count and sum, and is done only if both still hold. What is done
to each is the same verb as for one; a payout that it does not fit is left alone and counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode

from hongbao.console.pages.payout_filters import payout_of, payouts_address, read_filter
from hongbao.console.pages.payouts import pages_of
from hongbao.console.security.forms import are_texts
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError
from hongbao.ledger.model.account import ActKind
from hongbao.sentences import marked as _
from hongbao.sentences import say
from hongbao.state_words import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from hongbao.console.pages.payout_filters import AskedPayouts
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.payout import Payout
    from hongbao.money import Fen

AT_ONCE_MAX = 1_000
"""So many payouts are done within the seconds that a person waits for a page."""
ACTS = {
    "query": _("Query now"),
    "note": _("Write a note"),
    "cancel": _("Cancel, if it is not paid yet"),
}
_PICK = "pick-"


class Chosen(NamedTuple):
    """The payouts that something is to be done to.

    Attributes:
        query: how they were chosen, as it stands in an address.
        what: what is to be done; one of ``ACTS``.
        payouts: the payouts.
        asked: the filter.
    """

    query: str
    what: str
    payouts: list[Payout]
    asked: AskedPayouts

    @property
    def amount(self) -> Fen:
        """Fen that they come to."""
        return sum(it.amount for it in self.payouts)


def choose(visit: Visit) -> Response:
    """Show what would be done to how many, and ask again."""
    chosen = _chosen(visit, visit.query)
    states = Counter(it.state for it in chosen.payouts)
    return visit.render(
        "payouts_choose.html", chosen=chosen, words=ACTS[chosen.what],
        states=[(STATES[it].label, states[it]) for it in sorted(states)],
        back=payouts_address(chosen.asked.query),
    )  # fmt: skip


def act(visit: Visit) -> Response:
    """Do it, to exactly as many as were shown; how it was asked for is recorded once, before."""
    asked = dict(parse_qsl(visit.form.get("chosen", "")))
    if not are_texts(asked):
        raise InvalidRequest(field="chosen", rule=say("as the page has it"), found="NUL")
    chosen = _chosen(visit, asked)
    shown = (visit.form.get("count", ""), visit.form.get("amount", ""))
    if shown != (str(len(chosen.payouts)), str(chosen.amount)):
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("other payouts match now than were shown"),
            remedy=say("Nothing was done. Choose them again."),
        )
    text = visit.form.get("text", "")
    facts = {
        "page": visit.path, "what": chosen.what, "payouts": len(chosen.payouts),
        "amount": chosen.amount, "filter": chosen.asked.query, "text": text[:1_000],
    }  # fmt: skip
    visit.site.accounts.record(ActKind.DID, by=visit.by, at=visit.at, facts=facts)
    done, refused = 0, list[tuple[str, str]]()
    for payout in chosen.payouts:
        try:
            _do(visit, chosen.what, payout.id, text)
            done += 1
        except LedgerError as error:
            refused.append((payout.billno, error.problem))
    return visit.render(
        "payouts_done.html", words=ACTS[chosen.what], done=done, refused=refused,
        back=payouts_address(chosen.asked.query),
    )  # fmt: skip


def _do(visit: Visit, what: str, payout_id: int, text: str) -> None:
    if what == "query":
        visit.book.query_now(payout_id, by=visit.by)
    elif what == "note":
        visit.book.note(payout_id, by=visit.by, text=text)
    else:
        visit.book.cancel_payout(payout_id, by=visit.by, reason=text)


def _chosen(visit: Visit, query: Mapping[str, str]) -> Chosen:
    what = query.get("what", "")
    if what not in ACTS:
        raise InvalidRequest(
            field="what", rule=say("one of {names}", names=", ".join(ACTS)), found=repr(what[:20])
        )
    asked = read_filter(visit.book, query)
    picked = [it.removeprefix(_PICK) for it in query if it.startswith(_PICK)]
    kept = {**asked.said, "what": what}
    if query.get("scope") == "all":
        found: list[Payout] = []
        for page in pages_of(visit.site, asked):
            found += page
            if len(found) > AT_ONCE_MAX:
                raise _too_many()
        return Chosen(urlencode({**kept, "scope": "all"}), what, found, asked)
    if not picked:
        raise InvalidRequest(
            field="payouts", rule=say("one or more of the list"), found=say("none")
        )
    if len(picked) > AT_ONCE_MAX:
        raise _too_many()
    payouts = [payout_of(visit.book, it) for it in picked]
    kept |= dict.fromkeys((_PICK + it for it in picked), "on")
    return Chosen(urlencode(kept), what, payouts, asked)


def _too_many() -> InvalidRequest:
    rule = say("at most {most} at once: filter them further", most=AT_ONCE_MAX)
    return InvalidRequest(field="payouts", rule=rule, found="more")
