"""Whoever has to show first who it is comes back to the page on which the form stood."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from console_stage import PASSWORD, send
from hongbao.console.routes import ROUTES
from hongbao.ledger.model.account import Role
from test_routes import ASKED, PLACES

if TYPE_CHECKING:
    import httpx

    from console_stage import ConsoleStage

CLOSED = "/reconciliation/periods?merchant=demo&since=2026-11-01&until=2026-11-30"


def confirmed(console: ConsoleStage, client: httpx.Client, asked: str) -> httpx.Response:
    """What comes once password and code are shown, where the console has asked for them."""
    page = client.get(asked).text
    after = page.rpartition('name="next" value="')[2].partition('"')[0].replace("&amp;", "&")
    done = send(client, "/confirm", password=PASSWORD, code=console.code(), next=after)
    assert done.status_code == 303
    return client.get(done.headers["location"])


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/reconciliation/periods", CLOSED),
        ("/users", "/users"),
        ("/users/root/roles", "/users/root"),
        ("/workers/resume-all", "/workers"),
        ("/campaigns/spring/retry", "/campaigns/spring/retry"),
    ],
)
def test_who_confirms_comes_back_to_the_form_as_it_was_asked_for(
    console: ConsoleStage, form: str, page: str
) -> None:
    console.campaign()
    console.account("root", Role.ADMIN)
    client = console.client(*Role)
    console.wall.pass_(301)
    headers = {"referer": f"{console.url}{page}"}
    asked = client.post(form, headers=headers).headers["location"]
    assert asked == f"/confirm?next={quote(page)}"
    back = confirmed(console, client, asked)
    assert back.url.path == page.partition("?")[0]
    assert {**back.url.params} == {
        **dict(it.split("=") for it in page.partition("?")[2].split("&") if it),
        "done": "confirmed",
    }
    assert "Thank you. Now do it once more." in back.text


def test_a_name_with_a_plus_is_one_after_it_is_confirmed(console: ConsoleStage) -> None:
    console.campaign("spring+1", approved=False)
    client = console.client(Role.CHECKER)
    console.wall.pass_(301)
    page = client.get("/approvals/spring%2B1").text
    asked = page.partition('<a class="main" href="')[2].partition('"')[0]
    assert confirmed(console, client, asked).status_code == 200


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "http://evil.example/campaigns",
        "http://[",
        "{url}.evil.example/users",
        "{url}@evil/users",
    ],
)
def test_no_page_but_ours_is_come_back_to(console: ConsoleStage, referer: str) -> None:
    console.account("root", Role.ADMIN)
    client = console.client(*Role)
    console.wall.pass_(301)
    headers = {"referer": referer.format(url=console.url)}
    asked = client.post("/users/root/roles", headers=headers).headers["location"]
    assert asked == "/confirm?next=/users/root"


def test_every_form_leads_back_to_a_page_where_no_browser_says_on_which_it_stood(
    still_console: ConsoleStage,
) -> None:
    client, client_in = still_console.client(), still_console.client(*Role)
    for route in ROUTES:
        if route.method == "POST" and route.roles is not None:
            asked = client.post(route.path.format(**PLACES)).headers["location"]
            page = asked.removeprefix("/sign-in?next=")
            assert client_in.get(page + ASKED.get(page, "")).status_code != 405, route


def test_who_was_signed_out_meanwhile_comes_back_to_the_form(console: ConsoleStage) -> None:
    console.campaign()
    headers = {"referer": f"{console.url}/campaigns/spring?done=paused"}
    asked = console.client().post("/campaigns/spring/pause", headers=headers).headers["location"]
    assert asked == "/sign-in?next=/campaigns/spring"
