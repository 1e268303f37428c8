"""What the READMEs show runs as it stands, and the two say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", _text(name), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which the README's simulator has been started."""
    monkeypatch.chdir(tmp_path)
    with Simulator.start(tmp_path / "sandbox"):
        yield tmp_path


@pytest.mark.parametrize("name", READMES)
def test_the_ten_lines_pay_one_packet(
    name: str, sandbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _blocks(name)[0]
    exec(compile(lines, name, "exec"), {})  # that it runs is the test
    assert re.search(r"[0-9]{20,}", capsys.readouterr().out), "no send_listid was printed"


@pytest.mark.parametrize("name", READMES)
def test_the_shown_test_passes(name: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_blocks(name)[1])
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_both_languages_have_the_same_parts() -> None:
    english, chinese = map(_text, READMES)
    for part in (r"^#+ ", r"^\|", r"^- ", r"^```"):
        counts = [len(re.findall(part, text, flags=re.MULTILINE)) for text in (english, chinese)]
        assert counts[0] == counts[1], part
    assert _code(english) == _code(chinese)


def _code(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))
