"""Who may do what: every route, asked by every role, by nobody, and from another site's page."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING

import pytest

from console_stage import send
from hongbao.billno import derive_billno
from hongbao.console.routes import ANYBODY, EVERY_ROLE, ROUTES, PageRoute
from hongbao.console.security import forms
from hongbao.console.signing_in.identifying import cookie_hash
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from console_stage import ConsoleStage

BILLNO = derive_billno("1900012345", "spring/0")
PLACES = {
    "name": "spring", "user": "root", "billno": BILLNO, "endpoint": "crm", "number": "1",
    "merchant": "demo", "upload": "gone",
}  # fmt: skip
ASKED = {"/payouts/choose": f"?what=note&pick-{BILLNO}=on"}
"""What a page needs behind its question mark."""
NOT_HERE = {
    "/payouts/{billno}/phone", "/webhooks/{endpoint}", "/reconciliation/breaks/{number}",
    "/lists/{upload}", "/reconciliation/bills/{number}", "/reconciliation/bills/{number}/csv",
    "/reconciliation/periods/{number}", "/reconciliation/periods/{number}/csv",
    "/reconciliation/periods/{number}/xlsx",
}  # fmt: skip
"""Pages of what these books do not have: a simulator, an endpoint, a break, an uploaded list."""
NOT_THERE = {
    "/webhooks/crm/replay", "/webhooks/crm/disable", "/webhooks/crm/enable",
    "/reconciliation/breaks/1/close", "/lists/gone/file", "/lists/gone/submit", "/lists/gone/drop",
    "/confirm",
}  # fmt: skip
"""Forms about what these books do not have; and one that refuses who shows no password."""
OPERATORS = frozenset({Role.MAKER, Role.CHECKER})
DISCLOSED = frozenset({Role.FINANCE, Role.ADMIN})


def name_of(route: PageRoute) -> str:
    return f"{route.method} {route.path}"


EXPECTED: dict[str, frozenset[Role] | None] = {
    "GET /sign-in": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-out": EVERY_ROLE,
    "GET /setup": ANYBODY,
    "POST /setup": ANYBODY,
    "GET /confirm": EVERY_ROLE,
    "POST /confirm": EVERY_ROLE,
    "POST /look": ANYBODY,
    "GET /": EVERY_ROLE,
    "GET /campaigns": EVERY_ROLE,
    "GET /campaigns/{name}": EVERY_ROLE,
    "POST /campaigns/{name}/pause": frozenset({Role.MAKER, Role.CHECKER}),
    "POST /campaigns/{name}/resume": frozenset({Role.CHECKER}),
    "GET /payouts": EVERY_ROLE,
    "GET /payouts.csv": EVERY_ROLE,
    "GET /payouts.json": EVERY_ROLE,
    "POST /payouts/in-full": DISCLOSED,
    "GET /payouts/choose": OPERATORS,
    "POST /payouts/act": OPERATORS,
    "GET /payouts/{billno}": EVERY_ROLE,
    "POST /payouts/{billno}/receiver": DISCLOSED,
    "POST /payouts/{billno}/query": OPERATORS,
    "POST /payouts/{billno}/note": OPERATORS | {Role.FINANCE},
    "POST /payouts/{billno}/cancel": OPERATORS,
    "GET /payouts/{billno}/phone": DISCLOSED,
    "GET /in-doubt": EVERY_ROLE,
    "GET /search": EVERY_ROLE,
    "POST /search": EVERY_ROLE,
    "GET /workers": EVERY_ROLE,
    "POST /workers/stop-all": OPERATORS | {Role.ADMIN},
    "POST /workers/resume-all": frozenset({Role.CHECKER}),
    "GET /webhooks": EVERY_ROLE,
    "GET /webhooks/{endpoint}": EVERY_ROLE,
    "POST /webhooks/{endpoint}/replay": frozenset({Role.ADMIN}),
    "POST /webhooks/{endpoint}/disable": frozenset({Role.ADMIN}),
    "POST /webhooks/{endpoint}/enable": frozenset({Role.ADMIN}),
    "GET /finance": EVERY_ROLE,
    "GET /finance.csv": EVERY_ROLE,
    "GET /reconciliation": EVERY_ROLE,
    "GET /reconciliation.csv": EVERY_ROLE,
    "GET /reconciliation.xlsx": EVERY_ROLE,
    "GET /reconciliation/breaks/{number}": EVERY_ROLE,
    "POST /reconciliation/breaks/{number}/close": frozenset({Role.CHECKER, Role.FINANCE}),
    "GET /reconciliation/bills/{number}": EVERY_ROLE,
    "GET /reconciliation/bills/{number}/csv": DISCLOSED,
    "GET /reconciliation/periods": EVERY_ROLE,
    "POST /reconciliation/periods": frozenset({Role.FINANCE}),
    "GET /reconciliation/periods/{number}": EVERY_ROLE,
    "GET /reconciliation/periods/{number}/csv": EVERY_ROLE,
    "GET /reconciliation/periods/{number}/xlsx": EVERY_ROLE,
    "POST /reconciliation/periods/{number}/reopen": frozenset({Role.FINANCE}),
    "GET /merchants": EVERY_ROLE,
    "GET /merchants/{merchant}": EVERY_ROLE,
    "POST /merchants/{merchant}/ask": frozenset({Role.MAKER, Role.ADMIN}),
    "POST /merchants/{merchant}/accept": frozenset({Role.CHECKER}),
    "POST /merchants/{merchant}/decline": OPERATORS | {Role.ADMIN},
    "GET /audit": DISCLOSED,
    "POST /audit/run": DISCLOSED,
    "GET /help": EVERY_ROLE,
    "POST /campaigns/{name}/cancel": frozenset({Role.MAKER, Role.CHECKER}),
    "POST /campaigns/{name}/schedule": frozenset({Role.MAKER, Role.CHECKER}),
    "POST /campaigns/{name}/withdraw": frozenset({Role.MAKER, Role.CHECKER}),
    "GET /campaigns/{name}/retry": frozenset({Role.CHECKER}),
    "POST /campaigns/{name}/retry": frozenset({Role.CHECKER}),
    "POST /lists": frozenset({Role.MAKER}),
    "GET /lists/new": frozenset({Role.MAKER}),
    "GET /lists/template": frozenset({Role.MAKER}),
    "GET /lists/{upload}": frozenset({Role.MAKER}),
    "POST /lists/{upload}/file": frozenset({Role.MAKER}),
    "POST /lists/{upload}/submit": frozenset({Role.MAKER}),
    "POST /lists/{upload}/drop": frozenset({Role.MAKER}),
    "GET /approvals": EVERY_ROLE,
    "GET /approvals/{name}": EVERY_ROLE,
    "POST /approvals/{name}/approve": frozenset({Role.CHECKER}),
    "POST /approvals/{name}/reject": frozenset({Role.CHECKER}),
    "GET /me": EVERY_ROLE,
    "POST /me/password": EVERY_ROLE,
    "POST /me/sessions": EVERY_ROLE,
    "GET /users": frozenset({Role.ADMIN}),
    "POST /users": frozenset({Role.ADMIN}),
    "GET /users/{user}": frozenset({Role.ADMIN}),
    "POST /users/{user}/roles": frozenset({Role.ADMIN}),
    "POST /users/{user}/invite": frozenset({Role.ADMIN}),
    "POST /users/{user}/disable": frozenset({Role.ADMIN}),
    "POST /users/{user}/enable": frozenset({Role.ADMIN}),
    "POST /users/{user}/sessions": frozenset({Role.ADMIN}),
}
"""Written down once more, so that no change of the table goes unseen."""


def test_the_table_of_routes_is_what_was_decided() -> None:
    assert {name_of(it): it.roles for it in ROUTES} == EXPECTED
    assert len({name_of(it) for it in ROUTES}) == len(ROUTES)


def test_what_only_looks_changes_nothing_and_the_rest_is_a_post() -> None:
    assert {it.method for it in ROUTES} == {"GET", "POST"}


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_gets_the_pages_that_it_may_see_and_no_other(
    still_console: ConsoleStage, role: Role | None
) -> None:
    client = still_console.client(*([role] if role else []))
    for route in ROUTES:
        path = route.path.format(**PLACES)
        if route.method == "GET":
            status = client.get(path + ASKED.get(route.path, "")).status_code
        else:
            # Without the hidden fields nothing is done, whoever asks.
            status = client.post(path, data={}).status_code
        if route.roles is None:
            assert status in {200, 303, 403, 410, 422}, route
        elif role is None:
            assert status == 303, route
        elif role not in route.roles:
            assert status == 403, route
        else:
            good = 404 if route.path in NOT_HERE else 200
            assert status == (good if route.method == "GET" else 403), route
    assert still_console.book.standing("spring").campaign.stop is None


@pytest.mark.parametrize("route", [it for it in ROUTES if it.method == "POST"], ids=name_of)
def test_a_page_of_another_site_can_send_nothing(
    still_console: ConsoleStage, route: PageRoute
) -> None:
    client = still_console.client(*Role, own_page=False)
    path = route.path.format(**PLACES)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ):
        answer = client.post(path, data={}, headers=headers)
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers


def filled(cookie: str) -> dict[str, str]:
    """The hidden fields of a form that a page of this session would have."""
    return {forms.TOKEN: forms.token(cookie), forms.ONCE: token_urlsafe(16)}


@pytest.mark.parametrize("role", Role)
def test_a_whole_form_does_what_its_role_may_and_nothing_else(
    console: ConsoleStage, role: Role
) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    cookie = console.cookie(role)
    client = console.client()
    client.cookies.set(console.site.settings.cookie, cookie)
    routes = [it for it in ROUTES if it.method == "POST" and it.roles is not None]
    # What is refused first, so that nothing that is done can be mistaken for it.
    routes.sort(key=lambda it: (role in (it.roles or ()), it.path == "/sign-out"))
    acts = console.site.accounts.acts()
    for route in routes:
        path = route.path.format(**PLACES)
        status = client.post(path, data=filled(cookie)).status_code
        if role in (route.roles or ()):
            assert status not in {401, 403, 404, 405, 500} or path in NOT_THERE, (route, status)
        else:
            assert status == 403, route
            assert console.site.accounts.acts() == acts, route
    assert console.site.accounts.session(cookie_hash(cookie), at=console.wall()) is None


def test_what_is_old_does_nothing_whoever_asks(console: ConsoleStage) -> None:
    """A session that has ended leads to the sign-in; one that is not fresh, to its confirmation."""
    console.account("root", Role.ADMIN)
    console.campaign()
    cookie = console.cookie(*Role)
    client = console.client()
    client.cookies.set(console.site.settings.cookie, cookie)
    acts = console.site.accounts.acts()
    routes = [it for it in ROUTES if it.method == "POST" and it.roles is not None]
    for seconds, some, where in (
        (301, [it for it in routes if it.fresh], "/confirm"),
        (12 * 3600, routes, "/sign-in"),
    ):
        console.wall.pass_(seconds)
        for route in some:
            answer = client.post(route.path.format(**PLACES), data=filled(cookie))
            assert answer.status_code == 303, route
            assert answer.headers["location"].startswith(where), route
    assert console.site.accounts.acts() == acts


def test_who_looks_only_sees_nothing_to_press(console: ConsoleStage) -> None:
    console.campaign()
    page = console.client(Role.VIEWER).get("/campaigns/spring").text
    assert "/pause" not in page
    page = console.client(Role.MAKER).get("/campaigns/spring").text
    assert "/campaigns/spring/pause" in page


def test_a_campaign_is_paused_and_goes_on_by_the_same_verbs_as_elsewhere(
    console: ConsoleStage,
) -> None:
    console.campaign()
    maker, checker = console.client(Role.MAKER), console.client(Role.CHECKER)
    on = "/campaigns/spring"
    done = send(maker, f"{on}/pause", on=on, reason="wrong greeting")
    assert done.headers["location"] == f"{on}?done=paused"
    assert "paused" in console.book.standing("spring").phase
    assert send(checker, f"{on}/resume", on=on).status_code == 303
    assert console.book.standing("spring").campaign.stop is None
    said = [(it.kind, it.actor) for it in console.book.decisions("spring")]
    assert said[-3:] == [("paused", "maker"), ("started", "checker"), ("resumed", "checker")]
