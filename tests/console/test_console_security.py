"""What a stolen cookie, a forged form, a guess or a copy of the books is good for: nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.datastructures import Headers

from console_stage import PASSWORD, SECRET, fields, send
from hongbao.console.pages.signing import own_path
from hongbao.console.routes import ROUTES
from hongbao.console.security.headers import POLICY
from hongbao.console.security.origin import sender
from hongbao.console.signing_in.identifying import SignInAttempt, identify
from hongbao.console.signing_in.inviting import invite
from hongbao.console.signing_in.passwords import Passwords
from hongbao.ledger.model.account import BY_ACCOUNT, ActKind, Role

if TYPE_CHECKING:
    from pathlib import Path

    from console_stage import ConsoleStage

PAUSE = "/campaigns/spring/pause"
ON = "/campaigns/spring"


def sign_in(client: httpx.Client, name: str, password: str, code: str) -> httpx.Response:
    return client.post("/sign-in", data={"name": name, "password": password, "code": code})


def acts(console: ConsoleStage) -> list[str]:
    return [it.kind for it in reversed(console.site.accounts.acts())]


def test_a_cookie_that_was_stolen_is_worth_nothing_once_its_owner_signs_out(
    console: ConsoleStage,
) -> None:
    owner = console.client(Role.VIEWER)
    stolen = httpx.Cookies(owner.cookies)
    with httpx.Client(base_url=console.url, cookies=stolen) as thief:
        assert thief.get("/me").status_code == 200
        assert send(owner, "/sign-out").status_code == 303
        assert thief.get("/me").status_code == 303
        assert thief.get("/live/home/").status_code == 403


def test_a_password_that_changes_ends_all_other_sessions(console: ConsoleStage) -> None:
    one, another = (console.client(Role.ADMIN, name="anna") for _ in range(2))
    new = "another long one"
    changed = send(one, "/me/password", old=PASSWORD, password=new, again=new)
    assert changed.headers["location"] == "/me?done=password"
    assert one.get("/me").status_code == 200
    assert another.get("/me").status_code == 303
    console.wall.pass_(60)
    fresh = console.client()
    assert sign_in(fresh, "anna", PASSWORD, console.code()).status_code == 403
    assert sign_in(fresh, "anna", "another long one", console.code()).status_code == 303


def test_disabling_an_account_ends_its_sessions_and_its_sign_ins(console: ConsoleStage) -> None:
    admin, viewer = console.client(Role.ADMIN), console.client(Role.VIEWER)
    assert send(admin, "/users/viewer/disable", on="/users/viewer").status_code == 303
    assert viewer.get("/").status_code == 303
    console.wall.pass_(60)
    assert sign_in(console.client(), "viewer", PASSWORD, console.code()).status_code == 403


def test_a_session_ends_by_itself(console: ConsoleStage) -> None:
    client = console.client(Role.VIEWER)
    console.wall.pass_(12 * 3600 - 1)
    assert client.get("/").status_code == 200
    console.wall.pass_(1)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64, "another"])
def test_a_form_of_another_session_or_of_none_does_nothing(
    console: ConsoleStage, token: str | None
) -> None:
    console.campaign()
    client, another = console.client(Role.MAKER), console.client(Role.MAKER, name="li")
    form = {"form_once": "1", "reason": "forged"}
    if token == "another":
        form["form_token"] = fields(another.get(ON).text)["form_token"]
    elif token is not None:
        form["form_token"] = token
    assert client.post(PAUSE, data=form).status_code == 403
    assert console.book.standing("spring").campaign.stop is None


def test_a_form_that_is_sent_twice_is_done_once(console: ConsoleStage) -> None:
    console.campaign()
    maker, checker = console.client(Role.MAKER), console.client(Role.CHECKER)
    form = fields(maker.get(ON).text) | {"reason": "lunch"}
    assert maker.post(PAUSE, data=form).status_code == 303
    assert send(checker, "/campaigns/spring/resume", on=ON).status_code == 303
    assert maker.post(PAUSE, data=form).status_code == 409
    assert console.book.standing("spring").campaign.stop is None
    del form["form_once"]
    assert maker.post(PAUSE, data=form).status_code == 409


def test_a_form_that_is_sent_many_times_at_once_is_done_once(console: ConsoleStage) -> None:
    console.campaign()
    client = console.client(Role.MAKER)
    form = fields(client.get(ON).text) | {"reason": "lunch"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.post(PAUSE, data=form), range(8)))
    assert sorted(it.status_code for it in answers) == [303] + [409] * 7
    assert [it.kind for it in console.book.decisions("spring")].count("paused") == 1


def test_what_moves_money_asks_again_who_it_is_after_five_minutes(console: ConsoleStage) -> None:
    console.campaign()
    console.book.pause("spring", by="bo", reason="lunch")
    client = console.client(Role.CHECKER)
    console.wall.pass_(300)
    asked = send(client, "/campaigns/spring/resume", on=ON)
    assert asked.headers["location"] == "/confirm?next=/campaigns/spring"
    assert console.book.standing("spring").campaign.stop is not None
    wrong = send(client, "/confirm", on="/confirm", password="no", code=console.code())
    assert wrong.status_code == 403
    right = send(client, "/confirm", on="/confirm", password=PASSWORD, code=console.code(), next=ON)
    assert right.headers["location"] == f"{ON}?done=confirmed"
    assert send(client, "/campaigns/spring/resume", on=ON).status_code == 303
    assert console.book.standing("spring").campaign.stop is None


def test_a_code_is_taken_once_and_none_of_before_it(console: ConsoleStage) -> None:
    console.account("anna", Role.ADMIN)
    code = console.code()
    assert sign_in(console.client(), "anna", PASSWORD, code).status_code == 303
    assert sign_in(console.client(), "anna", PASSWORD, code).status_code == 403
    console.wall.pass_(30)
    assert sign_in(console.client(), "anna", PASSWORD, code).status_code == 403
    assert sign_in(console.client(), "anna", PASSWORD, console.code()).status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-45, 403), (-20, 303), (40, 303), (75, 403)])
def test_a_phone_may_be_half_a_minute_off(
    console: ConsoleStage, seconds: float, status: int
) -> None:
    console.account("anna", Role.ADMIN)
    console.wall.now += 5_000_000  # into the half minute
    code = console.code()
    console.wall.pass_(seconds)
    assert sign_in(console.client(), "anna", PASSWORD, code).status_code == status


def test_whoever_guesses_waits_longer_each_time_and_learns_nothing(console: ConsoleStage) -> None:
    console.account("anna", Role.ADMIN)
    client = console.client()
    said = set()
    for name, password in (("anna", "a guess"), ("nobody", "a guess"), ("nobody", PASSWORD)):
        for code in ("000000", console.code()):
            answer = sign_in(client, name, password, code)
            assert answer.status_code == 403
            said.add(answer.text.partition('role="alert">')[2].partition("<")[0])
    assert said == {"Name, password or code is wrong."}
    for _ in range(2):
        sign_in(client, "anna", "a guess", "000000")
    waiting = sign_in(client, "anna", PASSWORD, console.code())
    assert "Too many tries. Try again in 1 seconds." in waiting.text
    console.wall.pass_(1)
    assert sign_in(client, "anna", "a guess", "000000").status_code == 403
    console.wall.pass_(1)
    assert "Too many tries" in sign_in(client, "anna", PASSWORD, console.code()).text
    console.wall.pass_(30)
    assert sign_in(client, "anna", PASSWORD, console.code()).status_code == 303
    assert ActKind.SIGN_IN_REFUSED in acts(console)


def test_nobody_can_lock_another_out_for_longer_than_a_minute(console: ConsoleStage) -> None:
    console.account("anna", Role.ADMIN)
    accounts, subject = console.site.accounts, sha256(b"account\nanna").digest()
    for _ in range(50):
        console.wall.pass_(60)
        assert accounts.try_sign_in({subject: BY_ACCOUNT}, at=console.wall()) is None
    console.wall.pass_(60)
    assert sign_in(console.client(), "anna", PASSWORD, console.code()).status_code == 303


def test_a_recovery_code_does_once_what_the_app_does(console: ConsoleStage) -> None:
    admin = console.client(Role.ADMIN)
    roles = {"role-maker": "on"}
    page = send(admin, "/users", on="/users", change=lambda it: it.update(roles), name="li").text
    link = page.partition('<code id="link">')[2].partition("<")[0].replace("&#61;", "=")
    form = {
        "token": link.partition("=")[2], "secret": SECRET, "password": PASSWORD,
        "again": PASSWORD, "code": console.code(),
    }  # fmt: skip
    done = console.client().post("/setup", data=form).text
    codes = done.split("<code>")[1:]
    first = codes[0].partition("<")[0]
    typed = first.replace("-", " ").upper()
    assert len(codes) == 8
    assert sign_in(console.client(), "li", PASSWORD, typed).status_code == 303
    assert sign_in(console.client(), "li", PASSWORD, first).status_code == 403
    again = console.client().post("/setup", data=form)
    assert again.status_code == 410, "a link works once"


def test_a_link_is_worth_nothing_after_a_day(console: ConsoleStage) -> None:
    link = invite(console.site.accounts, None, by="test", at=console.wall())
    assert console.client().get(link).status_code == 200
    console.wall.pass_(24 * 3600)
    assert console.client().get(link).status_code == 410


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", "short"), ("long enough it is", "but not the same"), ("x" * 257, "x" * 257)],
)
def test_a_password_that_cannot_be_leaves_the_link_as_it_is(
    console: ConsoleStage, password: str, again: str
) -> None:
    link = invite(console.site.accounts, None, by="test", at=console.wall())
    form = {
        "token": link.partition("=")[2], "name": "anna", "secret": SECRET, "password": password,
        "again": again, "code": console.code(),
    }  # fmt: skip
    assert console.client().post("/setup", data=form).status_code == 422
    assert console.client().get(link).status_code == 200


def test_the_books_hold_neither_passwords_nor_secrets_nor_cookies(
    console: ConsoleStage, tmp_path: Path
) -> None:
    cookie = console.cookie(Role.ADMIN)
    client = console.client()
    sign_in(client, "admin", PASSWORD, console.code())
    console.book.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("book.db*"))
    for secret in (PASSWORD, SECRET, cookie, client.cookies[console.site.settings.cookie]):
        assert secret.encode() not in kept
    assert b"argon2id$" in kept


def test_every_answer_says_what_a_browser_may_do_with_it(console: ConsoleStage) -> None:
    client = console.client(*Role)
    paths = [it.path for it in ROUTES if "{" not in it.path]
    for path in [*paths, "/nowhere", "/static/console.css", "/static/none.js", "/live/none"]:
        headers = client.get(path).headers
        assert headers["content-security-policy"] == POLICY, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert "server" not in headers, path
        assert ("no-store" in headers["cache-control"]) is not path.startswith("/static/"), path


def test_the_cookie_is_for_this_console_alone_and_no_script_reads_it(
    console: ConsoleStage,
) -> None:
    console.account("anna", Role.ADMIN)
    cookie = sign_in(console.client(), "anna", PASSWORD, console.code()).headers["set-cookie"]
    assert cookie.startswith("hongbao-0=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_another_name_that_leads_to_this_machine_is_not_answered(
    console: ConsoleStage, host: str
) -> None:
    for path in ("/sign-in", "/live/home/"):
        assert console.client(*Role).get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example",
                                     "javascript:alert(1)", "/a\nb", ""])  # fmt: skip
def test_nobody_is_led_on_to_another_site(console: ConsoleStage, address: str) -> None:
    assert own_path(address) == "/"
    console.account("anna", Role.ADMIN)
    form = {"name": "anna", "password": PASSWORD, "code": console.code(), "next": address}
    assert console.client().post("/sign-in", data=form).headers["location"] == "/"


def test_a_body_that_is_too_large_or_of_unknown_length_is_not_read(console: ConsoleStage) -> None:
    client = console.client(Role.MAKER)
    assert client.post(PAUSE, content=b"x" * 65_537).status_code == 413
    assert client.post(PAUSE, content=iter([b"x"])).status_code == 411
    assert client.post(PAUSE, data={str(it): "" for it in range(500)}).status_code in {400, 403}


class TestBehindTls:
    """A console that a proxy reaches, which ends TLS."""

    @pytest.fixture
    def console_settings(self) -> dict[str, Any]:
        """Its settings."""
        return {"port": 0, "proxies": ["127.0.0.1"]}

    def test_it_believes_its_proxy_alone_and_wants_https(self, console: ConsoleStage) -> None:
        """All of it in one test: the proxy's headers change step by step."""
        console.account("anna", Role.ADMIN)
        client = console.client()
        assert client.get("/sign-in").status_code == 421
        client.headers["x-forwarded-proto"] = "https"
        client.headers["x-forwarded-for"] = "198.51.100.9, 203.0.113.7"
        client.headers["host"] = "pay.example"
        form = {"name": "anna", "password": PASSWORD, "code": console.code()}
        signed_in = client.post("/sign-in", data=form)
        assert signed_in.headers["set-cookie"].startswith("__Host-hongbao=")
        assert "Secure" in signed_in.headers["set-cookie"]
        assert "max-age" in signed_in.headers["strict-transport-security"]
        [session] = console.site.accounts.sessions(
            console.site.accounts.get("anna"), at=console.wall()
        )
        assert session.address == "203.0.113.7", "the proxy's word, not what was sent to it"
        del client.headers["sec-fetch-site"]
        client.headers["origin"] = "http://pay.example"
        assert client.post("/look", data={}).status_code == 403
        client.headers["origin"] = "https://pay.example"
        assert client.post("/look", data={}).status_code == 303


def test_a_proxy_of_the_settings_is_not_one_that_somebody_claims_to_be() -> None:
    headers = Headers({"x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1"})
    assert sender("203.0.113.7", headers, ["10.0.0.5"]).problem is not None
    assert sender("10.0.0.5", headers, ["10.0.0.5"]) == ("127.0.0.1", None)


def test_a_password_is_hashed_anew_at_the_next_sign_in_when_hashes_are_to_cost_more(
    console: ConsoleStage,
) -> None:
    before = console.account("anna", Role.ADMIN)
    dearer = replace(console.site, passwords=Passwords(passes=2, memory_kib=8, lanes=1))
    for _ in range(2):
        console.wall.pass_(30)
        shown = SignInAttempt("anna", PASSWORD, console.code())
        found = identify(dearer, shown, address="127.0.0.1", at=console.wall())
        assert found.account is not None
    after = console.site.accounts.get("anna")
    assert (before.password or "").startswith("argon2id$1,8,1$")
    assert (after.password or "").startswith("argon2id$2,8,1$")
    assert console.book.audit().findings_count == 0


def test_who_is_sent_to_sign_in_comes_back_to_the_page_as_it_was_filtered(
    console: ConsoleStage,
) -> None:
    console.account("anna", Role.ADMIN)
    client = console.client()
    asked = client.get("/campaigns?q=a b&phase=draft").headers["location"]
    page = client.get(asked).text
    address = "/campaigns?q=a+b&amp;phase=draft"
    assert f'name="next" value="{address}"' in page
    form = {"name": "anna", "password": PASSWORD, "code": console.code(), "next": unescape(address)}
    assert client.post("/sign-in", data=form).headers["location"] == unescape(address)
