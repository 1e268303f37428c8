"""One's own account: roles, password, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.pages.signing import password_problem
from hongbao.console.pages.users import ROLE_NAMES
from hongbao.console.signing_in.identifying import cookie_hash
from hongbao.console.signing_in.passwords import opened, sealed
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


def show(visit: Visit) -> Response:
    """The account of whoever asks."""
    return _page(visit, "")


def change_password(visit: Visit) -> Response:
    """Give it another password, which seals the same second factor; other sessions end."""
    account = visit.account
    if account is None or account.second_factor is None:
        raise AssertionError("the gate lets nobody in without an account")
    form, hashing = visit.form, visit.site.passwords
    key = hashing.check(form.get("old", ""), account.password)
    secret = None if key is None else opened(account.second_factor, key)
    if secret is None:
        return _page(visit, _("The old password is wrong."))
    problem = password_problem(form.get("password", ""), form.get("again", ""))
    if problem:
        return _page(visit, problem)
    stored, new_key = hashing.make(form["password"])
    visit.site.accounts.set_password(
        account, password=stored, second_factor=sealed(secret, new_key),
        keep=cookie_hash(visit.cookie), at=visit.at,
    )  # fmt: skip
    return visit.redirect("/me", done="password")


def end_other_sessions(visit: Visit) -> Response:
    """Sign out all browsers but this one."""
    if visit.account is not None:
        visit.site.accounts.end_sessions(
            visit.account, by=visit.by, at=visit.at, keep=cookie_hash(visit.cookie)
        )
    return visit.redirect("/me", done="sessions")


def _page(visit: Visit, problem: str) -> Response:
    sessions = (
        [] if visit.account is None else visit.site.accounts.sessions(visit.account, at=visit.at)
    )
    return visit.render(
        "me.html", status=422 if problem else 200, sessions=sessions,
        role_names=ROLE_NAMES,
        problem=visit.say(problem) if problem else "",
    )  # fmt: skip
