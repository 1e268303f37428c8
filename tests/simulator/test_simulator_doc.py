"""docs/simulator.md is true: its commands run, and its tables are those of the code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator import bill_call, rules
from hongbao.simulator.control.merchant_json import _CHANGES
from hongbao.simulator.control.routes import ROUTES
from hongbao.simulator.faults import FaultKind
from hongbao.simulator.folder.folder import DEMO
from hongbao.simulator.settings import Settings
from hongbao.simulator.simulator import Simulator
from hongbao.simulator.transfer.wechat_side import MerchantV3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.rules import Rule

TEXT = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def running(wechat_folder: SimulatorFolder, tmp_path: Path) -> Iterator[Simulator]:
    """One in the folder ``wechat`` of the working directory, as the page has it."""
    shutil.copytree(wechat_folder.path, tmp_path / "wechat")
    with Simulator.start(tmp_path / "wechat") as started:
        yield started


def here(text: str, running: Simulator) -> str:
    """With the ports that happened to be free."""
    return text.replace("https://localhost:8443", running.base_url).replace(
        "http://127.0.0.1:8444/_sim/", running.control_url
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_shell_commands_work_one_after_another(running: Simulator, tmp_path: Path) -> None:
    commands = blocks("sh")
    assert len(commands) >= 10
    for command in commands:
        done = subprocess.run(
            [
                "sh",
                "-c",
                "alias curl='curl --fail-with-body --no-progress-meter'\n" + here(command, running),
            ],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},  # no proxy on the way to the loopback
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, ""), command + done.stdout
    world = running.simulation.world
    assert world.totals() == (100, 100, 0), "the signed example paid, and was claimed"


def test_its_python_script_works(running: Simulator, tmp_path: Path) -> None:
    script = blocks("python")[0]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, cwd=tmp_path, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("SENT\n")


def test_its_tests_pass(tmp_path: Path) -> None:
    """As a user would run them: the fixtures come by themselves."""
    (tmp_path / "test_example.py").write_text(blocks("python")[1], "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, text=True)
    assert "2 passed" in done.stdout, done.stdout


def row(check: Rule) -> str:
    when = str(check.finds.__doc__).splitlines()[0].replace("``", "`")
    stays = " The order stays SENDING." if check.leaves_order else ""
    return f"| {check.err_code} | {check.calls} | {when}{stays} |"


@pytest.mark.parametrize(
    "table", [rules.ADMISSION, rules.REPEAT, rules.PAYMENT, bill_call.ADMISSION]
)
def test_its_order_of_precedence_is_the_rules(table: tuple[Rule, ...]) -> None:
    assert "\n".join(row(check) for check in table) + "\n\n" in TEXT


def test_it_has_every_call_of_the_control_port() -> None:
    headings = re.findall(r"^### (.*)$", TEXT, re.MULTILINE)
    written = {call for heading in headings for call in heading.split(", ")}
    spelt = iter(
        [
            *(["MCH_ID"] * 4),
            *("OPENID", "MCH_ID", "MCH_BILLNO", "MCH_ID", "MCH_ID", "OUT_BILL_NO", "SERIAL"),
        ]
    )
    calls = {
        f"{route.method} /_sim/" + re.sub(r"\*", lambda _: next(spelt), route.path)
        for route in ROUTES
    }
    assert written == calls | {"GET /_sim/"}


_SECRET = {"api_v3_key", "certificates"}


def test_it_names_every_fault_setting_and_field() -> None:
    names = [kind.value for kind in FaultKind]
    names += [known.name for known in fields(Settings)]
    names += list(_CHANGES)
    names += [known.name for known in fields(MerchantV3) if known.name not in _SECRET]
    assert [name for name in names if f"`{name}`" not in TEXT] == []


def test_it_names_the_demo_merchant() -> None:
    for known in fields(DEMO):
        assert f"`{getattr(DEMO, known.name)}`" in TEXT
