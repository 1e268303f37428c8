"""Send as a service provider (服务商), for one of its sub-merchants.

Run it with::

    python examples/provider.py path/to/provider.toml SUB_MCH_ID MSGAPPID

``provider.toml`` holds the provider's own settings, in the words of ``ServiceProvider``.
"""

import sys

from hongbao import RedPack, ServiceProvider, new_billno


def main(provider_toml: str, sub_mch_id: str, msgappid: str) -> str:
    """Send one yuan of a sub-merchant's; the provider's object stays as it is."""
    provider = ServiceProvider.from_toml(provider_toml)
    shop = provider.sub_merchant(sub_mch_id, msgappid=msgappid)
    with RedPack(shop) as red_pack:
        accepted = red_pack.send_normal(
            mch_billno=new_billno(provider.mch_id, f"{sub_mch_id}/order-4711"),
            re_openid="oDEMOuser0000000000000000002",
            total_amount=100,
            send_name="Shop",
            wishing="Thank you",
            act_name="Opening",
            remark="provider",
        )
    return accepted.send_listid


if __name__ == "__main__":
    print(main(*sys.argv[1:4]))
