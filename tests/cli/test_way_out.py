"""Every command that calls WeChat takes the way out that is set, and shows no password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proxies import ProxyServer, refuse

from shop import NORMAL, write_toml

if TYPE_CHECKING:
    from pathlib import Path

    from proxies import Manner

    from campaign_office import Office, Town
    from shop import Ran, Run, Shop

PASSWORD = "open-sesame"
ENCODED = "cGF5Om9wZW4tc2VzYW1l"


def with_password(way: ProxyServer) -> str:
    return way.url.replace("://", f"://pay:{PASSWORD}@")


def checks(ran: Ran) -> dict[str, Any]:
    return {check["name"]: check for check in ran.json["checks"]}


def test_send_query_and_doctor_go_through_the_proxy(run: Run, shop: Shop, tmp_path: Path) -> None:
    with ProxyServer() as way:
        path = write_toml(tmp_path / "m.toml", {**shop.settings, "proxy": with_password(way)})
        merchant = ("--merchant", str(path))
        sent = run(*NORMAL, *merchant, "--mch-billno", "Way1", "--yes", "--json")
        asked = run("query", "Way1", *merchant, "--json")
        examined = run("doctor", *merchant, "--json")
    assert (sent.code, asked.code, examined.code) == (0, 0, 0)
    assert asked.json["packet"]["status"] in {"SENT", "SENDING"}
    assert len(way.heads) == 4  # the doctor looks at TLS and makes a query
    assert all(f"Proxy-Authorization: Basic {ENCODED}".encode() in head for head in way.heads)
    found = checks(examined)
    assert f"the proxy 127.0.0.1:{way.port}, with a user and password" in found["way out"]["found"]
    assert "own address" not in found
    assert f"DNS of {way.proxy.origin.host}" in found
    for ran in (sent, asked, examined):
        assert PASSWORD not in ran.everything
        assert ENCODED not in ran.everything


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        (refuse(b"407 Who are you"), "does not take the user and password"),
        (refuse(b"403 No"), "the proxy answered 403"),
        (lambda tunnel: None, "the proxy closed the connection in answer to CONNECT"),
    ],
)
def test_where_the_way_ends_is_said_and_nothing_was_sent(
    run: Run, shop: Shop, tmp_path: Path, manner: Manner, said: str
) -> None:
    with ProxyServer(manner) as way:
        path = write_toml(tmp_path / "m.toml", {**shop.settings, "proxy": with_password(way)})
        merchant = ("--merchant", str(path))
        sent = run(*NORMAL, *merchant, "--mch-billno", "Way1", "--yes", "--json")
        examined = run("doctor", *merchant, "--json")
        failed = next(it for it in examined.json["checks"] if it["state"] == "fail")
        assert failed["name"].endswith(f" through the proxy 127.0.0.1:{way.port}")
    assert (sent.code, examined.code) == (5, 5)
    assert sent.json["error"]["money"] == "no: nothing was sent"
    assert said in sent.json["error"]["happened"]
    assert failed["found"].startswith("the way ends there: the proxy ")
    assert said in failed["found"]
    assert shop.wechat.journal() == []
    for ran in (sent, examined):
        assert PASSWORD not in ran.everything


def test_without_a_proxy_the_doctor_says_direct(run: Run, shop: Shop) -> None:
    assert checks(run("doctor", "--merchant", shop.toml, "--json"))["way out"]["found"] == "direct"


def test_the_environment_counts_once_it_is_asked_for(run: Run, shop: Shop, tmp_path: Path) -> None:
    with ProxyServer() as way:
        env = {"HTTPS_PROXY": with_password(way), "NO_PROXY": ""}
        direct = run("doctor", "--merchant", shop.toml, "--json", env=env)
        path = str(write_toml(tmp_path / "m.toml", {**shop.settings, "proxy": "environment"}))
        proxied = run("doctor", "--merchant", path, "--json", env=env)
        unset = run("doctor", "--merchant", path, "--json", env={"HTTPS_PROXY": ""})
    assert checks(direct)["way out"]["found"] == "direct"
    assert checks(proxied)["way out"]["found"].startswith(f"the proxy 127.0.0.1:{way.port}, ")
    assert checks(unset)["way out"]["found"].startswith("direct: HTTPS_PROXY is not set")
    assert len(way.heads) == 2


def test_another_kind_of_proxy_is_refused_before_anything_is_sent(
    run: Run, shop: Shop, tmp_path: Path
) -> None:
    proxy = f"socks5://pay:{PASSWORD}@127.0.0.1:1080"
    path = write_toml(tmp_path / "m.toml", {**shop.settings, "proxy": proxy})
    ran = run("query", "Way1", "--merchant", str(path))
    assert ran.code == 6
    assert "socks5://, which is not supported" in ran.everything
    assert PASSWORD not in ran.everything


# The payout engine


def test_a_campaign_is_paid_through_the_proxy_of_all_merchants(
    run: Run, office: Office, town: Town
) -> None:
    with ProxyServer() as way:
        office.configure(town.settings, 'proxy_env = "PAYOUT_PROXY"')
        env = {"PAYOUT_PROXY": with_password(way)}
        ran = [
            run(*office.new(office.write_list()), env=env),
            run("campaign", "approve", "spring", "--yes", env=env),
            run("campaign", "run", "spring", env=env),
        ]
    assert [it.code for it in ran] == [0, 0, 0]
    assert way.heads
    kept = b"".join(path.read_bytes() for path in office.folder.glob("books.db*"))
    for secret in (PASSWORD, ENCODED):
        assert all(secret not in it.everything for it in ran)
        assert secret.encode() not in kept


def test_what_the_books_keep_of_a_refusing_proxy_holds_no_password(
    run: Run, office: Office, town: Town
) -> None:
    with ProxyServer(refuse(b"407 Who are you")) as way:
        office.configure(town.settings, 'proxy_env = "PAYOUT_PROXY"')
        env = {"PAYOUT_PROXY": with_password(way)}
        run(*office.new(office.write_list()), env=env)
        run("campaign", "approve", "spring", "--yes", env=env)
        ran = run("worker", "--leave-idle", "0", env=env)
    assert way.heads
    kept = b"".join(path.read_bytes() for path in office.folder.glob("books.db*"))
    for secret in (PASSWORD, ENCODED):
        assert secret not in ran.everything
        assert secret.encode() not in kept


def test_a_merchants_own_way_goes_before_that_of_all(run: Run, office: Office, town: Town) -> None:
    with ProxyServer(refuse(b"403 No")) as all_, ProxyServer() as own:
        office.configure(town.settings, f'proxy = "{all_.url}"', proxy=own.url)
        through_own = run("doctor", "--config", "hongbao.toml", "--json")
        office.configure(town.settings, f'proxy = "{all_.url}"', proxy="direct")
        direct = run("doctor", "--config", "hongbao.toml", "--json")
        office.configure(town.settings, f'proxy = "{all_.url}"')
        through_all = run("doctor", "--config", "hongbao.toml", "--json")
    assert [it.code for it in (through_own, direct, through_all)] == [0, 0, 5]
    assert checks(direct)["demo: way out"]["found"] == "direct"
    assert len(own.heads) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'proxy = "http://pay:{PASSWORD}@p:1"', "is a secret in the file itself"),
        ('proxy = "socks5://p:1"', "socks5://, which is not supported"),
        ('proxy = "http://p:1/path"', "is not http://host:port"),
        ("proxy = 3128", "is not text"),
    ],
)
def test_a_wrong_proxy_is_a_problem_of_the_file(
    run: Run, office: Office, town: Town, line: str, said: str
) -> None:
    office.configure(town.settings, line)
    ran = run("campaign", "list")
    assert ran.code == 6
    assert "hongbao.toml: proxy" in ran.everything
    assert said in ran.everything
    assert PASSWORD not in ran.everything


def test_init_writes_a_proxy_with_a_password_into_a_file_of_its_own(
    run: Run, shop: Shop, tmp_path: Path
) -> None:
    for proxy, line in (
        (f"http://pay:{PASSWORD}@p.example:3128", 'proxy_file = "demo.proxy"'),
        ("http://p.example:3128", 'proxy = "http://p.example:3128"'),
    ):
        folder = tmp_path / line[:9].strip()
        folder.mkdir()
        path = write_toml(folder / "m.toml", {**shop.settings, "proxy": proxy, "work": None})
        ran = run("init", str(folder / "hongbao.toml"), "--merchant", str(path), "--name", "demo")
        assert ran.code == 0
        assert line in (folder / "hongbao.toml").read_text(encoding="utf-8")
