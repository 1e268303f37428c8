"""What the tests of the payout engine's commands share: a simulator, a hongbao.toml, a list."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typer.testing import CliRunner

import hongbao
from hongbao.cli.app import app
from hongbao.ledger.book import Book
from hongbao.testing.control_client import ControlClient
from shop import Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hongbao.ledger.model.payout import Payout

PROGRAM = (sys.executable, "-m", "hongbao")
WAIT_SECONDS = 30.0
CALL_SECONDS = WAIT_SECONDS
"""No machine is so slow that a call runs into it; who wants that a call does, sets a short one."""
RICH = 100_000_000

TEXTS = {"send_name": "Shop", "wishing": "Hello", "act_name": "Spring", "remark": "r"}


class Town(NamedTuple):
    """A simulated WeChat in a process of its own.

    Attributes:
        control: its control port.
        control_url: where that is.
        mch_id: its demo merchant.
        settings: that merchant's, as ``hongbao.Merchant`` takes them.
    """

    control: ControlClient
    control_url: str
    mch_id: str
    settings: dict[str, Any]

    def start_over(self) -> None:
        """As if nothing had ever happened, and without a limit of calls a second."""
        self.control.reset(everything=True)
        self.control.end_faults()
        self.control.change_merchant(self.mch_id, limits={"calls_per_second": None})

    def have(self, balance: int) -> None:
        """Leave so many fen on the account."""
        held = self.control.merchant(self.mch_id)["basic"]["balance"]
        self.control.top_up(self.mch_id, balance - held)

    def paid_once(self) -> int:
        """How many numbers were paid, none of them twice."""
        payments: dict[str, int] = {}
        for entry in self.control.journal(mch_id=self.mch_id):
            payments[entry.mch_billno] = payments.get(entry.mch_billno, 0) + entry.paid
        assert max(payments.values(), default=0) <= 1
        return sum(payments.values())


@contextmanager
def town_of(folder: Path) -> Iterator[Town]:
    """Start a simulator, and stop it in the end."""
    command = [*PROGRAM, "simulator", "--json", "--port", "0", "--control-port", "0"]
    with subprocess.Popen(
        [*command, "--dir", str(folder / "wechat"), "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        control = ControlClient(ready["control_url"])
        mch_id = next(iter(ready["merchants"]))
        try:
            yield Town(control, ready["control_url"], mch_id, control.merchant_settings(mch_id))
        finally:
            process.kill()


class Office:
    """A folder with a hongbao.toml, where commands are given.

    Args:
        folder: the working directory.
        settings: the merchant's.

    Attributes:
        folder: the working directory.
        database: where the books are, as ``configure`` writes it.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.database = "books.db"
        (folder / "demo.key").write_text(settings["key"], encoding="utf-8")
        (folder / "demo.key").chmod(0o600)
        self.configure(settings)

    def configure(self, settings: dict[str, Any], top: str = "", **changes: object) -> None:
        """Write hongbao.toml; None leaves a setting out."""
        values: dict[str, object] = {
            **{name: value for name, value in settings.items() if name not in {"key", "work"}},
            "key_file": "demo.key",
            "rate": "unlimited",
            "connect_seconds": CALL_SECONDS,
            "total_seconds": CALL_SECONDS,
            **changes,
        }
        lines = [top, f"database = {json.dumps(self.database)}", "[merchants.demo]"]
        lines += [f"{name} = {json.dumps(it)}" for name, it in values.items() if it is not None]
        lines += ["[merchants.demo.texts]"]
        lines += [f"{name} = {json.dumps(it)}" for name, it in TEXTS.items()]
        path = self.folder / "hongbao.toml"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        path.chmod(0o600)

    def write_list(self, rows: int = 5, *, yuan: str = "1.00", name: str = "list.csv") -> str:
        """A list of receivers, each with its own key."""
        lines = [f"k{row:04d},oTEST_payee_{row:016d},{yuan}" for row in range(1, rows + 1)]
        text = "\n".join(["key,openid,amount", *lines, ""])
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def new(self, file: str = "list.csv", *more: str) -> tuple[str, ...]:
        """The command that imports a list."""
        given = ("--merchant", "demo", "--name", "spring", "--unit", "yuan")
        return ("campaign", "new", file, *given, *more)

    def payouts(self, name: str = "spring") -> list[Payout]:
        """As the books have them."""
        with Book.open(str(self.folder / "books.db")) as book:
            return list(book.payouts_of(name))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Ran:
        """A command in this process, called as in one of its own, to its end."""
        program = str(Path(hongbao.__file__).with_name("__main__.py"))
        before, sys.argv = sys.argv, [program, *arguments]
        try:
            with chdir(self.folder):
                result = CliRunner().invoke(app, list(arguments))
        finally:
            sys.argv = before
        return Ran(result.exit_code, result.stdout, result.stderr)


def ended(process: subprocess.Popen[str]) -> Ran:
    """What a process came to."""
    with process:  # whose end is waited for, and whose pipes are closed, whatever it came to
        try:
            stdout, stderr = process.communicate(timeout=WAIT_SECONDS)
        finally:
            process.kill()
    return Ran(process.returncode, stdout, stderr)


def all_ended(processes: Sequence[subprocess.Popen[str]]) -> list[Ran]:
    """The same of several that run at once."""
    return [ended(process) for process in processes]


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does; a test must not hang if it never does."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def wait_until_it_waits(process: subprocess.Popen[str]) -> None:
    """Wait until a process that is about to read sleeps in it.

    A signal that comes a moment before is noted by Python, and heeded once the read is over. On its
    way there it may sleep too, but not for three looks without having been awake.
    """
    status = Path(f"/proc/{process.pid}/status")
    looks: deque[list[str]] = deque(maxlen=3)

    def sleeps_on() -> bool:
        lines = status.read_text(encoding="ascii").splitlines()
        looks.append([line for line in lines if line.startswith(("State:", "voluntary_ctxt"))])
        return "sleeping" in looks[0][0] and list(looks) == [looks[0]] * 3

    if status.exists():  # Linux
        wait_until(sleeps_on)


def kill_dead(process: subprocess.Popen[str]) -> None:
    """As ``kill -9`` does."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=WAIT_SECONDS)
