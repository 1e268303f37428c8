"""Send one normal packet and say what came of it.

Start ``hongbao simulator --dir sandbox`` in another terminal, then::

    python examples/send_normal.py sandbox/merchants/1999000001/merchant.toml
"""

import sys

from hongbao import Merchant, NotSent, OutcomeUnknown, RedPack, Refused, new_billno


def main(merchant_toml: str) -> None:
    """Send one yuan."""
    merchant = Merchant.from_toml(merchant_toml)
    # The same key gives the same number for ever, so that running this twice pays once. Keep it
    # with the payout, before anything is sent.
    mch_billno = new_billno(merchant.mch_id, "autumn-2026/user-4711")
    with RedPack(merchant) as red_pack:
        try:
            accepted = red_pack.send_normal(
                mch_billno=mch_billno,
                re_openid="oDEMOuser0000000000000000001",
                total_amount=100,
                send_name="Demo Ltd",
                wishing="Thank you",
                act_name="Autumn draw",
                remark="first prize",
            )
        except Refused as error:
            print(f"Refused: {error.err_code}. {error.disposition}: {error.advice}")
        except NotSent as error:
            print(f"Nothing was sent ({error.why}): send {mch_billno} again.")
        except OutcomeUnknown as error:
            print(f"It may have been paid ({error.why}): query {mch_billno}. No new number!")
        else:
            print(f"Accepted as {accepted.send_listid}; status {red_pack.query(mch_billno).status}")


if __name__ == "__main__":
    main(sys.argv[1])
