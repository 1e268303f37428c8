"""Reports that several processes share."""

from __future__ import annotations

import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.report import sharing
from hongbao.campaign.report.files import summary_path
from hongbao.campaign.report.report import write_report
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.storing import store_list
from hongbao.errors import BookUnavailable
from hongbao.ledger.book import Book
from list_maker import a_payer, csv_file, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hongbao.ledger.model.payout import Payout

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _short_lists_are_shared(tmp_path: Path, books: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MANY", 0)
    monkeypatch.setattr(sharing, "_LINES", 7)
    path, meaning = csv_file(tmp_path, rows(30)), Meaning(unit=Unit.YUAN)
    with check_list(path, name="spring", payer=a_payer(), meaning=meaning, books=books) as checked:
        stored = store_list(checked, books, by="operator")
    assert stored.campaign is not None
    books.approve("spring", digest=stored.campaign.digest, by="boss")
    books.claim("worker", limit=3, lease_seconds=60)


def test_processes_that_share_a_report_write_what_one_writes(tmp_path: Path, books: Book) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, of: int) -> None:
        seen.append((done, of))

    for name in ("r.csv", "r.xlsx"):
        alone = write_report(tmp_path / f"1{name}", books, "spring")
        together = write_report(tmp_path / name, books, "spring", processes=2, progress=progress)
        assert together == alone
        assert together.on_the_way.payouts == 3
    assert seen == 2 * [(7, 30), (14, 30), (21, 30), (28, 30), (30, 30)]
    assert (tmp_path / "r.csv").read_bytes() == (tmp_path / "1r.csv").read_bytes()
    sheets = [
        list(load_workbook(tmp_path / name)["payouts"].iter_rows(values_only=True))
        for name in ("r.xlsx", "1r.xlsx")
    ]
    assert sheets[0] == sheets[1]


def test_processes_that_share_a_filtered_report_write_what_one_writes(
    tmp_path: Path, books: Book
) -> None:
    for name, only in (("late.csv", late), ("none.csv", paid)):
        write_report(tmp_path / f"1{name}", books, "spring", only=only)
        write_report(tmp_path / name, books, "spring", only=only, processes=2)
        for path in (tmp_path / name, summary_path(tmp_path / name)):
            assert path.read_bytes() == path.with_name(f"1{path.name}").read_bytes()
    lines = (tmp_path / "late.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines] == ["no", *map(str, range(20, 31))]
    assert len((tmp_path / "none.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


def late(payout: Payout) -> bool:
    """Whether it is one of the last rows."""
    return payout.row >= 20


def paid(payout: Payout) -> bool:
    """Whether it is paid: none is."""
    return payout.sent_at is not None


def test_a_report_of_which_a_process_was_ended_is_not_there(tmp_path: Path, books: Book) -> None:
    class Deadly(Book):
        @property
        def opener(self) -> Callable[[], Any]:
            return partial(signal.raise_signal, signal.SIGKILL)

    with pytest.raises(BookUnavailable, match="ended from outside"):
        write_report(tmp_path / "r.csv", books.through(Deadly), "spring", processes=2)
    assert not list(tmp_path.glob("r.*"))
