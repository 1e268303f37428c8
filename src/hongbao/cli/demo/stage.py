"""The stage of the campaign's demo: what goes wrong at the simulated WeChat, and what users do.

It acts through the simulator's control port alone, as any program in any language could.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hongbao.client.sync import RedPack
from hongbao.ledger.model.payout import Payout, State
from hongbao.money import Fen
from hongbao.rails.redpack.kinds import GROUP, MINI_PROGRAM
from hongbao.simulator.settings import FOREIGN_PREFIX
from hongbao.testing.control_client import ControlClient, Totals

FAULTS = {"lose_reply": 0.05, "lose_request": 0.02, "systemerror": 0.03}
"""One call in ten goes wrong. Of a reply that is lost the money has moved; of the others not."""
SEED = 2026
SPARED = "delay"
"""A rule goes before the odds, and a delay of no time is no fault at all."""

_FORGETFUL = 5  # every fifth user does not open the packet
_GROUP_OPENS = 2  # so many people of a group do


class Stage:
    """One merchant's.

    Args:
        control_url: of the simulator.
        mch_id: the merchant's number.

    Attributes:
        control: a client of that port.
        mch_id: the merchant's number.
    """

    def __init__(self, control_url: str, mch_id: str) -> None:
        self.control = ControlClient(control_url)
        self.mch_id = mch_id

    def prepare(self, payouts: Iterable[Payout], *, balance: Fen, calls_per_second: int) -> None:
        """Leave so much on the merchant's account, and let things go wrong from now on."""
        self.control.change_merchant(self.mch_id, limits={"calls_per_second": calls_per_second})
        held = self.control.merchant(self.mch_id)["basic"]["balance"]
        self.control.top_up(self.mch_id, balance - held)
        # A refusal behind a call that was lost proves nothing: such a payout is in doubt for weeks,
        # until a person decides. So nothing goes wrong with those that will be refused.
        spared = [
            {"fault": SPARED, "seconds": 0.0, "mch_billno": payout.billno}
            for payout in payouts
            if payout.payee.startswith(FOREIGN_PREFIX)
        ]
        self.control.script_faults(*spared, seed=SEED, odds=FAULTS)

    def top_up(self, amount: Fen) -> None:
        """Put money on the merchant's account."""
        self.control.top_up(self.mch_id, amount)

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self.control.end_faults()

    def pass_time(self, seconds: float) -> None:
        """Put WeChat's clock forward."""
        self.control.advance(seconds)

    def claim(self, payouts: Iterable[Payout], mini_program: RedPack) -> int:
        """Let most users open their packets; gives how many packets were opened."""
        opened = 0
        for payout in payouts:
            if payout.state is not State.SENT or payout.row % _FORGETFUL == 0:
                continue
            # What opens it was lost with each reply: on a busy machine there are not many.
            if payout.kind == MINI_PROGRAM.name and payout.voucher is None:
                continue
            opened += 1
            if payout.kind == MINI_PROGRAM.name:
                params = mini_program.claim_params(payout.voucher or "")
                self.control.claim_mini_program(params.as_dict(), payout.payee)
            else:
                for openid in _receivers(payout):
                    self.control.claim(payout.billno, openid)
        return opened

    def payments(self) -> Mapping[str, int]:
        """How often money was taken for each number, by WeChat's own journal."""
        taken: dict[str, int] = {}
        for entry in self.control.journal(mch_id=self.mch_id):
            taken[entry.mch_billno] = taken.get(entry.mch_billno, 0) + entry.paid
        return taken

    def faults(self) -> int:
        """How many requests went wrong, by WeChat's own journal."""
        return sum(
            1
            for entry in self.control.journal(mch_id=self.mch_id)
            if entry.fault not in {"", SPARED}
        )

    def totals(self) -> Totals:
        """WeChat's own accounts."""
        return self.control.totals(self.mch_id)

    def audit(self) -> str:
        """What does not add up there; nothing if all does."""
        return self.control.audit()


def _receivers(payout: Payout) -> list[str]:
    if payout.kind != GROUP.name:
        return [payout.payee]
    friends: Any = range(1, _GROUP_OPENS)
    return [payout.payee, *(f"oFRIEND{friend:02d}ofRow{payout.row}" for friend in friends)]
