"""The second campaign of the demo: transfers, which users confirm, leave, or lose to a cancel.

It acts through the simulator's control port and the program's own commands alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hongbao.cli.demo.processes import Terminal
from hongbao.cli.demo.proof import stage_line
from hongbao.ledger.book import Book
from hongbao.ledger.model.payout import Payout, State, Task
from hongbao.sentences import said
from hongbao.testing.control_client import ControlClient

TRANSFERS_NAME = "autumn"
"""The campaign's."""
TILL = "till"
"""The merchant's, in hongbao.toml: the same merchant of WeChat's, by its other rail."""

_ROWS = 12
_FAULTS = {"lose_reply": 0.1, "unsigned_reply": 0.1, "probe_reply": 0.05}
_FORGETFUL = 4  # every fourth user does not confirm
_SECONDS = 600
_TURNS_MAX = 10
_TEXTS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "秋季抽奖",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}
_OURS = {"rail": "transfer", "api_v3_key_file": "till.key", "total_seconds": 2, "rate": 20}


class TransferCourse:
    """The course of it.

    Args:
        terminal: where commands are typed.
        control: of the simulator.
        mch_id: who pays.
        patience: options of a worker that does not wait for what is due only in minutes.
    """

    def __init__(
        self,
        terminal: Terminal,
        control: ControlClient,
        mch_id: str,
        *,
        patience: tuple[str, ...],
    ) -> None:
        self._terminal = terminal
        self._control = control
        self._mch_id = mch_id
        self._patience = patience
        self._credentials: dict[str, Any] = {}

    def run(self, folder: Path, book: Book, *, seed: int) -> bool:
        """Import, approve, pay, confirm, take back the rest; whether no command failed."""
        self._configure(folder)
        terminal, path = self._terminal, folder / f"{TRANSFERS_NAME}.csv"
        path.write_text(_rows(), encoding="utf-8")
        terminal.say(
            said("The same merchant pays another list by V3 transfers, which users confirm:")
        )
        new = ("campaign", "new", path.name, "--merchant", TILL, "--name", TRANSFERS_NAME)
        codes = [
            terminal.run(*new, "--unit", "yuan"),
            terminal.run("campaign", "approve", TRANSFERS_NAME, "--yes"),
        ]
        self._control.script_faults(seed=seed, odds=_FAULTS)
        self._work(book, until_none=(Task.SEND, Task.QUERY))
        self._control.end_faults()
        self._tell(book, said("Transfers: their money is locked"))
        confirmed = sum(map(self._confirm, book.payouts_of(TRANSFERS_NAME)))
        terminal.say(
            said("{count} users confirm on the page; the others leave it.", count=confirmed)
        )
        cancel = ("campaign", "cancel", TRANSFERS_NAME, "--reason", said("it is over"), "--yes")
        codes.append(terminal.run(*cancel))
        self._work(book, until_none=Task)
        self._tell(book, said("{count} users confirm; the rest is taken back", count=confirmed))
        return not any(codes)

    def _work(self, book: Book, *, until_none: Iterable[Task]) -> None:
        """Let a worker run, and time pass, while any of these tasks is left."""
        for _ in range(_TURNS_MAX):
            self._terminal.run("worker", *self._patience)
            left = book.next_due(book.standing(TRANSFERS_NAME).campaign.id)
            if left.keys().isdisjoint(until_none):
                return
            self._control.advance(_SECONDS)

    def _confirm(self, payout: Payout) -> bool:
        """Whether its user has confirmed."""
        if payout.state is not State.AWAITING_USER or payout.row % _FORGETFUL == 0:
            return False
        found = self._control.ask("GET", f"transfers/{self._mch_id}/{payout.billno}")
        params = {
            "mchId": self._mch_id,
            "appId": self._credentials["app_id"],
            "package": found["package_info"],
        }
        self._control.ask("POST", "confirm", {**params, "openid": payout.payee})
        return True

    def _configure(self, folder: Path) -> None:
        """Give the merchant a second table in hongbao.toml."""
        given = self._control.ask("GET", f"merchants/{self._mch_id}/credentials")
        key = folder / str(_OURS["api_v3_key_file"])
        key.write_text(given.pop("api_v3_key"), encoding="utf-8")
        key.chmod(0o600)
        self._credentials = given
        tables: dict[str, Mapping[str, object]] = {
            f"merchants.{TILL}": {**_OURS, **given},
            f"merchants.{TILL}.texts": _TEXTS,
        }
        lines = []
        for name, values in tables.items():
            lines += ["", f"[{name}]"]
            lines += [
                f"{it} = {json.dumps(value, ensure_ascii=False)}" for it, value in values.items()
            ]
        with (folder / "hongbao.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))

    def _tell(self, book: Book, words: str) -> None:
        self._terminal.tell(stage_line(words, book.standing(TRANSFERS_NAME)))


def _rows() -> str:
    kinds = ("transfer", "transfer-red-packet")
    rows = [
        f"oDEMOtransfer{row:014d},{row}.08,{kinds[row % 2]},{TRANSFERS_NAME}/{row}"
        for row in range(1, _ROWS + 1)
    ]
    return "\n".join(["openid,amount,kind,key", *rows, ""])
