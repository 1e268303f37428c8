"""``hongbao demo``: a whole campaign with everything that goes wrong, and a proof at its end."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from hongbao.cli.demo import proof as words
from hongbao.cli.demo.course import run
from hongbao.cli.demo.demo import LIST
from hongbao.cli.demo.processes import Shows, SimulatorProcess, Terminal
from hongbao.cli.demo.proof import DemoAudit
from hongbao.version import __version__

PACKAGED = Path(words.__file__).with_name(LIST)
EXAMPLE = Path(__file__).parents[2] / "examples" / LIST
SHORT = 45  # rows: enough for each kind, for a kill and for an empty account

AGREES = DemoAudit(
    paid_twice=0,
    lost=0,
    unasked=0,
    books=(300, 200, 100, 0, 60, 40),
    wechat=(300, 200, 100, 0, 60, 40),
    findings=(),
    breaks=0,
)


@pytest.fixture
def short_list(tmp_path: Path) -> Path:
    """The head of the demo's list."""
    lines = PACKAGED.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "short.csv"
    path.write_text("".join(lines[: SHORT + 1]), encoding="utf-8")
    return path


@pytest.mark.long
def test_its_course_has_a_line_a_stage_and_ends_with_a_proof_that_holds(
    tmp_path: Path, short_list: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    with SimulatorProcess(folder) as simulator:
        course = run(folder, simulator.ready, short_list, Shows.STAGES)
    lines = capsys.readouterr().out.splitlines()
    assert 5 <= len(lines) <= 25  # and the proof has twenty: two screens
    assert all(re.fullmatch(r".{41} \[#*\?*\.*\] +\d+ of (45|12) paid", line) for line in lines), (
        lines
    )
    assert all(len(line) <= 79 for line in lines)
    assert "kill -9" in lines[1]
    assert course.proof.holds, words.shown(course.proof, faults=course.faults, seconds=0)
    paid, claimed, refunded, unclaimed, confirmed, back = course.proof.wechat
    assert paid == claimed + refunded
    assert (claimed > 0, refunded > 0, unclaimed) == (True, True, 0)
    assert (confirmed > 0, back > 0) == (True, True)
    assert (folder / "report.csv").stat().st_size > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"paid_twice": 1},
        {"lost": 1},
        {"unasked": 1},
        {"breaks": 1},
        {"findings": ("a chain is broken",)},
        {"wechat": (301, 200, 101, 0, 60, 40)},
        {"wechat": (300, 200, 100, 0, 60, 41)},
    ],
    ids=lambda wrong: f"{wrong}",
)
def test_a_proof_with_anything_wrong_does_not_hold(wrong: dict[str, object]) -> None:
    assert AGREES.holds
    proof = replace(AGREES, **wrong)  # type: ignore[arg-type]  # each is of its field's type
    assert not proof.holds
    assert "THIS IS NOT AS IT SHOULD BE" in words.shown(proof, faults=0, seconds=1)


def test_its_document_names_both_sides_money() -> None:
    found = words.document(AGREES, faults=3, seconds=1.23)
    assert json.loads(json.dumps(found)) == found | {"findings": []}
    assert found["books"] == found["wechat"]
    assert found["books"] == {
        "paid": 300,
        "claimed": 200,
        "refunded": 100,
        "unclaimed": 0,
        "transfers_confirmed": 60,
        "transfers_back": 40,
    }


def test_with_verbose_every_command_is_seen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(tmp_path, Shows.TRANSCRIPT)
    assert terminal.run("--version") == 0
    terminal.tell("a stage")
    assert capfd.readouterr().out == f"\n$ hongbao --version\n{__version__}\n"


def test_for_programs_nothing_is_seen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(tmp_path, Shows.NOTHING)
    assert terminal.run("--version") == 0
    terminal.tell("a stage")
    assert capfd.readouterr().out == ""


def test_its_list_is_the_example_and_has_300_rows() -> None:
    assert EXAMPLE.read_bytes() == PACKAGED.read_bytes()
    assert len(PACKAGED.read_text(encoding="utf-8").splitlines()) == 301
