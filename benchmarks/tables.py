"""What was measured, as tables for the console and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from client_peers import SITUATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from client_peers import Situation
    from console import PageTime
    from end_to_end import Whole
    from engine_peers import Speed
    from line import Line
    from reads import Read
    from side_by_side import Figure


class Table(NamedTuple):
    """One table, by the name of its marks on the page."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def of_lines(lines: Sequence[Line]) -> Table:
    """The goals."""
    head = ("what", "value", "goal", "holds", "swing")
    return Table("results", head, [line.words() for line in lines])


def of_parts(lines: Sequence[tuple[Line, str]]) -> Table:
    """The goals of all parts, each with the day of its measurement."""
    head = ("what", "value", "goal", "holds", "swing", "measured")
    return Table("results", head, [(*line.words(), day) for line, day in lines])


def of_clients(figures: Sequence[Figure]) -> list[Table]:
    """The clients side by side, one table a situation."""
    return [
        _of_situation(situation, [one for one in figures if one.situation == situation.name])
        for situation in SITUATIONS
    ]


def _of_situation(situation: Situation, figures: Sequence[Figure]) -> Table:
    rows = [
        (
            figure.contender,
            f"{figure.cpu_microseconds:,.0f} µs",
            f"{figure.ratio:,.2f} x",
            f"{figure.microseconds:,.0f} µs",
            f"{figure.connections:,} for {figure.calls:,}",
        )
        for figure in figures
    ]
    compared = f"times {situation.floor.name}"
    head = ("client", "CPU a call", compared, "by the clock", "connections for calls")
    return Table(situation.name, head, rows)


def of_engines(speeds: Sequence[Speed]) -> Table:
    """The engines side by side."""
    rows = [
        (
            speed.name,
            f"{speed.payouts:,}",
            f"{speed.per_second:,.0f}",
            f"{speed.cpu_microseconds:,.0f} µs",
        )
        for speed in speeds
    ]
    return Table("engines", ("engine", "payouts", "a second", "CPU of its process for each"), rows)


def of_reads(reads: Mapping[str, Sequence[Read]]) -> Table:
    """What is read of large books, by database."""
    rows = []
    for question in zip(*reads.values(), strict=True):
        figures = [f"{figure:.1f} ms" for it in question for figure in (it.median, it.worst)]
        rows.append((question[0].name, str(question[0].found), *figures))
    head = [f"{name}, {what}" for name in reads for what in ("median", "worst")]
    return Table("reads", ("what is read", "found", *head), rows)


def of_pages(pages: Mapping[str, Sequence[PageTime]]) -> Table:
    """The console's pages, by database."""
    rows = []
    for page in zip(*pages.values(), strict=True):
        figures = [f"{figure:.1f} ms" for it in page for figure in (it.median, it.p95, it.cpu)]
        rows.append((page[0].path[:60], f"{page[0].kib:.0f} KiB", *figures))
    head = [f"{name}, {what}" for name in pages for what in ("median", "p95", "CPU")]
    return Table("pages", ("page", "size", *head), rows)


def of_wholes(wholes: Mapping[str, Whole]) -> Table:
    """Where a payout's time goes, end to end."""
    rows = []
    for name, whole in wholes.items():
        spent = whole.worker
        parts = (
            spent.seconds,
            whole.simulator_seconds,
            whole.database_seconds,
            spent.cpu_seconds,
            spent.claim_seconds,
            spent.record_seconds,
            spent.loop_seconds,
        )
        rows.append((name, *[f"{part / spent.payouts * 1e6:,.0f} µs" for part in parts]))
    head = (
        "a payout over TLS", "by the clock", "CPU: simulator", "database", "worker",
        "of it: claim", "record", "policy and call",
    )  # fmt: skip
    return Table("end to end", head, rows)
