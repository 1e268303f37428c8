"""The workers that have said that they are alive: in words, and as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.english import counted, span
from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import marked, said
from hongbao.views.columns import in_columns

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.queue.heartbeat import WorkerAlive

_HEAD = (
    marked("worker"),
    marked("machine"),
    marked("process"),
    marked("version"),
    marked("since"),
    marked("last seen"),
    marked("state"),
)


def text(workers: Sequence[WorkerAlive], *, program: str) -> str:
    """A line a worker."""
    if not workers:
        return said("No worker is alive. Start one with: {program} worker", program=program)
    rows = [
        (
            it.name,
            it.host,
            str(it.process),
            it.version,
            beijing.text(it.since),
            beijing.text(it.seen_at),
            said("alive") if it.alive else said("silent for {span}", span=span(it.quiet / SECOND)),
        )
        for it in workers
    ]
    return in_columns([tuple(map(said, _HEAD)), *rows], right={2})


def line(workers: Sequence[WorkerAlive]) -> str:
    """How many there are, in one line."""
    silent = sum(not it.alive for it in workers)
    alive = counted(len(workers) - silent, "worker")
    if not silent:
        return said("{workers} alive", workers=alive)
    return said("{workers} alive, {silent} silent", workers=alive, silent=silent)


def document(worker: WorkerAlive) -> dict[str, object]:
    """A worker for a program."""
    return {
        "name": worker.name,
        "host": worker.host,
        "process": worker.process,
        "version": worker.version,
        "since": beijing.iso(worker.since),
        "seen_at": beijing.iso(worker.seen_at),
        "quiet_seconds": worker.quiet / SECOND,
        "alive": worker.alive,
    }
