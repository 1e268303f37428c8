"""Change the code where money hangs on it, a bit at a time, and ask whether a test notices.

``make mutants ONLY=wire/transfer`` changes one part, module by module, and runs the few tests that
belong to each; without ``ONLY``, all that ``[tool.mutmut]`` names is changed, which takes hours.
Each module is told with how many of its changes were noticed, and those that were not are shown;
the exit code is 1 where they are more than a tenth of a module.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
SHARE = 0.9
"""Of a module's changes at least so many are noticed."""

_WIRE, _DISPATCH = "tests/wire/test_transfer_{}.py", "tests/dispatch/test_transfer_{}.py"
_NOTIFICATIONS = "tests/wire/test_notifications.py"
_NAMED = "tests/dispatch/test_named_transfers.py"
_TESTS_OF: dict[str, tuple[str, ...]] = {
    "wire/transfer/authorizations": (_WIRE.format("errors"), _WIRE.format("messages")),
    "wire/transfer/bill": (_WIRE.format("errors"),),
    "wire/transfer/certificates": (_WIRE.format("certificates"),),
    "wire/transfer/codes": (_WIRE.format("tables"),),
    "wire/transfer/endpoints": (_WIRE.format("tables"), _WIRE.format("errors")),
    "wire/transfer/fail_reasons": (_WIRE.format("tables"),),
    "wire/transfer/fields": (_WIRE.format("fields"), _WIRE.format("messages")),
    "wire/transfer/front_end": (_NOTIFICATIONS,),
    "wire/transfer/json_body": (_WIRE.format("json"),),
    "wire/transfer/messages": (_WIRE.format("messages"), _WIRE.format("errors")),
    "wire/transfer/notification": (_NOTIFICATIONS, _WIRE.format("vectors")),
    "wire/transfer/preparing": (
        *(_WIRE.format("vectors"), _WIRE.format("errors"), _WIRE.format("messages")),
    ),
    "wire/transfer/reading": (_WIRE.format("errors"), _WIRE.format("reading")),
    "wire/transfer/replies": (_WIRE.format("replies"),),
    "wire/transfer/sealed_resource": (_WIRE.format("certificates"),),
    "wire/transfer/signing": (_WIRE.format("vectors"),),
    "wire/transfer/state": (_WIRE.format("tables"),),
    "wire/transfer/wechat_keys": (
        *(_WIRE.format("certificates"), _WIRE.format("vectors"), _WIRE.format("reading")),
    ),
    "rails/transfer/caller": (_DISPATCH.format("caller"), _NAMED),
    "rails/transfer/rail": (_DISPATCH.format("words"),),
    "rails/transfer/report_infos": (_DISPATCH.format("rules"), _DISPATCH.format("caller")),
    "rails/transfer/rules": (_DISPATCH.format("rules"),),
    "rails/transfer/translate": (_DISPATCH.format("translate"), _DISPATCH.format("caller")),
}
"""The tests that hold a module."""
_FOLDERS: dict[str, tuple[str, ...]] = {
    "campaign": ("tests/campaign",),
    "dispatch": ("tests/dispatch",),
    "ledger": ("tests/ledger",),
    "rails": ("tests/dispatch",),
    "wire": ("tests/wire",),
}
"""The tests that are asked about any other module, by the package, where a part is named."""

_NOT_LINKED = frozenset({"mutants", "build", "dist", "pyproject.toml"})
_SECTION = re.compile(r"^\[tool\.mutmut\]\n.*?(?=^\[)", re.DOTALL | re.MULTILINE)
_FUNCTION = re.compile(r"^ *(async )?def ", re.MULTILINE)
_SPINNER = re.compile(r"^\s*[\u2800-\u28ff] .*\n?", re.MULTILINE)
_NOTICED = frozenset({1, 3, 24, 36, 152, 255, -24})
"""Exit codes of the tests of changed code: one failed, or they did not end."""
_CALLED_BY_IMPORT = """
import importlib, sys
from mutmut.state import state
importlib.import_module(sys.argv[1])
print(*state()._stats)
"""


class Change(NamedTuple):
    """One change of a function.

    Attributes:
        name: mutmut's: the module, the function and a number.
        noticed: whether a test failed.
    """

    name: str
    noticed: bool

    @property
    def function(self) -> str:
        """The function, as mutmut names it."""
        return self.name.rpartition("__mutmut_")[0]


class Room:
    """A folder from which mutmut runs: links to all that is here, and settings of its own.

    Args:
        folder: where; what it holds is removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = folder / "mutants"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for entry in ROOT.iterdir():
            if entry.name not in _NOT_LINKED and not entry.name.startswith("."):
                (folder / entry.name).symlink_to(entry)

    def try_out(
        self, modules: Sequence[str], tests: Sequence[str] | None, children: int
    ) -> Iterator[tuple[str, list[Change]]]:
        """Change modules in every way, and run tests on each change.

        Args:
            modules: paths under ``src/hongbao``, without ``.py``.
            tests: the files that hold them; None for what mutmut's settings select.
            children: how many at once.
        """
        self._set_up([f"src/hongbao/{module}.py" for module in modules], tests)
        mutmut = str(Path(sys.executable).with_name("mutmut"))
        command = [mutmut, "run", "--max-children", str(children)]
        ran = subprocess.run(
            command, cwd=self._folder, env=_surroundings(), check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        for module in modules:
            results = self._file(module).with_suffix(".py.meta")
            text = results.read_text("utf-8") if results.exists() else ""
            codes = json.loads(text)["exit_code_by_key"] if text else {}
            if not text or (codes and ran.returncode):
                said = _SPINNER.sub("", ran.stdout)
                raise SystemExit(f"{module}: {said[-3000:]}{ran.stderr[-3000:]}")
            changes = [Change(name, code in _NOTICED) for name, code in codes.items()]
            own = _TESTS_OF.get(module)
            yield module, changes if own is None else self._again(changes, own, children)

    def difference(self, module: str, change: Change) -> list[str]:
        """The lines that a change has instead of others."""
        text = self._file(module).read_text("utf-8")
        lines, found = text.splitlines(), {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = lines[node.lineno : node.end_lineno]
        name = change.name.rpartition(".")[2]
        before = found[f"{change.function.rpartition('.')[2]}__mutmut_orig"]
        shown = difflib.unified_diff(before, found[name], lineterm="", n=0)
        return [it for it in shown if it[0] in "+-" and it[:3] not in {"+++", "---"}]

    def _file(self, module: str) -> Path:
        return self._changed / "src" / "hongbao" / f"{module}.py"

    def _set_up(self, files: list[str], tests: Sequence[str] | None) -> None:
        # What is there already mutmut takes for changed, though another module was to be.
        shutil.rmtree(self._changed, ignore_errors=True)
        settings = (ROOT / "pyproject.toml").read_text("utf-8")
        own = _settings() | {"only_mutate": files}
        if tests is not None:
            own["pytest_add_cli_args_test_selection"] = tests
        # What these values are in JSON they are in TOML.
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in own.items()]
        section = "".join(["[tool.mutmut]\n", *lines, "\n"])
        settings = _SECTION.sub(lambda _: section, settings)
        (self._folder / "pyproject.toml").write_text(settings, "utf-8")

    def _again(self, changes: list[Change], tests: Sequence[str], children: int) -> list[Change]:
        """Look anew, in fresh processes, at what was not noticed in a function that imports call.

        mutmut forks where the code is imported already, so that no such change takes effect.
        """
        missed = [it for it in changes if not it.noticed]
        if not missed:
            return changes
        module = missed[0].name.rpartition(".")[0]
        asked = self._python("-c", _CALLED_BY_IMPORT, module, changed="stats")
        early = set(asked.stdout.split())
        anew = [it for it in missed if it.function in early]
        with ThreadPoolExecutor(children) as threads:
            seen = threads.map(lambda it: self._is_noticed(it, tests), anew)
        noticed = {it.name for it, was in zip(anew, seen, strict=True) if was}
        return [it._replace(noticed=it.noticed or it.name in noticed) for it in changes]

    def _is_noticed(self, change: Change, tests: Sequence[str]) -> bool:
        options = ("-x", "-q", "-p", "no:randomly", *_settings()["pytest_add_cli_args"])
        return self._python("-m", "pytest", *options, *tests, changed=change.name).returncode != 0

    def _python(self, *arguments: str, changed: str) -> subprocess.CompletedProcess[str]:
        surroundings = _surroundings() | {"MUTANT_UNDER_TEST": changed}
        surroundings["PYTHONPATH"] = str(self._changed / "src")
        return subprocess.run(
            [sys.executable, *arguments], cwd=self._changed, env=surroundings, check=False,
            capture_output=True, text=True,
        )  # fmt: skip


def modules_of(only: str | None) -> list[str]:
    """The modules that are changed, as paths under ``src/hongbao`` without ``.py``.

    Args:
        only: a package or module under ``src/hongbao``; None for all that money hangs on.
    """
    src = ROOT / "src" / "hongbao"
    if only is None:
        patterns = _settings()["only_mutate"]
        found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    else:
        found = [path for it in (f"{only}.py", f"{only}/**/*.py") for path in sorted(src.glob(it))]
    if not found:
        raise SystemExit(f"{only}: there is no such module under src/hongbao")
    changed = [path for path in found if _FUNCTION.search(path.read_text("utf-8"))]
    return [str(path.relative_to(src).with_suffix("")) for path in changed]


def tests_of(module: str, *, named: bool) -> tuple[str, ...] | None:
    """The files and folders of tests that are asked about a module; None for mutmut's selection.

    Args:
        module: as ``modules_of`` has it.
        named: whether a part was named: then a folder of tests is enough.
    """
    of_package = _FOLDERS.get(module.partition("/")[0]) if named else None
    return _TESTS_OF.get(module, of_package)


def main(arguments: Sequence[str] | None = None) -> int:
    """Change each module; 1 if too many changes of one were not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", help="a package or module, such as wire/transfer")
    parser.add_argument("--children", type=int, default=2, help="how many changes at once")
    asked = parser.parse_args(arguments)
    room = Room(ROOT / "mutants" / (asked.only or "all").replace("/", "-"))
    together: dict[Sequence[str] | None, list[str]] = {}
    for module in modules_of(asked.only):
        together.setdefault(tests_of(module, named=asked.only is not None), []).append(module)
    total: list[Change] = []
    poor = False
    for tests, modules in together.items():
        for module, changes in room.try_out(modules, tests, asked.children):
            if changes:
                sys.stdout.writelines(f"{line}\n" for line in _told(room, module, changes))
                sys.stdout.flush()
            total += changes
            poor |= _share(changes) < SHARE
    sys.stdout.write(f"{_counted(total)}  in all\n")
    return int(poor)


def _told(room: Room, module: str, changes: list[Change]) -> Iterator[str]:
    under = "" if _share(changes) >= SHARE else f"  fewer than {SHARE:.0%}"
    yield f"{_counted(changes)}  {module}{under}"
    for change in changes:
        if not change.noticed:
            yield f"    {change.name.rpartition('.')[2]}"
            yield from (f"        {line}" for line in room.difference(module, change))


def _counted(changes: list[Change]) -> str:
    noticed = sum(it.noticed for it in changes)
    return f"{noticed:5}/{len(changes):<5}{_share(changes):7.1%}"


def _share(changes: list[Change]) -> float:
    return sum(it.noticed for it in changes) / len(changes) if changes else 1.0


def _settings() -> dict[str, Any]:
    """The settings of mutmut."""
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    own: dict[str, Any] = whole["tool"]["mutmut"]
    return own


def _surroundings() -> dict[str, Any]:
    """Variables without those that would hide the changed code, or compile it for each anew."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    }


if __name__ == "__main__":
    raise SystemExit(main())
