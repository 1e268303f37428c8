"""PEM as environments deliver it: one text in many shapes is read, and what is lost is named."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization import pkcs12 as pkcs12_files
from peers import MCH_ID

from hongbao import ConfigurationError, Merchant
from hongbao.client import pem
from hongbao.client.certificate import MerchantCertificate, client_context, read_certificate
from merchant_certificates import NOW, PASSWORD, key_pem, keys, make, p12
from merchant_certificates import pem as pem_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CERTIFICATE = pem_of(make()).decode()
FORMS = {
    "PKCS#8": (key_pem(), None),
    "PKCS#1": (key_pem("rsa", form=PrivateFormat.TraditionalOpenSSL), None),
    "SEC1": (key_pem(form=PrivateFormat.TraditionalOpenSSL), None),
    "encrypted PKCS#8": (key_pem(password=PASSWORD), PASSWORD),
    "encrypted PKCS#1": (
        key_pem("rsa", form=PrivateFormat.TraditionalOpenSSL, password=PASSWORD),
        PASSWORD,
    ),
}


def _lines(text: str, between: str) -> str:
    return between.join(text.strip().split("\n"))


def _alone(text: str) -> str:
    """The base64 without BEGIN and END."""
    return "\n".join(line for line in text.strip().split("\n") if "-----" not in line)


SHAPES: dict[str, Callable[[str], bytes | str]] = {
    "as it is": lambda text: text,
    "as bytes": str.encode,
    r"\n as two characters": lambda text: _lines(text, r"\n") + r"\n",
    r"\r\n as four characters": lambda text: _lines(text, r"\r\n"),
    r"\\n as three characters": lambda text: _lines(text, r"\\n"),
    r"\n and real line breaks": lambda text: _lines(text, "\\n\n"),
    "shell continuations": lambda text: _lines(text, "\\\n"),
    "one line, with blanks": lambda text: _lines(text, " "),
    "one line, with tabs": lambda text: _lines(text, "\t"),
    "one line, with nothing": lambda text: _lines(text, ""),
    "indented": lambda text: _lines("\n" + text, "\n    "),
    "CRLF": lambda text: _lines(text, "\r\n"),
    "CR alone": lambda text: _lines(text, "\r"),
    "blank lines between": lambda text: _lines(text, "\n\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "a byte order mark in bytes": lambda text: text.encode("utf-8-sig"),
    "UTF-16, as PowerShell writes": lambda text: text.encode("utf-16"),
    "quotes": lambda text: f'"{text}"',
    "single quotes": lambda text: f"'{text.strip()}'",
    "quotes in quotes": lambda text: f"'\"{_lines(text, chr(92) + 'n')}\"'",
    "each line in quotes": lambda text: "".join(f'"{line}"\n' for line in text.split("\n")),
    "slashes escaped": lambda text: text.replace("/", r"\/"),
    "text around it": lambda text: f"Bag Attributes\n 姓名: é\n{text}\nthe end -----\n",
    "text around it in GBK": lambda text: "证书\n".encode("gbk") + text.encode() + b"\xff\xfe",
    "no-break spaces": lambda text: _lines(text, "\u00a0"),
}
BARE: dict[str, Callable[[str], bytes | str]] = {
    "base64 of the text": lambda text: base64.b64encode(text.encode()),
    "base64 of the text in lines": lambda text: base64.encodebytes(text.encode()),
    "base64 alone": _alone,
    "base64 alone in one line": lambda text: _lines(_alone(text), ""),
    "base64 alone with \\n": lambda text: _lines(_alone(text), r"\n"),
    "base64 alone without padding": lambda text: _lines(_alone(text), "").rstrip("="),
    "DER": lambda text: base64.b64decode(_alone(text)),
}


def loads(cert: bytes | str, key: bytes | str, password: str | None = None) -> None:
    """The pair becomes a context."""
    certificate = MerchantCertificate(cert_pem=cert, key_pem=key, key_password=password)
    client_context(certificate, mch_id=MCH_ID, now=NOW)


def kind_of(form: str) -> str:
    return "rsa" if "PKCS#1" in form else "ec"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_pair_of_any_shape_and_form_is_read(shape: str, form: str) -> None:
    key, password = FORMS[form]
    change = SHAPES[shape]
    if (shape, form) == ("one line, with nothing", "encrypted PKCS#1"):
        return  # where the headers end cannot be seen: this is named below
    certificate = pem_of(make(kind=kind_of(form))).decode()
    loads(change(certificate), change(key.decode()), password)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "encrypted PKCS#1"])
@pytest.mark.parametrize("shape", BARE)
def test_a_pair_without_begin_and_end_is_read(shape: str, form: str) -> None:
    key, password = FORMS[form]
    change = BARE[shape]
    certificate = pem_of(make(kind=kind_of(form))).decode()
    loads(change(certificate), change(key.decode()), password)


@pytest.mark.parametrize("shape", [*SHAPES, *BARE])
def test_files_are_read_like_texts(shape: str, tmp_path: Path) -> None:
    change = (SHAPES | BARE)[shape]
    for name, text in (("cert", CERTIFICATE), ("key", key_pem().decode()), ("ca", CERTIFICATE)):
        changed = change(text)
        (tmp_path / name).write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    certificate = MerchantCertificate(cert_path=tmp_path / "cert", key_path=tmp_path / "key")
    client_context(certificate, mch_id=MCH_ID, now=NOW, ca_path=tmp_path / "ca")


@pytest.mark.long
@pytest.mark.parametrize("shape", [*SHAPES, *BARE])
def test_settings_and_variables_are_read_like_texts(shape: str, tmp_path: Path) -> None:
    changed = {
        name: (SHAPES | BARE)[shape](text)
        for name, text in (("cert_pem", CERTIFICATE), ("key_pem", key_pem().decode()))
    }
    values: dict[str, Any] = {"app_id": "wx1", "mch_id": MCH_ID, "key": "k" * 32, **changed}
    Merchant(**values, now=NOW)
    if any(isinstance(it, bytes) or "\r" in it for it in changed.values()):
        return  # neither TOML nor a variable could hold it
    file = tmp_path / "m.toml"
    file.write_text("".join(f"{name} = '''{it}'''\n" for name, it in values.items()), "utf-8")
    for merchant in (
        Merchant.from_toml(file),
        Merchant.from_env({f"HONGBAO_{name.upper()}": str(it) for name, it in values.items()}),
    ):
        assert read_certificate(merchant.certificate, mch_id=MCH_ID).common_names == (MCH_ID,)


def test_several_certificates_keep_their_order() -> None:
    chain = pem_of(make()) + key_pem() + pem_of(make(common_name="an authority"))
    read = pem.certificates(chain, "cert_pem")
    names = [it.subject.rfc4514_string() for it in x509.load_pem_x509_certificates(read)]
    assert [MCH_ID in names[0], "an authority" in names[1], len(names)] == [True, True, 2]
    loads(chain, chain)


def test_a_chain_that_does_not_begin_with_the_merchants_own_says_so() -> None:
    wrong_way_round = pem_of(make(kind="rsa")) + pem_of(make())
    with pytest.raises(ConfigurationError, match="the first certificate of cert_pem") as caught:
        loads(wrong_way_round, key_pem())
    assert "the merchant's own goes first" in str(caught.value)


def test_a_file_that_openssl_reads_as_it_is_is_left_to_it() -> None:
    assert pem.stands_in(CERTIFICATE.encode(), CERTIFICATE.encode())
    assert pem.stands_in(
        CERTIFICATE.encode(), b"text\r\n" + CERTIFICATE.replace("\n", "\r\n").encode()
    )
    for change in ("indented", "a byte order mark in bytes", "quotes", "one line, with blanks"):
        changed = SHAPES[change](CERTIFICATE)
        data = changed if isinstance(changed, bytes) else changed.encode()
        assert not pem.stands_in(CERTIFICATE.encode(), data)


# What is lost


KEY = key_pem().decode()
PUBLIC = (
    keys("ec", 0)
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
LOST: dict[str, tuple[bytes | str, str]] = {
    "nothing": ("", "is empty"),
    "blanks": (" \r\n", "is empty"),
    "only the BEGIN line": ("-----BEGIN PRIVATE KEY-----", "holds its BEGIN line alone"),
    "no END line": (KEY[:150], "there is no END line"),
    "an END of another kind": (KEY.replace("END PRIVATE", "END RSA PRIVATE"), "no END line"),
    "lost backslashes": (_lines(KEY, "n"), "has the letter n for its line breaks"),
    "a line in the middle": (
        "".join(KEY.splitlines(keepends=True)[:3] + KEY.splitlines()[-1:]),
        "breaks off: ",
    ),
    "dashes of a word processor": (KEY.replace("-----", "—"), "BEGIN and END lines are damaged"),
    "four hyphens": (KEY.replace("-----", "----"), "BEGIN and END lines are damaged"),
    "headers without line breaks": (
        _lines(FORMS["encrypted PKCS#1"][0].decode(), ""),
        "behind Proc-Type and DEK-Info",
    ),
    "not base64": (KEY.replace("M", "*"), "is not base64"),
    "a file's name": ("/etc/hongbao/apiclient_key.pem", "is not a private key in PEM"),
    "a certificate": (CERTIFICATE, "holds a certificate and no private key"),
    "a bare certificate": (_alone(CERTIFICATE), "holds a certificate and no private key"),
    "a public key": (PUBLIC, "holds PUBLIC KEY and no private key"),
    "an SSH key": (
        keys("ec", 0).private_bytes(
            serialization.Encoding.PEM, PrivateFormat.OpenSSH, serialization.NoEncryption()
        ),
        "holds OPENSSH PRIVATE KEY and no private key",
    ),
    "PKCS#12": (p12(make()), "is PKCS#12 and not PEM"),
    "PKCS#12 in base64": (base64.b64encode(p12(make())), "is PKCS#12 and not PEM"),
    "binary": (b"\x00\x01\x02", "is not a private key in PEM"),
}


@pytest.mark.parametrize("shape", LOST)
def test_what_cannot_be_read_is_named_by_its_shape_and_not_quoted(shape: str) -> None:
    given, said = LOST[shape]
    with pytest.raises(ConfigurationError) as caught:
        loads(CERTIFICATE, given)
    error = caught.value
    assert error.setting == "key_pem"
    assert said in error.problem
    assert "ownload" not in str(error).replace("cannot be downloaded", "")
    text = given if isinstance(given, str) else given.decode("latin-1")
    for line in text.split():
        assert len(line) < 20 or line not in str(error)


def test_a_private_key_in_the_certificates_place_is_named() -> None:
    with pytest.raises(
        ConfigurationError, match="holds a private key and no certificate"
    ) as caught:
        loads(KEY, CERTIFICATE)
    assert caught.value.setting == "cert_pem"
    assert "changed places" in caught.value.remedy


def test_a_certificate_request_is_no_certificate() -> None:
    request = CERTIFICATE.replace(" CERTIFICATE", " CERTIFICATE REQUEST")
    with pytest.raises(ConfigurationError, match="holds CERTIFICATE REQUEST and no certificate"):
        loads(request, KEY)


def test_an_authority_is_named_with_its_own_advice() -> None:
    certificate = MerchantCertificate(cert_pem=CERTIFICATE, key_pem=KEY)
    with pytest.raises(ConfigurationError, match=r"ca_pem: .*the simulator's ca\.pem"):
        client_context(certificate, mch_id=MCH_ID, now=NOW, ca_pem="nothing of the kind")


# PKCS#12


def without_password() -> bytes:
    return pkcs12_files.serialize_key_and_certificates(
        None, keys("ec", 0), make(), None, serialization.NoEncryption()
    )


@pytest.mark.parametrize("password", [None, ""])
def test_a_p12_without_a_password_opens(password: str | None) -> None:
    certificate = MerchantCertificate(p12=without_password(), p12_password=password)
    client_context(certificate, mch_id=MCH_ID, now=NOW)
    merchant = Merchant(
        app_id="wx1",
        mch_id=MCH_ID,
        key="k" * 32,
        p12=without_password(),
        p12_password=password,
        now=NOW,
    )
    assert merchant.certificate.p12_password == password


def test_a_p12_with_another_password_is_not_opened_without_one() -> None:
    certificate = MerchantCertificate(p12=without_password(), p12_password="another")
    with pytest.raises(ConfigurationError, match="does not open"):
        client_context(certificate, mch_id=MCH_ID, now=NOW)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes])
def test_a_p12_in_base64_is_read(encode: Callable[[bytes], bytes]) -> None:
    for given in (encode(p12(make())), encode(p12(make())).decode()):
        client_context(MerchantCertificate(p12=given), mch_id=MCH_ID, now=NOW)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (CERTIFICATE.encode(), "is PEM and not PKCS#12"),
        (b"nothing of the kind", "is not PKCS#12"),
        (base64.b64encode(b"nothing of the kind"), "is not PKCS#12"),
    ],
)
def test_what_is_no_p12_is_named(given: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.p12").write_bytes(given)
    for certificate in (
        MerchantCertificate(p12=given),
        MerchantCertificate(p12_path=tmp_path / "a.p12"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            client_context(certificate, mch_id=MCH_ID, now=NOW)
