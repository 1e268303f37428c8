"""What proves who pays in V3: a private key with its serial, and WeChat's keys.

Immutable and checked when it is made. No secret is in a repr, and pickling is refused.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import InitVar, dataclass, field
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hongbao.client import pem
from hongbao.client.certificate import (
    MerchantCertificate,
    check_dates,
    read_pair,
    verifying_context,
)
from hongbao.client.der import read_facts
from hongbao.client.key_pair import read_file
from hongbao.client.payer_checks import (
    PRODUCTION_URL,
    check_setting,
    read_origins,
    refuse_pickling,
    wrong_setting,
)
from hongbao.client.proxy import read_proxy
from hongbao.client.settings.account import TRANSFER_PARTS, read_environment
from hongbao.client.settings.account import read_file as read_settings_file
from hongbao.sentences import say
from hongbao.wire import fields
from hongbao.wire.fields import Field
from hongbao.wire.transfer import signing
from hongbao.wire.transfer.assumptions import CAUTIOUS, TransferAssumptions
from hongbao.wire.transfer.certificates import read_certificate, read_public_key, serial_of
from hongbao.wire.transfer.wechat_keys import PUBLIC_KEY_BEGINS, WechatKey, WechatKeys

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping
    from os import PathLike
    from typing import Self

    from hongbao.client.proxy import Proxy
    from hongbao.client.transport import Origin

_API_V3_KEY = re.compile("[0-9A-Za-z]{32}")
_BITS_MIN = 2048
_SERIAL = Field("serial_no", "[0-9A-Fa-f]{16,40}", say("16 to 40 hexadecimal digits"), 40)
_KEY_ID = Field(
    "public_key_id",
    f"{PUBLIC_KEY_BEGINS}[0-9A-Za-z]{{1,64}}",
    say("PUB_KEY_ID_ and what follows"),
    75,
)
_GET_PLATFORM_CERTIFICATE = say(
    "Give a certificate that MerchantTransfer.platform_certificates() has fetched, in PEM."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Credentials:
    r"""A merchant who pays by V3 transfers.

    The private key is given in one of these ways: ``cert_path`` and ``key_path``; ``cert_pem`` and
    ``key_pem``; ``p12_path``; ``p12``; or the key alone with ``serial_no``. Of WeChat's keys, the
    public key is given (``public_key_id`` with its PEM), platform certificates, or, while a
    merchant moves from these to that, both: any of them vouches for a reply.

    Args:
        app_id: of the mini program, official account or app under which openids were issued.
        mch_id: the merchant number.
        api_v3_key: the APIv3 key: 32 letters and digits. Not the APIv2 key.
        cert_path: PEM certificate, such as ``apiclient_cert.pem``.
        key_path: PEM private key, such as ``apiclient_key.pem``.
        cert_pem: the certificate itself, as bytes or text; what a variable does to PEM is read too.
        key_pem: the private key itself, the same way.
        key_password: of an encrypted PEM key.
        p12_path: certificate and key as PKCS#12.
        p12: the same as bytes, or its base64.
        p12_password: if left out, ``mch_id`` and none are tried.
        serial_no: of the merchant's certificate, in hex; read out of it where it is given.
        public_key_id: of WeChat's public key: ``PUB_KEY_ID_`` and what follows.
        public_key_path: WeChat's public key, such as ``pub_key.pem``.
        public_key_pem: the same itself.
        platform_cert_paths: PEM files of WeChat's platform certificates.
        platform_cert_pems: the same themselves.
        ca_path: trust this CA alone, for the simulator. Server verification cannot be switched off.
        ca_pem: the same itself.
        base_url: another host, for the simulator.
        backup_url: where to go when nothing could be sent to ``base_url``; WeChat's second host by
            default.
        connect_seconds: seconds for DNS, TCP, a proxy's tunnel and TLS together.
        total_seconds: seconds for a whole call.
        proxy: as for ``Merchant``.
        assumptions: what WeChat's sources leave uncertain, and the switch of the family without
            confirming.
        now: the time by which the certificate is judged; the present if left out.

    Attributes:
        private_key: RSA.
        wechat_keys: the keys that vouch for replies and notifications.

    Raises:
        ConfigurationError: naming the setting or file, what is wrong with it and what to do.
    """

    app_id: str
    mch_id: str
    api_v3_key: str = field(repr=False)
    cert_path: str | PathLike[str] | None = None
    key_path: str | PathLike[str] | None = None
    cert_pem: bytes | str | None = field(default=None, repr=False)
    key_pem: bytes | str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    p12_path: str | PathLike[str] | None = None
    p12: bytes | str | None = field(default=None, repr=False)
    p12_password: str | None = field(default=None, repr=False)
    serial_no: str = ""
    public_key_id: str | None = None
    public_key_path: str | PathLike[str] | None = None
    public_key_pem: bytes | str | None = field(default=None, repr=False)
    platform_cert_paths: tuple[str | PathLike[str], ...] = ()
    platform_cert_pems: tuple[bytes | str, ...] = field(default=(), repr=False)
    ca_path: str | PathLike[str] | None = None
    ca_pem: bytes | str | None = field(default=None, repr=False)
    base_url: str = PRODUCTION_URL
    backup_url: str | None = None
    connect_seconds: float = 5.0
    total_seconds: float = 30.0
    proxy: str | None = field(default=None, repr=False)
    assumptions: TransferAssumptions = CAUTIOUS
    now: InitVar[datetime | None] = None
    origins: tuple[Origin, ...] = field(init=False, repr=False)
    http_proxy: Proxy | None = field(init=False, repr=False, compare=False)
    context: ssl.SSLContext = field(init=False, repr=False, compare=False)
    private_key: RSAPrivateKey = field(init=False, repr=False, compare=False)
    wechat_keys: WechatKeys = field(init=False, compare=False)

    def __post_init__(self, now: datetime | None) -> None:
        check_setting("app_id", fields.WXAPPID, self.app_id)
        check_setting("mch_id", fields.MCH_ID, self.mch_id)
        if _API_V3_KEY.fullmatch(str(self.api_v3_key)) is None:
            raise wrong_setting(
                "api_v3_key",
                say("is not 32 letters and digits"),
                say("Set it in the merchant platform (账户中心 > API安全 > APIv3密钥)."),
            )
        for name in ("connect_seconds", "total_seconds"):
            if not getattr(self, name) > 0:
                raise wrong_setting(
                    name, say("is not positive"), say("Give seconds, such as 5 or 30.")
                )
        origins = read_origins(self.base_url, self.backup_url)
        serial, key = self._own_key(now or datetime.now(UTC))
        found = {
            "origins": origins,
            "http_proxy": read_proxy(self.proxy, origins[0].host, os.environ),
            "context": verifying_context(self.ca_path, self.ca_pem),
            "serial_no": serial,
            "private_key": key,
            "wechat_keys": WechatKeys(self._wechats_keys()),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Self:
        """Read the constructor's arguments from a TOML file.

        Paths in it are relative to it; ``assumptions`` is a table.

        Raises:
            ConfigurationError: naming the file and the setting.
        """
        return cls.from_settings(read_settings_file(path, cls._settings(), TRANSFER_PARTS))

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, prefix: str = "HONGBAO_"
    ) -> Self:
        """Read the constructor's arguments from variables such as ``HONGBAO_API_V3_KEY``.

        What ``Merchant.from_env`` alone reads may stand beside; several ``PLATFORM_CERT_PATHS`` are
        separated as in ``PATH``.

        Raises:
            ConfigurationError: naming the variable.
        """
        values = read_environment(environ, prefix, cls._settings(), TRANSFER_PARTS)
        return cls.from_settings(values)

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> Self:
        """One whose settings are read: ``assumptions`` is a mapping.

        Raises:
            ConfigurationError: naming the setting.
        """
        arguments = dict(values)
        if "assumptions" in arguments:
            arguments["assumptions"] = TransferAssumptions(**arguments["assumptions"])
        return cls(**arguments)

    @classmethod
    def _settings(cls) -> frozenset[str]:
        return frozenset(it.name for it in fields_of(cls) if it.init)

    def with_wechat_keys(self, keys: Iterable[WechatKey]) -> Self:
        """A copy that knows these keys of WeChat's too. None is dropped for one that is new."""
        twin = object.__new__(type(self))
        for name in self.__slots__:
            object.__setattr__(twin, name, getattr(self, name))
        object.__setattr__(twin, "wechat_keys", self.wechat_keys.with_more(keys))
        return twin

    def open_name(self, sealed: str) -> str:
        """The name that a query's ``user_name`` is, which WeChat seals for the merchant.

        Raises:
            ValueError: it was not sealed for this merchant's key.
        """
        try:
            return signing.unseal(self.private_key, b64decode(sealed, validate=True))
        except (NotBase64, ValueError):
            raise ValueError(say("it was not sealed for this merchant's key")) from None

    def _own_key(self, now: datetime) -> tuple[str, RSAPrivateKey]:
        alone = self.cert_path is None and self.cert_pem is None
        if alone and self.p12_path is None and self.p12 is None:
            check_setting("serial_no", _SERIAL, self.serial_no)
            setting, text = _one_of(
                ("key_path", self.key_path), ("key_pem", self.key_pem), say("the private key")
            )
            key = _load(pem.private_key(text, setting), self.key_password, setting)
            return self.serial_no.upper(), key
        pair = read_pair(
            MerchantCertificate(
                cert_path=self.cert_path,
                key_path=self.key_path,
                cert_pem=self.cert_pem,
                key_pem=self.key_pem,
                key_password=self.key_password,
                p12_path=self.p12_path,
                p12=self.p12,
                p12_password=self.p12_password,
            ),
            self.mch_id,
        )
        certificate = _certificate(pair.leaf_der(), pair.cert_setting)
        check_dates(pair.cert_setting, read_facts(pair.leaf_der()), now)
        password = pair.key_password.decode() if pair.key_password else None
        key = _load(pair.key_pem, password, pair.key_setting)
        if not _is_pair(certificate, key):
            problem = say("does not belong to {cert_setting}", cert_setting=pair.cert_setting)
            remedy = say("Give a key and a certificate that came together.")
            raise wrong_setting(pair.key_setting, problem, remedy)
        serial = serial_of(certificate)
        if self.serial_no and self.serial_no.upper().lstrip("0") != serial.lstrip("0"):
            raise wrong_setting(
                "serial_no",
                say("is not {serial}, the certificate's", serial=serial),
                say("Leave it out."),
            )
        return serial, key

    def _wechats_keys(self) -> Iterator[WechatKey]:
        if self.public_key_id is not None:
            check_setting("public_key_id", _KEY_ID, self.public_key_id)
            setting, text = _one_of(
                ("public_key_path", self.public_key_path),
                ("public_key_pem", self.public_key_pem),
                say("WeChat's public key"),
            )
            try:
                yield read_public_key(pem.public_key(text, setting), self.public_key_id)
            except ValueError:
                raise wrong_setting(
                    setting, say("is no RSA key"), say("Download it again.")
                ) from None
        elif self.public_key_path is not None or self.public_key_pem is not None:
            remedy = say("The merchant platform shows it beside the key.")
            raise wrong_setting("public_key_id", say("is missing"), remedy)
        for path in self.platform_cert_paths:
            yield _platform(f"platform_cert_paths {path}", read_file("platform_cert_paths", path))
        for at, text in enumerate(self.platform_cert_pems):
            yield _platform(f"platform_cert_pems[{at}]", text)

    def __reduce__(self) -> NoReturn:
        refuse_pickling(self)


def _one_of(
    path: tuple[str, str | PathLike[str] | None], text: tuple[str, bytes | str | None], what: str
) -> tuple[str, bytes | str]:
    """What a file or a text holds, with the name of the setting that said so."""
    (path_setting, where), (text_setting, itself) = path, text
    if (where is None) is (itself is None):
        problem = (
            say("is missing")
            if where is None
            else say("and {text_setting} are both given", text_setting=text_setting)
        )
        raise wrong_setting(path_setting, problem, say("Give {what} as one of them.", what=what))
    if where is not None:
        return f"{path_setting} {where}", read_file(path_setting, where)
    return text_setting, cast("bytes | str", itself)


def _platform(setting: str, text: bytes | str) -> WechatKey:
    written = pem.certificates(text, setting, remedy=_GET_PLATFORM_CERTIFICATE)
    try:
        return read_certificate(written)
    except ValueError:
        problem = say("is no certificate of an RSA key")
        raise wrong_setting(setting, problem, _GET_PLATFORM_CERTIFICATE) from None


def _certificate(der: bytes, setting: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        raise wrong_setting(setting, say("is not a certificate"), pem.GET_CERTIFICATE) from None


def _is_pair(certificate: x509.Certificate, key: RSAPrivateKey) -> bool:
    try:
        return certificate.public_key() == key.public_key()
    except (ValueError, UnsupportedAlgorithm):  # it is of a kind of its own
        return False


def _load(text: bytes, password: str | None, setting: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(text, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if isinstance(error, TypeError) and not password:
            name = "key_password"
            problem = say("is encrypted, and no {password_setting} is given", password_setting=name)
            remedy = say("Give the right {password_setting}.", password_setting=name)
        else:
            problem = say("does not open: it is damaged, or key_password is wrong or not needed")
            remedy = say("Give the key as it was made.")
        raise wrong_setting(setting, problem, remedy) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS_MIN:
        remedy = say("Give apiclient_key.pem as it was made with the certificate.")
        raise wrong_setting(
            setting,
            say("is not an RSA key of {least} bits at least", least=_BITS_MIN),
            remedy,
        )
    return key
