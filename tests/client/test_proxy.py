"""How a setting names the way out, and that none of it shows a password."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from peers import Peer, world
from proxies import ProxyServer, refuse

from hongbao import AsyncRedPack, ConfigurationError, Merchant, NotSent, RedPack
from hongbao.client.httpx_adapter import HttpxTransport
from hongbao.client.proxy import Proxy, Route, read_proxy
from hongbao.client.transport import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HOST = "api.mch.weixin.qq.com"
PASSWORD = "open-sesame"


@pytest.mark.parametrize(
    ("setting", "origin", "authorization"),
    [
        ("http://proxy.example:3128", ("proxy.example", 3128), None),
        ("HTTP://proxy.example:3128/", ("proxy.example", 3128), None),
        ("http://proxy.example", ("proxy.example", 80), None),
        ("proxy.example:3128", ("proxy.example", 3128), None),
        ("http://[2001:db8::1]:3128", ("2001:db8::1", 3128), None),
        ("http://pay:open-sesame@10.0.0.1:1", ("10.0.0.1", 1), "Basic cGF5Om9wZW4tc2VzYW1l"),
        ("http://pay@10.0.0.1:1", ("10.0.0.1", 1), "Basic cGF5Og=="),
        ("http://a%40b:c%3A%2F%C3%A9@h:1", ("h", 1), "Basic YUBiOmM6L8Op"),
        ("http://a:p@ss#w?rd@h:1", ("h", 1), "Basic YTpwQHNzI3c/cmQ="),
    ],
)
def test_a_proxy_is_named_by_its_url(
    setting: str, origin: tuple[str, int], authorization: str | None
) -> None:
    proxy = read_proxy(setting, HOST, {})
    assert proxy == Proxy(origin=Origin(*origin), authorization=authorization)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (f"https://pay:{PASSWORD}@proxy.example:443", "https://, which is not supported"),
        (f"socks5://pay:{PASSWORD}@proxy.example:1080", "socks5://, which is not supported"),
        (f"SOCKS5H://pay:{PASSWORD}@proxy.example:1080", "socks5h://, which is not supported"),
        (f"ftp://pay:{PASSWORD}@proxy.example:21", "is not http://host:port"),
        (f"http://pay:{PASSWORD}@proxy.example:3128/path", "is not http://host:port"),
        (f"http://pay:{PASSWORD}@proxy.example:99999", "is not http://host:port"),
        (f"http://pay:{PASSWORD}@proxy.example:0", "is not http://host:port"),
        (f"http://pay:{PASSWORD}@", "is not http://host:port"),
        (f"http://pay:{PASSWORD}\r\nX: y@proxy.example:1", "is not http://host:port"),
        ("", "is not http://host:port"),
    ],
)
def test_what_is_no_proxy_of_ours_is_refused_without_being_quoted(setting: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_proxy(setting, HOST, {})
    assert said in str(caught.value)
    assert "http://host:port" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_environment_is_asked_only_on_request() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.example:3128"}
    assert read_proxy(None, HOST, environ) is None
    assert read_proxy("direct", HOST, environ) is None
    assert str(read_proxy("environment", HOST, environ)) == "proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": "http://no:1", "ALL_PROXY": "http://no:1"}, None),
        ({"https_proxy": "http://lower:1", "HTTPS_PROXY": "http://upper:1"}, "lower:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": HOST}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "localhost, weixin.qq.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".QQ.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*.qq.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "q.com,,10.0.0.0/8"}, "p:1"),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "a.com", "NO_PROXY": "*"}, "p:1"),
    ],
)
def test_the_environment_is_read_as_curl_does(
    environ: Mapping[str, str], expected: str | None
) -> None:
    found = read_proxy("environment", HOST, environ)
    assert (None if found is None else str(found)) == expected


def test_a_variable_that_names_no_proxy_is_named_and_not_quoted() -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        read_proxy("environment", HOST, {"HTTPS_PROXY": f"socks5://a:{PASSWORD}@p:1"})
    assert PASSWORD not in str(caught.value)


def _merchant(merchant: Merchant, tmp_path: Path, **changes: Any) -> Merchant:
    world().ca.cert_pem.write_to_path(tmp_path / "server_ca.pem")
    return Merchant(
        app_id=merchant.app_id,
        mch_id=merchant.mch_id,
        key=merchant.key,
        cert_path=merchant.cert_path,
        key_path=merchant.key_path,
        ca_path=tmp_path / "server_ca.pem",
        **changes,
    )


def _blocking(merchant: Merchant) -> None:
    with RedPack(merchant) as red_pack:
        red_pack.query("1")


def _asyncio(merchant: Merchant) -> None:
    async def query() -> None:
        async with AsyncRedPack(merchant) as red_pack:
            await red_pack.query("1")

    asyncio.run(query())


@pytest.mark.parametrize("query", [_blocking, _asyncio])
def test_a_merchant_takes_both_clients_through_its_proxy_and_shows_no_password(
    merchant: Merchant, tmp_path: Path, query: Callable[[Merchant], None]
) -> None:
    with Peer() as peer, ProxyServer(refuse(b"407 Who are you")) as way:
        url = way.url.replace("://", f"://pay:{PASSWORD}@")
        base_url = f"https://{peer.origin.authority}"
        paying = _merchant(merchant, tmp_path, proxy=url, base_url=base_url)

        with pytest.raises(NotSent) as caught:
            query(paying)
    assert b"Proxy-Authorization: Basic " in way.heads[0]
    assert f"through the proxy 127.0.0.1:{way.port}" in caught.value.why
    for shown in (repr(paying), repr(paying.http_proxy), str(caught.value), repr(caught.value)):
        assert PASSWORD not in shown


def test_over_httpx_the_merchants_proxy_is_the_default(merchant: Merchant, tmp_path: Path) -> None:
    with Peer() as peer, ProxyServer() as way:
        url = way.url.replace("://", "://pay:x@")
        base_url = f"https://{peer.origin.authority}"
        transport = HttpxTransport(_merchant(merchant, tmp_path, proxy=url, base_url=base_url))
        transport.send(peer.request(), timeout_seconds=10)
        transport.close()
    assert b"proxy-authorization: basic cgf5ong=" in way.heads[0].lower()


def test_a_route_says_where_it_leads() -> None:
    proxy = Proxy(origin=Origin("proxy.example", 3128), authorization="Basic x")
    assert str(Route(Origin("h", 1))) == "h:1"
    assert str(Route(Origin("h", 1), proxy)) == "h:1 through the proxy proxy.example:3128"
    assert Route(Origin("h", 1), proxy).first == proxy.origin
