"""Signing in and out, the first password, showing again who one is; and how pages look."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from hongbao.console.refusals import failed
from hongbao.console.signing_in import identifying, inviting, second_factor
from hongbao.console.signing_in.identifying import SignInAttempt, cookie_hash
from hongbao.console.signing_in.passwords import LENGTH_MAX, LENGTH_MIN
from hongbao.console.visit import LANGUAGE_COOKIE, THEME_COOKIE, Theme
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import Tongue, say
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

_WRONG = _("Name, password or code is wrong.")
_WAIT = _("Too many tries. Try again in %(seconds)d seconds.")
_YEAR_SECONDS = 365 * 24 * 3600


def own_path(text: str) -> str:
    """An address of ours to lead on to; the first page for any other."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if inside else "/"


def show_sign_in(visit: Visit) -> Response:
    """Ask who it is."""
    if visit.session is not None:
        return visit.lead_on(own_path(visit.query.get("next", "/")))
    return visit.render(
        "sign_in.html", problem="", name="", next=own_path(visit.query.get("next", "/"))
    )


def sign_in(visit: Visit) -> Response:
    """Sign a browser in, or say no more than that something is wrong."""
    found = identifying.identify(
        visit.site, _shown(visit, visit.form.get("name", "")), address=visit.address, at=visit.at
    )
    after = own_path(visit.form.get("next", "/"))
    if found.account is None:
        return visit.render(
            "sign_in.html", status=403, problem=_problem(visit, found),
            name=visit.form.get("name", ""), next=after,
        )  # fmt: skip
    cookie = identifying.begin_session(
        visit.site, found.account, address=visit.address, agent=visit.agent, at=visit.at
    )
    response = visit.lead_on(after)
    settings = visit.site.settings
    response.set_cookie(
        settings.cookie, cookie, max_age=settings.session_hours * 3600, httponly=True,
        secure=bool(settings.proxies), samesite="lax",
    )  # fmt: skip
    return response


def sign_out(visit: Visit) -> Response:
    """End this browser's session."""
    visit.site.accounts.end_session(cookie_hash(visit.cookie), by=visit.by, at=visit.at)
    response = visit.redirect("/sign-in", done="signed-out")
    response.delete_cookie(visit.site.settings.cookie, secure=bool(visit.site.settings.proxies))
    return response


def show_confirm(visit: Visit) -> Response:
    """Ask once more for password and second factor, before something that moves money."""
    return visit.render("confirm.html", problem="", next=own_path(visit.query.get("next", "/")))


def confirm(visit: Visit) -> Response:
    """Note that it is still the same person."""
    after = own_path(visit.form.get("next", "/"))
    found = identifying.identify(
        visit.site, _shown(visit, visit.by), address=visit.address, at=visit.at
    )
    if found.account is None or visit.session is None:
        return visit.render("confirm.html", status=403, problem=_problem(visit, found), next=after)
    visit.site.accounts.confirm(visit.session, found.account, at=visit.at)
    path, _, query = after.partition("?")
    asked = urlencode([*parse_qsl(query, keep_blank_values=True), ("done", "confirmed")])
    return visit.lead_on(f"{path}?{asked}")


def show_setup(visit: Visit) -> Response:
    """What an invitation leads to: a first password and a second factor."""
    return _setup_form(visit, visit.query.get("token", ""), second_factor.new_secret(), "")


def set_up(visit: Visit) -> Response:
    """Use an invitation, and show the recovery codes once."""
    form = visit.form
    token, secret, password = (form.get(it, "") for it in ("token", "secret", "password"))
    if not second_factor.is_secret(secret):
        secret = second_factor.new_secret()
    step = second_factor.step_of(form.get("code", ""), secret, at=visit.at)
    problem = password_problem(password, form.get("again", ""))
    if not problem and step is None:
        problem = _("The code is not what the app shows now: check the phone's clock.")
    if problem or step is None:
        return _setup_form(visit, token, secret, problem, status=422)
    codes = inviting.accept(
        visit.site.accounts, token, passwords=visit.site.passwords,
        name=form.get("name", "").strip(), password=password, secret=secret, step=step,
        at=visit.at,
    )  # fmt: skip
    return visit.render("setup_done.html", codes=codes)


def password_problem(password: str, again: str) -> str:
    """Why this cannot be a password; nothing if it can."""
    if len(password) < LENGTH_MIN:
        return _("A password needs 12 characters or more; a sentence is a good one.")
    if len(password) > LENGTH_MAX:
        return _("A password has at most 256 characters.")
    return "" if password == again else _("The two passwords differ.")


def _setup_form(
    visit: Visit, token: str, secret: str, problem: str, *, status: int = 200
) -> Response:
    holds, account = visit.site.accounts.invited(cookie_hash(token), at=visit.at)
    if not holds:
        return failed(
            visit,
            LedgerError(
                code=LedgerCode.GONE,
                problem=say("this link was used already, or is too old"),
                remedy=say("Ask for another one."),
            ),
        )
    address = second_factor.address_of(secret, account.name if account else "admin")
    return visit.render(
        "setup.html", status=status, token=token, secret=secret, account=account,
        problem=visit.say(problem) if problem else "",
        address=address, picture=second_factor.picture_of(address),
    )  # fmt: skip


def choose_look(visit: Visit) -> Response:
    """Keep the language or the theme in the browser."""
    response = visit.lead_on(own_path(visit.form.get("next", "/")))
    for cookie, known in ((LANGUAGE_COOKIE, Tongue), (THEME_COOKIE, Theme)):
        chosen = visit.form.get(cookie.rpartition("-")[2], "")
        if chosen in set(known):
            response.set_cookie(
                cookie, chosen, max_age=_YEAR_SECONDS, httponly=True, samesite="lax",
                secure=bool(visit.site.settings.proxies),
            )  # fmt: skip
    return response


def _shown(visit: Visit, name: str) -> SignInAttempt:
    return SignInAttempt(name, visit.form.get("password", ""), visit.form.get("code", ""))


def _problem(visit: Visit, found: identifying.Identified) -> str:
    if found.quiet_until is None:
        return visit.say(_WRONG)
    seconds = -(-(found.quiet_until - visit.at) // SECOND)
    return visit.say(_WAIT) % {"seconds": seconds}
