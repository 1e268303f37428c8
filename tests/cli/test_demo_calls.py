"""``hongbao demo``: three days in some seconds, accounts that agree, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import warnings
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from hongbao import GroupPacketWarning, RedPack
from hongbao.cli.demo.calls.command import RECIPIENTS
from hongbao.cli.demo.calls.payouts import Clients, End, make_message, send_row
from hongbao.cli.demo.calls.recipients import COLUMNS, Kind, read_recipients
from hongbao.cli.demo.calls.words import Result, books_table, closing
from hongbao.testing.control_client import ControlClient, Totals

if TYPE_CHECKING:
    from shop import Run, Shop

DEMO = (sys.executable, "-m", "hongbao", "demo", "calls")
LONG = 3000
"""Rows: more than can be sent before a signal comes."""
PACKAGED = Path(sys.modules["hongbao.cli.demo.calls.command"].__file__ or "").with_name(RECIPIENTS)


def environment(tmp_path: Path) -> dict[str, str]:
    """With a folder of its own for everything temporary."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "100"}


def left_behind(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "tmp").iterdir())


def test_the_whole_demo_as_people_see_it(tmp_path: Path) -> None:
    ran = subprocess.run(
        DEMO, capture_output=True, text=True, check=False, env=environment(tmp_path)
    )
    assert ran.returncode == 0, ran.stderr
    assert "to the fen" in ran.stdout
    assert "DIFFER" not in ran.stdout
    assert "Try next:" in ran.stdout
    assert "50/50" in ran.stderr
    for answer in ("OPENID_ERROR", "NO_AUTH", "SENDNUM_LIMIT", "NOTENOUGH", "PARAM_ERROR"):
        assert answer in ran.stdout
    assert left_behind(tmp_path) == []


def test_the_whole_demo_as_programs_see_it(tmp_path: Path) -> None:
    file = str(Path(__file__).parent.parent.parent / "examples" / RECIPIENTS)
    ran = subprocess.run(
        [*DEMO, file, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(tmp_path),
    )
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["outcome"], found["rows"]) == (0, "agrees", 50)
    assert ran.stderr == ""
    assert found["ours"] == found["simulator"]
    assert found["ours"]["in_flight"] == 0
    assert found["audit"] == ""
    assert found["lost_replies_paid_once"] == 2
    assert set(found["kinds"]) == set(Kind)
    for kind in found["kinds"].values():
        assert kind["accepted"]
        assert kind["claimed"]
        assert kind["refunded"]
        assert kind["not_accepted"]
        assert kind["claimed"] + kind["refunded"] == kind["debited"]
    assert sum(entry["rows"] for entry in found["not_accepted"]) == 15
    assert left_behind(tmp_path) == []


def long_list(tmp_path: Path) -> str:
    path = tmp_path / "long.csv"
    row = "normal,key/{0},oLONG{0:020d},1.00,1,Shop,Hello,Test,r,,0"
    rows = [row.format(number) for number in range(LONG)]
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]), encoding="utf-8")
    return str(path)


def started(tmp_path: Path) -> tuple[subprocess.Popen[str], int, tuple[str, int]]:
    """A demo with much to do, its simulator's process and where that listens."""
    demo = subprocess.Popen(
        [*DEMO, long_list(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    assert demo.stderr is not None
    line = demo.stderr.readline()
    assert line.startswith("A simulated WeChat runs at "), line
    where = urlsplit(line.split(" ")[5].rstrip(","))
    return demo, int(line.rsplit(" ", 1)[1].rstrip(".\n")), ("127.0.0.1", where.port or 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_it_finds_nothing_left(tmp_path: Path, number: signal.Signals) -> None:
    demo, simulator, _ = started(tmp_path)
    with demo:
        demo.send_signal(number)
        assert demo.stderr is not None
        said = demo.stderr.read()
    assert demo.returncode == 130
    assert "Interrupted" in said
    with pytest.raises(ProcessLookupError):
        os.kill(simulator, 0)
    assert left_behind(tmp_path) == []


def test_a_demo_that_is_killed_takes_its_simulator_along(tmp_path: Path) -> None:
    demo, _, where = started(tmp_path)
    with demo, socket.create_connection(where, timeout=30) as line:
        demo.kill()
        assert line.recv(1) == b""  # it closes its connections when it stops


def test_it_can_be_kept(tmp_path: Path) -> None:
    ran = subprocess.run(
        [*DEMO, "--keep", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(tmp_path),
    )
    kept = json.loads(ran.stdout)["kept"]
    try:
        assert ran.returncode == 0
        control = ControlClient(kept["control_url"])
        assert control.totals().in_flight == 0
        assert [str(path) for path in left_behind(tmp_path)] == [kept["folder"]]
        where = urlsplit(kept["base_url"])
        with socket.create_connection(("127.0.0.1", where.port), timeout=30) as line:
            os.kill(kept["process_id"], signal.SIGTERM)
            # The end of the process ends the line, in order or not.
            with suppress(ConnectionResetError):
                assert line.recv(1) == b""
    finally:
        shutil.rmtree(kept["folder"])


def test_a_simulator_that_does_not_start_is_said(tmp_path: Path) -> None:
    """A temporary folder that is none."""
    ran = subprocess.run(
        [*DEMO, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**environment(tmp_path), "PYTHONPATH": str(broken_simulator(tmp_path))},
    )
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["outcome"]) == (6, "configuration")
    assert "did not start" in found["error"]["happened"]
    assert left_behind(tmp_path) == []


def broken_simulator(tmp_path: Path) -> Path:
    """A place on the path where a child process finds another, broken TLS."""
    folder = tmp_path / "broken"
    folder.mkdir()
    text = "import sys\nif 'simulator' in sys.argv:\n    raise SystemExit('no simulator today')\n"
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind,key\nnormal,1\n", "has no column openid"),
        (",".join(COLUMNS) + "\n", "has 0 rows"),
        (",".join(COLUMNS) + "\nletter,1,o,1,1,s,w,a,r,,0\n", "line 2: kind is none of"),
        (",".join(COLUMNS) + "\nnormal,,o,1,1,s,w,a,r,,0\n", "line 2: key is empty"),
        (",".join(COLUMNS) + "\nnormal,1,o,1,two,s,w,a,r,,0\n", "line 2: people is no number"),
        ("\xff\xfe", "is no CSV in UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(
    run: Run, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode("latin-1"))
    ran = run("demo", "calls", str(path), "--json")
    assert ran.code == 6
    assert problem in ran.json["error"]["happened"]


def test_a_list_that_is_not_there_is_refused(run: Run) -> None:
    ran = run("demo", "calls", "/no/such/list.csv")
    assert ran.code == 6


def test_the_list_of_the_package_is_the_list_of_the_examples() -> None:
    examples = Path(__file__).parent.parent.parent / "examples" / RECIPIENTS
    assert examples.read_bytes() == PACKAGED.read_bytes()


def test_every_row_of_a_kind_asks_for_that_kind() -> None:
    names = {
        Kind.NORMAL: "sendredpack",
        Kind.MINI_PROGRAM: "sendminiprogramhb",
        Kind.GROUP: "sendgroupredpack",
        Kind.WORK: "sendworkwxredpack",
        Kind.PREORDER: "hbpreorder",
    }
    rows = {row.kind: row for row in reversed(read_recipients(PACKAGED))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        for kind, name in names.items():
            assert make_message(rows[kind], "A1").ENDPOINT.name == name


def test_a_row_whose_reply_is_lost_is_sent_again_and_paid_once(shop: Shop) -> None:
    row = next(row for row in read_recipients(PACKAGED) if row.kind is Kind.NORMAL)
    shop.wechat.fail({"fault": "lose_reply", "times": 1})
    with RedPack(shop.wechat.merchant()) as red_pack:
        clients = Clients(official=red_pack, mini_program=red_pack)
        seen: set[str] = set()
        waited: list[int] = []

        def wait() -> None:
            waited.append(1)

        payouts = [send_row(row, clients, seen=seen, wait=wait) for _ in range(2)]
    assert [payout.end for payout in payouts] == [End.ACCEPTED, End.ACCEPTED]
    assert [payout.resent for payout in payouts] == [True, False]
    assert len(waited) == 1, "WeChat wants a second between two sends of one number"
    assert [payout.repeats for payout in payouts] == [False, True]
    assert shop.wechat.payments(payouts[0].mch_billno) == 1


def test_accounts_that_differ_are_not_hidden() -> None:
    result = Result(
        payouts=(),
        infos={},
        books={},
        ours=Totals(100, 0, 100, 0),
        theirs=Totals(200, 0, 100, 100),
        audit="",
        seconds=0.0,
    )
    assert not result.agrees
    assert "do NOT agree" in closing(result)
    shown = Console(file=StringIO(), width=80)
    shown.print(books_table(result))
    assert "DIFFER" in shown.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO


def test_accounts_that_agree_by_chance_are_not_believed() -> None:
    """The simulator's own books must add up, too."""
    same = Totals(100, 0, 100, 0)
    result = Result(
        payouts=(), infos={}, books={}, ours=same, theirs=same, audit="a wallet", seconds=0.0
    )
    assert not result.agrees
