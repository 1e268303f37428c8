"""How answers are printed: what others wrote is shown, and moves no terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao.cli.answer import print_json, print_text

if TYPE_CHECKING:
    import pytest

FOREIGN = "a\x1b[2Jb\x9b31mc\rd\u202ee\x7f"
SHOWN = r"a\u001b[2Jb\u009b31mc\u000dd\u202ee\u007f"


def test_no_text_of_others_moves_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(f"余额不足 🧧\t\n  {FOREIGN}")
    print_text(FOREIGN, error=True)
    printed = capsys.readouterr()
    assert printed.out == f"余额不足 🧧\t\n  {SHOWN}\n"
    assert printed.err == f"{SHOWN}\n"


def test_json_holds_the_same_text_and_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"reason": FOREIGN, "text": "余额\n"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"reason": FOREIGN, "text": "余额\n"}
    assert not set(printed) & set("\x1b\x9b\r\u202e\x7f")
