"""A merchant's server in a proof: its users' pages, and whatever is posted to its ``notify_url``.

Notifications come twice, out of order, late, damaged, and to the wrong merchant. Whatever it is, it
may at most have a worker ask.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from hongbao.configuration.file import read_configuration
from hongbao.engine.confirmations import Confirmations
from hongbao.errors import HongbaoError

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from hongbao.ledger.model.payout import Payout
    from transfer_stage import TransferStage

NOTIFY_URL = "https://pay.example.test/notify"
_KEPT_MAX = 20
_FRESH_SECONDS = 300.0


class TransferServer:
    """One of a stage's, for all of its merchants.

    Args:
        stage: the world.
        folder: for its settings; they are written once.
        dice: decide what is posted to it.
    """

    def __init__(self, stage: TransferStage, folder: Path, dice: Random) -> None:
        self._stage = stage
        self._dice = dice
        self._kept: list[tuple[float, dict[str, str], bytes]] = []
        self._confirmations = Confirmations(
            stage.book,
            read_configuration(_settings(stage, folder)),
            transport=stage.wechat.transport(),
            clock=stage.time.now,
        )

    def params(self, payout: Payout) -> dict[str, str] | None:
        """What opens a payout's page; None if it cannot be opened now."""
        with suppress(HongbaoError):
            return self._confirmations.page(payout).for_mini_program()
        return None

    def be_notified(self) -> None:
        """Take what WeChat posts now, some of it twice and the last first, and what others post."""
        self._stage.wechat.notify(self._take, shuffled=self._dice.random() < 0.5)
        now = self._stage.time.now()
        for at, headers, body in self._kept:
            status = self._post(headers, body)
            fresh = now - at <= _FRESH_SECONDS
            assert status in ({204, 503} if fresh else {401}), f"a replay is answered {status}"
            self._forge(headers, body)
        del self._kept[:-_KEPT_MAX]

    def _take(self, headers: dict[str, str], body: bytes) -> int:
        if self._dice.random() < 0.2:
            self._kept.append((self._stage.time.now(), headers, body))
            return 500
        return self._post(headers, body)

    def _post(self, headers: dict[str, str], body: bytes) -> int:
        """Post it to each merchant's address: one of them, at most, may take it."""
        statuses = {name: self._confirmations.notified(name, headers, body) for name in self._names}
        taken = [status for status in statuses.values() if status in {204, 503}]
        assert len(taken) <= 1, f"one notification is taken by two merchants: {statuses}"
        return taken[0] if taken else min(statuses.values(), default=404)

    def _forge(self, headers: dict[str, str], body: bytes) -> None:
        """The same without a signature, with another nonce, and with another byte."""
        half = len(body) // 2
        for name, value in (
            ({}, body),
            ({**headers, "Wechatpay-Nonce": "0" * 32}, body),
            (headers, body[:half] + bytes([body[half] ^ 1]) + body[half + 1 :]),
        ):
            assert self._post(name, value) == 401, "a forged notification is taken"

    @property
    def _names(self) -> list[str]:
        return list(self._confirmations.merchants)


def _settings(stage: TransferStage, folder: Path) -> Path:
    path = folder / "hongbao.toml"
    if path.exists():
        return path
    lines = ['database = "books.db"']
    for mch_id in stage.mch_ids:
        given = stage.wechat.simulation.credentials(mch_id)
        key = folder / f"{mch_id}.key"
        key.write_text(given.pop("api_v3_key"), encoding="utf-8")
        key.chmod(0o600)
        values = {"rail": "transfer", "api_v3_key_file": key.name, **given}
        lines.append(f"[merchants.{mch_id}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    path.chmod(0o600)
    return path
