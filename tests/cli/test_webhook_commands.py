"""``hongbao webhook`` and ``webhooks``: an endpoint from its secret to its last delivery."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks.webhooks import Webhook
from webhook_receiver import Receiver, Reply, receiver

from campaign_office import ended, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Office, Town
    from shop import Run


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def secret(run: Run, office: Office, town: Town) -> str:
    """A secret that the settings have for the endpoint "shop"."""
    written: str = run("webhook", "secret", "--json").json["secret"]
    (office.folder / "shop.secret").write_text(written, encoding="utf-8")
    (office.folder / "shop.secret").chmod(0o600)
    settings = office.folder / "hongbao.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + '\n[webhooks.shop]\nsecret_file = "shop.secret"\nallow_private = true\n',
        encoding="utf-8",
    )
    return written


def add(run: Run, shop: Receiver, *more: str) -> dict[str, Any]:
    ran = run("webhook", "add", "shop", shop.url, "--json", *more)
    assert ran.code == 0, ran
    found: dict[str, Any] = ran.json["endpoint"]
    return found


def verified(shop: Receiver, secret: str) -> list[str]:
    """The types of what came, each with a right signature."""
    return [Webhook(secret).verify(it.body, it.headers)["type"] for it in shop.received]


def test_an_endpoint_is_told_of_a_campaign_from_its_list_to_its_end(
    run: Run, office: Office, shop: Receiver, secret: str
) -> None:
    assert add(run, shop)["state"] == "active"
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring", "--leave-idle", "0")
    ran = run("webhooks", "run", "--leave-idle", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["arrived"]) == (0, "drained", 9)
    types = verified(shop, secret)
    assert types.count("payout.sent") == types.count("payout.queued") == 3
    assert {"campaign.approved", "campaign.started", "campaign.completed"} <= set(types)
    [found] = run("webhook", "list", "--json").json["endpoints"]
    assert (found["waiting"], found["answer"]) == (0, "204")
    assert found["delivered_at"] is not None


def test_a_worker_delivers_beside_paying_if_it_is_told_to(
    run: Run, office: Office, shop: Receiver, secret: str
) -> None:
    add(run, shop, "--event", "payout.sent")
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    worker = office.start("worker", "--webhooks", "--json")
    wait_until(lambda: len(shop.received) == 3)
    worker.send_signal(signal.SIGTERM)
    ran = ended(worker)
    assert (ran.code, json.loads(ran.stdout)["outcome"]) == (0, "drained"), ran
    assert set(verified(shop, secret)) == {"payout.sent"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(
    office: Office, run: Run, shop: Receiver, secret: str, number: signal.Signals
) -> None:
    add(run, shop)
    process = office.start("webhooks", "run", "--json")
    run(*office.new(office.write_list(2)))
    wait_until(lambda: len(shop.received) == 2)
    process.send_signal(number)
    ran = ended(process)
    assert (ran.code, json.loads(ran.stdout)["arrived"]) == (0, 2)
    assert secret not in ran.stdout + ran.stderr


def test_a_test_says_what_the_endpoint_answers(run: Run, shop: Receiver, secret: str) -> None:
    add(run, shop)
    ran = run("webhook", "test", "shop", "--json")
    assert (ran.code, ran.json["status"]) == (0, 204)
    assert verified(shop, secret) == ["webhook.test"]
    shop.answer = lambda _: Reply(500)
    ran = run("webhook", "test", "shop")
    assert (ran.code, "has not taken it: 500" in ran.stdout) == (5, True)


def test_a_replay_tells_the_same_again_and_an_enabled_endpoint_what_it_missed(
    run: Run, office: Office, shop: Receiver, secret: str
) -> None:
    add(run, shop)
    assert run("webhook", "disable", "shop", "--reason", "moving").code == 0
    run(*office.new(office.write_list(2)))
    run("webhooks", "run", "--leave-idle")
    assert shop.received == []
    assert run("webhook", "enable", "shop", "--json").json["endpoint"]["state"] == "active"
    run("webhooks", "run", "--leave-idle")
    assert run("webhook", "replay", "shop", "--after", "0").code == 0
    run("webhooks", "run", "--leave-idle")
    ids = [it.headers["webhook-id"] for it in shop.received]
    assert (len(ids), len(set(ids))) == (6, 3), "two payouts, and that it was disabled, twice"


def test_while_a_secret_is_rotated_both_sign(
    run: Run, office: Office, shop: Receiver, secret: str
) -> None:
    new: str = run("webhook", "secret", "--json").json["secret"]
    (office.folder / "new.secret").write_text(new, encoding="utf-8")
    (office.folder / "new.secret").chmod(0o600)
    settings = office.folder / "hongbao.toml"
    text = settings.read_text(encoding="utf-8")
    both = 'secret_file = "new.secret"\nprevious_secret_file = "shop.secret"'
    settings.write_text(text.replace('secret_file = "shop.secret"', both), encoding="utf-8")
    add(run, shop)
    assert run("webhook", "test", "shop").code == 0
    assert verified(shop, secret) == verified(shop, new) == ["webhook.test"]


def test_no_secret_stands_in_the_books(
    run: Run, office: Office, shop: Receiver, secret: str
) -> None:
    add(run, shop)
    run(*office.new(office.write_list(2)))
    run("webhooks", "run", "--leave-idle")
    for path in office.folder.glob("books.db*"):
        assert secret.removeprefix("whsec_").encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "shop", "https://user:word@shop.example/"), 6, "without a user"),
        (("add", "shop", "shop.example"), 6, "a URL of https"),
        (("add", "two words", "https://shop.example/"), 8, "cannot be called so"),
        (("add", "shop", "https://shop.example/", "--event", "payout.lost"), 2, "no event"),
        (("add", "shop", "https://shop.example/", "--after", "7"), 8, "no position 7"),
        (("test", "none"), 8, "no endpoint 'none'"),
        (("disable", "none", "--reason", "x"), 8, "no endpoint 'none'"),
        (("replay", "none", "--after", "0"), 8, "no endpoint 'none'"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    run: Run, office: Office, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run("webhook", *arguments)
    assert (ran.code, ran.stdout) == (code, ""), ran
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_endpoint_that_the_settings_do_not_have_is_said_to_need_a_secret(
    run: Run, office: Office
) -> None:
    ran = run("webhook", "add", "shop", "https://shop.example/")
    assert (ran.code, "no [webhooks.shop] yet" in ran.stdout) == (0, True)
    assert run("webhook", "test", "shop").code == 6
    assert run("webhooks", "run", "--leave-idle").code == 6


def test_what_is_no_secret_is_reported_with_its_setting_and_shown_nowhere(
    run: Run, office: Office, secret: str
) -> None:
    (office.folder / "shop.secret").write_text("whsec_hunter2", encoding="utf-8")
    ran = run("webhooks", "run", "--leave-idle")
    assert ran.code == 6
    assert "webhooks.shop: has a secret that must be whsec_" in ran.stderr
    assert "hunter2" not in ran.stderr
