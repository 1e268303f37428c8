"""``hongbao simulator`` runs until it is told to stop, and stops cleanly."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.testing.control_client import ControlClient
from shop import NORMAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shop import Run

SIMULATOR = (sys.executable, "-m", "hongbao", "simulator", "--port", "0", "--control-port", "0")
WAIT_SECONDS = 30.0


@contextmanager
def simulator(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The process, and what it said when it was ready."""
    with subprocess.Popen(
        [*SIMULATOR, "--json", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_it_serves_until_it_is_killed_kindly(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "wechat"
    faults = tmp_path / "faults.json"
    faults.write_text('{"rules": [{"fault": "lose_reply", "nth": 2}]}', encoding="utf-8")
    options = ("--dir", str(folder), "--clock", "manual", "--seed", "1", "--faults", str(faults))
    with simulator(*options) as (process, ready):
        assert (ready["outcome"], ready["dir"]) == ("ready", str(folder))
        (merchant,) = ready["merchants"].values()
        control = ControlClient(ready["control_url"])
        assert control.ask("GET", "clock")["kind"] == "manual"
        pay = (*NORMAL, "--merchant", merchant["settings"], "--mch-billno")
        assert [run(*pay, number).code for number in ("A1", "A2")] == [0, 4]
        control.advance(1)
        assert run(*pay, "A2").code == 0
        assert control.totals().debited == 200
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(ready["control_url"].split(":")[2][:-6])))


def test_ctrl_c_stops_it_cleanly_and_the_folder_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with simulator("--dir", str(tmp_path / "wechat")) as (process, _ready):
            process.send_signal(signal.SIGINT)
            assert process.wait(WAIT_SECONDS) == 0


def test_it_may_end_with_its_stdin(tmp_path: Path) -> None:
    with simulator("--dir", str(tmp_path / "wechat"), "--stop-with-stdin") as (process, _ready):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(WAIT_SECONDS) == 0


def test_people_are_told_how_to_connect(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*SIMULATOR, "--dir", str(tmp_path / "wechat")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = list(iter(process.stdout.readline, "curl\n"))
        process.terminate()
        rest = process.stdout.read()
    said = "".join(lines)
    for language in ("hongbao\n", "wechatpy", "PowerWeChat"):
        assert language in said
    assert f"--cacert {tmp_path}/wechat/ca.pem" in rest


def test_a_folder_with_other_files_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "apiclient_key.pem").write_text("a real one, perhaps", encoding="utf-8")
    ran = run("simulator", "--dir", str(tmp_path), "--port", "0", "--control-port", "0", "--json")
    assert (ran.code, ran.json["outcome"]) == (6, "configuration")


def test_a_port_that_is_taken_is_said(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run("simulator", "--dir", str(tmp_path / "wechat"), "--port", port)
    assert ran.code == 6
    assert port in ran.stderr


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (None, "cannot be read"),
        ("no JSON", "is no JSON"),
        ('{"rules": [{"fault": "earthquake"}]}', "rules[0].fault"),
    ],
)
def test_a_script_of_faults_that_is_none_is_refused_before_anything_starts(
    run: Run, tmp_path: Path, text: str | None, field: str
) -> None:
    path = tmp_path / "faults.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    ran = run("simulator", "--dir", str(tmp_path / "wechat"), "--faults", str(path))
    assert ran.code == 6
    assert field in ran.stderr
    assert not (tmp_path / "wechat").exists()


def test_signals_go_where_they_went_before(run: Run, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    (tmp_path / "mine.txt").touch()
    run("simulator", "--dir", str(tmp_path), "--port", "0", "--control-port", "0")
    assert signal.getsignal(signal.SIGTERM) is before
