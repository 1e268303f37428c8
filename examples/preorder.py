"""Pre-order packets for a draw (红包预下单) and keep their tickets; who draws is decided later.

Start ``hongbao simulator --dir sandbox`` in another terminal, then::

    python examples/preorder.py sandbox/merchants/1999000001/merchant.toml
"""

import sys
from collections.abc import Iterator

from hongbao import HongbaoError, Merchant, OutcomeUnknown, RedPack, new_billno

PRIZES = {"first": 888, "second": 188, "third": 100}
"""Fen, by prize."""


def main(merchant_toml: str) -> Iterator[str]:
    """Pre-order each prize; say what came of it. The ticket itself is as good as the money."""
    merchant = Merchant.from_toml(merchant_toml)
    with RedPack(merchant) as red_pack:
        for prize, amount in PRIZES.items():
            # The same key gives the same number for ever: running this twice orders once.
            mch_billno = new_billno(merchant.mch_id, f"lottery-2026/{prize}")
            try:
                ordered = red_pack.preorder(
                    mch_billno=mch_billno,
                    total_amount=amount,
                    send_name="Demo Ltd",
                    wishing="You won",
                    act_name="Lottery",
                    remark=prize,
                )
            except OutcomeUnknown:
                yield f"{prize}: perhaps ordered; send {mch_billno} again, unchanged"
            except HongbaoError as error:
                yield f"{prize}: not ordered ({error})"
            else:
                # It goes into the prize bucket of the draw, within 72 hours.
                yield f"{prize}: ordered, a ticket of {len(ordered.sp_ticket)} characters"


if __name__ == "__main__":
    print(*main(sys.argv[1]), sep="\n")
