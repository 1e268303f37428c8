"""Workers of transfers that die at any moment, while users confirm and a clerk takes some back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from kinds import ALL
from postgres_process import PostgresProcess

from filled_book import TRANSFER_TERMS, fill
from hongbao.ledger.book import Book
from ordeal import SEED, undergo
from test_killed_workers import PAYOUTS as PACKETS
from test_killed_workers import SECONDS_MAX

if TYPE_CHECKING:
    from pathlib import Path

    from wechat_process import WeChatProcess

PAYOUTS = PACKETS // 4
"""Each takes four calls or more."""
RATE = 25.0 if PAYOUTS < 1_000 else 300.0
"""Calls a second, so that there is time to be killed in."""


def _fill(url: str, wechat: WeChatProcess) -> None:
    more = {
        "app_id": wechat.credentials()["app_id"],
        "notify_url": "https://pay.example.test/notify",
    }
    with Book.open(url) as book:
        fill(
            book, mch_id=wechat.mch_id, payouts=PAYOUTS, rate=RATE,
            transfer_terms=TRANSFER_TERMS | more,
        )  # fmt: skip


@pytest.mark.skipif(not ALL, reason="make proof runs it")
def test_workers_on_postgresql_pay_and_take_back_everybody_once(
    wechat: WeChatProcess, tmp_path: Path
) -> None:
    with PostgresProcess() as database:
        url = database.create("books")
        Book.upgrade(url)
        _fill(url, wechat)
        ordeal = undergo(
            url, wechat, tmp_path, workers=2, seed=SEED, seconds_max=4 * SECONDS_MAX,
            database=database, transfers=True,
        )  # fmt: skip
    sys.stdout.write(f"{ordeal}\n")
    assert ordeal.crashes == 1
    assert ordeal.killed >= 2


def test_wechat_and_a_worker_on_sqlite_are_killed_and_everybody_is_paid_or_taken_back_once(
    wechat: WeChatProcess, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'books.db'}"
    _fill(url, wechat)
    ordeal = undergo(
        url, wechat, tmp_path, workers=1, seed=SEED, seconds_max=4 * SECONDS_MAX,
        kills_wechat=True, transfers=True,
    )  # fmt: skip
    sys.stdout.write(f"{ordeal}\n")
    assert ordeal.killed >= 2
    assert ordeal.restarts >= 2
