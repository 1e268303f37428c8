"""A hint names the program as its reader can call it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hongbao.cli.program import typed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _program(folder: Path) -> Path:
    folder.mkdir()
    program = folder / "hongbao"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def test_by_its_name_where_that_is_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _program(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(sys, "argv", [str(program), "demo"])
    assert typed() == "hongbao"


def test_as_it_was_called_where_the_name_is_another_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = _program(tmp_path / "here"), _program(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "argv", [str(here), "demo"])
    for path in (str(elsewhere.parent), str(tmp_path)):
        monkeypatch.setenv("PATH", path)
        assert typed() == str(here)


def test_as_a_module_where_it_was_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/hongbao/__main__.py"])
    assert typed() == f"{sys.executable} -m hongbao"
