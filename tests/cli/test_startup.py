"""What each command loads: nobody waits for what another one needs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hongbao.cli import app
from hongbao.cli.campaign import commands
from hongbao.cli.payout import commands as payout_commands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaign_office import Office
    from shop import Run

PLACES = {f"hongbao.cli.{place.module}" for place in app.COMMANDS.values()}
OF_CAMPAIGN = {f"hongbao.cli.{place.module}" for place in commands.COMMANDS.values()}
HEAVY = {"cryptography", "pydantic", "rich.table", "hongbao.simulator", "hongbao.client.sync"}
OF_BOOKS = {"asyncio", "sqlalchemy", "hongbao.ledger.book"}
OF_OTHERS = {
    "alembic", "psycopg", "sqlalchemy.dialects.postgresql", "rich.console", "hongbao.ledger.audits",
    "hongbao.dispatch.worker", "hongbao.campaign.table", "hongbao.campaign.report",
}  # fmt: skip
COMPLETING = {"_HONGBAO_COMPLETE": "complete_bash", "COMP_WORDS": "hongbao ", "COMP_CWORD": "1"}
OF_A_CAMPAIGN = {**COMPLETING, "COMP_WORDS": "hongbao campaign ", "COMP_CWORD": "2"}


def started(
    *args: str, environ: Mapping[str, str] | None = None
) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """The program in a process of its own, and all modules that it had loaded at its end."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = {['hongbao', *args]!r}\n"
        "import hongbao.cli\n"
        "hongbao.cli.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environ or {})},
    )
    return ran, set(ran.stderr.split())


@pytest.mark.parametrize(
    ("args", "environ", "listed"),
    [
        (["--help"], {}, None),
        (["--version"], {}, None),
        ([], COMPLETING, app.COMMANDS),
    ],
)
def test_what_lists_the_commands_loads_none_of_them(
    args: list[str], environ: dict[str, str], listed: Mapping[str, object] | None
) -> None:
    ran, loaded = started(*args, environ=environ)
    assert ran.returncode == 0
    assert not loaded & (PLACES | HEAVY | OF_BOOKS | {"hongbao.cli.failure", "hongbao.errors"})
    if listed is not None:
        assert ran.stdout.split() == list(listed)


@pytest.mark.parametrize(("args", "environ"), [(["campaign", "--help"], {}), ([], OF_A_CAMPAIGN)])
def test_what_lists_the_commands_of_a_campaign_loads_none_of_them(
    args: list[str], environ: dict[str, str]
) -> None:
    ran, loaded = started(*args, environ=environ)
    assert ran.returncode == 0
    assert not loaded & (OF_CAMPAIGN | HEAVY | OF_BOOKS)
    if not args:
        assert ran.stdout.split() == list(commands.COMMANDS)


def test_a_command_loads_no_other() -> None:
    ran, loaded = started("explain", "NOTENOUGH")
    assert ran.returncode == 0
    assert loaded & PLACES == {"hongbao.cli.explain"}
    assert not loaded & (HEAVY | OF_BOOKS)


def test_the_status_of_a_campaign_loads_what_reads_these_books_and_no_more(office: Office) -> None:
    """No other database, no migrations, no audit, no list, no worker, nothing that draws."""
    office.write_list()
    assert office.run(*office.new()).code == 0
    ran, loaded = started("campaign", "status", "spring")
    assert (ran.returncode, ran.stdout.partition(":")[0]) == (0, "spring")
    assert loaded & OF_CAMPAIGN == {"hongbao.cli.campaign.status"}
    assert "sqlalchemy.dialects.sqlite" in loaded
    assert not loaded & (HEAVY | OF_OTHERS)


GROUPS = {"": app.COMMANDS, "campaign": commands.COMMANDS, "payout": payout_commands.COMMANDS}


@pytest.mark.parametrize("group", GROUPS)
def test_a_commands_help_begins_as_the_list_of_commands_tells_it(run: Run, group: str) -> None:
    for name, place in GROUPS[group].items():
        said = run(*group.split(), name, "--help").stdout
        assert said.splitlines()[2].strip() == place.summary
