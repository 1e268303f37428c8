"""A whole system of transfers, decided by a seed, with all that V3 may get wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.rails.transfer.kinds import KINDS
from hongbao.simulator.settings import CancelRace, LowBalance
from proof_stage import DAY, HOUR, MINUTE, Due
from seeded_system import STRANGER, USERS, SeededSystem
from transfer_stage import TransferStage

if TYPE_CHECKING:
    from hongbao.simulator.settings import Settings
    from proof_stage import Payers
    from shelf import Shelf

FAULTS = (
    "hang", "lose_request", "lose_reply", "cut_reply", "garble_reply", "http_500", "http_502",
    "html_page", "refuse_connect", "unsigned_reply", "probe_reply", "wrong_signature",
    "stale_signature",
)  # fmt: skip


class SeededTransfers(SeededSystem):
    """As ``SeededSystem``, of transfers."""

    faults: tuple[str, ...] = FAULTS

    def _stage(self, payers: Payers, shelf: Shelf, settings: Settings) -> TransferStage:
        dice = self._dice
        settings = replace(
            settings,
            refusals_held={},
            transfer_locking_seconds=dice.choice((0.0, 0.0, 30.0, 20 * MINUTE)),
            transfer_close_lag_seconds=dice.choice((0.0, 47 * MINUTE, 3 * HOUR)),
            transfer_paying_seconds=dice.choice((0.0, 20.0, 2 * HOUR)),
            transfer_cancel_seconds=dice.choice((0.0, 2.0, 10 * MINUTE)),
            transfer_cancel_race=dice.choice(list(CancelRace)),
            transfer_low_balance=dice.choice(list(LowBalance)),
            transfer_repeat_seconds=dice.choice((DAY, 3 * DAY)),
            transfer_hidden_seconds=dice.choice((0.0, 0.0, 2.0, 10 * MINUTE)),
            transfer_not_found_status=dice.choice((400, 404)),
            transfer_401_signed=dice.random() < 0.5,
        )
        return TransferStage(payers, shelf, settings=settings)

    def _lie(self, name: str) -> str:
        raise AssertionError(f"{name}: what is not signed proves nothing")

    def rage(self) -> None:
        """As ``SeededSystem.rage``; what WeChat has not signed is among the faults."""
        self.stage.lies.silence()
        super().rage()

    def _due(self, row: int) -> Due:
        dice = self._dice
        payee = STRANGER if dice.random() < 0.1 else dice.choice(USERS)
        return Due(str(row), dice.choice(list(KINDS)), payee, dice.randint(30, 500))
