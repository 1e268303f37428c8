"""The program as a whole: its door, its exit codes, its questions, its signals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import ssl
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from campaign_office import wait_until_it_waits
from hongbao import __version__
from hongbao.cli.exit_code import MEANINGS, ExitCode
from shop import MCH_ID, NORMAL, write_merchant

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

    from shop import Run

PROGRAM = (sys.executable, "-m", "hongbao")
WAIT_SECONDS = 30.0
SEND = (*NORMAL, "--mch-billno", "A1")


def in_python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """The program's door, in a process where something is different."""
    text = (
        f"import sys\nsys.argv = {['hongbao', *args]!r}\n{code}\nimport hongbao.cli as c; c.main()"
    )
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_extra_it_says_what_to_install(missing: str) -> None:
    ran = in_python(f"sys.modules[{missing!r}] = None", "demo", "--json")
    assert ran.returncode == 6
    assert ran.stderr == (
        "The command line needs the extra 'cli', which is not installed. "
        "Install it: pip install '.[cli]' in a clone of hongbao.\n"
    )
    found = json.loads(ran.stdout)
    assert (found["outcome"], found["exit_code"]) == ("configuration", 6)


@pytest.mark.parametrize("missing", ["typer", "rich", "sqlalchemy"])
def test_its_version_needs_no_extra(missing: str) -> None:
    ran = in_python(f"sys.modules[{missing!r}] = None", "--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{__version__}\n", "")


def test_a_module_that_is_missing_otherwise_is_no_extra() -> None:
    ran = in_python("sys.modules['hongbao.cli.send'] = None", "send", "--help")
    assert ran.returncode == 1
    assert "pip install" not in ran.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_behind_the_last_word_changes_no_exit_code(name: str) -> None:
    """Such as the second Ctrl-C of two, while Python ends."""
    code = f"import atexit, os, signal\natexit.register(os.kill, os.getpid(), signal.{name})"
    ran = in_python(code, "nonsense", "--json")
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["exit_code"] == 2


LOOKS = "print(gc.get_threshold()[0])"


def test_the_program_looks_for_garbage_seldom() -> None:
    code = f"import atexit, gc\natexit.register(lambda: {LOOKS})"
    assert in_python(code, "--help").stdout.splitlines()[-1] == "50000"


def test_the_library_leaves_the_collector_as_it_finds_it() -> None:
    library = "import hongbao.dispatch.worker, hongbao.ledger.book"
    before, after, *_ = in_python(
        f"import gc\n{LOOKS}\n{library}\n{LOOKS}", "--version"
    ).stdout.splitlines()
    assert before == after


@pytest.mark.parametrize("group", [(), ("send",)])
def test_without_a_command_it_helps(run: Run, group: tuple[str, ...]) -> None:
    ran = run(*group)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == run(*group, "--help").stdout


def test_a_wrong_command_line_is_reported_in_one_line(run: Run) -> None:
    ran = run("query")
    assert ran.code == 2
    assert ran.stderr == "Missing argument 'BILLNO'. Nothing was sent; --help tells more.\n"


def test_bytes_that_are_no_text_are_a_wrong_command_line() -> None:
    ran = subprocess.run([*PROGRAM, "explain", b"NOT\xffENOUGH"], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"not text in UTF-8. Nothing was sent" in ran.stderr


def test_it_tells_its_version(run: Run) -> None:
    assert run("--version").stdout == f"{__version__}\n"


def test_help_lists_every_exit_code(run: Run) -> None:
    said = run("--help").stdout
    assert set(MEANINGS) == set(ExitCode)
    for code in ExitCode:
        assert f"  {code}  " in said


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen(
        [*PROGRAM, "explain"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_a_terminal_without_chinese_gets_escapes() -> None:
    ran = subprocess.run(
        [*PROGRAM, "explain", "NOTENOUGH", "--lang", "zh"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert ran.returncode == 0
    assert rb"\u4f59\u989d" in ran.stdout


def test_json_without_chinese_is_json_all_the_same() -> None:
    ran = subprocess.run(
        [*PROGRAM, "explain", "NOTENOUGH", "--lang", "zh", "--json"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert "余额" in json.loads(ran.stdout)["entries"][0]["zh"]["meaning"]


# Real money ---------------------------------------------------------------------------------------


@pytest.fixture
def real_toml(test_ca: trustme.CA, tmp_path: Path) -> str:
    """A merchant whose money may be real, at a host that cannot be."""
    return str(write_merchant(tmp_path, test_ca, base_url="https://wechat.invalid"))


def test_where_nobody_can_be_asked_yes_must_be_said(run: Run, real_toml: str) -> None:
    ran = run(*SEND, "--merchant", real_toml, "--json")
    assert ran.code == 2
    assert "--yes" in ran.json["error"]["happened"]


def test_yes_is_enough(run: Run, real_toml: str) -> None:
    ran = run(*SEND, "--merchant", real_toml, "--yes", "--json")
    assert (ran.code, ran.json["outcome"]) == (5, "not sent")
    assert "wechat.invalid" in ran.json["error"]["happened"]


def on_a_terminal(real_toml: str, typed: bytes) -> tuple[int, str, str]:
    """Exit code, stdout, and what the terminal showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *SEND, "--merchant", real_toml, "--json"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while not shown.endswith(b"[y/N] ") and select.select([ours], [], [], WAIT_SECONDS)[0]:
            shown += os.read(ours, 1024)
        wait_until_it_waits(process)
        if typed == b"\x03":  # Ctrl-C: this session has no controlling terminal to send it
            process.send_signal(signal.SIGINT)
        else:
            os.write(ours, typed)
        try:
            stdout, _ = process.communicate(timeout=WAIT_SECONDS)
        finally:
            process.kill()  # if it waits on, the test must not
            os.close(ours)
    return process.returncode, stdout, shown.decode()


def test_a_person_is_asked_and_may_say_no(real_toml: str) -> None:
    code, stdout, shown = on_a_terminal(real_toml, b"n\n")
    question = f"Send 1.00 yuan of {MCH_ID} to oTES…0001 through wechat.invalid? [y/N] "
    assert shown == question
    assert (code, json.loads(stdout)["outcome"]) == (5, "not sent")
    assert "you said no" in stdout


def test_a_person_may_say_yes(real_toml: str) -> None:
    code, stdout, _ = on_a_terminal(real_toml, b"y\n")
    assert code == 5
    assert "you said no" not in stdout


def test_ctrl_c_at_the_question_sends_nothing(real_toml: str) -> None:
    code, stdout, _ = on_a_terminal(real_toml, b"\x03")
    assert (code, json.loads(stdout)["outcome"]) == (130, "interrupted")
    assert json.loads(stdout)["error"]["money"] == "no: nothing was sent"


# Ctrl-C -------------------------------------------------------------------------------------------


def test_ctrl_c_with_a_packet_on_its_way_names_it(test_ca: trustme.CA, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        path = write_merchant(tmp_path, test_ca, base_url=f"https://127.0.0.1:{port}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        test_ca.issue_cert("127.0.0.1").configure_cert(context)
        with subprocess.Popen(
            [*PROGRAM, *SEND, "--merchant", str(path), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            line, _ = server.accept()
            with context.wrap_socket(line, server_side=True) as tls:
                assert tls.recv(4) == b"POST"
                process.send_signal(signal.SIGINT)
                stdout, stderr = process.communicate(timeout=WAIT_SECONDS)
    found = json.loads(stdout)
    assert (process.returncode, found["outcome"], stderr) == (130, "interrupted", "")
    assert found["error"]["mch_billno"] == "A1"
    assert "same mch_billno" in found["error"]["todo"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_in_code_made_from_a_string_leaves_the_exit_code_as_it_was_given(
    tmp_path: Path, name: str
) -> None:
    """Each dataclass is made by such code, and some are when a command is under way."""
    program = f"""
        import signal, sys
        from hongbao.cli.interruption import interrupting
        try:
            with interrupting():
                exec("signal.raise_signal(signal.{name})")
        except KeyboardInterrupt:
            sys.exit(130)
    """
    (tmp_path / "signalled.py").write_text(dedent(program), encoding="utf-8")
    ran = subprocess.run([sys.executable, "-m", "signalled"], cwd=tmp_path, check=False)
    assert ran.returncode == 130
