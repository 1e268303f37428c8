"""A simulated WeChat in a process of its own, over real TLS, its limit of calls a second lifted.

It keeps its world, and may be killed and started again at the same address.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from threading import Timer
from typing import TYPE_CHECKING, Any

from hongbao.testing.control_client import ControlClient

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0


class WeChatProcess:
    """A running simulator; a context manager that stops it.

    Args:
        folder: where its files and its log go.
        seed: of all its chance.

    Attributes:
        control: plays the rest of the world.
        mch_id: its demo merchant's number.
    """

    def __init__(self, folder: Path, *, seed: int) -> None:
        self._folder = folder
        self._log = folder / "wechat.log"
        self._options = ["--seed", str(seed), "--port", "0", "--control-port", "0"]
        ready = self.start()
        self.control = ControlClient(ready["control_url"], timeout_seconds=60)
        self.mch_id: str = next(iter(ready["merchants"]))
        ports = [re.sub(r".*:(\d+).*", r"\1", ready[name]) for name in ("base_url", "control_url")]
        self._options[-3::2] = ports
        try:
            self.control.change_merchant(self.mch_id, limits={"calls_per_second": None})
        except BaseException:
            self.stop()
            raise

    def start(self) -> dict[str, Any]:
        """Start it, and give what it says when it is ready."""
        command = [sys.executable, "-m", "hongbao", "simulator", "--json", "--stop-with-stdin"]
        command += ["--keep", "--dir", str(self._folder / "wechat"), *self._options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        try:
            return self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """Kill it with SIGKILL, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._close_pipes()

    def settings(self) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.Merchant``, as JSON can carry them."""
        return self.control.merchant_settings(self.mch_id)

    def credentials(self) -> dict[str, Any]:
        """The same of ``hongbao.V3Credentials``."""
        return self.control.ask("GET", f"merchants/{self.mch_id}/credentials")

    def stop(self) -> None:
        """Stop it; again does nothing."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait_until_ready(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        # Killing it ends its stdout, and so the wait for a line.
        timer = Timer(READY_SECONDS_MAX, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        assert line, f"the simulator did not start: {self._log.read_text(encoding='utf-8')}"
        ready: dict[str, Any] = json.loads(line)
        return ready
