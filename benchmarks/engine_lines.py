"""The engine's figures: books and worker, end to end, imports, rates, and other engines beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg
from postgres_process import PostgresProcess

import end_to_end
import engine
import import_list
import rate
from engine_peers import Peers, Speed
from filled_books import SERVER_SETTINGS, postgresql_books, sqlite_books
from line import Line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from end_to_end import Whole
    from engine import Engine

MEMORY_MEGABYTES = 150
_GOALS = {"SQLite": 10_000, "PostgreSQL": 8_000}
_TLS_GOAL = 700
_IMPORT_SECONDS_A_ROW = 60e-6
_CROWD_EACH = 40
_BESIDE = 2
"""Beside as many others, each row is looked for among them, and they are read as well."""


class Sizes(NamedTuple):
    """How much is measured.

    Attributes:
        merchants: of the engine's books.
        crowd: merchants of whom some are throttled.
        few: payouts that are paid without calls, and about as many are in the books.
        many: rows of the imported list.
        tls: payouts that are paid over TLS.
    """

    merchants: int
    crowd: int
    few: int
    many: int
    tls: int


FULL = Sizes(1_000, 10_000, 100_000, 1_000_000, 20_000)
QUICK = Sizes(100, 1_000, 10_000, 50_000, 2_000)


class Report(NamedTuple):
    """All that was measured.

    Attributes:
        lines: with goals.
        speeds: of the engines side by side.
        left_out: why an engine is not among them, by its name.
        wholes: end to end, by database.
        postgresql: the server's version.
        versions: of the other engines.
    """

    lines: list[Line]
    speeds: Sequence[Speed]
    left_out: dict[str, str]
    wholes: dict[str, Whole]
    postgresql: str
    versions: dict[str, str]


def measure(folder: Path, console: Console, sizes: Sizes) -> Report:
    """All of it, on one PostgreSQL."""
    with PostgresProcess(SERVER_SETTINGS) as server, console.status("engines") as status:
        others = Peers(server)
        for name, why in others.left_out.items():
            console.print(f"{name} is left out: {why}", markup=False)
        engines = _engines(server, folder, sizes, others)
        console.print({name: f"{one.per_second:,.0f}/s" for name, one in engines.items()})
        lines = [*_engine_lines(engines), *_peer_lines(engines["PostgreSQL"], others)]
        status.update("end to end")
        wholes = _wholes(server, folder, sizes)
        lines += [
            Line(f"end to end over TLS, {name}", _per_second(whole), "/s", _TLS_GOAL, least=True)
            for name, whole in wholes.items()
        ]
        console.print({name: f"{_per_second(one):,.0f}/s" for name, one in wholes.items()})
        status.update("import")
        lines += _import_lines(server, folder, sizes)
        status.update("rate")
        lines += _rate_lines(server)
        status.update("crowd")
        lines += _crowd_lines(server, sizes, console)
        version = _version(server)
    speeds = [*[_our_speed(name, engines[name]) for name in _GOALS], *others.speeds]
    return Report(lines, speeds, others.left_out, wholes, version, others.versions)


def _our_speed(database: str, ours: Engine) -> Speed:
    name = f"hongbao, one worker, {database}"
    payouts = ours.spent[0].payouts
    return Speed(name, payouts, ours.per_second, ours.cpu_microseconds)


def _version(server: PostgresProcess) -> str:
    with psycopg.connect(server.url()) as connection:
        return connection.info.parameter_status("server_version") or "unknown"


def _engines(
    server: PostgresProcess, folder: Path, sizes: Sizes, others: Peers
) -> dict[str, Engine]:
    books = {"SQLite": sqlite_books(folder, "few"), "PostgreSQL": postgresql_books(server, "few")}
    for url in books.values():
        engine.fill_few(url, merchants=sizes.merchants, paid=sizes.few)
    return engine.in_turns(books, payouts=sizes.few, others=others.take_turns)


def _engine_lines(engines: dict[str, Engine]) -> list[Line]:
    return [
        Line.of(f"books and worker, {name}", engines[name].rates, "/s", goal, least=True)
        for name, goal in _GOALS.items()
    ]


def _peer_lines(ours: Engine, others: Peers) -> list[Line]:
    """Ours on the same server beside the best of the queues, round by round."""
    return [
        Line.of(
            f"books and worker, PostgreSQL / {name}",
            [rate / it.per_second for rate, it in zip(ours.rates, rounds, strict=True)],
            "x", 1.6, least=True,
        )
        for name, rounds in others.rounds.items()
        if name.startswith("pgqueuer")
    ]  # fmt: skip


def _wholes(server: PostgresProcess, folder: Path, sizes: Sizes) -> dict[str, Whole]:
    return {
        "SQLite": end_to_end.measure(
            sqlite_books(folder, "tls"), folder / "wechat-sqlite", sizes.tls
        ),
        "PostgreSQL": end_to_end.measure(
            postgresql_books(server, "tls"),
            folder / "wechat-postgresql",
            sizes.tls,
            database_cpu=server.cpu_seconds,
        ),
    }


def _per_second(whole: Whole) -> float:
    return whole.worker.payouts / whole.worker.seconds


def _import_lines(server: PostgresProcess, folder: Path, sizes: Sizes) -> list[Line]:
    books = {
        "SQLite": sqlite_books(folder, "list"),
        "PostgreSQL": postgresql_books(server, "list"),
    }
    lines = []
    for name, url in books.items():
        done = import_list.measure(folder / f"list-{name}", url, range(sizes.many), "spring")
        others = range(sizes.many, 2 * sizes.many)
        beside = import_list.measure(folder / f"beside-{name}", url, others, "summer")
        rows = f"{sizes.many:,} rows, {name}"
        against = f"{sizes.many:,} rows against {sizes.many:,} others, {name}"
        seconds = sizes.many * _IMPORT_SECONDS_A_ROW
        lines += [
            Line(f"import of {rows}", done.seconds, "s", seconds),
            Line(f"import of {rows}: memory", done.peak_megabytes, "MB", MEMORY_MEGABYTES),
            Line(f"import of {against}", beside.seconds, "s", _BESIDE * seconds),
            Line(f"import of {against}: memory", beside.peak_megabytes, "MB", MEMORY_MEGABYTES),
            Line(f"status of a campaign of {rows}", done.status_milliseconds, "ms", 50),
        ]
    return lines


def _rate_lines(server: PostgresProcess) -> list[Line]:
    kept = rate.kept(server)
    asked = rate.RATE * rate.SECONDS
    name = f"{rate.WORKERS} workers, {rate.RATE} calls a second, {rate.SECONDS} s"
    return [
        Line(f"{name}: calls, at least", kept.calls, "", asked * 0.99, least=True),
        Line(f"{name}: calls, at most", kept.calls, "", asked * 1.01 + rate.BURST),
        Line("the same: the most in a second", kept.worst_second, "", rate.RATE + rate.BURST),
    ]


def _crowd_lines(server: PostgresProcess, sizes: Sizes, console: Console) -> list[Line]:
    crowd = rate.crowd(server, merchants=sizes.crowd, payouts=_CROWD_EACH)
    console.print(f"worst delay: {crowd.beside:.2f} s beside throttled ones, {crowd.alone:.2f} s")
    added, some = max(0.0, crowd.beside - crowd.alone), f"{sizes.crowd:,} merchants"
    return [
        Line(f"{some}: worst delay that 1 % throttled ones add", added, "s", 2),
        Line.of(f"{some} / {sizes.crowd // 10:,}: claims", crowd.ratios, "x", 0.8, least=True),
    ]
