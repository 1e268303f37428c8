"""``hongbao merchant set``: the books hold a merchant to its settings, or the list says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def listed(run: Run) -> dict[str, Any]:
    [found] = run("merchant", "list", "--json").json["merchants"]
    return dict(found)


def test_books_take_the_limits_of_the_settings_at_once(
    run: Run, office: Office, town: Town
) -> None:
    with Book.open(str(office.folder / "books.db")) as book:
        book.set_channel(town.mch_id, "redpack", PayerLimits(rate=3), by="anna")
    assert set(listed(run)["differs"]) == {
        "rate", "burst", "day_yuan_max", "user_day_count_max", "user_day_yuan_max",
    }  # fmt: skip
    assert "the settings have another rate, " in run("merchant", "list").stdout
    office.configure(town.settings, rate=7, day_yuan_max="500.00")
    ran = run("merchant", "set", "demo", "--rate", "7", "--day-max", "500", "--by", "carol")
    assert ran.code == 0
    assert (listed(run)["rate"], listed(run)["differs"]) == (7.0, [])
    assert run("audit").code == 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("--rate", "8"), 6), (("--rate", "unlimited"), 6), (("--day-max", "501"), 6),
        (("--rate", "fast"), 2), (("--day-max", "1.234"), 2),
    ],
)  # fmt: skip
def test_what_the_settings_do_not_say_is_not_set(
    run: Run, office: Office, town: Town, said: tuple[str, ...], code: int
) -> None:
    office.configure(town.settings, rate=7, day_yuan_max="500.00")
    ran = run("merchant", "set", "demo", *said, "--json")
    assert (ran.code, ran.json["exit_code"]) == (code, code)
    assert not listed(run)["in_books"]


def test_a_merchant_must_be_in_the_settings(run: Run, office: Office) -> None:
    assert run("merchant", "set", "nobody").code == 6
    assert run("merchant", "set", "demo", "--rate", "unlimited").code == 0


def test_a_request_for_what_was_set_meanwhile_says_so(run: Run, office: Office, town: Town) -> None:
    for rate in (7, 5):
        office.configure(town.settings, rate=rate)
        assert (
            run(
                "merchant",
                "ask" if rate == 5 else "set",
                "demo",
                *(("--by", "anna", "--reason", "slower") if rate == 5 else ()),
            ).code
            == 0
        )
    assert "anna asks for rate 5" in run("merchant", "list").stdout
    assert run("merchant", "set", "demo").code == 0
    assert run("merchant", "list").stdout.endswith(": anna asks for what holds already\n")
