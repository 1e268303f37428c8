"""The language of a page is the one that the browser asks for."""

from __future__ import annotations

import pytest

from hongbao.console.words import preferred
from hongbao.sentences import Tongue


@pytest.mark.parametrize(
    ("accepted", "tongue"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Tongue.CHINESE),
        ("en-GB,en;q=0.9,zh;q=0.1", Tongue.ENGLISH),
        ("de,zh-TW;q=0.5", Tongue.CHINESE),
        ("en;q=0.2,zh;q=0.3", Tongue.CHINESE),
        ("en;q=much, zh", Tongue.CHINESE),
        ("de", Tongue.ENGLISH),
        ("", Tongue.ENGLISH),
    ],
)
def test_the_language_is_the_one_that_the_browser_asks_for_first(
    accepted: str, tongue: Tongue
) -> None:
    assert preferred(accepted) is tongue
