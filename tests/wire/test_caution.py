"""Warnings can be noted in a list by whoever makes many messages; others go on being warned."""

from __future__ import annotations

import warnings
from threading import Thread

import pytest

from hongbao.wire.caution import ByteLengthWarning, noting, warn


def test_a_warning_is_noted_instead_of_given() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with noting() as notes:
            warn("too long", ByteLengthWarning)
            with noting() as inner:
                warn("again", ByteLengthWarning)
    assert notes == [(ByteLengthWarning, "too long")]
    assert inner == [(ByteLengthWarning, "again")]


def test_warnings_are_given_again_afterwards() -> None:
    with pytest.raises(ValueError, match="x"), noting():
        raise ValueError("x")
    with pytest.warns(ByteLengthWarning, match="too long"):
        warn("too long", ByteLengthWarning)


def test_other_threads_go_on_being_warned() -> None:
    given: list[str] = []

    def elsewhere() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn("elsewhere", ByteLengthWarning)
        given.extend(str(it.message) for it in caught)

    with noting() as notes:
        other = Thread(target=elsewhere)
        other.start()
        other.join()
    assert notes == []
    assert given == ["elsewhere"]
