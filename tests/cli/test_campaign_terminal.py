"""At a terminal: a person is asked before money may move, and sees how far a campaign is."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from campaign_office import PROGRAM, WAIT_SECONDS
from shop import Ran

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

COLUMNS = 100


def at_a_terminal(*arguments: str, answer: str = "") -> tuple[Ran, str]:
    """A command whose stdin and stderr are a terminal; and what that showed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        while select.select([ours], [], [], WAIT_SECONDS)[0]:
            try:
                seen += os.read(ours, 4096)
            except OSError:  # Linux's word for the other side being closed
                break
            if answer and seen.endswith(b"[y/N] "):
                os.write(ours, answer.encode())
                answer = ""
        stdout, _ = process.communicate(timeout=WAIT_SECONDS)
    os.close(ours)
    return Ran(process.returncode, stdout, ""), seen.decode()


def test_an_approver_is_asked_in_chinese_and_may_answer_so(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(3), "--by", "alice"))
    ran, seen = at_a_terminal(
        "campaign", "approve", "spring", "--by", "bob", "--lang", "zh", answer="是\n"
    )
    assert "以 bob 的名义批准3 笔付款，共 " in seen
    assert ran.code == 0
    assert ran.stdout.startswith("已批准：spring，3 笔付款，")


@pytest.mark.parametrize(("answer", "code", "state"), [("n\n", 5, "draft"), ("y\n", 0, "approved")])
def test_an_approver_sees_what_it_is_and_is_asked(
    run: Run, office: Office, answer: str, code: int, state: str
) -> None:
    run(*office.new(office.write_list(), "--by", "alice"))
    digest = run("campaign", "status", "spring", "--json").json["campaign"]["sha256"]
    ran, seen = at_a_terminal("campaign", "approve", "spring", "--by", "bob", answer=answer)
    assert ran.code == code
    assert "Approve 5 payouts of 5.00 yuan as bob? [y/N]" in seen
    assert digest in seen
    assert "by alice" in seen
    assert run("campaign", "status", "spring", "--json").json["outcome"] == state


def test_a_run_shows_a_bar_on_stderr_and_its_end_on_stdout(
    run: Run, office: Office, town: Town
) -> None:
    run(*office.new(office.write_list()))
    run("campaign", "approve", "spring", "--yes")
    town.control.script_faults({"fault": "delay", "seconds": 0.4})
    ran, seen = at_a_terminal("campaign", "run", "spring")
    assert ran.code == 0
    assert "on their way" in seen
    assert "\x1b[" in seen
    assert ran.stdout.startswith("spring: complete, paid by demo")
    assert "\x1b" not in ran.stdout
