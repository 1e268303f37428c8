"""Marks the tests that are slow by what they need, so that ``make quick`` leaves them out.

``postgres``: books on a PostgreSQL server. ``processes``: programs in processes of their own. Both
are seen from the fixtures, their parameters and what a module imports; nobody has to think of it.
``long``: takes seconds, since it walks all that can happen or waits for real time-outs; it is
written at the test or its module. ``browser``: drives a real Chromium, by its fixture.

Where ``HONGBAO_TEST_PARAMETERS`` is ``one``, each test that is chosen runs with one of its sets of
parameters, whichever comes first in the random order.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from postgres_process import servers

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = os.environ.get("PROOF_LIVES") == "all"
"""Whether all is to be proven, as ``make proof`` does, however long it takes."""

_SERVERS = {*servers(), "on_postgresql"}
_OF_SERVERS = {"postgres_servers", "on_postgresql"}
_ON_EITHER = {"book_url", "shelf"}  # whose parameter says which
_OF_PROCESSES = {"town", "_town"}
_FOLDERS_OF_PROCESSES = {"docs", "processes"}
_STARTERS = {"subprocess", "simulator"}  # the second is of test_simulator_command


class OneOfEach:
    """Leaves out a test that is there already with other parameters."""

    @pytest.hookimpl(trylast=True)  # of those that -k and -m have left
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Choose them."""
        kept = {item.nodeid.partition("[")[0]: item for item in reversed(items)}
        chosen = set(kept.values())
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept.values()


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks mean."""
    if os.environ.get("HONGBAO_TEST_PARAMETERS") == "one":
        config.pluginmanager.register(OneOfEach())
    config.addinivalue_line("markers", "postgres: needs a PostgreSQL server")
    config.addinivalue_line("markers", "processes: starts processes")
    config.addinivalue_line("markers", "browser: drives a real Chromium")
    config.addinivalue_line("markers", "long: walks all that can happen, or waits for time-outs")


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark them."""
    for item in items:
        if isinstance(item, pytest.Function):
            if _needs_postgres(item):
                item.add_marker(pytest.mark.postgres)
            if "chromium" in item.fixturenames:
                item.add_marker(pytest.mark.browser)
            if _starts_processes(item):
                item.add_marker(pytest.mark.processes)


def _needs_postgres(item: pytest.Function) -> bool:
    callspec = getattr(item, "callspec", None)
    chosen = [it for it in (callspec.params if callspec else {}).values() if isinstance(it, str)]
    fixtures = set(item.fixturenames)
    if fixtures & _ON_EITHER:
        return bool(_SERVERS.intersection(chosen))
    return bool(fixtures & _OF_SERVERS or _SERVERS.intersection(chosen))


def _starts_processes(item: pytest.Function) -> bool:
    return (
        item.path.parent.name in _FOLDERS_OF_PROCESSES
        or not _STARTERS.isdisjoint(vars(item.module))
        or not _OF_PROCESSES.isdisjoint(item.fixturenames)
    )
