"""What an operator reads: right English, names as they are, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hongbao.cli import failure
from hongbao.cli.app import app
from hongbao.errors import BookCorrupt, IllegalTransition, LedgerCode, LedgerError

if TYPE_CHECKING:
    from pathlib import Path

    from shop import Run

SETTINGS = """\
database = "books.db"
[merchants.shop]
app_id = "wx00aa11bb22cc33dd"
mch_id = "1900012345"
key_file = "key"
{more}
"""
CERTIFICATE = 'p12_path = "apiclient_cert.p12"'


def settings(folder: Path, more: str) -> str:
    """A file of settings."""
    (folder / "key").write_text("Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya", encoding="utf-8")
    path = folder / "hongbao.toml"
    path.write_text(SETTINGS.format(more=more), encoding="utf-8")
    return str(path)


def draft(run: Run, folder: Path) -> str:
    """Settings, and in the books the draft ``one`` of one row."""
    config = settings(folder, f'{CERTIFICATE}\nclient_ip = "203.0.113.7"')
    path = folder / "list.csv"
    texts = "Shop,Hello,Spring,first"
    path.write_text(
        f"openid,amount,send_name,wishing,act_name,remark\noUser1_0000000000000000000000,1.00,{texts}\n",
        encoding="utf-8",
    )
    said = ("--merchant", "shop", "--name", "one", "--unit", "yuan", "--config", config)
    ran = run("campaign", "new", str(path), *said)
    assert "Stored as the draft one: 1 payout, nothing is sent yet." in ran.stdout, ran.everything
    return config


def test_one_payout_is_reported_as_one(run: Run, tmp_path: Path) -> None:
    config = draft(run, tmp_path)
    approved = run("campaign", "approve", "one", "--yes", "--by", "anna", "--config", config)
    assert approved.stdout.startswith("Approved: one, 1 payout, 1.00 yuan, by anna.\n")


def test_settings_with_several_faults_are_reported_with_one_full_stop_each(
    run: Run, tmp_path: Path
) -> None:
    ran = run("campaign", "list", "--config", settings(tmp_path, "rate = -1"))
    assert ran.code == 6
    assert "2 settings are wrong:\n" in ran.stderr
    assert " or p12_path.\n" in ran.stderr
    assert ".." not in ran.stderr


def test_settings_with_several_faults_are_reported_in_the_language_of_their_reader(
    run: Run, tmp_path: Path
) -> None:
    config = settings(tmp_path, "rate = -1")
    ran = run("campaign", "list", "--config", config, "--lang", "zh")
    assert ran.code == 6
    first, *lines = ran.stderr.splitlines()
    assert first.endswith("：有 2 项配置有误：")
    for line in lines:
        assert re.search(r"[\u4e00-\u9fff]", line), line
        assert ". " not in line


def test_a_wrong_text_in_the_settings_is_not_to_be_copied_from_wechat(
    run: Run, tmp_path: Path
) -> None:
    more = f'{CERTIFICATE}\n[merchants.shop.texts]\nwishing = ""'
    ran = run("campaign", "list", "--config", settings(tmp_path, more))
    assert "merchants.shop.texts.wishing: is empty" in ran.stderr
    assert "What to do:  Write it, or leave it out: a list may say it in each row.\n" in ran.stderr


def test_a_name_is_reported_as_it_is_written(run: Run, tmp_path: Path) -> None:
    config = draft(run, tmp_path)
    run("campaign", "cancel", "one", "--reason", "x", "--yes", "--config", config)
    resumed = run("campaign", "resume", "one", "--config", config)
    assert resumed.stderr.startswith("'one' is cancelled and cannot become running.\n")


def test_who_takes_a_wrong_name_is_told_what_lists_the_right_ones(run: Run, tmp_path: Path) -> None:
    config = draft(run, tmp_path)
    ran = run("campaign", "status", "two", "--config", config)
    assert (ran.code, ran.stderr.splitlines()[2]) == (
        8,
        "  What to do:  Run: hongbao campaign list",
    )
    ran = run("worker", "--merchant", "two", "--config", config)
    assert (ran.code, ran.stderr.splitlines()[2]) == (6, "  What to do:  Known merchants: shop.")


def test_the_first_word_of_the_books_begins_a_sentence() -> None:
    told = failure.explain(
        LedgerError(code=LedgerCode.DATABASE, problem="the books are gone.", remedy="Look.")
    )
    assert told.happened == "The books are gone."
    moved = IllegalTransition(billno="aB1", earlier="in_doubt", later="refused")
    assert failure.explain(moved).happened == "'aB1' is in doubt and cannot become refused."


def test_one_finding_is_in_one_place() -> None:
    assert "in 1 place: x" in str(BookCorrupt(findings=("x",)))


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("simulator", "--port", "99999"), "for '--port': 99999 is not in the range 0<=x<=65535"),
        (("explain", "X", "--lang", "fr"), "for '--lang': 'fr' is not one of 'en', 'zh', 'both'"),
    ],
)
def test_a_wrong_value_is_reported_in_plain_words(
    run: Run, args: tuple[str, ...], told: str
) -> None:
    ran = run(*args)
    assert ran.code == 2
    assert ran.stderr == f"Invalid value {told}. Nothing was sent; --help tells more.\n"


def test_options_that_do_not_fit_together_are_reported_as_a_sentence(
    run: Run, tmp_path: Path
) -> None:
    config = draft(run, tmp_path)
    ran = run("campaign", "cancel", "one", "--reason", "x", "--config", config, stdin="")
    told = "Not an interactive terminal: give --yes. Nothing was sent; --help tells more.\n"
    assert (ran.code, ran.stderr) == (2, told)


def test_a_wrong_command_line_has_its_kind_for_programs(run: Run) -> None:
    for args in (("bogus",), ("query",)):
        error = run(*args, "--json").json["error"]
        assert set(error) == {"happened", "money", "todo", "kind"}
        assert error["kind"] == "WrongCommandLine"


def test_a_report_that_cannot_be_written_is_not_told_to_take_another_kind(
    run: Run, tmp_path: Path
) -> None:
    config = draft(run, tmp_path)
    gone = str(tmp_path / "gone" / "one.csv")
    ran = run("campaign", "report", "one", "--output", gone, "--config", config)
    assert ran.code == 6
    assert "cannot be written (No such file or directory)" in ran.stderr
    assert "What to do:  Check that its folder is there, may be written" in ran.stderr


@pytest.mark.parametrize("group", ["", "campaign", "payout", "audit", "merchant", "db", "send"])
def test_the_commands_are_listed_with_whole_sentences(group: str) -> None:
    listed = CliRunner().invoke(app, [*group.split(), "--help"]).stdout
    assert "Commands:" in listed
    assert "..." not in listed.replace("[ARGS]...", "")


def test_the_exit_codes_stand_on_adjacent_lines() -> None:
    listed = CliRunner().invoke(app, ["--help"]).stdout
    assert "    0  accepted, answered or done\n    1  something unexpected" in listed
