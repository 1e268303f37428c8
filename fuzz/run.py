"""Fuzz every surface that takes bytes of strangers, for a bounded time; say what was found.

Each target runs in a process of its own, from the seeds that are kept and from what earlier runs
have learnt (in ``.fuzz``). Bytes that break a law are put among the seeds, where ``make test``
finds them until the law holds, and ever after. The exit code is 1 if there were any.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from targets import SEEDS, TARGETS

_HERE = Path(__file__).parent
_LEARNT = _HERE.parent / ".fuzz"
_HANG_SECONDS = 300  # by the clock; see the engine for the law of time
_MEGABYTES_MAX = 1024  # of a target's process; the largest takes a quarter of it
_START_SECONDS = 300.0  # for imports and seeds, beside the time that is asked for
_TROUBLE = b"\n =="  # how Atheris and libFuzzer begin to tell of it
_TOLD_MAX = 4000
_FACT = re.compile(rb"^stat::(\w+):\s+(\d+)", re.MULTILINE)


class Outcome(NamedTuple):
    """What came of one target."""

    name: str
    executions: int
    seconds: float
    corpus: int
    findings: list[Path]
    output: bytes


def main() -> None:
    """Run, print, and end with 1 if a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for all targets together")
    parser.add_argument("--only", choices=sorted(TARGETS), help="one target")
    parser.add_argument("--repeat", type=Path, metavar="SEED", help="run one input and end")
    asked = parser.parse_args()
    if asked.repeat is not None:
        TARGETS[asked.repeat.resolve().parent.name].run(asked.repeat.read_bytes())
        return
    console = Console()
    names = [asked.only] if asked.only else list(TARGETS)
    outcomes = []
    for name in names:
        console.print(f"{name}: {asked.seconds // len(names)} s")
        outcomes.append(_fuzz(name, max(1, asked.seconds // len(names))))
        _tell(console, outcomes[-1])
    _summarize(console, outcomes)
    sys.exit(any(outcome.findings for outcome in outcomes))


def _fuzz(name: str, seconds: int) -> Outcome:
    target, learnt = TARGETS[name], _LEARNT / name
    learnt.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        words, found = Path(folder, "words"), Path(folder, "found")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        found.mkdir()
        command = [
            *(sys.executable, str(_HERE / "engine.py"), name),
            *(
                f"-max_total_time={seconds}",
                f"-timeout={_HANG_SECONDS}",
                f"-report_slow_units={_HANG_SECONDS}",
            ),
            *(f"-rss_limit_mb={_MEGABYTES_MAX}", f"-max_len={target.bytes_max}"),
            *(f"-dict={words}", f"-artifact_prefix={found}/", "-print_final_stats=1"),
            *(str(learnt), str(SEEDS / name)),
        ]
        started = time.monotonic()
        ended = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=seconds + _START_SECONDS,
        )
        took = time.monotonic() - started
        findings = [_kept(name, path) for path in sorted(found.iterdir())]
    if ended.returncode and not findings:
        raise SystemExit(f"{name} did not run:\n{ended.stdout.decode(errors='replace')}")
    facts = {name: int(value) for name, value in _FACT.findall(ended.stdout)}
    executions = facts.get(b"number_of_executed_units", 0)
    return Outcome(name, executions, took, len(list(learnt.iterdir())), findings, ended.stdout)


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _kept(name: str, found: Path) -> Path:
    """A finding among the seeds."""
    path = SEEDS / name / found.name[:20]  # crash-, timeout- or oom-, and the start of its digest
    path.write_bytes(found.read_bytes())
    return path


def _tell(console: Console, outcome: Outcome) -> None:
    for path in outcome.findings:
        told = outcome.output[outcome.output.rfind(_TROUBLE) :]
        console.print(told[:_TOLD_MAX].decode(errors="replace"), markup=False)
        place = path.relative_to(_HERE.parent)
        console.print(f"to repeat it: {sys.executable} fuzz/run.py --repeat {place}", markup=False)


def _summarize(console: Console, outcomes: list[Outcome]) -> None:
    table = Table("target", "executions", "a second", "seeds", "learnt", "findings")
    for it in outcomes:
        rate = f"{it.executions / it.seconds:,.0f}"
        seeds = str(len(list((SEEDS / it.name).iterdir())))
        findings = str(len(it.findings))
        table.add_row(it.name, f"{it.executions:,}", rate, seeds, str(it.corpus), findings)
    console.print(table)


if __name__ == "__main__":
    main()
