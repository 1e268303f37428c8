"""The server is always verified, and a given CA is the only one that is trusted."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from peers import world

from hongbao.client.certificate import insist_on_verification
from hongbao.errors import ConfigurationError
from merchant_certificates import context_of, pair, refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_the_server_is_verified_with_tls_1_2_at_least() -> None:
    for ca in ({}, {"ca_pem": None}, {"ca_pem": world().ca.cert_pem.bytes()}):
        context = context_of(pair(), **ca)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        insist_on_verification(context)


def test_a_given_ca_is_the_only_one_that_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    comment = "# 模拟器\n".encode()
    path.write_bytes(comment + world().ca.cert_pem.bytes())
    for ca in ({"ca_pem": None, "ca_path": path}, {"ca_pem": path.read_bytes()}):
        trusted = context_of(pair(), **ca).get_ca_certs(binary_form=True)
        assert trusted == [ssl.PEM_cert_to_DER_cert(world().ca.cert_pem.bytes().decode())]


def test_a_ca_that_is_none_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.pem"
    assert refusal(pair(), ca_pem=b"").setting == "ca_pem"
    assert refusal(pair(), ca_pem=b"nothing").setting == "ca_pem"
    assert refusal(pair(), ca_pem=None, ca_path=gone).setting == f"ca_path {gone}"
    gone.write_bytes(b"nothing")
    assert refusal(pair(), ca_pem=None, ca_path=gone).setting == f"ca_path {gone}"
    assert "both given" in refusal(pair(), ca_path=gone).problem


def _unverifying(change: str) -> ssl.SSLContext:
    context = context_of(pair())
    if change == "name":
        context.check_hostname = False
    elif change == "server":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif change == "optional":
        context.verify_mode = ssl.CERT_OPTIONAL
    else:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


@pytest.mark.parametrize("change", ["name", "server", "optional", "version"])
def test_a_context_that_does_not_verify_is_refused(change: str) -> None:
    with pytest.raises(ConfigurationError):
        insist_on_verification(_unverifying(change))
