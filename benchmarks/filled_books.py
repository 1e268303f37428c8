"""Books to measure with: many merchants, each with an approved campaign."""

from __future__ import annotations

import shutil
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from pathlib import Path

    from postgres_process import PostgresProcess

_BY = "bench"
_TERMS = {
    "send_name": "测试商户",
    "wishing": "谢谢参与",
    "act_name": "秋季抽奖",
    "remark": "一等奖",
}
_CHUNK = 5_000

# The server's own defaults, but for memory: 128 MB of buffers are little for a million payouts.
# fsync and synchronous_commit are on.
SERVER_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}


def postgresql_books(server: PostgresProcess, name: str, *, like: str | None = None) -> str:
    """Books in a database of their own, empty or as another one; gives the URL."""
    url = server.create(name, template=like)
    if like is None:
        Book.upgrade(url)
    return url


def sqlite_books(folder: Path, name: str, *, like: str | None = None) -> str:
    """Books in a file of their own, empty or as another one; gives the URL."""
    path = folder / f"{name}.db"
    if like is not None:
        shutil.copy(folder / f"{like}.db", path)
    url = f"sqlite:///{path}"
    Book.open(url).close()
    return url


def merchant_number(place: int) -> str:
    """The number of a merchant by its place."""
    return f"19{place:08}"


def fill(
    url: str, *, campaign: str, merchants: range, payouts: int, limits: PayerLimits | None = None
) -> None:
    """Have each of these merchants owe so many payouts, in an approved campaign of its own.

    That takes five transactions each, which is not what is measured: PostgreSQL need not wait for
    the disk here.
    """
    hasty = f"{url}?options=-csynchronous_commit%3Doff" if url.startswith("postgresql") else url
    with Book.open(hasty) as book:
        [terms_id] = book.terms([_TERMS])
        for place in merchants:
            number = merchant_number(place)
            channel_id = book.set_channel(number, "redpack", limits or PayerLimits(), by="anna")
            plan = Plan(
                name=f"{campaign}-{number}",
                channel_id=channel_id,
                profile=number,
                budget=None,
                source="bench",
                source_digest=sha256(b"").digest(),
            )
            begun = book.begin_import(plan, by=_BY)
            rows = (range(at, min(at + _CHUNK, payouts)) for at in range(0, payouts, _CHUNK))
            chunks = ([_entry(plan.name, row, terms_id) for row in some] for some in rows)
            book.submit(begun.id, chunks, by=_BY)
            draft = book.finish_import(plan.name, by=_BY)
            book.approve(plan.name, digest=draft.digest, by=_BY)


def payee_of(campaign: str, row: int) -> str:
    """To whom a row of a campaign goes: of the 64 characters that openids are made of."""
    digest = sha256(f"{campaign}/{row}".encode()).digest()
    return f"oBENCH_{urlsafe_b64encode(digest)[:21].decode()}"


def _entry(campaign: str, row: int, terms_id: int) -> Entry:
    return Entry(
        key=f"{campaign}/{row}",
        kind="normal",
        payee=payee_of(campaign, row),
        amount=100,
        people=1,
        terms_id=terms_id,
    )
