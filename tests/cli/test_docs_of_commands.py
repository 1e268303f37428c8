"""docs/cli.md names every command, option and exit code, and nothing that is not there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from hongbao.cli.app import app
from hongbao.cli.exit_code import MEANINGS
from shop import OPENID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shop import Run, Shop

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
TEXT = DOCS.read_text(encoding="utf-8")
PROGRAM: Any = typer.main.get_command(app)


def commands(group: Any = PROGRAM, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in list(group.commands):
        _, command, _ = group.resolve_command(None, [name])
        yield f"{prefix}{name}", command
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")


def options(command: Any) -> set[str]:
    found = {option for it in command.params for option in it.opts if option.startswith("-")}
    return found - {"--help", "-h"}


def section(name: str) -> str:
    """A command's part of the page."""
    _, found, rest = TEXT.partition(f"\n## {name.partition(' ')[0]}\n")
    assert found, f"docs/cli.md has no part about {name}"
    return rest.partition("\n## ")[0]


COMMANDS = dict(commands())


def shown() -> list[list[str]]:
    """The command lines of the page, as a shell would split them."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("hongbao ")]


LASTING = {"console", "demo", "simulator", "webhooks", "metrics", "notify"}
"""These have tests of their own."""
IN_JSON_ALONE = {"events"}
"""These print documents, a line each, and nothing else."""


LIST = """\
key,openid,amount,send_name,wishing,act_name,remark
k1,oTEST_payee_1,1.00,Shop,Hello,Spring,r
k2,oTEST_payee_2,1.00,Shop,Hello,Spring,r
"""


def test_the_shown_command_lines_run(
    run: Run, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the top of the page to its end, as one session."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipients.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "wrong.csv").write_text(LIST.replace("\nk", "\nw"), encoding="utf-8")
    request = tmp_path / "request.xml"
    request.write_text("<xml><mch_id>1999000001</mch_id></xml>", encoding="utf-8")
    real = {
        "PATH": shop.toml,
        "BILLNO": "A1",
        "PACKAGE": "sendid=1",
        "o...": OPENID,
    }
    codes = {
        " ".join(words): run(*(real.get(word, word) for word in words)).code
        for words in shown()
        if words[0] not in LASTING
    }
    unsettled = {line.partition(" ")[0]: code for line, code in codes.items() if code}
    # A number that nobody has used, and a request without a signature.
    assert unsettled == {"query": 4, "explain-sign": 6}
    assert shop.wechat.totals().debited == 300  # one packet sent by itself, two of the list
    assert {line.partition(" ")[0] for line in codes} >= PROGRAM.commands.keys() - LASTING


def test_there_are_commands() -> None:
    assert {"send normal", "doctor", "demo"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_reported(name: str) -> None:
    text = section(name)
    assert name.rpartition(" ")[2] in text
    for option in options(COMMANDS[name]) - {
        "--lang"
    }:  # every command has it, and few a page of it
        assert f"`{option}" in text, f"{name} {option}"


def test_no_option_is_reported_that_is_not_there() -> None:
    known = {option for command in COMMANDS.values() for option in options(command)}
    known |= options(PROGRAM) | {"--help"}
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", TEXT))
    assert told - known == set()


def test_the_programs_own_options_are_told() -> None:
    for option in options(PROGRAM):
        assert f"`{option}`" in TEXT


def test_every_exit_code_is_reported() -> None:
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in TEXT


def parsed(words: list[str], command: Any = PROGRAM) -> str:
    """Take a command line as the program would; the words of the command that it calls."""
    if not hasattr(command, "commands"):
        command.make_context("", words)
        return ""
    name, found, rest = command.resolve_command(None, words)
    return f"{name} {parsed(rest, found)}".rstrip()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_that_the_program_understands(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"]).stdout
    _, _, lines = shown.partition("\n  Example:\n\n")
    examples = [shlex.split(line) for line in lines.replace("\\\n", " ").splitlines() if line]
    assert examples
    for _, *words in examples:
        if name in {"audit", "console"}:  # they do something by themselves
            assert words == [name, "--config", "hongbao.toml"]
        else:
            assert f"{parsed(words)} ".startswith(f"{name} ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_in_a_sentence(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.name != "help":
            assert parameter.help[0].isupper(), parameter.name
            assert parameter.help.endswith("."), parameter.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_in_json_and_says_so_in_its_help(name: str) -> None:
    if not hasattr(COMMANDS[name], "commands") and name not in IN_JSON_ALONE:
        assert "--json" in options(COMMANDS[name])
    assert COMMANDS[name].help
