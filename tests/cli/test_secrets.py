"""No command prints a key, a private key, a password or a whole openid, whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from shop import KEY, MCH_ID, NORMAL, OPENID, WORK_SECRET, write_merchant, write_toml

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

    from shop import Run, Shop

PASSWORD = "PasswordThatNobodyMaySee"
REQUEST = f"<xml><mch_id>{MCH_ID}</mch_id><remark>{KEY}</remark><sign>{KEY}</sign></xml>"
COMMANDS = {
    "send": (*NORMAL, "--mch-billno", "A1"),
    "send badly": (*NORMAL, "--mch-billno", "A 1"),
    "send work": (
        *("send", "work", "--re-openid", OPENID, "--sender-name", "HR", "--wishing", "w"),
        *("--act-name", "a", "--remark", "r", "--fen", "100", "--mch-billno", "W1"),
    ),
    "query": ("query", "A1"),
    "query work": ("query", "A1", "--work"),
    "claim-params": ("claim-params", "sendid=1"),
    "explain-sign": ("explain-sign", "-"),
    "doctor": ("doctor",),
}


def body_of(pem: str) -> str:
    """A line out of the middle of a key."""
    return pem.splitlines()[3]


def assert_silent(text: str, *secrets: str) -> None:
    for secret in (KEY, WORK_SECRET, PASSWORD, OPENID, *secrets):
        assert secret not in text


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_cannot_be_reached(
    run: Run, merchant_toml: Path, command: str, as_json: tuple[str, ...], debug: str
) -> None:
    ran = run(
        *(*COMMANDS[command], "--merchant", str(merchant_toml), *as_json),
        stdin=REQUEST,
        env={"HONGBAO_DEBUG": debug},
    )
    key_line = body_of((merchant_toml.parent / "key.pem").read_text())
    assert_silent(ran.everything, key_line)
    assert ran.everything


BROKEN = {
    "no TOML": f'key = "{KEY}\n[work]\nsecret = {WORK_SECRET}\n',
    "a list": f'key = ["{KEY}"]\nmch_id = "{MCH_ID}"\napp_id = "wx1"\n',
    "a table": f'work = "{WORK_SECRET}"\nkey = "{KEY}"\nmch_id = "{MCH_ID}"\napp_id = "wx1"\n',
    "a key too long": f'key = "{KEY}0"\nmch_id = "{MCH_ID}"\napp_id = "wx1"\n',
    "the key in a wrong place": f'mch_id = "{MCH_ID}"\napp_id = "{KEY} "\nkey = "{KEY}"\n',
    "a password of nothing": f'key = "{KEY}"\nmch_id = "{MCH_ID}"\napp_id = "wx1"\n'
    f'p12_path = "merchant.toml"\np12_password = "{PASSWORD}"\n',
}


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("command", COMMANDS)
def test_settings_that_are_broken(
    run: Run, tmp_path: Path, command: str, broken: str, debug: str
) -> None:
    path = tmp_path / "merchant.toml"
    path.write_text(BROKEN[broken], encoding="utf-8")
    ran = run(
        *(*COMMANDS[command], "--merchant", str(path)),
        stdin=REQUEST,
        env={"HONGBAO_DEBUG": debug},
    )
    assert ran.code == 6
    assert_silent(ran.everything)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_answers(run: Run, shop: Shop, tmp_path: Path, command: str) -> None:
    for name, key in (("right", shop.settings["key"]), ("wrong", KEY)):
        path = write_toml(tmp_path / f"{name}.toml", {**shop.settings, "key": key})
        ran = run(*COMMANDS[command], "--merchant", str(path), stdin=REQUEST)
        assert_silent(ran.everything, shop.settings["key"], shop.settings["work"]["secret"])


def test_a_setting_in_the_environment(run: Run) -> None:
    env = {"HONGBAO_KEY": KEY, "HONGBAO_WORK_SECRET": WORK_SECRET, "HONGBAO_P12_PASSWORD": PASSWORD}
    for command in COMMANDS.values():
        assert_silent(run(*command, stdin=REQUEST, env=env).everything)


def test_a_bug_shows_no_locals(test_ca: trustme.CA, tmp_path: Path) -> None:
    """An error that is none of hongbao's own, in a real process, with all that Typer could add."""
    path = write_merchant(tmp_path, test_ca)
    code = (
        "import sys, hongbao.cli.packet as q\n"
        "class Broken:\n"
        "    def __init__(self, merchant): self.key = merchant.key; raise ZeroDivisionError\n"
        "q.RedPack = Broken\n"
        f"sys.argv = ['hongbao', 'query', 'A1', '--merchant', {str(path)!r}]\n"
        "import hongbao.cli; hongbao.cli.main()\n"
    )
    for debug in ("", "1"):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HONGBAO_DEBUG": debug},
        )
        assert ran.returncode == 1
        assert "Unexpected ZeroDivisionError: this is a bug" in ran.stderr
        assert ("Traceback" in ran.stderr) is bool(debug)
        assert_silent(ran.stdout + ran.stderr)


def test_the_simulators_own_key_is_not_printed_either(run: Run, shop: Shop) -> None:
    from hongbao.cli.simulator import document, instructions

    class Running:
        base_url = shop.wechat.base_url
        control_url = "http://127.0.0.1:1/_sim/"
        phone_url = "http://127.0.0.1:1/phone"
        proxy_url = None
        folder = shop.wechat.simulation.folder
        goes_on = False

    said = instructions(Running) + str(document(Running))  # type: ignore[arg-type]  # no ports
    assert_silent(said, shop.settings["key"], shop.settings["work"]["secret"])
    assert shop.toml in said
