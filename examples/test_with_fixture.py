"""Your own code under test against a simulated WeChat; the fixtures come with hongbao.

Run it with ``pytest examples/test_with_fixture.py``.
"""

from hongbao import Merchant, OutcomeUnknown, RedPack, Refused, new_billno
from hongbao.testing.wechat import SimulatedWeChat

USER = "oDEMOuser0000000000000000001"


def reward(red_pack: RedPack, order: str, openid: str) -> str:
    """The code under test: rewards an order, once, whatever happens on the way."""
    mch_billno = new_billno(red_pack.merchant.mch_id, f"reward/{order}")
    for _ in range(2):
        try:
            red_pack.send_normal(
                mch_billno=mch_billno,
                re_openid=openid,
                total_amount=188,
                send_name="Demo Ltd",
                wishing="Thank you",
                act_name="Rewards",
                remark=order,
            )
        except Refused as error:
            return f"refused: {error.err_code}"
        except OutcomeUnknown:
            continue  # the same number again: it pays once
        return "paid"
    return "in doubt"


def test_a_reward_is_paid_once_although_the_reply_is_lost(
    wechat_simulator: SimulatedWeChat, wechat_merchant: Merchant
) -> None:
    wechat_simulator.fail({"fault": "lose_reply", "times": 1})
    with RedPack(wechat_merchant) as red_pack:
        assert reward(red_pack, "order-1", USER) == "paid"
    assert wechat_simulator.totals().debited == 188


def test_an_empty_account_refuses(
    wechat_simulator: SimulatedWeChat, wechat_merchant: Merchant
) -> None:
    wechat_simulator.top_up(-wechat_simulator.simulated().basic.balance)
    with RedPack(wechat_merchant) as red_pack:
        assert reward(red_pack, "order-1", USER) == "refused: NOTENOUGH"


def test_an_unclaimed_reward_comes_back_after_a_day(
    wechat_simulator: SimulatedWeChat, wechat_merchant: Merchant
) -> None:
    with RedPack(wechat_merchant) as red_pack:
        reward(red_pack, "order-1", USER)
        wechat_simulator.advance(25 * 3600)
        assert wechat_simulator.totals().refunded == 188
