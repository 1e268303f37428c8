"""The private key: never on a disk in the open, never in a message."""

from __future__ import annotations

import copy
import os
import pickle
import re
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from peers import MCH_ID

from hongbao.client import key_pair
from hongbao.client.certificate import (
    MerchantCertificate,
)
from hongbao.errors import ConfigurationError
from merchant_certificates import PASSWORD, context_of, key_pem, make, p12, pair, pem, refusal


def test_the_repr_shows_paths_alone() -> None:
    certificate = MerchantCertificate(
        cert_pem=b"cert", key_pem=b"secret", key_password="secret", p12_password="secret"
    )
    assert "secret" not in repr(certificate)
    shown = MerchantCertificate(p12_path="apiclient_cert.p12", p12_password="secret")
    assert "apiclient_cert.p12" in repr(shown)
    assert "secret" not in repr(shown)
    whole = key_pair.from_pem(pem(make()), key_pem(), "secret")
    assert "secret" not in repr(whole)
    assert "PRIVATE KEY" not in repr(whole)


def test_it_is_not_pickled_or_copied() -> None:
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="private key"):
            act(pair())


def test_an_error_holds_no_secret() -> None:
    secret = key_pem(password=PASSWORD)
    for certificate in (
        MerchantCertificate(cert_pem=pem(make()), key_pem=secret, key_password="hush hush"),
        MerchantCertificate(cert_pem=b"", key_pem=secret, key_password="hush hush"),
        MerchantCertificate(p12=p12(make()), p12_password="hush hush"),
    ):
        error = refusal(certificate)
        told = str(error) + repr(error) + repr(error.__dict__)
        assert "hush" not in told
        assert secret.splitlines()[1].decode() not in told


WATCHED = """
import sys
opened = []
def watch(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)) and set(str(args[1])) & set("wax+"):
        opened.append(args[0])
sys.addaudithook(watch)
import datetime, pathlib, sys
from hongbao.client.certificate import MerchantCertificate, client_context
folder = pathlib.Path(sys.argv[1])
names = sys.argv[2].split()
read = {name: (folder / name).read_bytes() for name in names}
if len(names) == 2:
    certificate = MerchantCertificate(cert_pem=read[names[0]], key_pem=read[names[1]])
else:
    certificate = MerchantCertificate(p12=read[names[0]])
now = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
client_context(certificate, mch_id="10000100", now=now)
print(opened)
"""


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no files in memory here")
@pytest.mark.parametrize("names", ["cert.pem key.pem", "both.p12"])
def test_bytes_are_loaded_without_a_file(tmp_path: Path, names: str) -> None:
    (tmp_path / "cert.pem").write_bytes(pem(make()))
    (tmp_path / "key.pem").write_bytes(key_pem())
    (tmp_path / "both.p12").write_bytes(p12(make()))
    command = [sys.executable, "-B", "-c", WATCHED, str(tmp_path), names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class _Spy(ssl.SSLContext):
    """Looks at the file at the moment when it is loaded."""

    seen: bytes

    def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
        self.path = Path(keyfile)
        self.seen = self.path.read_bytes()
        super().load_cert_chain(certfile, keyfile, password)


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_without_memory_files_the_key_lies_encrypted_and_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spy = _Spy(ssl.PROTOCOL_TLS_CLIENT)
    secret = key_pem(password=password)
    key_pair.load_from_encrypted_file(spy, key_pair.from_pem(pem(make()), secret, password))
    assert spy.path.is_relative_to(tmp_path)
    assert b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in spy.seen
    assert b"-----BEGIN PRIVATE KEY-----" not in spy.seen
    opening = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----.*?-----END[^\n]*\n", re.DOTALL)
    found = opening.search(spy.seen)
    assert found is not None
    for guess in (MCH_ID, PASSWORD, "password"):
        with pytest.raises(ValueError, match=r"."):
            serialization.load_pem_private_key(found.group(), guess.encode())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("secret", "password", "problem"),
    [
        pytest.param(key_pem(password=PASSWORD), None, "no key_password", id="no password"),
        pytest.param(key_pem(password=PASSWORD), "wrong", "does not open", id="wrong password"),
        pytest.param(key_pem("ec", 1), None, "does not belong", id="of another"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None, "damaged"),
    ],
)
def test_without_memory_files_the_same_is_named(
    secret: bytes, password: str | None, problem: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        key_pair.load_from_encrypted_file(context, key_pair.from_pem(pem(make()), secret, password))
    assert caught.value.setting == "key_pem"


def test_without_memory_files_a_password_for_a_plain_key_does_no_harm() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    plain = key_pair.from_pem(pem(make()), key_pem(), PASSWORD)
    key_pair.load_from_encrypted_file(context, plain)
    context_of(MerchantCertificate(cert_pem=pem(make()), key_pem=key_pem(), key_password=PASSWORD))


LIGHT = """
import sys
import hongbao.client.blocking_transport, hongbao.client.certificate as certificate, datetime
folder = sys.argv[1]
given = certificate.MerchantCertificate(cert_path=folder + "/c", key_path=folder + "/k")
now = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
certificate.client_context(given, mch_id="10000100", now=now)
print(sorted({"asyncio", "concurrent", "cryptography", "tempfile"} & set(sys.modules)))
"""


def test_pem_files_and_the_blocking_transport_import_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(pem(make()))
    (tmp_path / "k").write_bytes(key_pem())
    command = [sys.executable, "-c", LIGHT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
