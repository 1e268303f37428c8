"""``hongbao simulator --keep``, killed with SIGKILL and started again, goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.testing.control_client import ControlClient
from shop import NORMAL
from test_simulator_command import simulator

if TYPE_CHECKING:
    from pathlib import Path

    from shop import Run

NUMBERS = ("A1", "A2", "A3")


def _seen(control: ControlClient, mch_id: str) -> dict[str, Any]:
    return {
        "merchant": control.merchant(mch_id),
        "settings": control.ask("GET", "settings"),
        "faults": control.ask("GET", "faults"),
        "journal": control.ask("GET", "journal"),
        "totals": control.totals(),
        "packets": [control.ask("GET", f"packets/{mch_id}/{number}") for number in NUMBERS],
        "users": control.ask("GET", "users"),
        "clock": control.ask("GET", "clock"),
    }


def test_it_goes_on_where_it_was_killed(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "wechat"
    options = ("--dir", str(folder), "--keep", "--clock", "manual", "--seed", "1")
    with simulator(*options) as (process, ready):
        assert ready["goes_on"] is False
        control = ControlClient(ready["control_url"])
        (mch_id, merchant) = next(iter(ready["merchants"].items()))
        control.change_settings(repeat_of_paid="refuse", refusals_held={"OPENID_ERROR": True})
        control.change_merchant(mch_id, scenes={"PRODUCT_2": [1, 2]})
        control.script_faults({"fault": "lose_reply", "nth": 3})
        pay = (*NORMAL, "--merchant", merchant["settings"], "--mch-billno")
        assert [run(*pay, number).code for number in NUMBERS] == [0, 0, 4]
        control.advance(3600)
        before = _seen(control, mch_id)
        process.kill()
        process.wait()
    # What the command says of a new world is not for one that goes on.
    with simulator("--dir", str(folder), "--keep", "--seed", "2") as (process, ready):
        assert ready["goes_on"] is True
        control = ControlClient(ready["control_url"])
        assert _seen(control, mch_id) == before
        assert run(*pay, "A3").code == 4, "paid already: it refuses the repeat, as it was set"
        assert control.totals().debited == 300
        assert control.audit() == ""
        process.terminate()
        assert process.wait(30) == 0


def test_without_keep_a_kept_world_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "wechat"
    with simulator("--dir", str(folder), "--keep"):
        pass
    before = {path.name: path.read_bytes() for path in folder.glob("world.sqlite*")}
    assert before
    with simulator("--dir", str(folder)) as (_, ready):
        assert ready["goes_on"] is False
    assert {path.name: path.read_bytes() for path in folder.glob("world.sqlite*")} == before


def test_an_earlier_copy_of_the_folder_is_an_earlier_world(run: Run, tmp_path: Path) -> None:
    """Even one whose writer was killed: the folder as a whole is copied."""
    folder, copy = tmp_path / "wechat", tmp_path / "copy"
    numbers = iter(NUMBERS)

    def pay_one(of: Path) -> int:
        with simulator("--dir", str(of), "--keep") as (process, ready):
            (merchant,) = ready["merchants"].values()
            pay = (*NORMAL, "--merchant", merchant["settings"], "--mch-billno", next(numbers))
            assert run(*pay).code == 0
            debited = ControlClient(ready["control_url"]).totals().debited
            process.kill()
            process.wait()
        return debited

    assert pay_one(folder) == 100
    shutil.copytree(folder, copy)
    assert pay_one(folder) == 200
    assert pay_one(copy) == 200


def test_people_are_told_that_it_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "wechat"
    with simulator("--dir", str(folder), "--keep"):
        pass
    import subprocess

    from test_simulator_command import SIMULATOR

    with subprocess.Popen(
        [*SIMULATOR, "--dir", str(folder), "--keep"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = "".join(iter(process.stdout.readline, "\n"))
        process.kill()
    assert (
        "  world    goes on as it was kept; --clock, --seed and --faults are for a new one" in said
    )


@pytest.mark.parametrize("content", ["my notes", ""])
def test_a_world_that_is_none_is_said_and_left(run: Run, tmp_path: Path, content: str) -> None:
    folder = tmp_path / "wechat"
    with simulator("--dir", str(folder)):
        pass
    (folder / "world.sqlite").write_text(content, encoding="utf-8")
    if content:
        ran = run("simulator", "--dir", str(folder), "--keep", "--port", "0", "--control-port", "0")
        assert (ran.code, "is not a world" in ran.stderr) == (6, True)
        assert (folder / "world.sqlite").read_text(encoding="utf-8") == content
    else:
        with simulator("--dir", str(folder), "--keep") as (_, ready):
            assert ready["goes_on"] is False
