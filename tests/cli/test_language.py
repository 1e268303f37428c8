"""The program speaks the language that it is asked for: help, errors, answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.cli.language import language
from hongbao.sentences import Tongue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaign_office import Office
    from shop import Run

ZH = {"HONGBAO_LANG": "zh"}
CHINESE, ENGLISH = Tongue.CHINESE, Tongue.ENGLISH


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {}, ENGLISH),
        (("--lang", "zh"), {}, CHINESE),
        (("campaign", "list", "--lang=zh"), {"LANG": "en_GB.UTF-8"}, CHINESE),
        (("--lang", "en", "campaign"), {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (("explain", "X", "--lang", "both"), {"LANG": "zh_CN.UTF-8"}, CHINESE),
        (("payout", "note", "k", "--", "--lang", "zh"), {}, ENGLISH),
        (("--lang",), {}, ENGLISH),
        ((), {"HONGBAO_LANG": "zh", "LANG": "en_GB.UTF-8"}, CHINESE),
        ((), {"HONGBAO_LANG": "de", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ((), {"LANG": "zh_CN.UTF-8"}, CHINESE),
        ((), {"LANG": "zh_TW"}, CHINESE),
        ((), {"LANG": "C.UTF-8"}, ENGLISH),
        ((), {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ((), {"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, CHINESE),
        ((), {"LANGUAGE": "de:zh:en", "LANG": "en_US"}, CHINESE),
        ((), {"LANGUAGE": "", "LANG": "de_DE"}, ENGLISH),
    ],
)
def test_the_language_is_the_one_that_was_asked_for_last_and_most_closely(
    arguments: tuple[str, ...], environment: Mapping[str, str], expected: Tongue
) -> None:
    assert language(arguments, environment) is expected


def test_help_is_chinese_from_its_first_line_to_its_last(run: Run) -> None:
    shown = run("campaign", "new", "--help", "--lang", "zh").stdout
    assert shown.startswith("用法：")
    assert " campaign new [OPTIONS] {FILE}\n\n  用名单建立活动草稿。\n" in shown
    assert "  --unit <yuan|fen>               金额单位。绝不猜测。（必填）\n" in shown
    assert "\n  示例：\n\n  hongbao campaign new spring.csv" in shown
    assert "  输出的语言。默认：HONGBAO_LANG" in shown


def test_no_line_of_chinese_help_is_wider_than_a_terminal_or_begins_with_a_full_stop(
    run: Run,
) -> None:
    from hongbao.views.columns import width

    lines = (
        run("--help", env=ZH).stdout.splitlines() + run("demo", "-h", env=ZH).stdout.splitlines()
    )
    assert max(map(width, lines)) <= 80
    assert not [it for it in lines if it.strip()[:1] in set("，。：；）")]


def test_each_run_speaks_the_language_that_it_was_asked_for(run: Run) -> None:
    assert run("demo", "--help", env=ZH).stdout.startswith("用法：")
    assert run("demo", "--help").stdout.startswith("Usage: ")
    assert "输出" not in run("campaign", "new", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("bogus",), "没有命令“bogus”。"),
        (("campain",), "没有命令“campain”（是否想用：'campaign'）。"),
        (("campaign", "list", "--bogus"), "没有选项 --bogus。"),
        (("query",), "缺少参数“BILLNO”。"),
        (("send", "normal"), "缺少选项“--re-openid”。"),
        (("db", "prune", "--keep"), "选项“--keep”需要一个值。"),
        (("workers", "x"), "多余的参数（x）。"),
        (("metrics", "--port", "x"), "'--port' 的值无效：“x”不是有效的整数。"),
        (("metrics", "--port", "99999"), "'--port' 的值无效：99999 不在范围 0<=x<=65535 内。"),
        (
            ("campaign", "list", "--lang", "fr"),
            "'--lang' 的值无效：“fr”不在可选值 'en', 'zh' 之中。",
        ),
    ],
)
def test_a_wrong_command_line_is_reported_in_chinese(
    run: Run, arguments: tuple[str, ...], expected: str
) -> None:
    ran = run(*arguments, env=ZH)
    assert (ran.code, ran.stderr) == (2, f"{expected}未发送任何内容；详见 --help。\n")


def test_an_error_is_three_lines_of_chinese(run: Run) -> None:
    ran = run("query", "A1", env=ZH)
    assert ran.code == 6
    first, money, todo = ran.stderr.splitlines()
    assert first == "merchant：未指明。"
    assert money == "  是否可能已付款？没有：未发送任何内容"
    assert todo.startswith("  怎么办：")


def test_documents_are_the_same_in_every_language(run: Run) -> None:
    for arguments in (("bogus",), ("query", "A1"), ("campaign", "list")):
        english, chinese = (run(*arguments, "--json", env=env).json for env in ({}, ZH))
        assert english == chinese
        assert json.dumps(english, ensure_ascii=False).isascii()


def test_a_campaign_and_the_history_of_a_payout_are_shown_in_chinese(
    run: Run, office: Office
) -> None:
    stored = run(*office.new(office.write_list(2)), env=ZH).stdout
    assert "已存为草稿 spring：2 笔付款，尚未发送。" in stored
    status = run("campaign", "status", "spring", env=ZH).stdout
    assert status.startswith("spring：草稿，")
    history = run("payout", "show", "k0001", env=ZH).stdout
    assert "已入账" in history
    assert "-> 待发送" in history
    assert "submitted" in run("payout", "show", "k0001").stdout
