"""Measure an earlier revision and this one side by side, in one run: old, new, and their ratio.

``against.py REVISION [--quick] [--only WORD]``, or ``make bench-against REV=...``. The earlier
revision is laid out in ``build/against`` with an environment of its own, and measured by its own
benchmarks; both take turns on one PostgreSQL, so that a noisy machine slows both. A ratio is above
1 where this revision is faster. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
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
from line import Line  # noqa: E402  # see above
from trees import Taken, Tree, laid_out, this_one  # noqa: E402  # see above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
_PAY_LIST = """
import sys
from engine import run_worker
from hongbao.ledger.book import Book
with Book.open(sys.argv[1]) as book:
    if hasattr(book, "set_channel"):
        from hongbao.ledger.model.limits import PayerLimits
        [channel] = book.channels()
        book.set_channel(channel.number, channel.rail, PayerLimits(), by="bench")
    else:  # an early revision
        from hongbao.ledger.limits import Limits
        [merchant] = book.merchants()
        book.set_merchant(merchant.number, Limits())
    book.approve("spring", digest=book.standing("spring").campaign.digest, by="bench")
run_worker(sys.argv[1], int(sys.argv[2]))
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
        rounds: of each line but those of lists.
        list_rounds: of imports; what takes as long and comes after them is measured once.
        merchants: among whom the payouts of the books and worker are spread.
        paid: payouts that a round pays without calls.
        tls: payouts that a round pays over TLS.
        rows: of the list that is imported, reported on and audited.
        audited: of them that are paid before the audit, so that each has three events.
    """

    rounds: int
    list_rounds: int
    merchants: int
    paid: int
    tls: int
    rows: int
    audited: int


FULL = Sizes(3, 1, 1_000, 25_000, 5_000, 1_000_000, 200_000)
QUICK = Sizes(2, 1, 100, 5_000, 1_000, 50_000, 10_000)
SINCE = "9dd4890"
"""The revision that the goals are said against."""


class Goal(NamedTuple):
    """How many times as fast as ``SINCE`` something should be.

    Attributes:
        begin: of the names of the lines.
        ratio: old to new, by the clock.
    """

    begin: str
    ratio: float


GOALS = (
    Goal("books and worker, SQLite", 1.6),
    Goal("books and worker, PostgreSQL", 1.0),  # its goal is said against another engine
    Goal("end to end over TLS", 1.3),
    Goal("import of", 2.5),
    Goal("--dry-run of", 2.0),
    Goal("report of", 2.0),
    Goal("audit of", 4.0),
)


class Compared(NamedTuple):
    """A line: what it was measured by, old and new in turns.

    Attributes:
        name: of what.
        rounds: each with old and new.
    """

    name: str
    rounds: list[list[Taken]]

    def ratios(self, of: Callable[[Taken], float]) -> list[float]:
        """Old to new, of each round."""
        return [of(one) / of(other) for one, other in self.rounds]

    def lines(self) -> Iterator[Line]:
        """It beside its goals."""
        goal = next(it for it in GOALS if self.name.startswith(it.begin))
        name, ratios = f"{self.name}: {SINCE} / now", self.ratios(lambda it: it.seconds)
        yield Line.of(name, ratios, "x", goal.ratio, least=True)
        if self.name.startswith("import of"):
            memory = [new.megabytes / old.megabytes for old, new in self.rounds]
            yield Line.of(f"{self.name}: memory, now / {SINCE}", memory, "x", 1.0)

    def words(self) -> tuple[str, ...]:
        """The line of the table for people."""
        old, new = zip(*self.rounds, strict=True)
        seconds = [f"{median(one.seconds for one in side):.2f}" for side in (old, new)]
        ratio = median(self.ratios(lambda it: it.seconds))
        by_cpu = median(self.ratios(lambda it: it.cpu_seconds))
        return (self.name, *seconds, f"{ratio:.2f}", f"{by_cpu:.2f}")


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
        self._listed: dict[str, list[tuple[str, Path]]] = {}

    def lines(self) -> dict[str, Callable[[], list[list[Taken]]]]:
        """What is measured, by its name: each gives the rounds, each with old and new."""
        rows = f"{self.sizes.rows:,}"
        found: dict[str, Callable[[], list[list[Taken]]]] = {}
        paid = f", {self.sizes.audited:,} of them paid"
        for database in ("SQLite", "PostgreSQL"):
            measured: dict[str, Callable[[], list[list[Taken]]]] = {
                "books and worker": partial(self._paid, database),
                "end to end over TLS": partial(self._over_tls, database),
                f"import of {rows}": partial(self._import, database),
                f"audit of {rows}": partial(self._audit, database),
                f"audit of {rows}{paid}": partial(self._audit_paid, database),
            }
            found |= {f"{name}, {database}": line for name, line in measured.items()}
        found[f"report of {rows}, CSV"] = partial(self._report, ".csv")
        found[f"report of {rows}, XLSX"] = partial(self._report, ".xlsx")
        found[f"--dry-run of {rows}"] = partial(self._import, "SQLite", "--dry-run")
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
        rounds = []
        for number in range(1 if options else self.sizes.list_rounds):
            taken, listed = [], []
            for tree in self.trees:
                name = f"list{number}{''.join(filter(str.isalpha, ''.join(options)))}"
                url = self._books(database, name, tree)
                path, config = self._list(url)
                of_list = ("--merchant", "demo", "--name", "spring", "--unit", "yuan", "--json")
                new = ("campaign", "new", path, *of_list, *options, "--config", config)
                taken.append(tree.timed(*new))
                listed.append((url, config))
            rounds.append(taken)
            if not options:
                self._listed[database] = listed
        return rounds

    def _books_of_list(self, database: str) -> list[tuple[str, Path]]:
        """Books of both into which the list was imported, and their settings."""
        if database not in self._listed:
            self._import(database)
        return self._listed[database]

    def _over_list(
        self, database: str, *command: str, output: str | None = None
    ) -> list[list[Taken]]:
        """A command over books into which the list was imported."""
        listed = self._books_of_list(database)

        def one(tree: Tree, config: Path) -> Taken:
            to = () if output is None else ("--output", config.with_name(output), "--force")
            return tree.timed(*command, *to, "--config", config, "--json")

        return [[one(tree, config) for tree, (_, config) in zip(self.trees, listed, strict=True)]]

    def _report(self, suffix: str) -> list[list[Taken]]:
        return self._over_list("SQLite", "campaign", "report", "spring", output=f"report{suffix}")

    def _audit(self, database: str) -> list[list[Taken]]:
        return self._over_list(database, "audit")

    def _audit_paid(self, database: str) -> list[list[Taken]]:
        for tree, (url, _) in zip(self.trees, self._books_of_list(database), strict=True):
            tree.run(_PAY_LIST, url, self.sizes.audited)
        return self._audit(database)


def measure(revision: str, console: Console, sizes: Sizes, *, only: str = "") -> Iterator[Compared]:
    """Lay the earlier revision out, and measure both in turns: each line when it is there."""
    trees = [laid_out(revision, console), this_one()]
    with (
        PostgresProcess(SERVER_SETTINGS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        bench = Bench(trees, server, Path(folder), sizes)
        lines = {name: line for name, line in bench.lines().items() if only in name}
        for name, line in track(lines.items(), "old and new", console=console):
            yield Compared(name, line())


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--quick", action="store_true", help="fewer of all")
    parser.add_argument("--only", default="", help="lines with this in their name")
    asked = parser.parse_args()
    console = Console()
    table = Table(title=f"{asked.revision} and this revision, taking turns; medians")
    for head in ("line", "old s", "new s", "old / new", "by CPU"):
        table.add_column(head, justify="left" if head == "line" else "right")
    sizes = QUICK if asked.quick else FULL
    for line in measure(asked.revision, console, sizes, only=asked.only):
        table.add_row(*line.words())
    console.print(table)


if __name__ == "__main__":
    main()
