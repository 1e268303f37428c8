"""Where webhooks may go: to the internet by https; to private addresses only where allowed."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.errors import InvalidRequest
from hongbao.webhooks.address import is_public, judged, read_target, resolve

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::",
    "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "203.205.254.157", "2606:4700:4700::1111", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_the_internets_is_private_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internets_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_an_address_is_judged_as_itself(address: object) -> None:
    four = ip_address(str(address))
    for written in (f"::ffff:{four}", f"64:ff9b::{four}"):
        assert is_public(ip_address(written)) == is_public(four)


@pytest.mark.parametrize(
    ("url", "allow_private", "to_private", "to_public"),
    [
        ("https://shop.example/", False, False, True),
        ("https://shop.example/", True, True, True),
        ("http://shop.example/", False, False, False),
        ("http://shop.example/", True, True, False),
    ],
)
def test_plain_http_goes_to_private_addresses_alone(
    url: str, *, allow_private: bool, to_private: bool, to_public: bool
) -> None:
    target = read_target(url)
    private, public = ip_address("10.0.0.1"), ip_address("1.1.1.1")
    assert judged(target, [private], allow_private=allow_private) == [private] * to_private
    assert judged(target, [public], allow_private=allow_private) == [public] * to_public


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example/hooks", "ftp://shop.example/", "https://", "https:///hooks",
        "https://user@shop.example/", "https://user:hunter2@shop.example/", "https://shop.example:x/",
        "https://shop.example/\n", "https://shop.example/a b", "https://商店.example/",
        "https://shop.example:99999/", "https://[::1/", "https://shop.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_url_for_webhooks_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_target(url)
    assert caught.value.field == "url"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address", "at", "host"),
    [
        ("https://shop.example/a?b=c", "1.1.1.1", "https://1.1.1.1:443/a?b=c", "shop.example"),
        ("https://shop.example:8443", "::1", "https://[::1]:8443/", "shop.example:8443"),
        ("http://[::1]:80/x", "::1", "http://[::1]:80/x", "[::1]"),
    ],
)
def test_a_request_goes_to_the_address_and_names_the_host(
    url: str, address: str, at: str, host: str
) -> None:
    target = read_target(url)
    assert (target.at(ip_address(address)), target.host_header) == (at, host)


def test_an_address_is_not_looked_up_and_a_name_is() -> None:
    assert resolve(read_target("https://127.0.0.1/")) == [ip_address("127.0.0.1")]
    assert ip_address("127.0.0.1") in resolve(read_target("https://localhost/"))


@pytest.mark.parametrize("written", ["2130706433", "0x7f.1", "127.1"])
def test_other_spellings_of_an_address_are_judged_by_what_the_system_makes_of_them(
    written: str,
) -> None:
    try:
        found = resolve(read_target(f"https://{written}/"))
    except OSError:
        return  # the system knows no such name
    assert not any(map(is_public, found))
