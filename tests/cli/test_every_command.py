"""All commands: one JSON document and an exit code of those that the docs list, always."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile, copytree
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import typer
from kinds import ALL

from campaign_office import PROGRAM, Office, ended, wait_until, wait_until_it_waits
from hongbao.cli.app import app
from hongbao.cli.exit_code import MEANINGS, ExitCode
from shop import OPENID, write_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Town
    from shop import Ran, Run

NEVER_USED = "A1"
PACKET = ("--re-openid", OPENID, "--wishing", "Hello", "--act-name", "Test", "--remark", "r")
SENDER, SIGNING = ("--send-name", "Shop"), ("--key", "sign.key")


class Row(NamedTuple):
    """One command of the table.

    Attributes:
        arguments: with which it is called.
        code: with which it ends.
        blocks_at: the file that it reads first, so that a test can hold it there.
    """

    arguments: tuple[str, ...]
    code: int = 0
    blocks_at: str | None = "hongbao.toml"


def sending(kind: str, *more: str, code: int = 0, yuan: str = "1.00") -> Row:
    key = ("--key", f"every/{kind}", "--yuan", yuan, "--merchant", "merchant.toml")
    return Row(("send", kind, *key, *more), code, "merchant.toml")


OF_DAYS = ("--merchant", "demo", "--since", "2026-11-01", "--until", "2026-11-02")
BARE = ("fetch", "run", "status", "breaks", "report")
REOPENED = ("reconcile", "period", "reopen", "1", "--reason", "seen")
TABLE = {
    "init": Row(("init", "fresh.toml"), blocks_at=None),
    "doctor": Row(("doctor", "--config", "hongbao.toml")),
    "campaign template": Row(("campaign", "template"), blocks_at=None),
    "campaign new": Row(("campaign", "new", "summer.csv", "--merchant", "demo", "--name", "new",
                         "--unit", "yuan")),
    "campaign approve": Row(("campaign", "approve", "draft", "--yes")),
    "campaign extend": Row(("campaign", "extend", "spring", "summer.csv", "--unit", "yuan")),
    "campaign replace": Row(("campaign", "replace", "draft", "summer.csv", "--unit", "yuan")),
    "campaign reject": Row(("campaign", "reject", "draft", "--reason", "x")),
    "campaign withdraw-approval": Row(("campaign", "withdraw-approval", "spring", "--reason", "x")),
    "campaign schedule": Row(("campaign", "schedule", "spring", "--at", "2100-01-01")),
    "campaign run": Row(("campaign", "run", "spring")),
    "campaign status": Row(("campaign", "status", "spring", "--check")),
    "campaign list": Row(("campaign", "list")),
    "campaign history": Row(("campaign", "history", "spring")),
    "campaign pause": Row(("campaign", "pause", "spring", "--reason", "lunch")),
    "campaign resume": Row(("campaign", "resume", "spring")),
    "campaign retry": Row(("campaign", "retry", "spring", "--refused")),
    "campaign cancel": Row(("campaign", "cancel", "draft", "--reason", "wrong", "--yes")),
    "campaign stand": Row(("campaign", "stand", "refunds", "--merchant", "demo", "--budget", "9",
                           "--per-day", "8", "--payouts-per-day", "7", "--largest", "6")),
    "campaign end": Row(("campaign", "end", "tips", "--reason", "moved")),
    "campaign remind": Row(("campaign", "remind", "spring")),
    "campaign report": Row(("campaign", "report", "spring")),
    "worker": Row(("worker", "--leave-idle", "0")),
    "workers": Row(("workers",)),
    "stop-all": Row(("stop-all", "--reason", "wrong amounts")),
    "resume-all": Row(("resume-all",)),
    "payout find": Row(("payout", "find", "k0001", "--in-full")),
    "payout list": Row(("payout", "list", "--state", "waiting")),
    "payout show": Row(("payout", "show", "k0001")),
    "payout query": Row(("payout", "query", "k0001"), ExitCode.BOOKS),
    "payout send": Row(("payout", "send", "k0001")),
    "payout cancel": Row(("payout", "cancel", "k0001", "--reason", "gone", "--yes")),
    "payout note": Row(("payout", "note", "k0001", "called")),
    "payout declare-dead": Row(
        ("payout", "declare-dead", "k0001", "--reason", "gone"), ExitCode.BOOKS
    ),
    "payout reopen": Row(("payout", "reopen", "k0001", "--reason", "again"), ExitCode.BOOKS),
    "webhook add": Row(("webhook", "add", "shop", "https://shop.example/hooks")),
    "webhook secret": Row(("webhook", "secret"), blocks_at=None),
    "webhook list": Row(("webhook", "list")),
    "webhook test": Row(("webhook", "test", "none"), ExitCode.BOOKS),
    "webhook replay": Row(("webhook", "replay", "shop", "--after", "0")),
    "webhook disable": Row(("webhook", "disable", "shop", "--reason", "moving")),
    "webhook enable": Row(("webhook", "enable", "shop")),
    "console user add": Row(("console", "user", "add", "anna", "--role", "maker")),
    "console user list": Row(("console", "user", "list")),
    "console user reset": Row(("console", "user", "reset", "li")),
    "console user disable": Row(("console", "user", "disable", "li")),
    "console user enable": Row(("console", "user", "enable", "li")),
    "audit": Row(("audit",)),
    "audit key": Row(("audit", "key", "fresh.key", "--new", "shop.example/books"), blocks_at=None),
    "audit checkpoint": Row(("audit", "checkpoint", "--output", "next.note", *SIGNING)),
    "audit verify": Row(("audit", "verify", "--against", "base.note", *SIGNING)),
    "audit prove": Row(("audit", "prove", "k0001", "--against", "base.note", *SIGNING)),
    "merchant set": Row(("merchant", "set", "demo")),
    "merchant ask": Row(("merchant", "ask", "demo", "--reason", "slow"), ExitCode.BOOKS),
    "merchant accept": Row(("merchant", "accept", "demo", "--request", "1"), ExitCode.BOOKS),
    "merchant decline": Row(("merchant", "decline", "demo", "--request", "1", "--reason", "no"),
                            ExitCode.BOOKS),
    "db prune": Row(("db", "prune", "--yes")),
    "operator key": Row(("operator", "key", "--key", "anna.pem"), blocks_at=None),
    "operator add": Row(("operator", "add", "anna", "--key", "anna.pem")),
    "operator list": Row(("operator", "list")),
    "operator sign": Row(("operator", "sign", "no line"), code=2, blocks_at=None),
    "operator revoke": Row(("operator", "revoke", "anna", "--reason", "x"), code=8),
    **{f"reconcile {it}": Row(("reconcile", it)) for it in BARE},
    "reconcile import": Row(("reconcile", "import", "bill.csv", "--merchant", "demo")),
    "reconcile explain": Row(("reconcile", "explain", "1"), ExitCode.BOOKS),
    "reconcile close": Row(("reconcile", "close", "1", "--reason", "seen"), ExitCode.BOOKS),
    "reconcile period close": Row(("reconcile", "period", "close", *OF_DAYS), ExitCode.BOOKS),
    "reconcile period list": Row(("reconcile", "period", "list")),
    "reconcile period reopen": Row(REOPENED, ExitCode.BOOKS),
    "merchant list": Row(("merchant", "list")),
    **{f"db {it}": Row(("db", it)) for it in ("upgrade", "version")},
    "send normal": sending("normal", *PACKET, *SENDER),
    "send mini-program": sending("mini-program", *PACKET, *SENDER, code=ExitCode.REFUSED),
    "send group": sending("group", *PACKET, *SENDER, "--total-num", "3", yuan="3.00"),
    "send work": sending("work", *PACKET, "--sender-name", "Li"),
    "send preorder": sending("preorder", *PACKET[2:], *SENDER, "--total-num", "1"),
    "query": Row(("query", NEVER_USED, "--merchant", "merchant.toml"), ExitCode.UNKNOWN,
                 "merchant.toml"),
    "claim-params": Row(("claim-params", "sendid=1", "--merchant", "merchant.toml"), 0,
                        "merchant.toml"),
    "explain": Row(("explain",), blocks_at=None),
    "explain-sign": Row(("explain-sign", "request.xml"), ExitCode.CONFIGURATION, "request.xml"),
}  # fmt: skip
LASTING = {
    "console", "console demo", "demo", "simulator", "events", "webhooks run", "metrics", "notify",
}  # fmt: skip
"""These run for a while and have tests of their own, of Ctrl-C and SIGTERM too."""


def leaves(group: Any, prefix: str = "") -> Iterator[str]:
    for name in list(group.commands):
        _, command, _ = group.resolve_command(None, [name])
        if getattr(command, "invoke_without_command", False):
            yield f"{prefix}{name}"
        if hasattr(command, "commands"):
            yield from leaves(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


@pytest.fixture(scope="module")
def template(_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all of the commands need: an approved campaign, a draft, a list, files."""
    folder = tmp_path_factory.mktemp("template")
    office = Office(folder, _town.settings)
    office.write_list(2)
    for name in ("draft", "summer"):
        text = f"key,openid,amount\n{name},{OPENID},1.00\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    draft = ("--merchant", "demo", "--name", "draft", "--unit", "yuan")
    assert office.run(*office.new()).code == 0
    assert office.run("campaign", "approve", "spring", "--yes").code == 0
    assert office.run("campaign", "new", "draft.csv", *draft).code == 0
    limits = ("--budget", "9", "--per-day", "8", "--payouts-per-day", "7", "--largest", "6")
    assert office.run("campaign", "stand", "tips", "--merchant", "demo", *limits).code == 0
    assert office.run("campaign", "approve", "tips", "--yes").code == 0
    assert office.run("audit", "key", "sign.key", "--new", "shop.example/books").code == 0
    assert office.run("audit", "checkpoint", "--output", "base.note", *SIGNING).code == 0
    assert office.run("webhook", "add", "shop", "https://shop.example/hooks").code == 0
    for role, name in (("admin", "wang"), ("maker", "li")):
        assert office.run("console", "user", "add", name, "--role", role).code == 0
    write_toml(folder / "merchant.toml", _town.settings)
    bill = Path(__file__).parents[1] / "wire" / "bills" / "plain_headers.csv"
    copyfile(bill, folder / "bill.csv")
    (folder / "request.xml").write_text("<xml><mch_id>1</mch_id></xml>", encoding="utf-8")
    return folder


@pytest.fixture
def prepared(template: Path, office: Office, town: Town) -> Office:
    """A copy of it, in which a test may do what it likes."""
    town.have(100_000)
    copytree(template, office.folder, dirs_exist_ok=True)
    return office


def document(stdout: str) -> Any:
    """The one document, on one line."""
    assert stdout.endswith("\n"), stdout
    assert stdout.count("\n") == 1, stdout
    return json.loads(stdout)


def test_the_table_has_every_command() -> None:
    assert TABLE.keys() == set(leaves(typer.main.get_command(app))) - LASTING
    assert {row.code for row in TABLE.values()} <= set(MEANINGS)


@pytest.mark.parametrize("name", TABLE)
def test_json_is_one_document_that_says_the_exit_code(
    prepared: Office, run: Run, name: str
) -> None:
    row = TABLE[name]
    ran = run(*row.arguments, "--json")
    found = document(ran.stdout)
    assert (ran.code, found["exit_code"]) == (row.code, row.code), ran
    assert ("error" in found) == (row.code not in {0, 6}), found


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_wrong_option_is_a_wrong_command_line(
    run: Run, name: str, options: tuple[str, ...]
) -> None:
    ran = run(*TABLE[name].arguments, "--no-such-option", *options)
    assert ran.code == ExitCode.USAGE
    if options:
        assert document(ran.stdout)["exit_code"] == ExitCode.USAGE
    else:
        assert ran.stdout == ""


OPTIONS = [(), ("--json",)]
BOTH = [(name, options) for name in TABLE for options in OPTIONS]
IN_TURN = BOTH if ALL else [*BOTH[::4], *BOTH[3::4]]  # each command with one of the two


@contextmanager
def stdout_to(number: int) -> Iterator[None]:
    """Let this process's stdout be a file that is open, as a shell does."""
    before = sys.stdout
    with os.fdopen(number, "w", encoding="utf-8") as stream:
        sys.stdout = stream
        try:
            yield
        finally:
            sys.stdout = before


def called(*arguments: str) -> int:
    """The program in this process, with its real stdout."""
    with pytest.raises(SystemExit) as left:
        app(args=list(arguments), prog_name="hongbao")
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize(("name", "options"), IN_TURN)
def test_whoever_reads_no_further_changes_nothing(
    prepared: Office, capfd: pytest.CaptureFixture[str], name: str, options: tuple[str, ...]
) -> None:
    """As with ``| head`` when it has read enough: no noise, and the code is the command's own."""
    row = TABLE[name]
    read, write = os.pipe()
    os.close(read)
    with stdout_to(write):
        code = called(*row.arguments, *options)
    said = capfd.readouterr()
    assert code == row.code
    assert "Unexpected" not in said.err
    assert "Broken pipe" not in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
@pytest.mark.parametrize(("name", "options"), IN_TURN)
def test_an_answer_that_cannot_be_written_is_no_success(
    prepared: Office, capfd: pytest.CaptureFixture[str], name: str, options: tuple[str, ...]
) -> None:
    row = TABLE[name]
    with stdout_to(os.open("/dev/full", os.O_WRONLY)):
        code = called(*row.arguments, *options)
    said = capfd.readouterr()
    assert code == (row.code or ExitCode.UNEXPECTED)
    assert os.strerror(errno.ENOSPC) in said.err or row.code, "an error is told on stderr itself"
    assert said.err
    assert "Traceback" not in said.err
    assert "this is a bug" not in said.err


HELD = [name for name, row in TABLE.items() if row.blocks_at is not None][:: 1 if ALL else 5]


@pytest.mark.parametrize("name", HELD)
def test_sigterm_ends_every_command_as_ctrl_c_does_with_one_document(
    prepared: Office, name: str
) -> None:
    row = TABLE[name]
    ran = interrupted(prepared, row, signal.SIGTERM)
    found = document(ran.stdout)
    assert (ran.code, found["exit_code"], found["outcome"]) == (130, 130, "interrupted")
    assert found["error"]["money"] == "no: nothing was sent"
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_do_the_same(prepared: Office, number: signal.Signals) -> None:
    ran = interrupted(prepared, TABLE["campaign status"], number)
    assert (ran.code, document(ran.stdout)["outcome"]) == (130, "interrupted")


def test_what_nohup_started_outlives_its_terminal(prepared: Office) -> None:
    held = prepared.folder / "hongbao.toml"
    text = held.read_text(encoding="utf-8")
    process, pipe = held_at(prepared, TABLE["campaign status"], "nohup")
    process.send_signal(signal.SIGHUP)
    os.write(pipe, text.encode())
    os.close(pipe)
    ran = ended(process)
    assert (ran.code, document(ran.stdout)["exit_code"]) == (0, 0), ran


def held_at(office: Office, row: Row, *before: str) -> tuple[subprocess.Popen[str], int]:
    """A command that reads its first file, which does not end; and where that can be written."""
    assert row.blocks_at is not None
    path = office.folder / row.blocks_at
    path.unlink()
    os.mkfifo(path, 0o600)
    process = subprocess.Popen(
        [*before, *PROGRAM, *row.arguments, "--json"],
        cwd=office.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    opened: list[int] = []

    def is_reading() -> bool:
        try:
            opened.append(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads it yet
                raise
        return bool(opened)

    wait_until(is_reading)
    wait_until_it_waits(process)
    return process, opened[0]


def interrupted(office: Office, row: Row, number: signal.Signals) -> Ran:
    """What a command comes to that a signal finds while it reads its first file."""
    # A child inherits what is ignored: under `nohup` these tests would ask for the other thing.
    before = signal.signal(number, signal.SIG_DFL)
    try:
        process, pipe = held_at(office, row)
    finally:
        signal.signal(number, before)
    process.send_signal(number)
    try:
        return ended(process)
    finally:
        os.close(pipe)


def test_a_report_that_sigterm_ends_leaves_no_half_of_a_file(office: Office, run: Run) -> None:
    run(*office.new(office.write_list(20_000)))
    process = office.start("campaign", "report", "spring", "--json")
    part = office.folder / "spring-report.csv.part"
    wait_until(part.exists)
    process.send_signal(signal.SIGTERM)
    ran = ended(process)
    assert (ran.code, document(ran.stdout)["outcome"]) == (130, "interrupted")
    assert not list(office.folder.glob("spring-report*"))


def test_sigterm_with_a_packet_on_its_way_says_that_it_may_be_paid(
    prepared: Office, town: Town
) -> None:
    town.control.script_faults({"fault": "hang", "after": True})
    process = prepared.start(*TABLE["send normal"].arguments, "--json")
    wait_until(lambda: town.control.totals().debited > 0)
    process.send_signal(signal.SIGTERM)
    ran = ended(process)
    found = document(ran.stdout)
    assert (ran.code, found["outcome"]) == (130, "interrupted")
    assert found["error"]["money"].startswith("maybe: ")
    assert found["error"]["mch_billno"]


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_streams_that_are_closed_from_the_beginning_change_no_exit_code(
    prepared: Office, closed: tuple[int, ...]
) -> None:
    closing = " ".join(f"{number}>&-" for number in closed)
    command = " ".join([*PROGRAM, "campaign", "status", "spring", closing])
    ran = subprocess.run(
        ["sh", "-c", command], cwd=prepared.folder, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
