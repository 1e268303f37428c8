"""Waits until one transaction of PostgreSQL waits for another, without a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


def wait_for_a_waiting_one(desk: Desk, *, until: Callable[[], bool], count: int = 1) -> None:
    """Wait until so many transactions wait for others, or ``until`` says that it has ended."""
    found = 0
    while found < count and not until():
        with desk.database.reading() as connection:
            found = connection.exec_driver_sql(_WAITING).scalar_one()
