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
from sqlalchemy import func, insert, literal, select

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
from hongbao.ledger.store.migrations.script import statements
from hongbao.ledger.store.rows import COLUMNS
from hongbao.ledger.store.schema import ATTEMPT, CAMPAIGN, EVENT, PAYOUT, TALLY
from line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GOAL_MILLISECONDS = 50
_SMALL = 1_000
_MERCHANTS = 20
_TIMES = 20
_CHUNK = 5_000
_BEGIN = 1_795_399_200 * SECOND
_AN_HOUR = 3600 * SECOND
_PER_ROW = SECOND // 20  # of twenty calls a second
_NAMES = tuple(column.name for column in COLUMNS)


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
    with PostgresProcess(SERVER_SETTINGS) as server:
        for name, url in (
            ("SQLite", sqlite_books(folder, "reads")),
            ("PostgreSQL", postgresql_books(server, "reads")),
        ):
            _build(url, payouts)
            if url.startswith("postgresql"):
                # As autovacuum does a minute later.
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("VACUUM ANALYZE")
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


def _build(url: str, payouts: int) -> None:
    """Large books: more than half of it is one campaign."""
    large = payouts * 6 // 10
    small = [(f"small-{place}", _SMALL) for place in range((payouts - large) // _SMALL)]
    with Book.open(url) as book:
        merchants = [
            book.set_merchant(merchant_number(place), PayerLimits(), by="bench")
            for place in range(_MERCHANTS)
        ]
        [terms_id] = book.terms([{"wishing": "恭喜发财"}])
        begun = []
        for place, (name, count) in enumerate([("large", large), *small]):
            merchant = merchants[place % _MERCHANTS]
            plan = Plan(
                name=name, merchant_id=merchant, profile="bench", budget=None, source="bench",
                source_digest=bytes(32),
            )  # fmt: skip
            begun.append((book.begin_import(plan, by="bench").id, merchant, place, name, count))
    database = Database(url)
    first, firsts = 1, {}
    for campaign in begun:
        with database.transaction() as connection:
            for start in range(0, campaign[-1], _CHUNK):
                rows = [
                    _row(first + row, row + 1, campaign, terms_id)
                    for row in range(start, min(start + _CHUNK, campaign[-1]))
                ]
                bulk.insert(connection, PAYOUT, _NAMES, rows)
                bulk.insert(
                    connection, ATTEMPT, tuple(ATTEMPT.c.keys()),
                    [(row[0], 1, row[1], row[11]) for row in rows],
                )  # fmt: skip
                bulk.insert(
                    connection, EVENT, tuple(EVENT.c.keys()),
                    [
                        (row[0], 1, _BEGIN + row[0], "submitted", "bench", "{}", bytes(32))
                        for row in rows
                    ],
                )  # fmt: skip
                payee_tails.add(connection, campaign[0], start + 1, [row[6] for row in rows])
        firsts[campaign[0]] = first
        first += campaign[-1]
    with database.transaction() as connection:
        sums = (func.sum(PAYOUT.c[name]) for name in ("amount", "claimed", "refunded"))
        totals = select(PAYOUT.c.campaign_id, PAYOUT.c.state, literal(0), func.count(), *sums)
        connection.execute(
            insert(TALLY).from_select(
                TALLY.c.keys(), totals.group_by(PAYOUT.c.campaign_id, PAYOUT.c.state)
            )
        )
        [hourly] = [
            it
            for it in statements("0002", connection.dialect.name)
            if it.startswith("INSERT INTO hourly")
        ]
        connection.exec_driver_sql(hourly)
        for campaign_id, *_, count in begun:
            connection.execute(
                CAMPAIGN.update()
                .where(CAMPAIGN.c.id == campaign_id)
                .values(
                    rows=count,
                    planned=100 * count,
                    state="draft",
                    open=True,
                    created_at=_BEGIN + firsts[campaign_id],
                )
            )
        connection.execute(
            CAMPAIGN.update().values(
                state="running", approved_at=_BEGIN, approved_by="bench",
                approved_digest=CAMPAIGN.c.digest,
            )
        )  # fmt: skip
    database.close()


def _row(
    number: int, row: int, campaign: tuple[int, int, int, str, int], terms_id: int
) -> tuple[Any, ...]:
    """A payout as it may stand: seven parts of ten of a campaign have been sent."""
    campaign_id, merchant, place, name, count = campaign
    at = _BEGIN + row * _PER_ROW
    state, task, due_at, code, over, sent = _outcome(row, count, at)
    paid = state in {State.SENT, State.RECEIVED, State.RETURNED}
    key = f"{name}/{row}"
    return (
        number, merchant, campaign_id, key, row, "group" if row % 99_999 == 7 else "normal",
        _payee(name, row), 100, 1, terms_id, 1,
        derive_billno(merchant_number(place % _MERCHANTS), key), str(state), task, due_at, None,
        int(sent), int(sent), None, at if sent else None, None, 0, code, None,
        f"LIST-{name}-{row}" if paid else None, None, at if paid else None, over,
        100 if state is State.RECEIVED else 0, 100 if state is State.RETURNED else 0,
        20_000 if sent else None, 1 if state is State.WAITING else 3,
    )  # fmt: skip


def _outcome(row: int, count: int, at: int) -> tuple[Any, ...]:
    """State, task, due time, code, when it was settled, whether it was sent."""
    kind = row % 1_000
    if row > count * 7 // 10:
        return State.WAITING, int(Task.SEND), at, None, None, False
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
