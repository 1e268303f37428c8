"""Measure an earlier revision and this one side by side, in one run: old, new, and their ratio.

``against.py REVISION [--quick] [--only WORD]``, or ``make bench-against REV=...``. The earlier
revision is laid out in ``build/against`` with an environment of its own, and measured by its own
benchmarks; both take turns on one PostgreSQL, so that a noisy machine slows both. A ratio is above
1 where this revision is faster. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

_ROOT = Path(__file__).parent.parent
sys.path.append(str(_ROOT / "tests"))  # the PostgreSQL that the tests start serves here, too

from postgres_process import PostgresProcess  # noqa: E402  # see above

from filled_books import SERVER_SETTINGS  # noqa: E402  # see above
from import_list import write_list, write_settings  # noqa: E402  # see above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PAY = """
import json, sys
from engine import run_worker
spent = run_worker(sys.argv[1], int(sys.argv[2]))
print(json.dumps([spent.seconds, spent.cpu_seconds]))
"""
_PAY_OVER_TLS = """
import json, sys
from pathlib import Path
from end_to_end import measure
spent = measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])).worker
print(json.dumps([spent.seconds, spent.cpu_seconds]))
"""
_FILL = """
import sys
from engine import fill_few
fill_few(sys.argv[1], merchants=int(sys.argv[2]), paid=int(sys.argv[3]))
"""
_MAKE = """
import sys
from hongbao.ledger.book import Book
if sys.argv[1].startswith("postgresql"):
    Book.upgrade(sys.argv[1])
Book.open(sys.argv[1]).close()
"""


class Sizes(NamedTuple):
    """How much is measured.

    Attributes:
        rounds: of each line.
        merchants: among whom the payouts of the books and worker are spread.
        paid: payouts that a round pays without calls.
        tls: payouts that a round pays over TLS.
        rows: of the list that is imported, reported on and audited.
    """

    rounds: int
    merchants: int
    paid: int
    tls: int
    rows: int


_FULL = Sizes(5, 1_000, 25_000, 5_000, 1_000_000)
_QUICK = Sizes(3, 100, 5_000, 1_000, 50_000)


class Taken(NamedTuple):
    """What one measurement took: seconds by the clock, and of the process's CPU."""

    seconds: float
    cpu_seconds: float


class Tree:
    """One revision, laid out with its environment.

    Args:
        folder: where it stands.
        python: its environment's.
        name: ``old`` or ``new``.
    """

    def __init__(self, folder: Path, python: Path, name: str) -> None:
        self.folder, self.python, self.name = folder, python, name
        path = os.pathsep.join(str(folder / part) for part in ("benchmarks", "tests"))
        self._environment = {**os.environ, "PYTHONPATH": path}

    def run(self, program: str, *arguments: object) -> str:
        """Run a piece of Python among this revision's benchmarks; gives what it prints."""
        return self._run("-c", program, *map(str, arguments))

    def timed(self, *arguments: object) -> Taken:
        """Run a command of this revision's ``hongbao``."""
        before, began = os.times(), time.perf_counter()
        self._run("-m", "hongbao", *map(str, arguments))
        seconds, after = time.perf_counter() - began, os.times()
        used = after.children_user + after.children_system
        return Taken(seconds, used - before.children_user - before.children_system)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            raise SystemExit(f"{self.name}: {' '.join(arguments)[:200]} failed:\n{said}")
        return done.stdout


class Bench:
    """Both revisions, and where their books stand.

    Args:
        trees: the old one and the new one.
        server: for both.
        folder: for books and lists.
        sizes: how much is measured.
    """

    def __init__(
        self, trees: Sequence[Tree], server: PostgresProcess, folder: Path, sizes: Sizes
    ) -> None:
        self.trees, self.sizes = trees, sizes
        self._server, self._folder = server, folder

    def lines(self) -> dict[str, Callable[[], list[list[Taken]]]]:
        """What is measured, by its name: each gives the rounds, each with old and new."""
        rows = f"{self.sizes.rows:,}"
        found: dict[str, Callable[[], list[list[Taken]]]] = {}
        for database in ("SQLite", "PostgreSQL"):
            measured: dict[str, Callable[[], list[list[Taken]]]] = {
                "books and worker": partial(self._paid, database),
                "end to end over TLS": partial(self._over_tls, database),
                f"import of {rows}": partial(self._import, database),
                f"--dry-run of {rows}": partial(self._import, database, "--dry-run"),
                f"report of {rows}, CSV": partial(self._over_list, database, "report", ".csv"),
                f"report of {rows}, XLSX": partial(self._over_list, database, "report", ".xlsx"),
                f"audit of {rows}": partial(self._over_list, database, "audit"),
            }
            found |= {f"{name}, {database}": line for name, line in measured.items()}
        return found

    def _books(self, database: str, name: str, tree: Tree) -> str:
        """Empty books of this revision's."""
        if database == "SQLite":
            url = f"sqlite:///{self._folder / f'{name}-{tree.name}.db'}"
        else:
            url = self._server.create(f"{name}_{tree.name}")
        tree.run(_MAKE, url)
        return url

    def _paid(self, database: str) -> list[list[Taken]]:
        rounds, merchants, paid = self.sizes.rounds, self.sizes.merchants, self.sizes.paid
        urls = [self._books(database, "paid", tree) for tree in self.trees]
        for tree, url in zip(self.trees, urls, strict=True):
            tree.run(_FILL, url, merchants, rounds * paid)
        return [
            [
                Taken(*json.loads(tree.run(_PAY, url, paid)))
                for tree, url in zip(self.trees, urls, strict=True)
            ]
            for _ in range(rounds)
        ]

    def _over_tls(self, database: str) -> list[list[Taken]]:
        def one(tree: Tree, number: int) -> Taken:
            name = f"tls{number}"
            url = self._books(database, name, tree)
            folder = self._folder / f"wechat-{database}-{name}-{tree.name}"
            return Taken(*json.loads(tree.run(_PAY_OVER_TLS, url, folder, self.sizes.tls)))

        return [[one(tree, number) for tree in self.trees] for number in range(self.sizes.rounds)]

    def _list(self, url: str) -> tuple[Path, Path]:
        """A list, written once, and the settings of an engine with these books."""
        path = self._folder / "list.csv"
        if not path.exists():
            write_list(path, range(self.sizes.rows))
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        return path, write_settings(folder, url)

    def _import(self, database: str, *options: str) -> list[list[Taken]]:
        def one(tree: Tree, number: int) -> Taken:
            name = f"list{number}{''.join(filter(str.isalpha, ''.join(options)))}"
            path, config = self._list(self._books(database, name, tree))
            return self._new(tree, path, config, *options)

        rounds = range(min(3, self.sizes.rounds))
        return [[one(tree, number) for tree in self.trees] for number in rounds]

    @staticmethod
    def _new(tree: Tree, path: Path, config: Path, *options: str) -> Taken:
        of_list = ("--merchant", "demo", "--name", "spring", "--unit", "yuan", "--json", *options)
        return tree.timed("campaign", "new", path, *of_list, "--config", config)

    def _over_list(self, database: str, what: str, suffix: str = "") -> list[list[Taken]]:
        """A command over books into which the list was imported."""
        configs = []
        for tree in self.trees:
            path, config = self._list(self._books(database, f"of_{what}{suffix[1:]}", tree))
            self._new(tree, path, config)
            configs.append(config)

        def one(tree: Tree, config: Path) -> Taken:
            if what == "audit":
                return tree.timed("audit", "--config", config, "--json")
            output = config.with_name(f"report{suffix}")
            to = ("--output", output, "--force", "--config", config, "--json")
            return tree.timed("campaign", "report", "spring", *to)

        rounds = range(min(3, self.sizes.rounds))
        return [[one(*both) for both in zip(self.trees, configs, strict=True)] for _ in rounds]


def main() -> None:
    """Lay the earlier revision out, measure both in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--quick", action="store_true", help="fewer of all")
    parser.add_argument("--only", default="", help="lines with this in their name")
    asked = parser.parse_args()
    console = Console()
    trees = [_laid_out(asked.revision, console), Tree(_ROOT, Path(sys.executable), "new")]
    table = Table(title=f"{asked.revision} and this revision, taking turns; medians")
    for head in ("line", "old s", "new s", "old / new", "by CPU"):
        table.add_column(head, justify="left" if head == "line" else "right")
    sizes = _QUICK if asked.quick else _FULL
    with (
        PostgresProcess(SERVER_SETTINGS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        bench = Bench(trees, server, Path(folder), sizes)
        lines = {name: line for name, line in bench.lines().items() if asked.only in name}
        for name, line in track(lines.items(), "measuring", console=console):
            table.add_row(name, *_shown(line()))
    console.print(table)


def _shown(rounds: list[list[Taken]]) -> list[str]:
    old, new = zip(*rounds, strict=True)
    ratio = median(one.seconds / other.seconds for one, other in rounds)
    by_cpu = median(one.cpu_seconds / other.cpu_seconds for one, other in rounds)
    seconds = [f"{median(one.seconds for one in side):.2f}" for side in (old, new)]
    return [*seconds, f"{ratio:.2f}", f"{by_cpu:.2f}"]


def _laid_out(revision: str, console: Console) -> Tree:
    """The earlier revision, with an environment of its own; made once."""
    found = subprocess.run(
        ["git", "rev-parse", "--verify", f"{revision}^{{commit}}"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SystemExit(f"{revision} is no revision of this repository: name a commit or a tag")
    folder = _ROOT / "build" / "against" / found.stdout.strip()[:12]
    python = folder / ".venv" / "bin" / "python"
    if not python.exists():
        console.print(f"laying out {revision} in {folder.relative_to(_ROOT)} ...")
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["git", "archive", revision], cwd=_ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
        subprocess.run(["make", "--silent", ".venv/.dev"], cwd=folder, check=True)
    return Tree(folder, python, "old")


if __name__ == "__main__":
    main()
