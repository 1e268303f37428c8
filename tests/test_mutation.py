"""Which tests are asked about which changed module, and what is told of it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import mutation
import pytest
from mutation import ROOT, Change, Room, modules_of

if TYPE_CHECKING:
    from pathlib import Path


def test_every_module_of_transfers_has_tests_of_its_own_that_are_there() -> None:
    modules = [*modules_of("wire/transfer"), *modules_of("rails/transfer")]
    assert set(modules) == set(mutation._TESTS_OF)
    for tests in mutation._TESTS_OF.values():
        assert all((ROOT / test).is_file() for test in tests)


def test_a_part_is_a_package_or_a_module_that_does_something() -> None:
    assert modules_of("wire/transfer/bill") == ["wire/transfer/bill"]
    assert "wire/transfer/scenes" not in modules_of("wire/transfer"), "it has no function"
    assert set(modules_of("dispatch")) >= {"dispatch/policy", "dispatch/worker"}
    with pytest.raises(SystemExit, match="there is no such module"):
        modules_of("wire/nothing")


def test_a_part_that_is_named_is_asked_of_few_tests_and_all_of_many() -> None:
    assert mutation.tests_of("dispatch/policy", named=True) == ("tests/dispatch",)
    assert mutation.tests_of("dispatch/policy", named=False) is None
    for named in (True, False):
        own = mutation.tests_of("wire/transfer/codes", named=named)
        assert own == ("tests/wire/test_transfer_tables.py",)
    assert all((ROOT / folder).is_dir() for them in mutation._FOLDERS.values() for folder in them)


def test_without_a_part_all_that_is_named_is_changed() -> None:
    named = modules_of(None)
    assert {"business_key", "dispatch/policy", "wire/transfer/reading"} <= set(named)
    assert len(named) == len(set(named))


def test_mutmut_is_given_one_part_and_its_tests_and_all_else_as_it_is(tmp_path: Path) -> None:
    room = Room(tmp_path / "room")
    room._set_up(["src/hongbao/money.py"], ["tests/test_money.py"])
    own = tomllib.loads((tmp_path / "room" / "pyproject.toml").read_text("utf-8"))
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    changed = own["tool"]["mutmut"]
    assert changed["only_mutate"] == ["src/hongbao/money.py"]
    assert changed["pytest_add_cli_args_test_selection"] == ["tests/test_money.py"]
    assert changed["also_copy"] == whole["tool"]["mutmut"]["also_copy"]
    del own["tool"]["mutmut"], whole["tool"]["mutmut"]
    assert own == whole
    assert (tmp_path / "room" / "src").resolve() == ROOT / "src"


def test_a_module_is_told_by_its_share_and_each_change_that_nobody_noticed(tmp_path: Path) -> None:
    room = Room(tmp_path / "room")
    file = tmp_path / "room" / "mutants" / "src" / "hongbao" / "m.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "def x_f__mutmut_orig() -> int:\n    return 1\n\n"
        "def x_f__mutmut_1() -> int:\n    return 2\n",
        "utf-8",
    )
    missed = Change("hongbao.m.x_f__mutmut_1", noticed=False)
    noticed = [Change("hongbao.m.x_f__mutmut_2", noticed=True)] * 9
    assert list(mutation._told(room, "m", [missed, *noticed])) == [
        "    9/10     90.0%  m",
        "    x_f__mutmut_1",
        "        -    return 1",
        "        +    return 2",
    ]
    assert next(mutation._told(room, "m", [missed, *noticed[1:]])).endswith("m  fewer than 90%")
