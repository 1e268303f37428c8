"""The Containerfile: what it copies builds hongbao, and what it runs is a simulator that keeps."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from test_simulator_command import simulator

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")


def _line(word: str) -> str:
    found = re.findall(rf"^{word} (.*)$", RECIPE, re.MULTILINE)
    return str(found[-1])


def test_its_context_has_what_a_build_reads_and_nothing_private() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    passed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert passed == {
        "pyproject.toml",
        project["readme"],
        *project["license-files"],
        "src",
        "wheels",
    }


def test_it_runs_as_nobody_in_particular_and_stops_with_sigterm() -> None:
    assert _line("USER") == "10001:10001"
    assert _line("STOPSIGNAL") == "SIGTERM"


def test_what_it_runs_is_a_simulator_that_keeps_its_world(tmp_path: Path) -> None:
    program, command, *options = json.loads(_line("ENTRYPOINT"))
    assert (program, command) == ("hongbao", "simulator")
    folder = str(tmp_path / "wechat")
    here = [folder if option == _line("VOLUME") else option for option in options]
    assert folder in here
    for goes_on in (False, True):
        with simulator(*here) as (process, ready):
            assert (ready["dir"], ready["goes_on"]) == (folder, goes_on)
            process.terminate()
            assert process.wait(30) == 0
