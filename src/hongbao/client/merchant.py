"""Who pays: a merchant, or a service provider for its sub-merchants.

Each is immutable and checked when it is made. Several may live in one process; nothing is global.
Secrets are in no repr, and pickling is refused.
"""

from __future__ import annotations

import os
import re
from dataclasses import InitVar, dataclass, field
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from hongbao.client.certificate import MerchantCertificate, client_context
from hongbao.client.own_address import MACHINE, own_address
from hongbao.client.payer_checks import (
    PRODUCTION_URL,
    check_setting,
    read_origins,
    refuse_pickling,
    wrong_setting,
)
from hongbao.client.proxy import read_proxy
from hongbao.sentences import say
from hongbao.wire import fields
from hongbao.wire.assumptions import CAUTIOUS, Assumptions
from hongbao.wire.caution import warn

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from os import PathLike
    from typing import Self

    from hongbao.client.proxy import Proxy
    from hongbao.client.transport import Origin

AccountT = TypeVar("AccountT", bound="_Account")

_OLDER_NAMES = {"connect_timeout": "connect_seconds", "total_timeout": "total_seconds"}
_API_KEY = re.compile("[0-9A-Za-z]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWx:
    """The WeCom (企业微信) side of a merchant.

    Attributes:
        corp_id: the corporation's id; it stands where other calls have the appid.
        secret: what ``workwx_sign`` is made with. Older pages say: of the enterprise-payment
            application; newer ones: of the application. Which one counts with ``agentid`` is
            uncertain, so it is a setting: ``Merchant.with_work`` gives a copy with another.

    Raises:
        ConfigurationError: if either is malformed.
    """

    corp_id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        check_setting("work.corp_id", fields.WXAPPID, self.corp_id)
        if not self.secret or not self.secret.isascii():
            raise wrong_setting(
                "work.secret", say("is empty or not ASCII"), say("Copy it from the WeCom console.")
            )

    def __reduce__(self) -> NoReturn:
        refuse_pickling(self)


@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)  # abstract
class _Account:
    """The settings that every payer has."""

    app_id: str
    mch_id: str
    key: str = field(repr=False)
    cert_path: str | PathLike[str] | None = None
    key_path: str | PathLike[str] | None = None
    cert_pem: bytes | str | None = field(default=None, repr=False)
    key_pem: bytes | str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    p12_path: str | PathLike[str] | None = None
    p12: bytes | str | None = field(default=None, repr=False)
    p12_password: str | None = field(default=None, repr=False)
    ca_path: str | PathLike[str] | None = None
    ca_pem: bytes | str | None = field(default=None, repr=False)
    base_url: str = PRODUCTION_URL
    backup_url: str | None = None
    connect_seconds: float = 5.0
    total_seconds: float = 30.0
    proxy: str | None = field(default=None, repr=False)
    client_ip: str | None = None
    work: WorkWx | None = None
    assumptions: Assumptions = CAUTIOUS
    now: InitVar[datetime | None] = None
    origins: tuple[Origin, ...] = field(init=False, repr=False)
    http_proxy: Proxy | None = field(init=False, repr=False, compare=False)
    certificate: MerchantCertificate = field(init=False, repr=False, compare=False)
    context: ssl.SSLContext = field(init=False, repr=False, compare=False)

    provider_mode: ClassVar[bool]

    def __post_init__(self, now: datetime | None) -> None:
        check_setting("app_id", fields.WXAPPID, self.app_id)
        check_setting("mch_id", fields.MCH_ID, self.mch_id)
        if _API_KEY.fullmatch(str(self.key)) is None:
            raise wrong_setting(
                "key",
                say("is not 32 letters and digits"),
                say(
                    "Take the APIv2 key of the merchant platform (账户中心 > API安全 > APIv2密钥)."
                ),
            )
        if self.client_ip not in (None, MACHINE):
            check_setting("client_ip", fields.CLIENT_IP, self.client_ip)
        for name in ("connect_seconds", "total_seconds"):
            if not getattr(self, name) > 0:
                raise wrong_setting(
                    name, say("is not positive"), say("Give seconds, such as 5 or 30.")
                )
        origins = read_origins(self.base_url, self.backup_url)
        object.__setattr__(self, "origins", origins)
        proxy = read_proxy(self.proxy, origins[0].host, os.environ)
        object.__setattr__(self, "http_proxy", proxy)
        if self.client_ip == MACHINE:
            nearest = proxy.origin if proxy else origins[0]
            object.__setattr__(self, "client_ip", own_address(nearest.host, nearest.port))
        self._load_certificate(now or datetime.now(UTC))

    def _load_certificate(self, now: datetime) -> None:
        certificate = MerchantCertificate(
            cert_path=self.cert_path,
            key_path=self.key_path,
            cert_pem=self.cert_pem,
            key_pem=self.key_pem,
            key_password=self.key_password,
            p12_path=self.p12_path,
            p12=self.p12,
            p12_password=self.p12_password,
        )
        context = client_context(
            certificate,
            mch_id=self.mch_id,
            now=now,
            ca_path=self.ca_path,
            ca_pem=self.ca_pem,
            check_common_name=self.assumptions.certificate_names_merchant,
        )
        object.__setattr__(self, "certificate", certificate)
        object.__setattr__(self, "context", context)

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Self:
        """Read the constructor's arguments from a TOML file.

        Paths in it are relative to it; ``work`` and ``assumptions`` are tables.

        Raises:
            ConfigurationError: naming the file and the setting.
        """
        # Most who pay read no settings.
        from hongbao.client.settings.account import read_file  # noqa: PLC0415  # see above

        return cls.from_settings(read_file(path, cls._settings()))

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, prefix: str = "HONGBAO_"
    ) -> Self:
        """Read the constructor's arguments from environment variables such as ``HONGBAO_MCH_ID``.

        WeCom's are ``HONGBAO_WORK_CORP_ID`` and ``HONGBAO_WORK_SECRET``.

        Raises:
            ConfigurationError: naming the variable.
        """
        from hongbao.client.settings.account import read_environment  # noqa: PLC0415  # as above

        return cls.from_settings(read_environment(environ, prefix, cls._settings()))

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> Self:
        """One whose settings are read: ``work`` and ``assumptions`` are mappings.

        Raises:
            ConfigurationError: naming the setting.
        """
        arguments = dict(values)
        if "work" in arguments:
            arguments["work"] = WorkWx(**arguments["work"])
        if "assumptions" in arguments:
            arguments["assumptions"] = Assumptions(**arguments["assumptions"])
        return cls(**arguments)

    @classmethod
    def _settings(cls) -> frozenset[str]:
        return frozenset(it.name for it in fields_of(cls) if it.init)

    def with_work(self, work: WorkWx) -> Self:
        """A copy with another WeCom side; the certificate is shared."""
        return self._copy(work=work)

    def _copy(self, **changes: object) -> Self:
        twin = object.__new__(type(self))
        for cls in type(self).__mro__:
            for name in getattr(cls, "__slots__", ()):
                object.__setattr__(twin, name, changes.get(name, getattr(self, name)))
        return twin

    @property
    def connect_timeout(self) -> float:
        """Older name of ``connect_seconds``."""
        _warn_of_older_name("connect_timeout")
        return self.connect_seconds

    @property
    def total_timeout(self) -> float:
        """Older name of ``total_seconds``."""
        _warn_of_older_name("total_timeout")
        return self.total_seconds

    @property
    def corp_id(self) -> str | None:
        """The WeCom corporation, if there is one."""
        return self.work.corp_id if self.work else None

    @property
    def work_secret(self) -> str | None:
        """The WeCom secret, if there is one."""
        return self.work.secret if self.work else None

    def __reduce__(self) -> NoReturn:
        refuse_pickling(self)


def _warn_of_older_name(name: str) -> None:
    new = _OLDER_NAMES[name]
    warn(
        say("{name} is called {new} now: the older name will go", name=name, new=new),
        DeprecationWarning,
    )


def _taking_older_names(account: type[AccountT]) -> type[AccountT]:
    """Have a dataclass take the older names of its arguments too.

    They are no fields of it, so ``dataclasses.replace`` does not give them back beside the new.
    """
    init: Callable[..., None] = account.__init__

    @wraps(init)
    def with_older_names(self: AccountT, /, **given: object) -> None:
        for old, new in _OLDER_NAMES.items():
            if old in given:
                if new in given:
                    why = say("is given beside {new}, whose older name it is", new=new)
                    raise wrong_setting(old, why, say("Leave it out."))
                _warn_of_older_name(old)
                given[new] = given.pop(old)
        init(self, **given)

    account.__init__ = with_older_names  # type: ignore[method-assign, assignment]  # it takes two more names
    return account


@_taking_older_names
@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant(_Account):
    r"""An ordinary merchant.

    Give the certificate in one of these ways: ``cert_path`` and ``key_path``; ``cert_pem`` and
    ``key_pem``; ``p12_path``; ``p12``.

    Args:
        app_id: the official account's (or mini program's) appid under which openids were issued.
        mch_id: the merchant number.
        key: the APIv2 key: 32 letters and digits. Not the APIv3 key.
        cert_path: PEM certificate, such as ``apiclient_cert.pem``.
        key_path: PEM private key, such as ``apiclient_key.pem``.
        cert_pem: the certificate itself, as bytes or text. What a variable does to PEM (``\\n`` as
            two characters, one line, an indent, base64 alone) is read too.
        key_pem: the private key itself, the same way.
        key_password: of an encrypted PEM key.
        p12_path: certificate and key as PKCS#12, such as ``apiclient_cert.p12``.
        p12: the same as bytes, or its base64.
        p12_password: if left out, ``mch_id``, as WeChat sets it, and none are tried.
        ca_path: trust this CA alone, for the simulator. Server verification cannot be switched off.
        ca_pem: the same itself.
        base_url: another host, for the simulator.
        backup_url: where to go when nothing could be sent to ``base_url``; WeChat's second host by
            default.
        connect_seconds: seconds for DNS, TCP, a proxy's tunnel and TLS together.
        total_seconds: seconds for a whole call.
        proxy: the way out of this network: ``http://host:port`` or
            ``http://user:password@host:port`` of a proxy that allows CONNECT; "environment" for
            what ``HTTPS_PROXY`` and ``NO_PROXY`` say of ``base_url``; "direct", also if left out.
        client_ip: the IPv4 that calls declare as theirs; ``"machine"`` takes this machine's own, by
            the route to ``base_url`` or the proxy. None makes it an argument of each call.
        work: the WeCom side.
        assumptions: what WeChat's sources leave uncertain.
        now: the time by which the certificate is judged; the present if left out.

    Raises:
        ConfigurationError: naming the setting or file, what is wrong with it and what to do.
    """

    provider_mode: ClassVar[bool] = False

    @property
    def sub_mch_id(self) -> None:
        """None: only a service provider has sub-merchants."""

    @property
    def msgappid(self) -> None:
        """None: WeChat refuses it in ordinary mode."""


@_taking_older_names
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider(_Account):
    """A service provider (服务商), which sends on behalf of sub-merchants.

    Its arguments are those of ``Merchant``, with the provider's own ids. Sends need a
    sub-merchant::

        shop = provider.sub_merchant("1900000999", msgappid="wx...")
        RedPack(shop).send_normal(...)

    Args:
        sub_mch_id: the sub-merchant; ``sub_merchant`` sets it.
        msgappid: the appid through which the user is reached; ``sub_merchant`` sets it.
    """

    provider_mode: ClassVar[bool] = True

    sub_mch_id: str | None = None
    msgappid: str | None = None

    def sub_merchant(self, sub_mch_id: str, *, msgappid: str) -> ServiceProvider:
        """A copy that sends for this sub-merchant.

        The certificate is shared, and this object stays as it is.

        Args:
            sub_mch_id: the sub-merchant's number.
            msgappid: the provider's or the sub-merchant's appid, bound in the merchant platform.

        Raises:
            ConfigurationError: if either is malformed.
        """
        check_setting("sub_mch_id", fields.SUB_MCH_ID, sub_mch_id)
        check_setting("msgappid", fields.MSGAPPID, msgappid)
        return self._copy(sub_mch_id=sub_mch_id, msgappid=msgappid)


AnyMerchant = Merchant | ServiceProvider
