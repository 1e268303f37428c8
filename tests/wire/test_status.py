"""The life of a packet as a table."""

from __future__ import annotations

from hongbao import Status
from hongbao.wire.status import STEPS, may_follow, parse_status


def test_every_status_has_its_steps() -> None:
    assert set(STEPS) == set(Status)


def test_a_rare_look_may_see_several_steps_at_once() -> None:
    assert may_follow(Status.SENDING, Status.REFUND)
    assert may_follow(Status.SENT, Status.SENT)


def test_nothing_follows_a_dead_or_returned_packet() -> None:
    for end in (Status.FAILED, Status.REFUND):
        assert [later for later in Status if may_follow(end, later)] == [end]


def test_a_paid_packet_never_fails() -> None:
    assert not may_follow(Status.SENT, Status.FAILED)
    assert not may_follow(Status.RECEIVED, Status.SENT)


def test_a_status_that_is_not_known_is_kept() -> None:
    assert parse_status("SENT") is Status.SENT
    assert parse_status("NEW") == "NEW"
