"""Pay refunds one by one from a program, with the ledger and a worker in its own process.

Nobody is paid twice, however often it runs. Start ``hongbao simulator --dir sandbox`` in another
terminal, then::

    hongbao init --merchant sandbox/merchants/1999000001/merchant.toml
    python examples/pay_from_a_program.py hongbao.toml
"""

import sys
import threading
import time
from pathlib import Path

from hongbao.engine import PAID, Ledger, Mandate, Payer, read_configuration, run_worker

REFUNDS = {
    "order-1001": ("oTEST_payee_0000000000000001", 100),
    "order-1002": ("oTEST_payee_0000000000000002", 250),
}
MANDATE = Mandate(total=1_000_000, day_amount=100_000, day_count=500, largest=20_000)
PATIENCE_SECONDS = 60


def main(hongbao_toml: str) -> int:
    """Enqueue the refunds, have them paid, and say so."""
    configuration = read_configuration(Path(hongbao_toml))
    merchant = configuration.payer(next(iter(configuration.profiles)))
    with Ledger.of(configuration) as ledger:
        stand(ledger, merchant)
        # As well it may be another process, on another machine: `hongbao worker`.
        stop = threading.Event()
        worker = threading.Thread(target=lambda: run_worker(ledger, configuration, stop=stop))
        worker.start()
        try:
            for order, (openid, fen) in REFUNDS.items():
                ledger.enqueue(
                    campaign="refunds",
                    merchant=merchant,
                    key=order,
                    openid=openid,
                    amount_fen=fen,
                    send_name="Tea house",  # what is left out here comes from the settings
                    act_name="Refunds",
                    wishing=f"Refund of {order}",
                    remark="Refunds",
                )
            left = follow(ledger)
        finally:
            stop.set()
            worker.join()
    for order in left:
        print(f"{order}: on its way")
    return 1 if left else 0


def stand(ledger: Ledger, merchant: Payer) -> None:
    """Begin the standing campaign and have it approved: once, and by two people.

    On the command line these are `hongbao campaign stand` and `hongbao campaign approve`.
    """
    if all(it.campaign.name != "refunds" for it in ledger.campaigns()):
        draft = ledger.begin_standing("refunds", merchant, MANDATE, by="anna")
        ledger.approve("refunds", digest=draft.digest, by="bert")


def follow(ledger: Ledger) -> set[str]:
    """Say of each refund that it is paid; gives those that are not when patience ends.

    A program that keeps the position with what it has dealt with stops and goes on as it likes.
    """
    position, left = 0, set(REFUNDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left and time.monotonic() < deadline:
        changes = ledger.changes(after=position)
        for order in sorted(left) if changes else ():
            payout = ledger.payout(order)
            if payout.state in PAID:
                print(f"{order}: paid as {payout.billno}")
                left.remove(order)
        if changes:
            position = changes[-1].position
        else:
            time.sleep(0.2)
    return left


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
