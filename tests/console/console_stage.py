"""A console over real books on a real port, and people who are signed in to it."""

from __future__ import annotations

import re
import ssl
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pyotp
import webhook_books

from hongbao.console.signing_in.identifying import begin_session
from hongbao.console.signing_in.inviting import accept, invite
from hongbao.console.signing_in.passwords import Passwords
from hongbao.engine import parse_configuration
from hongbao.errors import Disposition
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.approval import ANYBODY
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hongbao.configuration.file import Configuration
    from hongbao.console.site import ConsoleSite
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.model.account import UserAccount
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant

PASSWORD = "correct horse battery"
SECRET = pyotp.random_base32()
_MERCHANT = {
    "app_id": "wx00aa11bb22cc33dd", "mch_id": "1900012345", "key_env": "NOBODY_HAS_IT",
    "cert_path": "cert.pem", "key_path": "key.pem", "client_ip": "203.0.113.7",
    "base_url": "https://127.0.0.1:8443",
}  # fmt: skip
_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Everything is plain HTTP here, and to load a machine's authorities takes each client 0.1 s."""
_HIDDEN = re.compile(r'<input type="hidden" name="(form_\w+)" value="([^"]*)">')


CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)
"""A hash that takes no time, and is worth as much."""


class Wall:
    """The wall's clock, as a test says it.

    Attributes:
        now: microseconds since the epoch.
    """

    def __init__(self) -> None:
        self.now: Instant = 1_795_399_200 * SECOND

    def __call__(self) -> Instant:  # noqa: D102  # the class says it
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)


class ConsoleStage:
    """A served console.

    Args:
        site: the console.
        url: where it answers.
        wall: its clock.

    Attributes:
        site: as given.
        url: as given.
        wall: as given.
    """

    def __init__(self, site: ConsoleSite, url: str, wall: Wall) -> None:
        self.site, self.url, self.wall = site, url, wall
        self._clients: list[httpx.Client] = []

    @property
    def book(self) -> Ledger:
        """The books."""
        return self.site.book

    def campaign(self, name: str = "spring", count: int = 3, *, approved: bool = True) -> None:
        """Store a campaign made by anna, approved by bo unless it is to be a draft."""
        webhook_books.draft(self.book, name, count)
        if approved:
            digest = self.book.standing(name).campaign.digest
            self.book.approve(name, digest=digest, by="bo", policy=ANYBODY)

    def pay(self, count: int, *, claimed: int = 0, doubtful: int = 0) -> None:
        """Have a worker pay some payouts that wait, some claimed at once, and lose some replies.

        Args:
            count: how many are paid.
            claimed: how many of those are claimed.
            doubtful: how many more are sent without an answer.
        """
        jobs = self.book.claim("worker-1", limit=count + doubtful, lease_seconds=60).jobs
        results = [
            (it, _paid(it, claimed=place < claimed)) for place, it in enumerate(jobs[:count])
        ]
        self.book.record("worker-1", results + [(it, _lost(it)) for it in jobs[count:]])

    def account(self, name: str, *roles: Role, secret: str = SECRET) -> UserAccount:
        """An account that can sign in, with ``PASSWORD`` and the second factor of ``secret``."""
        accounts, at = self.site.accounts, self.wall()
        if accounts.is_empty() and Role.ADMIN not in roles:
            self.account("root", Role.ADMIN)
        if accounts.find(name) is None and not accounts.is_empty():
            accounts.add(name, roles, by="test", at=at)
        for_whom = None if accounts.is_empty() else name
        token = invite(accounts, for_whom, by="test", at=at).partition("=")[2]
        accept(
            accounts, token, passwords=self.site.passwords, name=name, password=PASSWORD,
            secret=secret, step=0, at=at,
        )  # fmt: skip
        return accounts.get(name)

    def cookie(self, *roles: Role, name: str | None = None) -> str:
        """The cookie of somebody with these roles who is signed in: a name of its own, or given."""
        who = name or "-".join(sorted(roles))
        found = self.site.accounts.find(who) or self.account(who, *roles)
        return begin_session(self.site, found, address="127.0.0.1", agent="a test", at=self.wall())

    def client(self, *roles: Role, name: str | None = None, own_page: bool = True) -> httpx.Client:
        """A client of this console, signed in if there are roles.

        Args:
            roles: of who is signed in.
            name: whose session it is; one for each set of roles if left out.
            own_page: whether it says that its requests come from our own pages, as browsers do.
        """
        headers = {"sec-fetch-site": "same-origin"} if own_page else {}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=_TRUSTS_NOBODY)
        if roles:
            client.cookies.set(self.site.settings.cookie, self.cookie(*roles, name=name))
        self._clients.append(client)
        return client

    def signed_in(self, *roles: Role, name: str | None = None) -> dict[str, str]:
        """The cookies of somebody with these roles, for a browser's tab."""
        return {self.site.settings.cookie: self.cookie(*roles, name=name)}

    def code(self) -> str:
        """What the authenticator app shows now."""
        return pyotp.TOTP(SECRET).at(self.wall() // SECOND)

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients:
            client.close()


def _paid(job: Job, *, claimed: bool) -> Step:
    known = {"sent_at": job.at, "listid": f"LIST{job.payout.id}"}
    if not claimed:
        later = job.at + 3600 * SECOND
        return _step(job, EventKind.ACCEPTED, State.SENT, task=Task.LOOK, due_at=later, **known)
    amount = job.payout.amount
    return _step(
        job, EventKind.ACCEPTED, State.RECEIVED, settled_at=job.at, claimed=amount, **known
    )


def _lost(job: Job) -> Step:
    return _step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + 3600 * SECOND,
        doubt=Disposition.UNKNOWN, reason="the reply was lost",
    )  # fmt: skip


def _step(job: Job, kind: EventKind, state: State, **changes: Any) -> Step:
    payout = job.payout
    facts: dict[str, Any] = {
        "payout": payout, "kind": kind, "state": state, "task": None, "due_at": None,
        "answered": job.task is Task.SEND, "doubt": payout.doubt,
        "resend_until": payout.resend_until, "tries": 0, "code": None, "reason": None,
        "listid": payout.listid, "voucher": payout.voucher, "sent_at": payout.sent_at,
        "settled_at": payout.settled_at, "claimed": payout.claimed, "refunded": payout.refunded,
    }  # fmt: skip
    return Step(**(facts | changes))


def fields(page: str) -> dict[str, str]:
    """The hidden fields that each form of a page has."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)}


def send(
    client: httpx.Client,
    path: str,
    *,
    on: str = "/me",
    change: Callable[[dict[str, str]], object] = lambda _: None,
    **values: str,
) -> httpx.Response:
    """Send a form as a page has it.

    Args:
        client: who sends it.
        path: where to.
        on: the page that it stands on.
        change: something that a test does to the fields before.
        values: what a person fills in.
    """
    form = fields(client.get(on).text) | values
    change(form)
    return client.post(path, data=form)


def configured(database: str, folder: Path, console: dict[str, Any]) -> Configuration:
    """Settings of a merchant at a simulator."""
    values = {"database": database, "merchants": {"demo": _MERCHANT}, "console": console}
    return parse_configuration(values, folder / "hongbao.toml")
