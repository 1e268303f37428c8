"""What a client learns of a number that it used again too soon, or that a refusal left alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Disposition, OutcomeUnknown, Query, Refused, Status
from lines import normal

if TYPE_CHECKING:
    from lines import Line


def test_two_sends_within_a_second_are_refused_once_and_pay_once(line: Line) -> None:
    """And the refusal says that the number lives: the same one is sent again."""
    line.wechat.set(same_number_seconds=1.0)
    line.call(normal("B1"))
    with pytest.raises(Refused) as caught:
        line.call(normal("B1"))
    assert (caught.value.err_code, caught.value.disposition) == ("FREQ_LIMIT", Disposition.OPEN)
    line.wechat.advance(1)
    assert line.call(normal("B1")).send_listid
    assert line.wechat.payments("B1") == 1


def test_a_refusal_of_the_second_of_two_arrivals_does_not_hide_that_the_first_paid(
    line: Line,
) -> None:
    line.wechat.fail({"fault": "too_soon", "after": True, "nth": 1})
    with pytest.raises(Refused) as caught:
        line.call(normal("B1"))
    assert caught.value.disposition is Disposition.OPEN
    assert line.call(Query("B1")).status is Status.SENT
    assert line.wechat.payments("B1") == 1


@pytest.mark.parametrize("by", ["fault", "setting"])
def test_a_number_that_was_refused_for_good_may_be_known_to_a_query(line: Line, by: str) -> None:
    """Whoever takes such a refusal for the end, and gives another number, may pay twice."""
    openid = "oFOREIGN_000000000000000001"
    if by == "fault":
        line.wechat.fail({"fault": "refused_but_held", "endpoint": "sendredpack"})
    else:
        line.wechat.set(refusals_held={"OPENID_ERROR": True})
    with pytest.raises(Refused) as caught:
        line.call(normal("B1", re_openid=openid))
    assert (caught.value.err_code, caught.value.disposition) == ("OPENID_ERROR", Disposition.NO)
    held = line.call(Query("B1"))
    assert (held.status, held.reason) == (Status.SENDING, "openid与appid不匹配")
    line.wechat.recover()
    line.wechat.world.register(openid, line.wechat.merchant().app_id)
    assert line.call(normal("B1", re_openid=openid)).send_listid
    assert line.wechat.payments("B1") == 1


def test_a_code_that_holds_no_number_by_the_setting_leaves_the_query_none(line: Line) -> None:
    line.wechat.set(refusals_held={"NOTENOUGH": False})
    line.wechat.top_up(-line.wechat.simulated().paying_account.balance)
    with pytest.raises(Refused, match="NOTENOUGH"):
        line.call(normal("B1"))
    with pytest.raises(OutcomeUnknown, match="NOT_FOUND"):
        line.call(Query("B1"))
