"""What a program does about its objects, and the library does not."""

from __future__ import annotations

import json
import subprocess
import sys


def _young(program: str) -> int:
    code = f"import gc, json, sys\n{program}\nprint(json.dumps(gc.get_threshold()[0]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout.splitlines()[-1]))


def test_the_command_line_looks_for_garbage_seldom() -> None:
    run = "sys.argv = ['hongbao', '--version']\nfrom hongbao.cli.entry import main\n"
    assert _young(f"{run}try:\n    main()\nexcept SystemExit:\n    pass") == 50_000


def test_the_library_leaves_the_collector_as_it_finds_it() -> None:
    assert _young("import hongbao.dispatch.worker, hongbao.ledger.book") == _young("")
