"""Certificates: each way to give one, and each way to be wrong."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from drivers import BlockingDriver, body
from peers import BODY, MCH_ID, Peer, server_tls, world

from hongbao.client import key_pair
from hongbao.client.certificate import MerchantCertificate
from hongbao.client.der import read_facts
from hongbao.client.resolver import resolve_by_system
from hongbao.client.transport import Limits
from hongbao.errors import ConfigurationError
from merchant_certificates import PASSWORD, context_of, key_pem, make, p12, pem, refusal

if TYPE_CHECKING:
    from pathlib import Path

# Certificate under RC2-40, key under 3DES, as WeChat's old files are, and OpenSSL 3 refuses:
# openssl pkcs12 -legacy -export -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES; password 10000100.
RC2_40_P12 = base64.b64decode(
    """
MIIDGgIBAzCCAuAGCSqGSIb3DQEHAaCCAtEEggLNMIICyTCCAb8GCSqGSIb3DQEHBqCCAbAwggGsAgEAMIIBpQYJKoZI
    hvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIH03h5LZuwHMCAggAgIIBeLojL+2HbCCN/q9QezeYcoIzPbuaFMMzmRktswWP
    Di0nm3UpfXKNx8uXJky8UHgRXlQ29BdB40VcjqRXk2pgme0SiUm9KO0S+2lno0WifsOslmzbcaFub9SmJGnZ7j36W3Tw
    YxhhPvkHUebY1GpW9HVhdNcuBM2oGQ4FqPAnRTRorP4hg2TG8CH2uPD5mdUjcAWMnWX9VKnAgvmzUBjMK0Iq8oh5N4B2
    m33UlZiOnjCGhlwCQZ4GWpgyTQoYBTF1zqTqZljPr+xZuFW+lbn1PqxFUxL7Q+ryPZ8J3xGCCRaPkDuETlMVEZ1BcXzi
    4HyBPI2Yg//sunCgfocc+TymY2DVGSXD71sM7JzYMMhLociGb08AxSDwpoQCzetcapPlnfGOGMooC410MrVjJVFWle5A
    6Piv/pdsUorn0XiFe6uh8JobIVup9aVuY35MP1v9xZsvpKcYBinzd7mIl1el2c2zlrPylnJ2wthMUyPn1P+no20c7sm/
    x0QwggECBgkqhkiG9w0BBwGggfQEgfEwge4wgesGCyqGSIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQImfr4
    Zjo4LWgCAggABIGQd7WiQjACKWCIUmKnmTFYXBMgMg1ZOAWaqUHZn0JQHGPgq+mc3xdEvX6J4YEXvSu6qHBVeBYds8eS
    JJDjxm8nGTXJgevJvz+jTPXvAEo62D0msWIqCn0se6cqAPtkSSvNEzfVBRW6ELAOoE1CZHriAuIrJIQLr0cwDHlG6MdX
    6jLOOhtPwpNKc34QGp3VDInPMSUwIwYJKoZIhvcNAQkVMRYEFLJzEG2C8q1RZoxTPEYSeEcXv4tvMDEwITAJBgUrDgMC
    GgUABBRsevGCPDiqxXzk8/MsNOOfv+LDGAQIEIFmZ1ACEE8CAggA
    """
)


# Each way to give one


def ways(folder: Path, kind: str = "ec") -> dict[str, MerchantCertificate]:
    """The test merchant's own certificate, which the test servers trust, in every form."""
    cert = world().merchant.cert_chain_pems[0].bytes()
    key = serialization.load_pem_private_key(world().merchant.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    forms = {
        "plain": (PrivateFormat.PKCS8, serialization.NoEncryption()),
        "encrypted": (
            PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        ),
        "traditional": (
            PrivateFormat.TraditionalOpenSSL,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        ),
    }
    found, secret = {}, b""
    for name, (form, encryption) in forms.items():
        secret = key.private_bytes(serialization.Encoding.PEM, form, encryption)
        password = None if name == "plain" else PASSWORD
        paths = folder / f"{name}_cert.pem", folder / f"{name}_key.pem"
        paths[0].write_bytes(cert)
        paths[1].write_bytes(secret)
        found[f"{name} files"] = MerchantCertificate(
            cert_path=paths[0], key_path=str(paths[1]), key_password=password
        )
        found[f"{name} bytes"] = MerchantCertificate(
            cert_pem=cert.rstrip(), key_pem=secret, key_password=password
        )
    both = folder / "both.pem"
    both.write_bytes(b"Bag Attributes\n    friendlyName: Tenpay\n" + cert + secret)
    found["one file for both"] = MerchantCertificate(
        cert_path=both, key_path=both, key_password=PASSWORD
    )
    leaf = x509.load_pem_x509_certificate(cert)
    for name, password in (("p12", MCH_ID), ("p12 with a password", PASSWORD)):
        data = pkcs12.serialize_key_and_certificates(
            None, key, leaf, None, serialization.BestAvailableEncryption(password.encode())
        )
        path = folder / f"{name}.p12"
        path.write_bytes(data)
        given = None if password == MCH_ID else password
        found[f"{name} file"] = MerchantCertificate(p12_path=path, p12_password=given)
        found[f"{name} bytes"] = MerchantCertificate(p12=data, p12_password=given)
    return found


def test_each_way_to_give_a_certificate_shows_it_to_the_server(tmp_path: Path) -> None:
    seen: list[str] = []

    with Peer(tls=server_tls(asks=True)) as peer:
        for way, certificate in ways(tmp_path).items():
            context = context_of(certificate, now=dt.datetime.now(dt.UTC))
            driver = BlockingDriver(context, Limits(), resolve_by_system, None)
            assert body(driver.send(peer.request())) == BODY, way
            seen.append(way)
            driver.close()
    assert peer.handshakes == len(seen) == 11


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_kinds_of_keys_load(kind: str) -> None:
    context_of(MerchantCertificate(cert_pem=pem(make(kind=kind)), key_pem=key_pem(kind)))


def test_old_p12_files_under_3des_load() -> None:
    context_of(MerchantCertificate(p12=p12(make(), old=True)))


def test_old_p12_files_under_rc2_load() -> None:
    context_of(MerchantCertificate(p12=RC2_40_P12))


def test_a_chain_in_a_p12_is_kept_with_the_leaf_first() -> None:
    issuer = make(common_name="issuer")
    pair = key_pair.from_pkcs12(p12(make(), chain=[issuer]), (MCH_ID,), "p12")
    assert pair.cert_pem.count(b"BEGIN CERTIFICATE") == 2
    assert read_facts(pair.leaf_der()).common_names == (MCH_ID,)


def test_none_or_several_ways_at_once_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="is not given"):
        MerchantCertificate()
    with pytest.raises(ConfigurationError, match="in 2 ways"):
        MerchantCertificate(p12=b"x", p12_path="x.p12")
    with pytest.raises(ConfigurationError, match="in 2 ways"):
        MerchantCertificate(cert_path="c", key_path="k", key_pem=b"k")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"cert_path": "c"}, "key_path"),
        ({"key_path": "k"}, "cert_path"),
        ({"cert_pem": b"c"}, "key_pem"),
        ({"key_pem": b"k"}, "cert_pem"),
    ],
)
def test_half_a_pair_is_refused(given: dict[str, Any], missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        MerchantCertificate(**given)
    assert caught.value.setting == missing


# Each way to be wrong


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    there = tmp_path / "there.pem"
    there.write_bytes(pem(make()))
    gone = tmp_path / "gone.pem"
    for certificate, setting in (
        (MerchantCertificate(cert_path=gone, key_path=there), f"cert_path {gone}"),
        (MerchantCertificate(cert_path=there, key_path=gone), f"key_path {gone}"),
        (MerchantCertificate(p12_path=gone), f"p12_path {gone}"),
    ):
        error = refusal(certificate)
        assert error.setting == setting
        assert "No such file" in error.problem


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    error = refusal(MerchantCertificate(p12_path=tmp_path))
    assert error.setting == f"p12_path {tmp_path}"
    assert "directory" in error.problem


@pytest.mark.parametrize(
    "content",
    [
        b"no PEM at all",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_certificate_that_is_none_is_named(content: bytes) -> None:
    error = refusal(MerchantCertificate(cert_pem=content, key_pem=key_pem()))
    assert error.setting == "cert_pem"
    assert "is not a certificate in PEM" in error.problem


def test_a_damaged_key_is_named() -> None:
    damaged = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    error = refusal(MerchantCertificate(cert_pem=pem(make()), key_pem=damaged))
    assert error.setting == "key_pem"
    assert "cannot be loaded" in error.problem


@pytest.mark.parametrize(("kind", "number"), [("ec", 1), ("rsa", 0)])
def test_a_key_of_another_certificate_is_named(kind: str, number: int) -> None:
    other = key_pem(kind, number)
    error = refusal(MerchantCertificate(cert_pem=pem(make()), key_pem=other))
    assert error.setting == "key_pem"
    assert "does not belong to cert_pem" in error.problem


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize(
    ("given", "problem"), [(None, "no key_password is given"), ("wrong", "does not open")]
)
def test_a_key_password_that_is_missing_or_wrong_is_named_and_nobody_is_asked_for_it(
    form: PrivateFormat, given: str | None, problem: str
) -> None:
    secret = key_pem(form=form, password=PASSWORD)
    error = refusal(MerchantCertificate(cert_pem=pem(make()), key_pem=secret, key_password=given))
    assert error.setting == "key_pem"
    assert problem in error.problem


def test_a_key_password_that_openssl_could_not_take_is_named() -> None:
    error = refusal(
        MerchantCertificate(cert_pem=pem(make()), key_pem=key_pem(), key_password="x" * 2000)
    )
    assert error.setting == "key_password"


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        (MerchantCertificate(p12=p12(make(), PASSWORD)), "password is wrong"),
        (MerchantCertificate(p12=p12(make()), p12_password="wrong"), "password is wrong"),
        (MerchantCertificate(p12=p12(make()), p12_password=""), "password is wrong"),
        (MerchantCertificate(p12=p12(make())[:100]), "damaged"),
    ],
)
def test_a_p12_that_does_not_open_is_named(certificate: MerchantCertificate, problem: str) -> None:
    error = refusal(certificate)
    assert error.setting == "p12"
    assert problem in error.problem


def test_a_p12_without_a_key_is_named() -> None:
    encryption = serialization.BestAvailableEncryption(MCH_ID.encode())
    data = pkcs12.serialize_key_and_certificates(None, None, None, [make()], encryption)
    error = refusal(MerchantCertificate(p12=data))
    assert "holds no certificate with its key" in error.problem
