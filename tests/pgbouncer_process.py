"""A PgBouncer of one's own before a PostgreSQL, in transaction mode; surely gone in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from postgres_process import end_with_parent, free_port, run_as

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

READY_SECONDS_MAX = 20.0
_POLL_SECONDS = 0.02
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
_SETTINGS = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
"""


def program() -> str | None:
    """Where PgBouncer is on this machine; None if it is not installed."""
    return shutil.which("pgbouncer", path=_PLACES)


class PgBouncerProcess:
    """One PgBouncer on a free port of 127.0.0.1.

    Args:
        url: of a database of the server behind it.
        connections: how many it opens to that at most.
    """

    def __init__(self, url: str, *, connections: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hongbao-pgbouncer-"))
        self._folder.chmod(0o755)
        self._port = free_port()
        behind = psycopg.conninfo.conninfo_to_dict(url)
        self._database = behind.pop("dbname")
        server = " ".join(f"{name}={value}" for name, value in behind.items())
        settings = self._folder / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(server=server, port=self._port, connections=connections)
        )
        self._log = self._folder / "pgbouncer.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(program()), str(settings)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                user=run_as(),
                group=run_as(),
                preexec_fn=end_with_parent,  # noqa: PLW1509  # it takes no lock
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.remove()
            raise

    @property
    def url(self) -> str:
        """Where the database is, through it."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{self._database}"

    def version(self) -> tuple[int, ...]:
        """Its version."""
        said = subprocess.run([str(program()), "-V"], capture_output=True, text=True, check=True)
        return tuple(int(part) for part in said.stdout.split()[1].split("."))

    def remove(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(READY_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"no PgBouncer: {self._log.read_text()[-2000:]}") from None
                time.sleep(_POLL_SECONDS)
            else:
                return
