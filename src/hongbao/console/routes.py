"""Every page: its address, what answers it, and who may ask. A test walks all of them by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hongbao.console.pages import (
    account,
    approvals,
    bills,
    campaign,
    campaigns,
    finance,
    home,
    lists,
    manual,
    merchants,
    payout,
    payout_acts,
    payouts,
    periods,
    reconciliation,
    records,
    search,
    signing,
    users,
    webhooks,
    workers,
)
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

PageHandler: TypeAlias = "Callable[[Visit], Response]"


class PageRoute(NamedTuple):
    """One page, or one thing that a form does.

    Attributes:
        path: its address; parts in braces vary.
        handler: answers it, in a thread.
        roles: who may ask; None for anybody, signed in or not.
        method: GET looks, POST changes something.
        fresh: whether password and second factor must have been shown in the last five minutes.
        hashes: whether it hashes passwords, of which two at once are enough.
        upload_bytes_max: the most bytes that its form may have.
    """

    path: str
    handler: PageHandler
    roles: frozenset[Role] | None
    method: str = "GET"
    fresh: bool = False
    hashes: bool = False
    upload_bytes_max: int = 65_536


ANYBODY = None
EVERY_ROLE = frozenset(Role)
_ADMINS = frozenset({Role.ADMIN})
_OPERATORS = frozenset({Role.MAKER, Role.CHECKER})
_CHECKERS = frozenset({Role.CHECKER})
_MAKERS = frozenset({Role.MAKER})
_STOPPERS = _OPERATORS | _ADMINS
_ASKERS = _MAKERS | _ADMINS
_CLOSERS = _CHECKERS | {Role.FINANCE}
_CLOSES_PERIODS = frozenset({Role.FINANCE})
_NOTERS = _OPERATORS | {Role.FINANCE}
_DISCLOSED = frozenset({Role.FINANCE, Role.ADMIN})

ROUTES = (
    PageRoute("/sign-in", signing.show_sign_in, ANYBODY),
    PageRoute("/sign-in", signing.sign_in, ANYBODY, "POST", hashes=True),
    PageRoute("/sign-out", signing.sign_out, EVERY_ROLE, "POST"),
    PageRoute("/setup", signing.show_setup, ANYBODY),
    PageRoute("/setup", signing.set_up, ANYBODY, "POST", hashes=True),
    PageRoute("/confirm", signing.show_confirm, EVERY_ROLE),
    PageRoute("/confirm", signing.confirm, EVERY_ROLE, "POST", hashes=True),
    PageRoute("/look", signing.choose_look, ANYBODY, "POST"),
    PageRoute("/", home.show, EVERY_ROLE),
    PageRoute("/campaigns", campaigns.show, EVERY_ROLE),
    PageRoute("/campaigns/{name}", campaign.show, EVERY_ROLE),
    PageRoute("/campaigns/{name}/pause", campaign.pause, _OPERATORS, "POST"),
    PageRoute("/campaigns/{name}/resume", campaign.resume, _CHECKERS, "POST", fresh=True),
    PageRoute("/payouts", payouts.show, EVERY_ROLE),
    PageRoute("/payouts.csv", payouts.as_csv, EVERY_ROLE),
    PageRoute("/payouts.json", payouts.as_json, EVERY_ROLE),
    PageRoute("/payouts/in-full", payouts.in_full, _DISCLOSED, "POST"),
    PageRoute("/payouts/choose", payout_acts.choose, _OPERATORS),
    PageRoute("/payouts/act", payout_acts.act, _OPERATORS, "POST"),
    PageRoute("/payouts/{billno}", payout.show, EVERY_ROLE),
    PageRoute("/payouts/{billno}/receiver", payout.show_receiver, _DISCLOSED, "POST"),
    PageRoute("/payouts/{billno}/query", payout.query, _OPERATORS, "POST"),
    PageRoute("/payouts/{billno}/note", payout.note, _NOTERS, "POST"),
    PageRoute("/payouts/{billno}/cancel", payout.cancel, _OPERATORS, "POST"),
    PageRoute("/payouts/{billno}/phone", payout.open_phone, _DISCLOSED),
    PageRoute("/in-doubt", search.show_doubtful, EVERY_ROLE),
    PageRoute("/search", search.show, EVERY_ROLE),
    PageRoute("/search", search.search, EVERY_ROLE, "POST"),
    PageRoute("/workers", workers.show, EVERY_ROLE),
    PageRoute("/workers/stop-all", workers.stop_all, _STOPPERS, "POST"),
    PageRoute("/workers/resume-all", workers.resume_all, _CHECKERS, "POST", fresh=True),
    PageRoute("/webhooks", webhooks.show, EVERY_ROLE),
    PageRoute("/webhooks/{endpoint}", webhooks.show_one, EVERY_ROLE),
    PageRoute("/webhooks/{endpoint}/replay", webhooks.replay, _ADMINS, "POST"),
    PageRoute("/webhooks/{endpoint}/disable", webhooks.disable, _ADMINS, "POST"),
    PageRoute("/webhooks/{endpoint}/enable", webhooks.enable, _ADMINS, "POST"),
    PageRoute("/finance", finance.show, EVERY_ROLE),
    PageRoute("/finance.csv", finance.as_csv, EVERY_ROLE),
    PageRoute("/reconciliation", reconciliation.show, EVERY_ROLE),
    PageRoute("/reconciliation.csv", reconciliation.as_csv, EVERY_ROLE),
    PageRoute("/reconciliation.xlsx", reconciliation.as_xlsx, EVERY_ROLE),
    PageRoute("/reconciliation/breaks/{number}", reconciliation.show_break, EVERY_ROLE),
    PageRoute(
        "/reconciliation/breaks/{number}/close", reconciliation.close_break, _CLOSERS, "POST"
    ),
    PageRoute("/reconciliation/bills/{number}", bills.show, EVERY_ROLE),
    PageRoute("/reconciliation/bills/{number}/csv", bills.as_csv, _DISCLOSED),
    PageRoute("/reconciliation/periods", periods.show, EVERY_ROLE),
    PageRoute("/reconciliation/periods", periods.close, _CLOSES_PERIODS, "POST", fresh=True),
    PageRoute("/reconciliation/periods/{number}", periods.show_one, EVERY_ROLE),
    PageRoute("/reconciliation/periods/{number}/csv", periods.as_csv, EVERY_ROLE),
    PageRoute("/reconciliation/periods/{number}/xlsx", periods.as_xlsx, EVERY_ROLE),
    PageRoute(
        "/reconciliation/periods/{number}/reopen",
        periods.reopen,
        _CLOSES_PERIODS,
        "POST",
        fresh=True,
    ),
    PageRoute("/merchants", merchants.show, EVERY_ROLE),
    PageRoute("/merchants/{merchant}", merchants.show_one, EVERY_ROLE),
    PageRoute("/merchants/{merchant}/ask", merchants.ask, _ASKERS, "POST"),
    PageRoute("/merchants/{merchant}/accept", merchants.accept, _CHECKERS, "POST", fresh=True),
    PageRoute("/merchants/{merchant}/decline", merchants.decline, _STOPPERS, "POST"),
    PageRoute("/audit", records.show, _DISCLOSED),
    PageRoute("/audit/run", records.run, _DISCLOSED, "POST"),
    PageRoute("/help", manual.show, EVERY_ROLE),
    PageRoute("/campaigns/{name}/cancel", campaign.cancel, _OPERATORS, "POST", fresh=True),
    PageRoute("/campaigns/{name}/schedule", campaign.schedule, _OPERATORS, "POST"),
    PageRoute("/campaigns/{name}/withdraw", campaign.withdraw, _OPERATORS, "POST"),
    PageRoute("/campaigns/{name}/retry", campaign.show_retry, _CHECKERS),
    PageRoute("/campaigns/{name}/retry", campaign.retry, _CHECKERS, "POST", fresh=True),
    PageRoute("/lists", lists.check, _MAKERS, "POST", upload_bytes_max=lists.FORM_BYTES_MAX),
    PageRoute("/lists/new", lists.show_new, _MAKERS),
    PageRoute("/lists/template", lists.template, _MAKERS),
    PageRoute("/lists/{upload}", lists.show, _MAKERS),
    PageRoute(
        "/lists/{upload}/file",
        lists.check_again,
        _MAKERS,
        "POST",
        upload_bytes_max=lists.FORM_BYTES_MAX,
    ),
    PageRoute("/lists/{upload}/submit", lists.submit, _MAKERS, "POST"),
    PageRoute("/lists/{upload}/drop", lists.drop, _MAKERS, "POST"),
    PageRoute("/approvals", approvals.show, EVERY_ROLE),
    PageRoute("/approvals/{name}", approvals.show_one, EVERY_ROLE),
    PageRoute("/approvals/{name}/approve", approvals.approve, _CHECKERS, "POST", fresh=True),
    PageRoute("/approvals/{name}/reject", approvals.reject, _CHECKERS, "POST"),
    PageRoute("/me", account.show, EVERY_ROLE),
    PageRoute("/me/password", account.change_password, EVERY_ROLE, "POST", fresh=True, hashes=True),
    PageRoute("/me/sessions", account.end_other_sessions, EVERY_ROLE, "POST"),
    PageRoute("/users", users.show, _ADMINS),
    PageRoute("/users", users.add, _ADMINS, "POST", fresh=True),
    PageRoute("/users/{user}", users.show_one, _ADMINS),
    PageRoute("/users/{user}/roles", users.change_roles, _ADMINS, "POST", fresh=True),
    PageRoute("/users/{user}/invite", users.reset, _ADMINS, "POST", fresh=True),
    PageRoute("/users/{user}/disable", users.disable, _ADMINS, "POST", fresh=True),
    PageRoute("/users/{user}/enable", users.enable, _ADMINS, "POST", fresh=True),
    PageRoute("/users/{user}/sessions", users.end_sessions, _ADMINS, "POST"),
)
