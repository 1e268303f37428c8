"""The simulator's folder: its authority, its server's certificate, its merchants' files.

It knows files and certificates, and nothing of packets, sockets or simulated time. Every file is
written under a temporary name and then moved, so that a reader never sees half of one. Only the
owner can read private keys and other files with secrets.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import rsa

from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.simulator.folder import certificates, ownership
from hongbao.simulator.folder.kept_merchant import (
    KeptMerchant,
    marker_text,
    parse_marker,
    settings_text,
)
from hongbao.simulator.folder.lock import FolderLock
from hongbao.simulator.folder.v3_keys import (
    CertifiedKey,
    merchant_v3,
    public_key_pem,
    wechat_side,
    with_relative_paths,
)
from hongbao.simulator.folder.whole_file import PUBLIC, SECRET, write_whole

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from cryptography import x509

    from hongbao.simulator.transfer.wechat_side import MerchantV3, WechatSide

SERVER_NAMES = (
    "localhost",
    "127.0.0.1",
    "::1",
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
)
"""The server's certificate is always valid for these names."""


DEMO = KeptMerchant(
    mch_id="1999000001",
    key="SimulatorOnlyKey0NeverInRealUse0",
    app_id="wx0000000000de0001",
    mini_program_app_id="wx0000000000de0002",
    corp_id="ww0000000000de0003",
    work_secret="SimulatorOnlySecret0NeverInRealUse000000000",  # noqa: S106  # the name says it
)
"""The merchant that every new folder has."""


class SimulatorFolder:
    """An open folder; ``close`` it, or use it as a context manager. Make it with ``open``.

    Attributes:
        path: absolute.
        merchants: the merchants that it keeps, by ``mch_id``.
    """

    def __init__(self, path: Path, lock: FolderLock) -> None:
        self.path = path
        self.merchants: dict[str, KeptMerchant] = {}
        self._lock = lock
        self._wechat_side: WechatSide | None = None

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], now: datetime, *, names: Sequence[str] = ()
    ) -> Self:
        """Open a folder, and create or renew what is missing or expired.

        Args:
            path: the folder; missing, empty, or made by an earlier start.
            now: the present, with a time zone, for the validity of certificates.
            names: more host names or addresses that the server's certificate must be valid for.

        Raises:
            ConfigurationError: if the folder is not the simulator's, in use by another simulator,
                or cannot be read or written. A folder of somebody else's is left untouched.
        """
        folder = Path(path).absolute()
        try:
            ownership.check_own(folder)
            _read_marker(folder / ownership.MARKER)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = cls(folder, FolderLock.take(folder / ownership.LOCK))
            try:
                opened._make_all(now, names)
            except BaseException:
                opened.close()
                raise
        except OSError as error:
            _cannot(folder, error)
        return opened

    @property
    def ca_path(self) -> Path:
        """The authority's certificate, which a client of the simulator trusts."""
        return self.path / ownership.AUTHORITY[0]

    @property
    def server_paths(self) -> tuple[Path, Path]:
        """The server's certificate and its key."""
        certificate, key = ownership.SERVER
        return self.path / certificate, self.path / key

    @property
    def world_path(self) -> Path:
        """The file of a world that outlives its process."""
        return self.path / ownership.WORLD

    def merchant_path(self, mch_id: str) -> Path:
        """The folder of a merchant's files."""
        return self.path / ownership.MERCHANTS / mch_id

    def add_merchant(self, merchant: KeptMerchant, now: datetime) -> Path:
        """Add or replace a merchant, and give it a certificate.

        A certificate that is still valid is kept.

        Returns:
            The folder of its files.

        Raises:
            ConfigurationError: if they cannot be written.
        """
        try:
            self.merchants[merchant.mch_id] = merchant
            self._write_marker()
            self._make_merchant(merchant.mch_id, self._authority(now), now)
        except OSError as error:
            _cannot(self.path, error)
        return self.merchant_path(merchant.mch_id)

    def forget_merchant(self, mch_id: str) -> None:
        """Remove a merchant and its files, if it is there.

        Raises:
            ConfigurationError: if they cannot be removed.
        """
        if self.merchants.pop(mch_id, None) is None:
            return
        try:
            self._write_marker()
            shutil.rmtree(self.merchant_path(mch_id))
        except OSError as error:
            _cannot(self.path, error)

    def settings(
        self, mch_id: str | None = None, *, base_url: str, mini_program: bool = False
    ) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.Merchant``, paths absolute.

        Args:
            mch_id: one of ``merchants``; the first of them if left out.
            base_url: where the simulator listens.
            mini_program: use the mini program's appid instead of the official account's.

        Raises:
            ConfigurationError: if there is no such merchant, or it has no mini program.
        """
        mch_id = next(iter(self.merchants), "") if mch_id is None else mch_id
        merchant, place = self._kept(mch_id), self.merchant_path(mch_id)
        app_id = merchant.mini_program_app_id if mini_program else merchant.app_id
        if app_id is None:
            raise ConfigurationError(
                setting=say("merchant {mch_id}", mch_id=mch_id),
                problem=say("has no mini program"),
                remedy=say("Add it again with a mini_program_app_id."),
            )
        found: dict[str, Any] = {
            "app_id": app_id,
            "mch_id": mch_id,
            "key": merchant.key,
            "cert_path": str(place / ownership.MERCHANT[0]),
            "key_path": str(place / ownership.MERCHANT[1]),
            "ca_path": str(self.ca_path),
            "base_url": base_url, "client_ip": "127.0.0.1",
        }  # fmt: skip
        if merchant.corp_id is not None:
            found["work"] = {"corp_id": merchant.corp_id, "secret": merchant.work_secret}
        return found

    def wechat_side(self) -> WechatSide:
        """WeChat's own keys of V3; they are made when they are first asked for.

        Raises:
            ConfigurationError: if they cannot be written.
        """
        if self._wechat_side is None:
            try:
                self._wechat_side = self._make_wechat_side(datetime.now(UTC))
            except OSError as error:
                _cannot(self.path, error)
        return self._wechat_side

    def merchant_v3(self, mch_id: str) -> MerchantV3:
        """What a merchant has of V3: its APIv3 key, and its certificate."""
        path = self.merchant_path(mch_id) / ownership.MERCHANT[0]
        return merchant_v3(self._kept(mch_id).api_v3_key, ownership.load_certificate(path))

    def credentials(self, mch_id: str | None = None, *, base_url: str) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.V3Credentials``; ``transfer.toml`` has them, too.

        Raises:
            ConfigurationError: if there is no such merchant, or the file cannot be written.
        """
        mch_id = next(iter(self.merchants), "") if mch_id is None else mch_id
        merchant, place, side = self._kept(mch_id), self.merchant_path(mch_id), self.wechat_side()
        values = {
            "app_id": merchant.mini_program_app_id or merchant.app_id,
            "mch_id": mch_id,
            "api_v3_key": merchant.api_v3_key,
            "cert_path": str(place / ownership.MERCHANT[0]),
            "key_path": str(place / ownership.MERCHANT[1]),
            "public_key_id": side.public.serial,
            "public_key_path": str(self.path / ownership.PUBLIC_KEY),
            "platform_cert_paths": (str(self.path / ownership.PLATFORM[0]),),
            "ca_path": str(self.ca_path),
            "base_url": base_url,
        }
        try:
            text = settings_text(with_relative_paths(values, place))
            write_whole(place / ownership.SETTINGS[2], text.encode(), SECRET)
        except OSError as error:
            _cannot(self.path, error)
        return values

    def write_settings(self, base_url: str) -> None:
        """Write every merchant's ``merchant.toml`` (and ``mini_program.toml``) for an address.

        Paths in them are relative to them, so that the folder can be mounted elsewhere.

        Raises:
            ConfigurationError: if they cannot be written.
        """
        try:
            for merchant in self.merchants.values():
                self._write_settings(merchant, base_url)
        except OSError as error:
            _cannot(self.path, error)

    def close(self) -> None:
        """Let another simulator have the folder."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _make_all(self, now: datetime, names: Sequence[str]) -> None:
        self.merchants = _read_marker(self.path / ownership.MARKER)
        self._write_marker()  # first, so that an interrupted start leaves a folder of ours
        authority = self._authority(now)
        wanted = tuple(dict.fromkeys((*SERVER_NAMES, *names)))
        self._make_pair(
            *self.server_paths,
            fits=lambda found: (
                authority.vouches_for(found, now) and certificates.covers(found, wanted)
            ),
            make=lambda key: authority.server(key, wanted, now),
        )
        for mch_id in self.merchants:
            self._make_merchant(mch_id, authority, now)

    def _authority(self, now: datetime) -> certificates.CertificateAuthority:
        certificate_name, key_name = ownership.AUTHORITY
        certificate, key = self._make_pair(
            self.path / certificate_name,
            self.path / key_name,
            fits=lambda found: certificates.lasts(found, now),
            make=lambda key: certificates.make_authority(key, now),
        )
        return certificates.CertificateAuthority(certificate, key)

    def _make_merchant(
        self, mch_id: str, authority: certificates.CertificateAuthority, now: datetime
    ) -> None:
        place = self.merchant_path(mch_id)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        made: list[x509.Certificate] = []

        def make(key: rsa.RSAPrivateKey) -> x509.Certificate:
            made.append(authority.merchant(key, mch_id, now))
            return made[-1]

        certificate, key = self._make_pair(
            *(place / name for name in ownership.MERCHANT),
            fits=lambda found: authority.vouches_for(found, now),
            make=make,
        )
        p12 = place / ownership.MERCHANT_P12
        if made or not p12.exists():
            both = certificates.pkcs12_bytes(certificate, key, name=mch_id, password=mch_id)
            write_whole(p12, both, SECRET)

    def _make_wechat_side(self, now: datetime) -> WechatSide:
        authority = self._authority(now)

        def pair(names: tuple[str, str]) -> CertifiedKey:
            return self._make_pair(
                *(self.path / name for name in names),
                fits=lambda found: authority.vouches_for(found, now),
                make=lambda key: authority.platform(key, now),
            )

        side = wechat_side(pair(ownership.WECHATPAY), pair(ownership.PLATFORM))
        write_whole(self.path / ownership.PUBLIC_KEY, public_key_pem(side.public), PUBLIC)
        return side

    def _make_pair(
        self,
        certificate_path: Path,
        key_path: Path,
        *,
        fits: Callable[[x509.Certificate], bool],
        make: Callable[[rsa.RSAPrivateKey], x509.Certificate],
    ) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        """A certificate and its key; a certificate that does not fit is made again for the key."""
        certificate = ownership.load_certificate(certificate_path)
        key = ownership.load_key(key_path)
        if isinstance(key, rsa.RSAPrivateKey) and certificate is not None and fits(certificate):
            return certificate, key
        new_key = key if isinstance(key, rsa.RSAPrivateKey) else certificates.make_key()
        certificate = make(new_key)
        # The certificate comes first: a key on its own would look like somebody else's.
        write_whole(certificate_path, certificates.certificate_pem(certificate), PUBLIC)
        if new_key is not key:
            write_whole(key_path, certificates.key_pem(new_key), SECRET)
        return certificate, new_key

    def _kept(self, mch_id: str) -> KeptMerchant:
        if mch_id in self.merchants:
            return self.merchants[mch_id]
        raise ConfigurationError(
            setting=str(self.path),
            problem=say("holds no merchant {mch_id!r}", mch_id=mch_id),
            remedy=say("Add it, or ask for one that is there."),
        )

    def _write_marker(self) -> None:
        text = marker_text(self.merchants.values())
        write_whole(self.path / ownership.MARKER, text.encode(), SECRET)

    def _write_settings(self, merchant: KeptMerchant, base_url: str) -> None:
        place = self.merchant_path(merchant.mch_id)
        kinds = {ownership.SETTINGS[0]: False}
        if merchant.mini_program_app_id is not None:
            kinds[ownership.SETTINGS[1]] = True
        for name, mini_program in kinds.items():
            values = self.settings(merchant.mch_id, base_url=base_url, mini_program=mini_program)
            values |= {
                "cert_path": ownership.MERCHANT[0],
                "key_path": ownership.MERCHANT[1],
                "ca_path": f"../../{ownership.AUTHORITY[0]}",
            }
            write_whole(place / name, settings_text(values).encode(), SECRET)


def _read_marker(path: Path) -> dict[str, KeptMerchant]:
    if not path.exists():
        return {DEMO.mch_id: DEMO}
    try:
        return parse_marker(path.read_bytes())
    except ValueError as error:
        raise ConfigurationError(
            setting=str(path),
            problem=say("is {error}", error=error),
            remedy=say("Give the simulator a new folder, or delete this one."),
        ) from error


def _cannot(folder: Path, error: OSError) -> NoReturn:
    raise ConfigurationError(
        setting=str(error.filename or folder),
        problem=say("cannot be read or written ({reason})", reason=error.strerror),
        remedy=say("Check the path, its owner and the free space."),
    ) from error
