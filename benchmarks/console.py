"""The console's pages over books with 100,000 payouts: milliseconds by page, on both databases.

A signed-in person's requests, one after the other, on one loopback connection to a served console.
The books are those of ``reads``: one campaign with most payouts and dozens of small ones.
"""

from __future__ import annotations

import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import httpx

from filled_books import merchant_number
from hongbao.billno import derive_billno
from hongbao.console.serving import serving
from hongbao.console.signing_in.identifying import begin_session
from hongbao.console.signing_in.inviting import accept, invite
from hongbao.console.site import ConsoleSite
from hongbao.engine import Ledger, parse_configuration
from hongbao.ledger.model.account import Role
from line import Line
from reads import on_both

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOAL_MILLISECONDS = 100
"""Of the 95th of 100 requests of each page."""
_SECRET = "JBSWY3DPEHPK3PXP"
_TIMES, _WARM = 40, 3
_BILLNO = derive_billno(merchant_number(0), "large/78")


class PageTime(NamedTuple):
    """How long one page took.

    Attributes:
        path: of the page.
        median: milliseconds.
        p95: of 100 requests 95 were as fast.
        cpu: milliseconds of this process, which is client and server, and on SQLite the database.
        kib: the page's size, before compression.
    """

    path: str
    median: float
    p95: float
    cpu: float
    kib: float


def measure(folder: Path, payouts: int) -> dict[str, list[PageTime]]:
    """Build the books once on either database, and open every page."""
    return {name: list(_pages(folder, url)) for name, url in on_both(folder, "console", payouts)}


def lines(pages: dict[str, list[PageTime]]) -> list[Line]:
    """The slowest page of each database beside the goal."""
    return [
        Line(f"slowest page of the console, p95, {name}", max(it.p95 for it in some), "ms",
             GOAL_MILLISECONDS)
        for name, some in pages.items()
    ]  # fmt: skip


def _pages(folder: Path, url: str) -> Iterator[PageTime]:
    values: dict[str, Any] = {
        "database": url, "console": {"port": 0},
        "merchants": {"bench": {
            "app_id": "wx00aa11bb22cc33dd", "mch_id": merchant_number(0),
            "key_env": "NOBODY_HAS_IT", "cert_path": "cert.pem", "key_path": "key.pem",
            "client_ip": "203.0.113.7", "base_url": "https://127.0.0.1:8443",
        }},
    }  # fmt: skip
    configuration = parse_configuration(values, folder / "hongbao.toml")
    with Ledger.of(configuration) as book:
        site = ConsoleSite(
            book=book, configuration=configuration, clock=lambda: time.time_ns() // 1000
        )
        with (
            serving(site) as address,
            httpx.Client(base_url=address, cookies=_cookies(site), timeout=60) as client,
        ):
            yield from (_timed(client, path) for path in _paths(client))


def _paths(client: httpx.Client) -> list[str]:
    cursor = ""
    for _ in range(5):
        found = client.get(f"/payouts.json?state=received&limit=2000{cursor}").json()
        cursor = f"&after={quote(found['next'])}"
    return [
        "/", "/campaigns", "/campaigns/large", "/payouts", "/payouts?state=received",
        f"/payouts?state=received{cursor}", "/payouts?state=refused&campaign=large",
        "/payouts?code=NO_AUTH", "/payouts?attention=on", f"/payouts?receiver_of={_BILLNO}",
        "/payouts.json?limit=100", f"/payouts/{_BILLNO}", "/in-doubt", "/search", "/workers",
        "/webhooks", "/finance", "/finance?campaign=large", "/reconciliation", "/merchants",
        "/audit", "/help",
    ]  # fmt: skip


def _timed(client: httpx.Client, path: str) -> PageTime:
    taken, used, size = [], [], 0
    for place in range(_WARM + _TIMES):
        began, spent = time.perf_counter(), time.process_time()
        answer = client.get(path)
        if place >= _WARM:
            taken.append((time.perf_counter() - began) * 1e3)
            used.append((time.process_time() - spent) * 1e3)
        answer.raise_for_status()
        size = len(answer.content)
    return PageTime(path, median(taken), quantiles(taken, n=20)[-1], median(used), size / 1024)


def _cookies(site: ConsoleSite) -> dict[str, str]:
    accounts, at = site.accounts, site.clock()
    token = invite(accounts, None, by="bench", at=at).partition("=")[2]
    accept(
        accounts, token, passwords=site.passwords, name="anna", password="twelve letters",
        secret=_SECRET, step=0, at=at,
    )  # fmt: skip
    account = accounts.change("anna", roles=frozenset(Role), by="bench", at=at)
    cookie = begin_session(site, account, address="127.0.0.1", agent="bench", at=at)
    return {site.settings.cookie: cookie}
