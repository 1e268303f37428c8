"""The demo's stage: who is known to the simulated WeChat, who claims what, how time passes.

It acts through the control port alone, as any program in any language could.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from hongbao.cli.demo.calls.payouts import End, number_of
from hongbao.cli.demo.calls.recipients import Kind
from hongbao.simulator.settings import FOREIGN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.cli.demo.calls.payouts import Clients, Payout
    from hongbao.cli.demo.calls.recipients import Recipient
    from hongbao.money import Fen
    from hongbao.testing.control_client import ControlClient, Totals

RISKY = "oRISKY"
"""Openids that start so are refused by risk control."""
USER_PACKETS_PER_DAY = 3
"""Few, so that a short list can reach it. WeChat's default is 10."""

_RISK_LEVEL = 1  # refused at the simulator's usual anti-abuse level and above
_CLAIM_DAY_SECONDS = 24 * 3600 + 900  # packets go back after 24 hours, and take 15 minutes
_TICKET_DAYS_SECONDS = 48 * 3600  # preordered ones after 72


class Stage:
    """One merchant's.

    Args:
        control: the simulator's control port.
        clients: who sends.
    """

    def __init__(self, control: ControlClient, clients: Clients) -> None:
        self._control = control
        self._clients = clients
        self._mch_id = clients.official.merchant.mch_id

    def prepare(self, rows: Sequence[Recipient], *, balance: Fen) -> None:
        """Register users, fill the account, set the day's limit, plan some lost replies."""
        control, mch_id = self._control, self._mch_id
        control.change_settings(strict_openids=True)
        for row in rows:
            if row.openid and not row.openid.startswith(FOREIGN_PREFIX):  # of another appid
                self._register(row.openid, row.kind)
        control.change_merchant(
            mch_id,
            risky_openids={it.openid: _RISK_LEVEL for it in rows if it.openid.startswith(RISKY)},
            limits={"user_packets_per_day": USER_PACKETS_PER_DAY},
        )
        held = control.merchant(mch_id)["basic"]["balance"]
        control.top_up(mch_id, balance - held)
        lost = [number_of(row, self._clients) for row in _lost(rows)]
        control.script_faults(
            *({"fault": "lose_reply", "mch_billno": number, "times": 1} for number in lost)
        )

    def pass_a_second(self) -> None:
        """WeChat takes 30 calls a second, and this clock stands still unless it is moved."""
        self._control.advance(1)

    def pass_a_day(self) -> None:
        """Until what was not claimed has gone back."""
        self._control.advance(_CLAIM_DAY_SECONDS)

    def pass_two_more_days(self) -> None:
        """Until the tickets of preorders have gone back too."""
        self._control.advance(_TICKET_DAYS_SECONDS)

    def claim(self, payout: Payout) -> None:
        """Let as many people claim of an accepted row as it says."""
        row, control = payout.row, self._control
        if payout.end is not End.ACCEPTED or payout.repeats or not row.claims:
            return
        match row.kind:
            case Kind.NORMAL | Kind.WORK:
                control.claim(payout.mch_billno, row.openid)
            case Kind.GROUP:
                for openid in _friends(row):
                    self._register(openid, row.kind)
                    control.claim(payout.mch_billno, openid)
            case Kind.MINI_PROGRAM:
                params = self._clients.mini_program.claim_params(payout.claim_by or "")
                control.claim_mini_program(params.as_dict(), row.openid)
            case Kind.PREORDER:
                control.draw(payout.claim_by or "", row.openid)
            case _:
                assert_never(row.kind)

    def totals(self) -> Totals:
        """The simulator's own books."""
        return self._control.totals()

    def audit(self) -> str:
        """What does not add up among the simulator's packets, accounts and wallets."""
        return self._control.audit()

    def _register(self, openid: str, kind: Kind) -> None:
        merchant = self._clients.of(kind).merchant
        appid = merchant.corp_id if kind is Kind.WORK else merchant.app_id
        self._control.add_user(openid, appid or "")


def _lost(rows: Sequence[Recipient]) -> list[Recipient]:
    """The rows whose first reply gets lost: the second of the kinds that most people send."""
    kinds = (Kind.NORMAL, Kind.MINI_PROGRAM)
    of_kind = [[row for row in rows if row.kind is kind] for kind in kinds]
    return [found[1] for found in of_kind if len(found) > 1]


def _friends(row: Recipient) -> list[str]:
    """Who claims of a group: its receiver first, then friends."""
    friends = [f"oFRIEND{number:02d}ofLine{row.line}" for number in range(1, row.claims)]
    return [row.openid, *friends][: row.claims]
