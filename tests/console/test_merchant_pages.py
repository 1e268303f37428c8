"""Limits of merchants: seen by all, asked for by one person, accepted by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console_stage import fields, send
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    import httpx

    from console_stage import ConsoleStage

ON = "/merchants/demo"
WANTED = {
    "rate": "25", "burst": "2", "hours": "08:00-23:30", "day_yuan_max": "1,000.00",
    "user_day_yuan_max": "unlimited", "user_day_count_max": "10", "reason": "a busy day",
}  # fmt: skip


@pytest.fixture
def books(console: ConsoleStage) -> ConsoleStage:
    """Books that hold the merchant to other limits than the settings."""
    console.account("root", Role.ADMIN)
    other = PayerLimits(day_amount_max=12_345)
    console.book.set_channel("1900012345", "redpack", other, by="anna")
    return console


def ask(client: httpx.Client, **changes: str) -> httpx.Response:
    return client.post(f"{ON}/ask", data=fields(client.get(ON).text) | WANTED | changes)


def accept(console: ConsoleStage, client: httpx.Client, request: int | None = None) -> int:
    if request is None:
        [found] = console.book.limits_requests().values()
        request = found.number
    return send(client, f"{ON}/accept", on=ON, request=str(request)).status_code


def test_everybody_sees_what_holds_and_where_the_settings_differ(books: ConsoleStage) -> None:
    for path in ("/merchants", ON):
        page = books.client(Role.VIEWER).get(path).text
        assert "123.45" in page
        assert "NOBODY_HAS_IT" not in page
        assert "/ask" not in page
    assert "differ in" in books.client(Role.VIEWER).get("/merchants").text


def test_limits_hold_once_another_person_has_accepted_them(books: ConsoleStage) -> None:
    maker, checker = books.client(Role.MAKER), books.client(Role.CHECKER)
    assert ask(maker).headers["location"] == f"{ON}?done=limits-asked"
    assert books.book.channels()[0].limits["day_amount_max"] == 12_345
    page = checker.get(ON).text
    assert "a busy day" in page
    assert "1,000.00" in page
    assert accept(books, checker) == 303
    expected = PayerLimits(
        rate=25, burst=2, day_amount_max=100_000, user_day_count_max=10, opens=480, closes=1410
    )
    assert books.book.channels()[0].differs_from(expected) == []
    limits = books.site.configuration.profile("demo").limits
    books.book.set_channel("1900012345", "redpack", limits, by="worker-1")
    assert books.book.channels()[0].differs_from(expected) == []
    assert books.book.audit().findings_count == 0


def test_nobody_accepts_their_own_nor_an_old_request_nor_without_a_fresh_sign_in(
    books: ConsoleStage,
) -> None:
    both, checker = books.client(Role.MAKER, Role.CHECKER, name="li"), books.client(Role.CHECKER)
    ask(both)
    [first] = books.book.limits_requests().values()
    assert "another person has to accept them" in both.get(ON).text
    assert accept(books, both) == 403
    ask(both, rate="30")
    assert accept(books, checker, first.number) == 409
    books.wall.pass_(301)
    assert f"/confirm?next={ON}" in checker.get(ON).text
    assert accept(books, checker) == 303
    assert len(books.book.limits_requests()) == 1


def test_a_request_is_declined_with_a_reason(books: ConsoleStage) -> None:
    maker, checker = books.client(Role.MAKER), books.client(Role.CHECKER)
    ask(maker)
    [found] = books.book.limits_requests().values()
    number = str(found.number)
    decline = f"{ON}/decline"
    assert send(checker, decline, on=ON, request=number).status_code == 422
    done = send(checker, decline, on=ON, request=number, reason="too fast")
    assert done.headers["location"] == f"{ON}?done=limits-declined"
    assert books.book.limits_requests() == {}
    assert accept(books, checker, found.number) == 409


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("rate", "fast"), ("rate", "0"), ("burst", "0"), ("burst", "1.5"), ("hours", "8-9"),
        ("day_yuan_max", "1.234"), ("user_day_count_max", ""), ("user_day_yuan_max", "-1"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_limit_is_said_beside_what_was_typed(
    books: ConsoleStage, setting: str, said: str
) -> None:
    answer = ask(books.client(Role.ADMIN), **{setting: said})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="1,000.00"' in answer.text or setting == "day_yuan_max"
    assert books.book.limits_requests() == {}
