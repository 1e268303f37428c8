"""Real processes that die at any moment, on either side, pay nobody twice and lose nobody."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from postgres_process import PostgresProcess

from filled_book import fill
from hongbao.ledger.book import Book
from ordeal import SEED, undergo
from reckoning import reckon

if TYPE_CHECKING:
    from pathlib import Path

    from wechat_process import WeChatProcess

PAYOUTS = int(os.environ.get("HONGBAO_PROOF_PAYOUTS", "400"))
"""``make proof`` asks for 20,000."""
RATE = 80.0 if PAYOUTS < 5_000 else 500.0
"""Calls a second, so that there is time to be killed in."""
SECONDS_MAX = 120 + PAYOUTS / 20


def test_three_workers_on_postgresql_pay_everybody_once(
    wechat: WeChatProcess, tmp_path: Path
) -> None:
    with PostgresProcess() as database:
        url = database.create("books")
        Book.upgrade(url)
        with Book.open(url) as book:
            fill(book, mch_id=wechat.mch_id, payouts=PAYOUTS, rate=RATE)
        ordeal = undergo(
            url, wechat, tmp_path, workers=3, seed=SEED, seconds_max=SECONDS_MAX, database=database
        )
        with Book.open(url) as book:
            reckoning = reckon(book, wechat.control)
    sys.stdout.write(f"{ordeal}\n{reckoning}\n")
    assert ordeal.crashes == 1
    assert ordeal.killed >= 3
    assert reckoning.faults > 0
    assert reckoning.unsure > 0


def test_one_worker_on_sqlite_pays_everybody_once(wechat: WeChatProcess, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'books.db'}"
    with Book.open(url) as book:
        fill(book, mch_id=wechat.mch_id, payouts=PAYOUTS, rate=RATE)
    ordeal = undergo(url, wechat, tmp_path, workers=1, seed=SEED, seconds_max=SECONDS_MAX)
    with Book.open(url) as book:
        reckoning = reckon(book, wechat.control)
    sys.stdout.write(f"{ordeal}\n{reckoning}\n")
    assert ordeal.killed >= 3
    assert reckoning.faults > 0
    assert reckoning.unsure > 0


def test_wechat_and_its_worker_are_killed_at_random_and_everybody_is_paid_once(
    wechat: WeChatProcess, tmp_path: Path
) -> None:
    """Each goes on with what it has kept: the worker with its books, WeChat with its world."""
    url = f"sqlite:///{tmp_path / 'books.db'}"
    with Book.open(url) as book:
        fill(book, mch_id=wechat.mch_id, payouts=PAYOUTS // 2, rate=RATE / 2)
    ordeal = undergo(
        url, wechat, tmp_path, workers=1, seed=SEED, seconds_max=2 * SECONDS_MAX, kills_wechat=True
    )
    with Book.open(url) as book:
        reckoning = reckon(book, wechat.control)
    sys.stdout.write(f"{ordeal}\n{reckoning}\n")
    assert ordeal.killed >= 2
    assert ordeal.restarts >= 2
    assert reckoning.faults > 0
    assert reckoning.unsure > 0
