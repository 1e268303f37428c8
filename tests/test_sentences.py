"""A sentence is English where it travels, and in the reader's language where it is said."""

from __future__ import annotations

import logging
import pickle
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from hongbao.english import counted, sentence, span
from hongbao.errors import LedgerCode, LedgerError
from hongbao.sentences import (
    Sentence,
    Tongue,
    both,
    read_catalogue,
    recognised,
    said,
    said_in,
    said_many,
    say,
    say_many,
    speaking,
    tongue,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBLEM = "{setting}: {problem}"


@pytest.fixture
def chinese() -> Iterator[None]:
    """A reader of Chinese."""
    with speaking(Tongue.CHINESE):
        yield


def test_a_sentence_is_its_english_for_whoever_knows_nothing_of_languages() -> None:
    said_later = say(PROBLEM, setting="key", problem=say("is not installed"))
    assert said_later == "key: is not installed"
    assert f"{said_later}" == "key: is not installed"
    assert said(said_later) == "key: is not installed"
    assert type(said(said_later)) is str


def test_a_sentence_is_said_with_its_parts_in_the_language_of_the_reader(chinese: None) -> None:
    assert said(say(PROBLEM, setting="key", problem=say("is not installed"))) == "key：未安装"
    assert said(PROBLEM, setting="key", problem=counted(2, "row")) == "key：2 行"
    assert said_many("{count} row", "{count} rows", 1) == "1 行"
    assert said(both("yes", "是")) == "是"
    assert said(span(7200)) == "2 小时"


def test_what_no_catalogue_has_stays_as_it_is(chinese: None) -> None:
    assert said("oUser {4711}") == "oUser {4711}"
    assert said(say("no such {thing}", thing="thing")) == "no such thing"


def test_one_of_a_thing_is_not_many_in_english() -> None:
    one, many = (say_many("{count} row of it", "{count} rows of it", count) for count in (1, 2))
    assert (one, many) == ("1 row of it", "2 rows of it")


def test_a_sentence_has_one_end_in_both_languages() -> None:
    ended = sentence(say(PROBLEM, setting="key", problem=say("is not installed")), begins=True)
    assert ended == "Key: is not installed."
    assert said_in(Tongue.CHINESE, ended) == "key：未安装。"
    assert said_in(Tongue.CHINESE, sentence("why?")) == "why?"


def test_an_error_that_has_crossed_a_process_is_said_in_chinese_still() -> None:
    problem = sentence(say(PROBLEM, setting="key", problem=both("is wrong", "有误")))
    error = LedgerError(code=LedgerCode.INVALID, problem=problem, remedy="Fix it.")
    crossed = pickle.loads(pickle.dumps(error))
    assert str(crossed) == "key: is wrong. Fix it."
    assert said_in(Tongue.CHINESE, crossed.problem) == "key：有误。"


def test_a_text_that_was_kept_in_english_is_recognised() -> None:
    found = recognised("key: is not installed", ["nothing of {it}", PROBLEM])
    assert isinstance(found, Sentence)
    assert found.values == {"setting": "key", "problem": "is not installed"}
    assert recognised("something else", [PROBLEM]) == "something else"


def test_a_task_speaks_its_own_language_and_no_other_does(chinese: None) -> None:
    heard: list[Tongue] = []
    thread = Thread(target=lambda: heard.append(tongue()))
    thread.start()
    thread.join()
    assert (tongue(), heard) == (Tongue.CHINESE, [Tongue.ENGLISH])


def test_logs_are_english(chinese: None, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("hongbao.worker").warning("%s", say("is not installed"))
    assert caplog.messages == ["is not installed"]


def test_a_catalogue_is_read_with_its_plurals_and_escapes() -> None:
    text = r"""
msgid ""
msgstr "Language: zh"

msgid "a \"row\"\n"
"and more"
msgstr "一“行”\n"
"与更多"

msgid "{count} row"
msgid_plural "{count} rows"
msgstr[0] "{count} 行"

msgid "not yet"
msgstr ""
"""
    assert read_catalogue(text) == {
        'a "row"\nand more': "一“行”\n与更多",
        "{count} row": "{count} 行",
    }
