"""``hongbao console demo``: the pages over a campaign that is half paid, with a worker at it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from hongbao.cli.demo.course import CALLS_PER_SECOND, NAME, PATIENCE, PROFILE, configure, draft
from hongbao.cli.demo.demo import LIST, throwaway
from hongbao.cli.demo.processes import Shows, SimulatorProcess, Terminal, end
from hongbao.cli.demo.stage import Stage
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.console.signing_in import inviting, second_factor
from hongbao.console.signing_in.passwords import Passwords
from hongbao.ledger.book import Book
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.payout import State

MAKER, CHECKER = "mei", "chen"
"""The people of the demo; both may look after accounts, and neither approves what is their own."""
_ROLES = {
    MAKER: frozenset({Role.MAKER, Role.ADMIN}),
    CHECKER: frozenset({Role.CHECKER, Role.FINANCE}),
}
_HALF = 50  # percent of the list are paid when the pages begin
_SLOWLY = 1  # calls a second from then on, so that there is something to see
_SECOND_NAME, _SECOND_ROWS = "autumn", 12
_WATCH_SECONDS, _WATCH_SECONDS_MAX = 0.1, 60.0
_CODES_SHOWN = 3


class SignIn(NamedTuple):
    """How somebody of the demo signs in.

    Attributes:
        name: of the account.
        roles: what the person may do.
        password: a throwaway one.
        key: for an authenticator app.
        codes: some recovery codes: each does in place of the app, once.
    """

    name: str
    roles: list[str]
    password: str
    key: str
    codes: list[str]


class DemoPages(NamedTuple):
    """What the demo's console is made of.

    Attributes:
        configuration: of throwaway books.
        sign_ins: the people.
        phone_url: where the simulated users' phones are.
    """

    configuration: Configuration
    sign_ins: list[SignIn]
    phone_url: str


@contextmanager
def demo_books() -> Iterator[DemoPages]:
    """A simulator, books with half a campaign, people, and a worker, as long as this lasts.

    Raises:
        ConfigurationError: if a command does not end as it must.
    """
    recipients = as_file(files("hongbao.cli.demo") / LIST)
    with throwaway(kept=False) as folder, recipients as path, SimulatorProcess(folder) as simulator:
        (mch_id, merchant), *_ = simulator.ready["merchants"].items()
        control_url = simulator.ready["control_url"]
        stage, terminal = Stage(control_url, mch_id), Terminal(folder, Shows.NOTHING)
        configure(terminal, folder, merchant, control_url)
        draft(terminal, path)
        with Book.open(str(folder / "books.db")) as book:
            standing = book.standing(NAME)
            stage.prepare(
                book.payouts_of(NAME), balance=2 * standing.planned,
                calls_per_second=2 * CALLS_PER_SECOND,
            )  # fmt: skip
            _pay_half(terminal, book)
            _draft_another(terminal, folder)
            people = [_sign_in(book, name) for name in _ROLES]
        _slow_down(folder / "hongbao.toml")
        worker = terminal.start("worker", *PATIENCE[:2])
        try:
            configuration = read_configuration(folder / "hongbao.toml")
            yield DemoPages(configuration, people, simulator.ready["phone_url"])
        finally:
            end(worker)


def _pay_half(terminal: Terminal, book: Book) -> None:
    worker = terminal.start("worker", *PATIENCE[:2])
    try:
        deadline = time.monotonic() + _WATCH_SECONDS_MAX
        rows = book.standing(NAME).rows
        while 100 * book.standing(NAME).total(State.SENT).payouts < _HALF * rows:
            if worker.poll() is not None or time.monotonic() > deadline:
                break  # a slow machine has less to show
            time.sleep(_WATCH_SECONDS)
    finally:
        worker.terminate()
        worker.wait(_WATCH_SECONDS_MAX)


def _draft_another(terminal: Terminal, folder: Path) -> None:
    """A list of which nobody has approved anything yet."""
    rows = [
        f"oDEMOautumn{row:017d},{row}.88,中秋快乐,Autumn,autumn"
        for row in range(1, _SECOND_ROWS + 1)
    ]
    path = folder / f"{_SECOND_NAME}.csv"
    path.write_text(
        "\n".join(["openid,amount,wishing,act_name,remark", *rows, ""]), encoding="utf-8"
    )
    terminal.run(
        "campaign", "new", str(path), "--merchant", PROFILE, "--name", _SECOND_NAME,
        "--unit", "yuan", "--by", MAKER,
    )  # fmt: skip


def _sign_in(book: Book, name: str) -> SignIn:
    accounts, at = book.accounts, time.time_ns() // 1000
    password, key = secrets.token_hex(8), second_factor.new_secret()
    first = accounts.is_empty()
    if not first:
        accounts.add(name, _ROLES[name], by="demo", at=at)
    token = inviting.invite(accounts, None if first else name, by="demo", at=at)
    codes = inviting.accept(
        accounts, token.partition("=")[2], passwords=Passwords(), name=name, password=password,
        secret=key, step=0, at=at,
    )  # fmt: skip
    roles = accounts.change(name, roles=_ROLES[name], by="demo", at=at).roles
    return SignIn(name, sorted(roles), password, key, codes[:_CODES_SHOWN])


def _slow_down(settings: Path) -> None:
    text = settings.read_text(encoding="utf-8")
    fast, slow = f"rate = {CALLS_PER_SECOND}", f"rate = {_SLOWLY}"
    settings.write_text(text.replace(fast, slow), encoding="utf-8")
