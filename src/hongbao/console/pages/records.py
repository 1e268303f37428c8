"""What people did in the console, newest first; audits of the books, and signed checkpoints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.console.auditing import checkpoints_in
from hongbao.console.pages.users import ROLE_NAMES
from hongbao.console.topics import live_part
from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.english import joined
from hongbao.errors import ConfigurationError, InvalidRequest, LedgerCode, LedgerError
from hongbao.ledger.model.account import ActKind, Role
from hongbao.sentences import marked as _
from hongbao.sentences import said, say, speaking

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response

    from hongbao.checkpoint.text import Checkpoint
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.event import Event

PAGE = 100
KINDS = {
    ActKind.INVITED: _("made a link with which a person sets up an account"),
    ActKind.ADDED: _("account added"),
    ActKind.ACCEPTED: _("account set up"),
    ActKind.CHANGED: _("account changed"),
    ActKind.SIGNED_IN: _("signed in"),
    ActKind.SIGN_IN_REFUSED: _("sign-in refused"),
    ActKind.CONFIRMED: _("confirmed who they are"),
    ActKind.SIGNED_OUT: _("signed out"),
    ActKind.SESSIONS_ENDED: _("sessions ended"),
    ActKind.DID: _("changed something"),
    ActKind.AUDITED: _("audited the books"),
    ActKind.LOOKED: _("saw receivers in full"),
}
DEEDS = {
    "/sign-out": _("signed out"),
    "/confirm": _("showed password and code again"),
    "/search": _("searched for a payout"),
    "/campaigns/{name}/pause": _("paused campaign %(name)s"),
    "/campaigns/{name}/resume": _("resumed campaign %(name)s"),
    "/campaigns/{name}/cancel": _("cancelled campaign %(name)s"),
    "/campaigns/{name}/schedule": _("scheduled campaign %(name)s"),
    "/campaigns/{name}/withdraw": _("withdrew the approval or rejection of campaign %(name)s"),
    "/campaigns/{name}/retry": _("had refused payouts of campaign %(name)s sent again"),
    "/payouts/in-full": _("took a list of payouts along, receivers in full"),
    "/payouts/act": _("did something to several payouts"),
    "/payouts/{billno}/receiver": _("saw the receiver of payout %(billno)s"),
    "/payouts/{billno}/phone": _("saw the receiver of payout %(billno)s"),
    "/payouts/{billno}/query": _("had WeChat asked about payout %(billno)s"),
    "/payouts/{billno}/note": _("wrote a note about payout %(billno)s"),
    "/payouts/{billno}/cancel": _("cancelled payout %(billno)s"),
    "/workers/stop-all": _("stopped all sending"),
    "/workers/resume-all": _("let all merchants send again"),
    "/webhooks/{endpoint}/replay": _("had webhooks sent to %(endpoint)s once more"),
    "/webhooks/{endpoint}/disable": _("disabled endpoint %(endpoint)s"),
    "/webhooks/{endpoint}/enable": _("enabled endpoint %(endpoint)s"),
    "/reconciliation/breaks/{number}/close": _("closed break %(number)s"),
    "/reconciliation/periods": _("closed days for finance"),
    "/reconciliation/periods/{number}/reopen": _("reopened closed days, period %(number)s"),
    "/merchants/{merchant}/limits": _("set the limits of merchant %(merchant)s"),
    "/merchants/{merchant}/ask": _("asked for other limits of merchant %(merchant)s"),
    "/merchants/{merchant}/accept": _("accepted limits of merchant %(merchant)s"),
    "/merchants/{merchant}/decline": _("declined limits of merchant %(merchant)s"),
    "/audit/run": _("began an audit"),
    "/lists": _("uploaded a list, which was checked"),
    "/lists/{upload}/file": _("uploaded a corrected list, which was checked"),
    "/lists/{upload}/submit": _("submitted a list"),
    "/lists/{upload}/drop": _("deleted an uploaded list"),
    "/approvals/{name}/approve": _("approved campaign %(name)s"),
    "/approvals/{name}/reject": _("rejected campaign %(name)s"),
    "/me/password": _("chose another password"),
    "/me/sessions": _("ended their other sessions"),
    "/users": _("added an account"),
    "/users/{user}/roles": _("changed the roles of account %(user)s"),
    "/users/{user}/invite": _("made a new link for account %(user)s"),
    "/users/{user}/disable": _("disabled account %(user)s"),
    "/users/{user}/enable": _("enabled account %(user)s"),
    "/users/{user}/sessions": _("ended all sessions of account %(user)s"),
}
"""By the address of a form, with its places in braces: what whoever sent it did."""
_SHOWN = {
    "address": _("from %(value)s"),
    "name": _("name %(value)s"),
    "account_name": _("account %(value)s"),
    "roles": _("roles %(value)s"),
    "disabled": _("disabled"),
    "sessions": _("sessions: %(value)s"),
    "findings": _("findings: %(value)s"),
    "payouts": _("payouts: %(value)s"),
    "checkpoint": _("held against %(value)s"),
    "billno": _("payout %(value)s"),
    "count": _("payouts: %(value)s"),
}
"""Facts of other acts that people want to read; the rest are in the chain alone."""


class ShownCheckpoint(NamedTuple):
    """A file in the folder of checkpoints.

    Attributes:
        name: of the file.
        checkpoint: what it says, if the key that the settings name has signed it.
        problem: why it cannot be believed.
    """

    name: str
    checkpoint: Checkpoint | None
    problem: str = ""


def show(visit: Visit) -> Response:
    """A page of the record; ``?before=`` is the number of the last act that was shown."""
    said = visit.query.get("before", "").strip()
    before = whole_number(said, digits=KEPT_DIGITS_MAX) if said else None
    if said and before is None:
        raise InvalidRequest(field="before", rule=say("a whole number"), found=repr(said[:20]))
    acts = visit.site.accounts.acts(before=before, limit=PAGE)
    return visit.render(
        "records.html",
        lines=[(it, *_words(visit, it)) for it in acts],
        next=acts[-1].seq if len(acts) == PAGE else None,
        live=live_part(visit, "audit/"),
        checkpoints=[_shown(visit, it) for it in _files(visit)],
        folder=visit.site.settings.checkpoints,
    )


def run(visit: Visit) -> Response:
    """Begin an audit, or hold the books against a checkpoint of the folder."""
    wanted = visit.form.get("checkpoint", "")
    chosen = next((it for it in _files(visit) if it.name == wanted), None)
    if wanted and chosen is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("there is no such checkpoint in the folder"),
            remedy=say("Look at the page of audits again."),
        )
    begun = visit.site.audits.begin(
        visit.site.configuration, visit.site.accounts, by=visit.by, clock=visit.site.clock,
        checkpoint=chosen,
    )  # fmt: skip
    return visit.redirect("/audit", done="audit-begun" if begun else "audit-runs")


def _files(visit: Visit) -> list[Path]:
    return checkpoints_in(visit.site.settings.checkpoints)


def _shown(visit: Visit, path: Path) -> ShownCheckpoint:
    # cryptography takes 50 ms.
    from hongbao.checkpoint.key_files import read_public  # noqa: PLC0415  # see above
    from hongbao.checkpoint.verified_checkpoint import read_note  # noqa: PLC0415  # see above

    try:
        key = read_public(visit.site.settings.checkpoint_key or "")
        return ShownCheckpoint(path.name, read_note(path, key)[1])
    except ConfigurationError as error:
        return ShownCheckpoint(path.name, None, error.problem)


def _words(visit: Visit, act: Event) -> tuple[str, str]:
    """What somebody did, and what else is to be read of it."""
    facts: dict[str, Any] = json.loads(act.body)
    deed = DEEDS.get(facts.get("page", ""), KINDS[ActKind(act.kind)])
    known = [
        visit.say(_SHOWN[name]) % {"value": _value(visit, name, value)}
        for name, value in facts.items()
        if name in _SHOWN and value not in ("", None, False) and f"%({name})s" not in deed
    ]
    return visit.say(deed) % facts, " · ".join(known)


def _value(visit: Visit, name: str, value: object) -> object:
    """A fact as people read it: roles by their names, everything else as it is."""
    if name != "roles":
        return value
    with speaking(visit.tongue):
        return said(joined(said(ROLE_NAMES[Role(it)]) for it in str(value).split()))
