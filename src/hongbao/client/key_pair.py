"""A certificate and its private key: read from PEM or PKCS#12, put into an ``ssl.SSLContext``.

OpenSSL, as Python offers it, loads them from a path only. Bytes get one without touching a disk
(memfd) or, where the system has none, in a temporary file encrypted with a one-off password.
"""

from __future__ import annotations

import os
import ssl
from binascii import Error as NotBase64
from binascii import a2b_base64
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hongbao.client import pem
from hongbao.client.der import ROUNDS_MAX, rounds
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

_END = b"-----END CERTIFICATE-----"
_BEGIN_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_END_ENCRYPTED = b"-----END ENCRYPTED PRIVATE KEY-----"
# Of one kind of key, and of two kinds.
_MISMATCH = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")
_PASSWORD_BYTES_MAX = 1024  # OpenSSL's PEM_BUFSIZE
_ONE_OFF_PASSWORD_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """The certificate's chain, the leaf first, and the key, which may be encrypted.

    Attributes:
        cert_setting: the certificate's name in an error: the setting, and the path if it has one.
        key_setting: the same for the key.
        password_setting: the setting that holds the key's password.
        paths: of certificate and key, if both are PEM files that OpenSSL reads as they are.
    """

    cert_setting: str
    key_setting: str
    password_setting: str
    cert_pem: bytes = field(repr=False)
    key_pem: bytes = field(repr=False)
    key_password: bytes | None = field(default=None, repr=False)
    paths: tuple[str, str] | None = None

    def leaf_der(self) -> bytes:
        """The first certificate."""
        block, end, _ = self.cert_pem.partition(_END)
        return ssl.PEM_cert_to_DER_cert((block + end).decode("ascii"))


def from_files(
    cert_path: str | PathLike[str], key_path: str | PathLike[str], password: str | None
) -> KeyPair:
    """From two PEM files, or twice the same.

    Raises:
        ConfigurationError: if one cannot be read, or holds something else.
    """
    cert, key = read_file("cert_path", cert_path), read_file("key_path", key_path)
    pair = _from_texts((f"cert_path {cert_path}", cert), (f"key_path {key_path}", key), password)
    if not (pem.stands_in(pair.cert_pem, cert) and pem.stands_in(pair.key_pem, key)):
        return pair
    return replace(pair, paths=(os.fspath(cert_path), os.fspath(key_path)))


def from_pem(cert_pem: bytes | str, key_pem: bytes | str, password: str | None) -> KeyPair:
    """From PEM in memory.

    Raises:
        ConfigurationError: if one holds something else.
    """
    return _from_texts(("cert_pem", cert_pem), ("key_pem", key_pem), password)


def from_pkcs12(data: bytes | str, passwords: Sequence[str], setting: str) -> KeyPair:
    """From PKCS#12, with RC2 and 3DES as in WeChat's old files too.

    Raises:
        ConfigurationError: if it is something else, or the password is wrong, or a half is missing.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - 10 MB
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - 10 MB

    der = pem.pkcs12(data, setting)
    _insist_on_few_rounds(der, setting)
    for password in passwords:
        with suppress(ValueError):
            bag = pkcs12.load_pkcs12(der, password.encode())
            break
    else:
        raise ConfigurationError(
            setting=setting,
            problem=say("does not open: the password is wrong, or it is damaged or not PKCS#12"),
            remedy=say(
                "Give its password as p12_password. WeChat sets it to the mch_id; that one and "
                "none are tried if it is left out."
            ),
        )
    if bag.cert is None or bag.key is None:
        raise ConfigurationError(
            setting=setting,
            problem=say("holds no certificate with its key"),
            remedy=say("Download the certificate again; do not export it without the key."),
        )
    chain = (bag.cert, *bag.additional_certs)
    return KeyPair(
        cert_setting=setting,
        key_setting=setting,
        password_setting="p12_password",  # noqa: S106 - the name of the setting
        cert_pem=b"".join(
            one.certificate.public_bytes(serialization.Encoding.PEM) for one in chain
        ),
        key_pem=bag.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def load(context: ssl.SSLContext, pair: KeyPair) -> None:
    """Have the context show the certificate.

    Raises:
        ConfigurationError: if the key does not open, cannot be read, or belongs to another one.
    """
    _insist_on_few_rounds(_encrypted_der(pair.key_pem), pair.key_setting)
    if pair.paths is not None:
        _load_path(context, pair, *pair.paths)
    elif not _load_from_memory(context, pair):
        load_from_encrypted_file(context, pair)


def read_file(setting: str, path: str | PathLike[str]) -> bytes:
    """The bytes of a file that a setting names.

    Raises:
        ConfigurationError: if it cannot be read.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib takes 8 ms
            return file.read()
    except OSError as error:
        raise ConfigurationError(
            setting=f"{setting} {path}",
            problem=say("cannot be read ({reason})", reason=error.strerror),
            remedy=say(
                "Check the path and its permissions; relative paths start at the TOML file that "
                "says them, and elsewhere at the working directory, which is another one under a "
                "service manager."
            ),
        ) from error


def load_from_encrypted_file(context: ssl.SSLContext, pair: KeyPair) -> None:
    """As ``load``, by way of a temporary file that nobody without its one-off password can read.

    Raises:
        ConfigurationError: as ``load``.
    """
    import secrets  # noqa: PLC0415 - seldom needed
    import tempfile  # noqa: PLC0415 - seldom needed

    one_off = secrets.token_hex(_ONE_OFF_PASSWORD_BYTES).encode()
    content = pair.cert_pem + b"\n" + _encrypted(pair, one_off)
    with tempfile.TemporaryDirectory(prefix="hongbao-") as folder:  # for this user alone
        path = f"{folder}/pair.pem"
        with open(path, "wb") as file:  # noqa: PTH123 - importing pathlib takes 8 ms
            file.write(content)
        _load_path(context, pair, path, path, one_off)


def _from_texts(
    cert: tuple[str, bytes | str], key: tuple[str, bytes | str], password: str | None
) -> KeyPair:
    cert_setting, cert_text = cert
    key_setting, key_text = key
    return KeyPair(
        cert_setting=cert_setting,
        key_setting=key_setting,
        password_setting="key_password",  # noqa: S106 - the name of the setting
        cert_pem=pem.certificates(cert_text, cert_setting),
        key_pem=pem.private_key(key_text, key_setting),
        key_password=_password("key_password", password),
    )


def _password(setting: str, password: str | None) -> bytes | None:
    if password is None:
        return None
    encoded = password.encode()
    if len(encoded) > _PASSWORD_BYTES_MAX:
        raise ConfigurationError(
            setting=setting,
            problem=say("is longer than {most} bytes", most=_PASSWORD_BYTES_MAX),
            remedy=say("OpenSSL takes no more: encrypt the key with a shorter password."),
        )
    return encoded


def _insist_on_few_rounds(der: bytes, setting: str) -> None:
    if rounds(der) > ROUNDS_MAX:
        raise ConfigurationError(
            setting=setting,
            problem=say(
                "wants its password hashed more than {most} times, which would take "
                "minutes or hours",
                most=ROUNDS_MAX,
            ),
            remedy=say(
                "Download the certificate again, or encrypt the key with ordinary settings."
            ),
        )


def _encrypted_der(key_pem: bytes) -> bytes:
    """What stands in PEM as an encrypted key; nothing if that is none."""
    block = key_pem.partition(_BEGIN_ENCRYPTED)[2].partition(_END_ENCRYPTED)[0]
    try:
        return a2b_base64(block)
    except NotBase64:
        return b""


def _load_from_memory(context: ssl.SSLContext, pair: KeyPair) -> bool:
    """Through a file that exists in memory only; False where the system has none."""
    if not hasattr(os, "memfd_create"):
        return False
    with os.fdopen(os.memfd_create("hongbao"), "wb") as file:
        path = f"/proc/self/fd/{file.fileno()}"
        if not os.access(path, os.R_OK):  # a jail without /proc
            return False
        file.write(pair.cert_pem + b"\n" + pair.key_pem)
        file.flush()
        _load_path(context, pair, path, path)
    return True


def _load_path(
    context: ssl.SSLContext,
    pair: KeyPair,
    cert_path: str,
    key_path: str,
    password: bytes | None = None,
) -> None:
    asked = False

    def answer() -> bytes:  # without this, OpenSSL would ask on the terminal and wait
        nonlocal asked
        asked = True
        return password or pair.key_password or b""

    try:
        context.load_cert_chain(cert_path, key_path, answer)
    except ssl.SSLError as error:
        raise _not_loaded(pair, error.reason, asked=asked) from error


def _not_loaded(pair: KeyPair, reason: str | None, *, asked: bool) -> ConfigurationError:
    if reason in _MISMATCH:
        several = pair.cert_pem.count(_END) > 1
        if several:
            problem = say(
                "does not belong to the first certificate of {setting}", setting=pair.cert_setting
            )
            remedy = say(
                "Give a key and a certificate that came together; the merchant's own goes first."
            )
        else:
            problem = say("does not belong to {setting}", setting=pair.cert_setting)
            remedy = say("Give a key and a certificate that came together.")
        return ConfigurationError(setting=pair.key_setting, problem=problem, remedy=remedy)
    if asked:
        return _password_needed(pair)
    detail = f" ({reason.lower().replace('_', ' ')})" if reason else ""
    return ConfigurationError(
        setting=pair.key_setting,
        problem=say(
            "cannot be loaded together with {cert_setting}{detail}",
            cert_setting=pair.cert_setting,
            detail=detail,
        ),
        remedy=say(
            "One of them is damaged or too weak. Give both as they were made; a lost key "
            "cannot be downloaded: ask for a new certificate then."
        ),
    )


def _password_needed(pair: KeyPair) -> ConfigurationError:
    if pair.key_password is None:
        problem = say(
            "is encrypted, and no {password_setting} is given",
            password_setting=pair.password_setting,
        )
    else:
        problem = say(
            "does not open with this {password_setting}", password_setting=pair.password_setting
        )
    return ConfigurationError(
        setting=pair.key_setting,
        problem=problem,
        remedy=say("Give the right {password_setting}.", password_setting=pair.password_setting),
    )


def _encrypted(pair: KeyPair, one_off: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - 10 MB

    try:
        key = serialization.load_pem_private_key(pair.key_pem, pair.key_password)
    except TypeError as error:
        if pair.key_password is None:
            raise _password_needed(pair) from error
        key = serialization.load_pem_private_key(pair.key_pem, None)  # a password for nothing
    except ValueError as error:
        raise _not_loaded(pair, None, asked=pair.key_password is not None) from error
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(one_off),
    )
