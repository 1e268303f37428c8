"""The emergency brake, while a process that was stopped keeps the books."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
from stopped_writer import StoppedWriter

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Run

PAUSE = ("campaign", "pause", "spring", "--reason", "the amounts are wrong")


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells who it is")
def test_who_cannot_pause_hears_within_ten_seconds_why_and_what_to_do(
    run: Run, office: Office
) -> None:
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    with StoppedWriter(str(office.folder / "books.db")) as writer:
        began = time.monotonic()
        ran = run(*PAUSE, "--json")
        assert time.monotonic() - began < 10
        assert (ran.code, ran.json["outcome"]) == (8, "books")
        error = ran.json["error"]
        assert (error["kind"], error["process"]) == ("BookLocked", writer.pid)
        assert error["since"]
        assert f"process {writer.pid} since" in error["happened"]
        assert f"kill -CONT {writer.pid}" in error["todo"]
        assert "--wait" in error["todo"]
        assert run("campaign", "status", "spring").code == 0
    assert run(*PAUSE, "--json").json["outcome"] == "paused"


def test_who_waits_is_told_and_pauses_as_soon_as_the_lock_is_free(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    with StoppedWriter(str(office.folder / "books.db")) as writer:
        pausing = office.start(*PAUSE, "--wait", "120")
        assert pausing.stderr is not None
        told = pausing.stderr.readline()
        assert "locked by" in told
        assert "Still trying" in told
        writer.go_on()
        assert pausing.wait(30) == 0
        pausing.communicate()
    assert run("campaign", "status", "spring", "--json").json["campaign"]["phase"] == "paused"
