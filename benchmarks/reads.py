"""What people and programs read, from books with a million payouts: milliseconds by question.

The books are not paid through, but written as if they had been: one campaign with most payouts, a
part of which is still to be sent, and hundreds of small ones, with some of everything that happens.
"""

from __future__ import annotations

import time
from functools import partial
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from postgres_process import PostgresProcess

from filled_books import SERVER_SETTINGS, merchant_number, postgresql_books, sqlite_books
from hongbao.billno import derive_billno
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.read.figures import Span
from hongbao.ledger.store import bulk, payee_tails
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, PAYOUT, STANDING, SUBMISSION
from hongbao.ledger.store.tallies import Tallies
from line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

GOAL_MILLISECONDS = 50
_SMALL = 1_000
_MERCHANTS = 20
_TIMES = 20
_CHUNK = 5_000
_BEGIN = 1_795_399_200 * SECOND
_AN_HOUR = 3600 * SECOND
_PER_ROW = SECOND // 20  # of twenty calls a second
_FAR = 2 * _BEGIN
_AT_ONCE = 500


class Read(NamedTuple):
    """One question, asked some times.

    Attributes:
        name: what is asked.
        found: how many payouts, or figures, came.
        median: milliseconds.
        worst: milliseconds.
    """

    name: str
    found: int
    median: float
    worst: float


def measure(folder: Path, payouts: int) -> dict[str, list[Read]]:
    """Build the books once on either database, and ask everything."""
    found = {}
    for name, url in on_both(folder, "reads", payouts):
        with Book.open(url) as book:
            found[name] = [_ask(name, ask) for name, ask in _questions(book, payouts)]
    return found


def lines(reads: dict[str, list[Read]]) -> list[Line]:
    """The slowest question of each database beside the goal."""
    return [
        Line(f"slowest read, {name}", max(it.median for it in some), "ms", GOAL_MILLISECONDS)
        for name, some in reads.items()
    ]


def _ask(name: str, ask: Callable[[], Any]) -> Read:
    taken, found = [], 0
    for _ in range(_TIMES):
        began = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - began) * 1e3)
        found = len(getattr(answer, "items", answer) or ()) if answer is not None else 0
    return Read(name, found, median(taken), max(taken))


def _questions(book: Book, payouts: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    middle = _BEGIN + payouts // 4 * _PER_ROW
    filters: dict[str, dict[str, Any]] = {
        "all, the first 100": {},
        "all, the newest 100": {"newest_first": True},
        **{f"state {state}": {"states": frozenset({state})} for state in State},
        "states waiting and in doubt of the large campaign": {
            "states": frozenset({State.WAITING, State.IN_DOUBT}), "campaign": "large",
        },
        "state refused of a merchant": {
            "states": frozenset({State.REFUSED}), "merchant": merchant_number(3),
        },
        "needs attention": {"needs_attention": True},
        "code NO_AUTH": {"code": "NO_AUTH"},
        "code NO_AUTH of the large campaign": {"code": "NO_AUTH", "campaign": "large"},
        "a receiver": {"payee": _payee("large", 7)},
        "a receiver that nobody pays": {"payee": "oNOBODY_0000000000000000000"},
        "a business key": {"key": "large/77"},
        "an order number": {"billno": derive_billno(merchant_number(0), "large/78")},
        "a send_listid": {"listid": "LIST-large-79"},
        "kind group, which few are": {"kind": "group"},
        "stored since": {"created_since": _BEGIN + payouts // 2},
        "sent within an hour": {"sent_since": middle, "sent_until": middle + _AN_HOUR},
        "sent within a second": {"sent_since": middle, "sent_until": middle + SECOND},
        "settled within an hour": {"settled_since": middle, "settled_until": middle + _AN_HOUR},
        "settled within a minute, of a merchant": {
            "settled_since": middle, "settled_until": middle + 60 * SECOND,
            "merchant": merchant_number(0),
        },
        "unclaimed since": {"unclaimed_since": middle},
    }  # fmt: skip
    for name, said in filters.items():
        yield name, partial(book.payouts, PayoutFilter(**said))
    deep = PayoutFilter(campaign="large", states=frozenset({State.WAITING}))
    cursor = None
    for _ in range(10):
        cursor = book.payouts(deep, after=cursor, limit=2000).next
    yield "state waiting, after 20,000 others", lambda: book.payouts(deep, after=cursor)
    since, until = _BEGIN - _AN_HOUR, _BEGIN + 100 * 24 * _AN_HOUR
    yield "totals by hour", lambda: book.figures(Span.HOUR, since=since, until=until)
    yield (
        "totals by day of a campaign",
        lambda: book.figures(Span.DAY, since=since, until=until, campaign="large"),
    )
    yield "payouts by code", book.codes
    yield "the oldest unknown", lambda: [book.oldest_unknown()]
    yield "queues by merchant", book.queues
    yield "decisions of a campaign", lambda: book.decisions("large")
    yield "standing of a campaign", lambda: [book.standing("large")]
    yield "workers alive", book.workers


def _payee(campaign: str, row: int) -> str:
    return f"oREAD_{sha256(f'{campaign}/{row}'.encode()).hexdigest()[:22]}"


class _Campaign(NamedTuple):
    """A campaign to fill.

    Attributes:
        id: the books' number of it.
        merchant: the books' number of its merchant.
        number: the payer's own.
        name: its name.
        rows: how many payouts it has.
        first: the number of the first of them.
    """

    id: int
    merchant: int
    number: str
    name: str
    rows: int
    first: int

    @property
    def begun(self) -> int:
        """Seven parts of ten have been sent, or are being sent."""
        return self.rows * 7 // 10

    @property
    def calls(self) -> range:
        """The rows of which the first call is under way."""
        return range(self.begun - self.rows // 500 + 1, self.begun + 1)


def on_both(folder: Path, books: str, payouts: int) -> Iterator[tuple[str, str]]:
    """Build the books on either database: its name and their URL, while it runs."""
    with PostgresProcess(SERVER_SETTINGS) as server:
        for name, url in (
            ("SQLite", sqlite_books(folder, books)),
            ("PostgreSQL", postgresql_books(server, books)),
        ):
            build(url, payouts)
            if url.startswith("postgresql"):
                # As autovacuum does a minute later.
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("VACUUM ANALYZE")
            yield name, url


def build(url: str, payouts: int) -> None:
    """Large books: more than half of it is one campaign."""
    large = payouts * 6 // 10
    small = [(f"small-{place}", _SMALL) for place in range((payouts - large) // _SMALL)]
    campaigns, first = [], 1
    with Book.open(url) as book:
        channels = [
            book.set_channel(merchant_number(place), "redpack", PayerLimits(), by="bench")
            for place in range(_MERCHANTS)
        ]
        [terms_id] = book.terms([{"wishing": "恭喜发财"}])
        for place, (name, count) in enumerate([("large", large), *small]):
            channel = channels[place % _MERCHANTS]
            plan = Plan(
                name=name, channel_id=channel, profile="bench", budget=None, source="bench",
                source_digest=bytes(32),
            )  # fmt: skip
            begun, number = book.begin_import(plan, by="bench"), merchant_number(place % _MERCHANTS)
            campaigns.append(_Campaign(begun.id, begun.merchant_id, number, name, count, first))
            first += count
    database = Database(url)
    for campaign in campaigns:
        with database.transaction() as connection:
            _fill(connection, campaign, terms_id)
    database.close()


def _fill(connection: Connection, campaign: _Campaign, terms_id: int) -> None:
    totals = Tallies("bench")
    for start in range(1, campaign.rows + 1, _CHUNK):
        rows = range(start, min(start + _CHUNK, campaign.rows + 1))
        payouts = [_payout(campaign, row, terms_id) for row in rows]
        standings = [
            it for row in rows if (it := _standing(campaign, row, _BEGIN + row * _PER_ROW, totals))
        ]
        bulk.insert(connection, PAYOUT, tuple(PAYOUT.c.keys()), payouts)
        bulk.insert(connection, STANDING, tuple(STANDING.c.keys()), standings)
        stored = (campaign.id, start, _BEGIN + campaign.first + start, "bench")
        bulk.insert(connection, SUBMISSION, tuple(SUBMISSION.c.keys()), [stored])
        payee_tails.add(connection, campaign.id, start, [row[6] for row in payouts])
    calls = [campaign.calls[at : at + _AT_ONCE] for at in range(0, len(campaign.calls), _AT_ONCE)]
    bulk.insert(
        connection, CALL_RANGE, tuple(CALL_RANGE.c.keys())[1:],
        [
            (campaign.id, some[0], some[-1], _BEGIN, "bench", 20_000, 1,
             (_BEGIN, _FAR)[place % 2], len(some), 100 * len(some))
            for place, some in enumerate(calls)
        ],
    )  # fmt: skip
    totals.write(connection)
    this = CAMPAIGN.update().where(CAMPAIGN.c.id == campaign.id)
    connection.execute(
        this.values(
            rows=campaign.rows, begun=campaign.begun, planned=100 * campaign.rows, state="draft",
            open=True, created_at=_BEGIN + campaign.first,
        )
    )  # fmt: skip
    connection.execute(
        this.values(
            state="running", approved_at=_BEGIN, approved_by="bench",
            approved_digest=CAMPAIGN.c.digest,
        )
    )  # fmt: skip


def _payout(campaign: _Campaign, row: int, terms_id: int) -> tuple[Any, ...]:
    key = f"{campaign.name}/{row}"
    kind = "group" if row % 99_999 == 7 else "normal"
    return (
        campaign.first + row - 1, campaign.merchant, campaign.id, key, row, kind,
        _payee(campaign.name, row), 100, 1, terms_id, derive_billno(campaign.number, key), None,
    )  # fmt: skip


def _standing(campaign: _Campaign, row: int, at: int, totals: Tallies) -> tuple[Any, ...] | None:
    """Where a payout may stand; None if nothing but a first call has happened to it."""
    if row > campaign.begun or row in campaign.calls:
        state = State.WAITING if row > campaign.begun else State.IN_DOUBT
        totals.add(campaign.id, str(state), 100)
        return None
    state, task, due_at, code, over, sent = _outcome(row, campaign.rows, at)
    paid = state in {State.SENT, State.RECEIVED, State.RETURNED}
    claimed, refunded = 100 * (state is State.RECEIVED), 100 * (state is State.RETURNED)
    totals.add(campaign.id, str(state), 100, claimed, refunded)
    if paid:
        totals.paid(campaign.id, at, 100)
    if over:
        totals.came(campaign.id, over, claimed, refunded)
    return (
        campaign.first + row - 1, campaign.id, row, 100, None, str(state), task, due_at, None, 1,
        None, int(sent), int(sent), None, at if sent else None, None, 0, code, None,
        f"LIST-{campaign.name}-{row}" if paid else None, None, at if paid else None, over, claimed,
        refunded, 20_000 if sent else None, 3, bytes(32),
    )  # fmt: skip


def _outcome(row: int, count: int, at: int) -> tuple[Any, ...]:
    """State, task, due time, code, when it was settled, whether it was sent."""
    kind = row % 1_000
    if kind < 8:
        return State.REFUSED, None, None, ("NO_AUTH", "MONEY_LIMIT")[kind % 2], None, True
    if kind == 10 and row < count // 5:
        return State.IN_DOUBT, None, None, "NOT_FOUND", None, True
    later = at + 24 * _AN_HOUR
    if 10 < kind < 140:
        look = (State.SENT, int(Task.LOOK), later, None, None, True)
        return (State.RETURNED, None, None, None, later, True) if kind < 40 else look
    return {
        8: (State.IN_DOUBT, int(Task.QUERY), later, "NOT_FOUND", None, True),
        9: (State.CANCELLED, None, None, None, None, False),
    }.get(kind, (State.RECEIVED, None, None, None, at + 60 * SECOND, True))
