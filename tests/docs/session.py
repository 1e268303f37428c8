"""A page of the manual as a session: its blocks run in their order, and print what it shows.

``sh`` and ``python`` blocks are run, unless ``<!-- not run: why -->`` stands before them; a
``text`` block behind one is what it prints. In the pages times, machines and numbers of WeChat's
are those of one day, and ``...`` stands for what is left out. Blocks of other languages are for
reading.
"""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from hongbao import MerchantTransfer, RedPack
from hongbao.testing.control_client import ControlClient

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"(?P<not_run>^<!-- not run: [^\n]+ -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SIMULATOR = "hongbao simulator "
# On a terminal curl shows no progress; and what the simulator refuses must not pass.
_AS_ON_A_TERMINAL = "alias curl='curl --fail-with-body --no-progress-meter'\n"
# As the pages have them. A test's simulator listens where nobody else does.
_WECHAT, _CONTROL = "localhost:8443", "127.0.0.1:8444"

# What is different each time, and what takes its place on both sides.
_VOLATILE = (
    (re.compile(r"worker \S+:\d+:[0-9a-f]+"), "worker WHO"),
    (re.compile(r"[\w.-]+@[\w.-]+"), "WHO"),
    (re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?"), "WHEN"),
    (re.compile(r"\b\d{31}\b"), "LISTID"),
    (re.compile(r"\d+\.\d s\b"), "SECONDS"),
    (re.compile(r"(?<![\w:/])/[\w./-]*/"), ""),  # the folder is the reader's
    (re.compile(r"[ \t]+"), " "),  # columns are as wide as what stands in them
)


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    is_run: bool


def text_of(name: str) -> str:
    """A page, by its path in ``docs``."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """The blocks of a page, in their order."""
    return [
        Block(
            found["language"],
            found["text"],
            found["language"] in {"sh", "python"} and not found["not_run"],
        )
        for found in _FENCE.finditer(text)
    ]


def normal(text: str) -> str:
    """A text without what is different each time."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def is_shown(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed, but for what it leaves out: in a line, or lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else r".*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in normal(shown).splitlines()
    )
    return re.fullmatch(pattern, normal(printed) + "\n") is not None


class Session:
    """A folder where somebody types what a page says.

    Args:
        folder: an empty one; it is the working directory already.
        replaced: other words of the page, by what stands for them in this test.
        programs: a folder of programs that need not be installed here.
    """

    def __init__(
        self, folder: Path, replaced: dict[str, str] | None = None, programs: Path | None = None
    ) -> None:
        self._folder = folder
        self._replaced = dict(replaced or {})
        self._environment = _environment(programs)
        self._names: dict[str, object] = {"__name__": "__main__"}
        self._simulators: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Who has typed a page ends Python, and with it the clients that the page left open.
        for left in self._names.values():
            if isinstance(left, RedPack | MerchantTransfer):
                left.close()
        for simulator in self._simulators:
            simulator.send_signal(signal.SIGTERM)
            simulator.communicate(timeout=30)

    def play(self, page: Sequence[Block]) -> None:
        """Type all of it, and compare what it shows."""
        for number, block in enumerate(page):
            if not block.is_run:
                continue
            printed = self._run(block)
            following = page[number + 1] if number + 1 < len(page) else None
            if following is not None and following.language == "text":
                shown = self._here(following.text)
                assert is_shown(shown, printed), f"{block.text}\nprinted:\n{printed}"

    def _run(self, block: Block) -> str:
        text = self._here(block.text)
        if block.text.startswith(_SIMULATOR):
            return self._start_simulator(text)
        if block.language == "sh":
            return self._type(text)
        if "\ndef test_" in text:
            return self._run_tests(text)
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(text, "page", "exec"), self._names)  # its asserts are part of the test
        return printed.getvalue()

    def _here(self, text: str) -> str:
        for word, meant in self._replaced.items():
            text = text.replace(word, meant)
        return text

    def _type(self, command: str) -> str:
        if self._simulators:
            self._pass_a_second()
        ran = subprocess.run(
            ["sh", "-e", "-c", _AS_ON_A_TERMINAL + command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{command}\nexit code {ran.returncode}\n{ran.stdout}"
        return ran.stdout

    def _pass_a_second(self) -> None:
        """Nobody types faster; WeChat wants so long between two sends of one number."""
        ControlClient(f"http://{self._replaced[_CONTROL]}/_sim/").advance(1)

    def _run_tests(self, text: str) -> str:
        (self._folder / "test_page.py").write_text(text, encoding="utf-8")
        return self._type("python -m pytest -q -p no:cacheprovider -p no:randomly test_page.py")

    def _start_simulator(self, command: str) -> str:
        """Start it on free ports, and read what it says until it is ready."""
        simulator = subprocess.Popen(
            [*command.split(), "--port", "0", "--control-port", "0"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._simulators.append(simulator)
        assert simulator.stdout is not None
        said = "".join(iter(simulator.stdout.readline, "\n"))  # up to the first empty line
        wechat, control, _phone = re.findall(r"https?://([\w.]+:\d+)", said)
        self._replaced |= {_WECHAT: wechat, _CONTROL: control}
        return said


def _environment(programs: Path | None) -> dict[str, str]:
    """This program first, no merchant, and no proxy on the way to the loopback."""
    folders = [Path(sys.executable).parent, *([programs] if programs else []), os.environ["PATH"]]
    path = os.pathsep.join(map(str, folders))
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
