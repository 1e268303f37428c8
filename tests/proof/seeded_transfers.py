"""A whole system of transfers, decided by a seed, with all that V3 may get wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.errors import LedgerError
from hongbao.rails.transfer.kinds import KINDS
from hongbao.simulator.settings import CancelRace, LowBalance
from proof_stage import DAY, HOUR, MERCHANTS, MINUTE, Due
from seeded_system import STRANGER, USERS, SeededSystem
from transfer_stage import TransferStage, WechatKeysKnown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.settings import Settings
    from proof_stage import Payers
    from shelf import Shelf

FAULTS = (
    "hang", "lose_request", "lose_reply", "cut_reply", "garble_reply", "http_500", "http_502",
    "html_page", "unknown_code", "systemerror", "refuse_connect", "unsigned_reply", "probe_reply",
    "wrong_signature", "stale_signature", "foreign_serial",
)  # fmt: skip
_MOVES = (
    (WechatKeysKnown.PLATFORM, False),
    (WechatKeysKnown.PLATFORM, True),
    (WechatKeysKnown.BOTH, True),
    (WechatKeysKnown.PUBLIC, True),
)
"""How a merchant moves to WeChat's public key: what its settings have, and whether WeChat has."""


class SeededTransfers(SeededSystem):
    """As ``SeededSystem``, of transfers."""

    faults: tuple[str, ...] = FAULTS
    stage: TransferStage

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
            transfer_both_spellings=dice.random() < 0.5,
        )
        stage = TransferStage(payers, shelf, settings=settings, dice=dice)
        stage.opens_anew = dice.choice((0.0, 0.5, 1.0))
        self._moves = list(_MOVES) if dice.random() < 0.5 else []
        self._at(stage, _MOVES[0] if self._moves else (WechatKeysKnown.BOTH, True))
        return stage

    def rage(self) -> None:
        """As ``SeededSystem.rage``; what WeChat has not signed is among the faults."""
        self.stage.lies.mute = True
        super().rage()
        self.stage.lies.mute = False

    def recover(self) -> None:
        """As ``SeededSystem.recover``; the merchant has moved to the public key, if it began to."""
        if self._moves:
            self._at(self.stage, _MOVES[-1])
        super().recover()

    def _acts(self) -> tuple[Callable[[], None], ...]:
        server = self.stage.server
        return (*super()._acts(), *(server.be_notified,) * 3, self._move, *(self._take_back,) * 2)

    def _users(self) -> None:
        super()._users()
        if self._dice.random() < 0.5:
            self.stage.server.be_notified()

    def _take_back(self) -> None:
        """Take one back, now and then while its user confirms; or have it asked about at once."""
        payout, book = self._dice.choice(self.stage.payouts()), self.stage.book
        if self._dice.random() < 0.3:
            self._users()
        with suppress(LedgerError):
            book.cancel_payout(payout.id, by="clerk", reason="the wrong person")
            if self._dice.random() < 0.5:
                book.query_now(payout.id, by="clerk")

    def _move(self) -> None:
        """Go one step on from platform certificates to the public key, if that has begun."""
        if len(self._moves) > 1:
            del self._moves[0]
            self._at(self.stage, self._moves[0])

    def _at(self, stage: TransferStage, move: tuple[WechatKeysKnown, bool]) -> None:
        """Workers that run keep the settings with which they began; WeChat serves old keys on."""
        stage.keys_known, public = move
        for kept in MERCHANTS:
            v3 = stage.wechat.simulated(kept.mch_id).v3
            assert v3 is not None
            v3.public_key_in_use = public
            v3.platform_in_use = stage.keys_known is not WechatKeysKnown.PUBLIC

    def _due(self, row: int) -> Due:
        dice = self._dice
        payee = STRANGER if dice.random() < 0.1 else dice.choice(USERS)
        return Due(str(row), dice.choice(list(KINDS)), payee, dice.randint(30, 500))
