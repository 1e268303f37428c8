"""Accounts: who there is, which roles they have, invitations; for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.signing_in.inviting import invite
from hongbao.ledger.model.account import Role
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


ROLE_NAMES = {
    Role.ADMIN: _("admin"),
    Role.MAKER: _("maker"),
    Role.CHECKER: _("checker"),
    Role.FINANCE: _("finance"),
    Role.VIEWER: _("viewer"),
}


def show(visit: Visit) -> Response:
    """All accounts."""
    return visit.render("users.html", accounts=visit.site.accounts.all(), role_names=ROLE_NAMES)


def add(visit: Visit) -> Response:
    """Add an account, and show the link with which the person chooses a password."""
    accounts = visit.site.accounts
    name = visit.form.get("name", "").strip()
    accounts.add(name, _roles(visit), by=visit.by, at=visit.at)
    return _invited(visit, name)


def show_one(visit: Visit) -> Response:
    """One account with its sessions."""
    account = visit.site.accounts.get(visit.places["user"])
    sessions = visit.site.accounts.sessions(account, at=visit.at)
    return visit.render("user.html", account=account, sessions=sessions, role_names=ROLE_NAMES)


def change_roles(visit: Visit) -> Response:
    """Give an account other roles."""
    name = visit.places["user"]
    visit.site.accounts.change(name, roles=_roles(visit), by=visit.by, at=visit.at)
    return visit.redirect(f"/users/{name}", done="account")


def reset(visit: Visit) -> Response:
    """Take password and second factor away, and show a new link."""
    name = visit.places["user"]
    visit.site.accounts.reset(name, by=visit.by, at=visit.at)
    return _invited(visit, name)


def disable(visit: Visit) -> Response:
    """Let an account sign in nobody any more; its sessions end."""
    name = visit.places["user"]
    visit.site.accounts.change(name, disabled=True, by=visit.by, at=visit.at)
    return visit.redirect(f"/users/{name}", done="account")


def enable(visit: Visit) -> Response:
    """Let a disabled account sign in again."""
    name = visit.places["user"]
    visit.site.accounts.change(name, disabled=False, by=visit.by, at=visit.at)
    return visit.redirect(f"/users/{name}", done="account")


def end_sessions(visit: Visit) -> Response:
    """Sign out all browsers of an account."""
    account = visit.site.accounts.get(visit.places["user"])
    visit.site.accounts.end_sessions(account, by=visit.by, at=visit.at)
    return visit.redirect(f"/users/{account.name}", done="sessions")


def _roles(visit: Visit) -> frozenset[Role]:
    return frozenset(role for role in Role if visit.form.get(f"role-{role}") == "on")


def _invited(visit: Visit, name: str) -> Response:
    path = invite(visit.site.accounts, name, by=visit.by, at=visit.at)
    return visit.render("invited.html", name=name, path=path)
