"""Checks that a folder is the simulator's own before anything is written to it.

A real merchant's key must never end up there: the simulator's files are unprotected, copied into
containers and thrown away. So every file that could be a certificate or a key must come from the
folder's own authority. It only reads.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
    pkcs12,
)

from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.simulator.folder.certificates import is_issued_by, is_marked
from hongbao.simulator.folder.kept_merchant import SETTINGS_HEAD

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

MARKER = "simulator.json"
LOCK = "simulator.lock"
AUTHORITY = ("ca.pem", "ca_key.pem")
SERVER = ("server_cert.pem", "server_key.pem")
PLATFORM = ("platform_cert.pem", "platform_key.pem")
"""WeChat's platform certificate of V3, and its key."""
WECHATPAY = ("wechatpay_cert.pem", "wechatpay_key.pem")
"""The key of WeChat's public key of V3; the certificate only shows whose it is."""
PUBLIC_KEY = "pub_key.pem"
"""WeChat's public key, as merchants have it."""
MERCHANTS = "merchants"
MERCHANT = ("apiclient_cert.pem", "apiclient_key.pem")
MERCHANT_P12 = "apiclient_cert.p12"
WORLD = "world.sqlite"
SETTINGS = ("merchant.toml", "mini_program.toml", "transfer.toml")

FILES_MAX = 10_000
"""A simulator's folder has five files per merchant; a bigger one is somebody's home."""
_SNIFFED_BYTES = 64 * 1024  # a key has 2 KiB, and nobody puts so much in front of one
_KEY_SUFFIXES = frozenset({".cer", ".crt", ".der", ".key", ".p12", ".pem", ".pfx"})


def check_own(folder: Path) -> None:
    """Accept a folder that is missing, empty, or the simulator's own.

    Raises:
        ConfigurationError: naming the first file that does not belong there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        _refuse(folder, say("is not a folder"))
    names = sorted(path.name for path in folder.iterdir())
    if not names:
        return
    if MARKER not in names:
        _refuse(
            folder,
            say(
                "holds {name!r} but no {marker}: it is not the simulator's",
                name=names[0],
                marker=MARKER,
            ),
        )
    _check_authority(folder)
    for path in _files(folder):
        _check_file(folder, path)


def load_certificate(path: Path) -> x509.Certificate | None:
    """The certificate of a PEM file; None if there is no file.

    Raises:
        ConfigurationError: if it holds anything other than one certificate.
    """
    if not path.exists():
        return None
    try:
        (certificate,) = x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        _refuse(path, say("is not one certificate in PEM"))
    return certificate


def load_key(path: Path) -> PrivateKeyTypes | None:
    """The private key of a PEM file; None if there is no file.

    Raises:
        ConfigurationError: if it holds anything other than one key without a password.
    """
    if not path.exists():
        return None
    try:
        # The caller compares it with its certificate; proving that its primes are prime is slow.
        return load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    except (TypeError, ValueError):
        _refuse(path, say("is not a private key in PEM without a password"))


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        found += [Path(parent, name) for name in names]
        for link in filter(Path.is_symlink, (Path(parent, name) for name in folders)):
            _refuse(link, say("is a link: what lies behind it may not be the simulator's"))
        if len(found) > FILES_MAX:
            _refuse(
                folder,
                say("holds more than {most} files: it is not the simulator's", most=FILES_MAX),
            )
    return sorted(found)


def _check_authority(folder: Path) -> None:
    certificate = load_certificate(folder / AUTHORITY[0])
    if certificate is None:
        _check_key(folder / AUTHORITY[1], None)
        return
    if not is_marked(certificate) or not is_issued_by(certificate, certificate):
        _refuse(folder / AUTHORITY[0], say("is not a certificate authority of the simulator"))
    _check_key(folder / AUTHORITY[1], certificate)


def _check_file(folder: Path, path: Path) -> None:
    place = path.relative_to(folder).parts
    of_merchant = len(place) == 3 and place[0] == MERCHANTS  # noqa: PLR2004  # merchants/<mch_id>/<file>
    if place in {AUTHORITY[:1], AUTHORITY[1:]}:
        return
    if (
        place == SERVER[:1]
        or (of_merchant and path.name == MERCHANT[0])
        or place in {PLATFORM[:1], WECHATPAY[:1]}
    ):
        _check_certificate(folder, path)
    elif place in {SERVER[1:], PLATFORM[1:], WECHATPAY[1:]}:
        _check_key(path, load_certificate(_certificate_beside(path)))
    elif place == (PUBLIC_KEY,):
        _check_public_key(folder, path)
    elif of_merchant and path.name == MERCHANT[1]:
        _check_key(path, load_certificate(path.with_name(MERCHANT[0])))
    elif of_merchant and path.name == MERCHANT_P12:
        _check_p12(folder, path)
    elif place in {(WORLD,), (f"{WORLD}-wal",)} and _is_database(path):
        return
    elif of_merchant and path.name in SETTINGS:
        _check_settings(path)
    else:
        _check_other(path)


def _check_certificate(folder: Path, path: Path) -> None:
    certificate = load_certificate(path)
    if certificate is not None:
        _check_issued(folder, path, certificate)


def _check_issued(folder: Path, path: Path, certificate: x509.Certificate) -> None:
    authority = load_certificate(folder / AUTHORITY[0])
    if authority is None or not is_issued_by(certificate, authority):
        _refuse(path, say("was not issued by the folder's own {name}", name=AUTHORITY[0]))


def _check_key(path: Path, certificate: x509.Certificate | None) -> None:
    key = load_key(path)
    if key is not None and (certificate is None or key.public_key() != certificate.public_key()):
        _refuse(path, say("is not the key of the certificate beside it"))


def _certificate_beside(key: Path) -> Path:
    return key.with_name(key.name.replace("key", "cert"))


def _check_public_key(folder: Path, path: Path) -> None:
    certificate = load_certificate(folder / WECHATPAY[0])
    try:
        same = certificate is not None and load_pem_public_key(path.read_bytes())
    except ValueError:
        same = False
    if certificate is None or same != certificate.public_key():
        _refuse(path, say("is not WeChat's public key of this simulator"))


def _check_p12(folder: Path, path: Path) -> None:
    try:
        _, certificate, others = pkcs12.load_key_and_certificates(
            path.read_bytes(), path.parent.name.encode()
        )
    except ValueError:
        _refuse(path, say("does not open with the mch_id as its password"))
    if certificate is None or others:
        _refuse(path, say("does not hold one certificate and its key"))
    _check_issued(folder, path, certificate)


def _check_settings(path: Path) -> None:
    head = SETTINGS_HEAD.encode()
    with path.open("rb") as file:
        if file.read(len(head)) != head:
            _refuse(path, say("was not written by the simulator"))


def _is_database(path: Path) -> bool:
    """Whether a file is a SQLite database or its log, or empty."""
    with path.open("rb") as file:
        head = file.read(16)
    return head in {b"", b"SQLite format 3\x00"} or head[:3] == b"\x37\x7f\x06"


def _check_other(path: Path) -> None:
    """Accept a user's note, but nothing that could be a certificate or a key."""
    if path.suffix.lower() in _KEY_SUFFIXES or _holds_pem(path):
        _refuse(path, say("may be a certificate or a key, and is not one that the simulator made"))


def _holds_pem(path: Path) -> bool:
    if not path.is_file():  # a dangling link, a pipe
        return False
    with path.open("rb") as file:
        return b"-----BEGIN " in file.read(_SNIFFED_BYTES)


def _refuse(path: Path, problem: str) -> NoReturn:
    raise ConfigurationError(
        setting=str(path),
        problem=problem,
        remedy=say("Give the simulator a new or empty folder of its own; never a real merchant's."),
    )
