"""The people of an ordeal of transfers: users who confirm, and a clerk who takes some back.

Some of each list are left alone by their users and taken back, of some both happens at once. What
WeChat posts then goes to the merchant's own server, in this process, twice.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from filled_book import NAME, PROFILE
from hongbao.configuration.file import read_configuration
from hongbao.engine.confirmations import Confirmations
from hongbao.errors import LedgerError
from hongbao.ledger.model.payout import PAID, State
from hongbao.testing.control_client import ControlRefused

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Payout
    from wechat_process import WeChatProcess

_LEFT, _BOTH = 1, 2
"""Of each four payouts, by their places in the list."""
_TAKEN = frozenset({200, 204})


class TransferPeople:
    """All of them.

    Args:
        book: the books.
        wechat: who pays.
        folder: for the server's settings.
    """

    def __init__(self, book: Book, wechat: WeChatProcess, folder: Path) -> None:
        self._book = book
        self._wechat = wechat
        self._done: set[int] = set()
        self._taken: set[int] = set()
        self._server = Confirmations(book, read_configuration(_settings(wechat, folder)))

    def act(self) -> None:
        """Do what is to be done by now."""
        for payout in self._book.payouts_of(NAME):
            if payout.state is not State.AWAITING_USER or payout.id in self._done:
                continue
            part = payout.row % 4
            if part in {_LEFT, _BOTH} and payout.id not in self._taken:
                with suppress(LedgerError):  # a worker has it
                    self._book.cancel_payout(payout.id, by="clerk", reason="the wrong person")
                    self._taken.add(payout.id)
            if part != _LEFT and self._confirm(payout):
                self._done.add(payout.id)
        self._be_notified()

    def transfer(self, payout: Payout) -> dict[str, Any]:
        """What WeChat has of it; nothing if it has never heard of it."""
        try:
            place = f"transfers/{self._wechat.mch_id}/{payout.billno}"
            return self._wechat.control.ask("GET", place)
        except ControlRefused as refused:
            if refused.status != 404:
                raise
            return {}

    def reckon(self) -> None:
        """Assert that everybody has what both sides say, nobody twice, and that nothing is locked.

        Whoever can never be paid may still be in doubt: see ``ordeal``.
        """
        payouts = list(self._book.payouts_of(NAME))
        for payout in payouts:
            transfer = self.transfer(payout)
            assert payout.attempt == 1
            assert transfer.get("payments", 0) <= 1, payout
            assert (payout.state in PAID) is (transfer.get("state") == "SUCCESS"), payout
            assert payout.claimed == transfer.get("paid", 0), payout
            assert transfer.get("state") in {None, "SUCCESS", "FAIL", "CANCELLED"}, payout
        totals = self._wechat.control.totals()
        paid = sum(payout.amount for payout in payouts if payout.state in PAID)
        assert (totals.claimed, totals.in_flight) == (paid, 0)
        assert totals.debited - totals.refunded == paid
        standing = self._book.standing(NAME)
        assert standing.adds_up
        assert standing.paid == paid
        assert self._wechat.control.audit() == ""
        assert self._book.audit().findings == ()

    def close(self) -> None:
        """Close what is open."""
        self._server.close()

    def _confirm(self, payout: Payout) -> bool:
        """Whether its user has confirmed, or cannot any more."""
        package = self.transfer(payout).get("package_info")
        if package is None:
            return True
        said = {
            "mchId": self._wechat.mch_id,
            "appId": self._wechat.credentials()["app_id"],
            "package": package,
        }
        with suppress(ControlRefused):
            self._wechat.control.ask("POST", "confirm", {**said, "openid": payout.payee})
        return True

    def _be_notified(self) -> None:
        control = self._wechat.control
        for sent in control.ask("GET", "notifications")["notifications"]:
            body = sent["body"].encode()
            statuses = [self._server.notified(PROFILE, sent["headers"], body) for _ in range(2)]
            assert set(statuses) <= {204, 503}, statuses
            assert self._server.notified(PROFILE, sent["headers"], body + b" ") == 401
            control.ask("POST", f"notifications/{sent['serial']}", {"status": statuses[-1]})


def _settings(wechat: WeChatProcess, folder: Path) -> Path:
    given = wechat.credentials()
    key, path = folder / "till.key", folder / "hongbao.toml"
    key.write_text(given.pop("api_v3_key"), encoding="utf-8")
    values = {"rail": "transfer", "api_v3_key_file": key.name, **given}
    lines = ['database = "books.db"', f"[merchants.{PROFILE}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    for file in (key, path):
        file.chmod(0o600)
    return path
