"""What the tests of campaigns of transfers share: a folder whose merchant pays by them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from pathlib import Path

    from campaign_office import Town
    from hongbao.engine import State
    from hongbao.ledger.model.payout import Payout
    from shop import Run

TEXTS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "Autumn lottery",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}


class Cashier(NamedTuple):
    """A folder whose merchant pays by transfers.

    Attributes:
        folder: the working directory.
        town: the simulated WeChat.
        run: runs a command there.
        app_id: under which receivers are known.
    """

    folder: Path
    town: Town
    run: Run
    app_id: str

    def write_list(self, rows: int = 4, kind: str = "", yuan: str = "1.00") -> None:
        """A list of receivers, each with a key of its own."""
        lines = [f"k{row},oTEST_payee_{row:016d},{yuan},{kind}" for row in range(1, rows + 1)]
        text = "\n".join(["key,openid,amount,kind", *lines, ""])
        (self.folder / "list.csv").write_text(text, encoding="utf-8")

    def new(self, *more: str, name: str = "autumn") -> Any:
        """Store the list, and approve it."""
        given = ("list.csv", "--merchant", "till", "--name", name, "--unit", "yuan")
        made = self.run("campaign", "new", *given, *more, "--json")
        assert made.code == 0, made.everything
        assert self.run("campaign", "approve", name, "--yes").code == 0
        return made.json

    def payouts(self, name: str = "autumn") -> list[Payout]:
        """As the books have them."""
        with Book.open(str(self.folder / "books.db")) as book:
            return list(book.payouts_of(name))

    def states(self) -> set[State]:
        """The states of all payouts."""
        return {it.state for it in self.payouts()}

    def transfer(self, payout: Payout) -> dict[str, Any]:
        """As WeChat knows it."""
        place = f"transfers/{self.town.mch_id}/{payout.billno}"
        return self.town.control.ask("GET", place)

    def confirm(self, payout: Payout) -> None:
        """The user confirms."""
        package = self.transfer(payout)["package_info"]
        said = {"mchId": self.town.mch_id, "appId": self.app_id, "package": package}
        self.town.control.ask("POST", "confirm", {**said, "openid": payout.payee})

    def work(self) -> None:
        """A worker does all that is due by now."""
        assert self.run("worker", "--leave-idle", "0.1").code == 0

    def later(self, **span: float) -> None:
        """The time of WeChat, which is that of the books, goes on."""
        minutes = span.get("minutes", 0) + 60 * span.get("hours", 0)
        self.town.control.advance(60 * minutes)


def open_till(town: Town, folder: Path, run: Run) -> Cashier:
    """A folder with a hongbao.toml for the simulator's merchant, by whose clock the books go."""
    given = town.control.ask("GET", f"merchants/{town.mch_id}/credentials")
    (folder / "till.key").write_text(given.pop("api_v3_key"), encoding="utf-8")
    (folder / "till.key").chmod(0o600)
    town.have(1_000_000)
    values = {
        "rail": "transfer",
        "api_v3_key_file": "till.key",
        "rate": "unlimited",
        **given,
    }
    lines = [
        'database = "books.db"',
        f"rehearsal_clock = {json.dumps(town.control_url)}",
        "[merchants.till]",
        *(f"{name} = {json.dumps(value)}" for name, value in values.items()),
        "[merchants.till.texts]",
        *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in TEXTS.items()),
    ]
    path = folder / "hongbao.toml"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    path.chmod(0o600)
    return Cashier(folder, town, run, given["app_id"])
