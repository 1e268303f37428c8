"""Send a mini-program packet and give its user's mini program what it claims the packet by.

Start ``hongbao simulator --dir sandbox`` in another terminal, then::

    python examples/mini_program.py sandbox/merchants/1999000001/mini_program.toml

These settings hold the mini program's appid, and the openid is one under it. What is printed goes
to the mini program, which must have been opened by scanning a code (scene 1011, 1025, 1047 or
1124)::

    // in the mini program's page
    wx.request({
      url: 'https://your.server/claim-params',
      success: ({ data }) => wx.sendBizRedPacket({
        timeStamp: data.timeStamp,
        nonceStr: data.nonceStr,
        package: data.package,    // percent-encoded already: do not encode it again
        signType: data.signType,
        paySign: data.paySign,
        success: () => wx.showToast({ title: '领取成功' }),
        fail: (reason) => console.log(reason.errMsg),
      }),
    })
"""

import json
import sys

from hongbao import Merchant, RedPack, new_billno


def main(mini_program_toml: str) -> dict[str, str]:
    """Send, and sign the claim. The API key stays on this side."""
    merchant = Merchant.from_toml(mini_program_toml)
    with RedPack(merchant) as red_pack:
        accepted = red_pack.send_mini_program(
            mch_billno=new_billno(merchant.mch_id, "lottery/ticket-0815"),
            re_openid="oDEMOmini0000000000000000001",
            total_amount=188,
            send_name="Demo Ltd",
            wishing="You won",
            act_name="Lottery",
            remark="ticket 0815",
        )
        return red_pack.claim_params(accepted.package).as_dict()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1]), indent=2))
