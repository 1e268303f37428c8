"""The simulator's folder: what it makes, what it renews, and which folders it does not touch."""

from __future__ import annotations

import shutil
import ssl
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from hongbao.errors import ConfigurationError
from hongbao.simulator.folder.certificates import MARK
from hongbao.simulator.folder.folder import DEMO, SERVER_NAMES, SimulatorFolder
from hongbao.simulator.folder.kept_merchant import KeptMerchant

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime.now(UTC)
SECOND = KeptMerchant(mch_id="1999000002", key="k" * 32, app_id="wx0000000000de0009")


@pytest.fixture
def copy(folder: SimulatorFolder, tmp_path: Path) -> Path:
    """A folder of an earlier start, for this test alone."""
    return Path(shutil.copytree(folder.path, tmp_path / "copy"))


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def everything(path: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def test_a_first_start_makes_everything(folder: SimulatorFolder) -> None:
    assert set(everything(folder.path)) >= {
        "ca.pem",
        "ca_key.pem",
        "server_cert.pem",
        "server_key.pem",
        "simulator.json",
        "merchants/1999000001/apiclient_cert.pem",
        "merchants/1999000001/apiclient_key.pem",
        "merchants/1999000001/apiclient_cert.p12",
    }


def test_only_its_owner_can_read_what_is_secret(folder: SimulatorFolder) -> None:
    folder.write_settings("https://localhost:1")
    for file in folder.path.rglob("*"):
        readable = stat.S_IMODE(file.stat().st_mode) & 0o077
        if file.is_file():
            public = file.name == "pub_key.pem" or "key" not in file.name
            assert not readable or (file.suffix == ".pem" and public), file


def test_every_certificate_says_that_it_is_not_wechats(folder: SimulatorFolder) -> None:
    for path in folder.path.rglob("*cert.pem"):
        found = certificate(path)
        for name in (found.subject, found.issuer):
            (organisation,) = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
            assert organisation.value == MARK == "hongbao simulator - not WeChat"


def test_the_servers_certificate_is_valid_for_all_its_names(folder: SimulatorFolder) -> None:
    names = certificate(folder.server_paths[0]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert {str(name.value) for name in names.value} == set(SERVER_NAMES)


def test_more_names_can_be_asked_for(copy: Path) -> None:
    """As a container's name; the certificate is made again with the same key, once."""
    with SimulatorFolder.open(copy, NOW, names=["wechat"]) as folder:
        path, key = folder.server_paths
        first = path.read_bytes()
    names = certificate(path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName)[-1] == "wechat"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, key)
    with SimulatorFolder.open(copy, NOW, names=["wechat"]):
        assert path.read_bytes() == first


def test_a_merchants_certificate_names_it(folder: SimulatorFolder) -> None:
    found = certificate(folder.merchant_path(DEMO.mch_id) / "apiclient_cert.pem")
    (name,) = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == DEMO.mch_id


def test_the_p12_opens_with_the_mch_id(folder: SimulatorFolder) -> None:
    """And holds the same certificate and key as the PEM files."""
    place = folder.merchant_path(DEMO.mch_id)
    key, found, others = pkcs12.load_key_and_certificates(
        (place / "apiclient_cert.p12").read_bytes(), DEMO.mch_id.encode()
    )
    pem = load_pem_private_key((place / "apiclient_key.pem").read_bytes(), None)
    assert found == certificate(place / "apiclient_cert.pem")
    assert key is not None
    assert key.public_key() == pem.public_key()
    assert others == []
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates((place / "apiclient_cert.p12").read_bytes(), b"other")


def test_the_p12_is_of_the_kind_that_old_tools_read(folder: SimulatorFolder) -> None:
    data = (folder.merchant_path(DEMO.mch_id) / "apiclient_cert.p12").read_bytes()
    triple_des = bytes.fromhex("2a864886f70d010c0103")  # pbeWithSHA1And3-KeyTripleDES-CBC
    assert data.count(triple_des) == 2, "the certificate's bag and the key's"


def test_settings_are_the_arguments_of_a_client(folder: SimulatorFolder) -> None:
    folder.write_settings("https://localhost:8443")
    place = folder.merchant_path(DEMO.mch_id)
    for name, app_id in (
        ("merchant.toml", DEMO.app_id),
        ("mini_program.toml", DEMO.mini_program_app_id),
    ):
        values = tomllib.loads((place / name).read_text("utf-8"))
        assert values["app_id"] == app_id
        for path in ("cert_path", "key_path", "ca_path"):
            values[path] = str(place.joinpath(values[path]).resolve())
        mini_program = name == "mini_program.toml"
        assert values == folder.settings(
            DEMO.mch_id, base_url="https://localhost:8443", mini_program=mini_program
        )


def test_a_later_start_changes_nothing(copy: Path) -> None:
    before = everything(copy)
    with SimulatorFolder.open(copy, NOW) as folder:
        assert folder.merchants == {DEMO.mch_id: DEMO}
    assert everything(copy) == before


def test_merchants_that_were_added_stay(copy: Path) -> None:
    with SimulatorFolder.open(copy, NOW) as folder:
        place = folder.add_merchant(SECOND, NOW)
        made = everything(place)
        with pytest.raises(ConfigurationError, match="has no mini program"):
            folder.settings(SECOND.mch_id, base_url="https://localhost:1", mini_program=True)
    with SimulatorFolder.open(copy, NOW) as folder:
        assert folder.merchants == {DEMO.mch_id: DEMO, SECOND.mch_id: SECOND}
        folder.write_settings("https://localhost:1")
    assert made.items() <= everything(place).items()
    assert "mini_program.toml" not in everything(place)


def test_a_merchant_can_be_forgotten(copy: Path) -> None:
    before = everything(copy)
    with SimulatorFolder.open(copy, NOW) as folder:
        folder.add_merchant(SECOND, NOW)
        folder.forget_merchant(SECOND.mch_id)
        folder.forget_merchant(SECOND.mch_id)
    assert everything(copy) == before


def test_certificates_that_ran_out_are_made_again(copy: Path) -> None:
    """With the same keys, the authority's included."""
    before = everything(copy)
    later = NOW + timedelta(days=3651)
    with SimulatorFolder.open(copy, later) as folder:
        authority = certificate(folder.ca_path)
        for path in copy.rglob("*cert.pem"):
            found = certificate(path)
            found.verify_directly_issued_by(authority)
            assert found.not_valid_after_utc > later
    changed = {name for name, data in everything(copy).items() if before[name] != data}
    assert changed == {
        "ca.pem",
        "server_cert.pem",
        "merchants/1999000001/apiclient_cert.pem",
        "merchants/1999000001/apiclient_cert.p12",
    }


def test_a_start_that_was_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "simulator.json").write_text(
        '{"what": "hongbao simulator - not WeChat", "version": 1, "merchants": []}'
    )
    with SimulatorFolder.open(tmp_path, NOW) as folder:
        assert folder.merchants == {}
        assert certificate(folder.server_paths[0]).version is x509.Version.v3


def add_file(name: str, data: bytes) -> Callable[[Path], None]:
    def add(path: Path) -> None:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)

    return add


def take_authority_away(path: Path) -> None:
    (path / "ca.pem").unlink()


def put_another_authority(path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(path / "ca.pem")


def put_a_real_merchant(path: Path) -> None:
    """As if somebody had put the real files where the simulator's are."""
    stranger = trustme.CA().issue_cert("1999000001")
    place = path / "merchants" / "1999000001"
    stranger.cert_chain_pems[0].write_to_path(place / "apiclient_cert.pem")
    stranger.private_key_pem.write_to_path(place / "apiclient_key.pem")


def put_a_real_key(path: Path) -> None:
    key = trustme.CA().issue_cert("a").private_key_pem
    key.write_to_path(path / "merchants" / "1999000001" / "apiclient_key.pem")


def put_another_p12(path: Path) -> None:
    stranger = trustme.CA().issue_cert("1999000001")
    data = pkcs12.serialize_key_and_certificates(
        b"",
        load_pem_private_key(stranger.private_key_pem.bytes(), None),  # type: ignore[arg-type]  # RSA
        x509.load_pem_x509_certificate(stranger.cert_chain_pems[0].bytes()),
        None,
        BestAvailableEncryption(b"1999000001"),
    )
    (path / "merchants" / "1999000001" / "apiclient_cert.p12").write_bytes(data)


def link_elsewhere(path: Path) -> None:
    (path / "merchants" / "1234").symlink_to("/", target_is_directory=True)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (add_file("old/apiclient_cert.p12", b"x"), "apiclient_cert.p12"),
        (add_file("apiclient_key.pem", b"x"), "apiclient_key.pem"),
        (add_file("notes.txt", b"see\n-----BEGIN PRIVATE KEY-----\n"), "notes.txt"),
        (add_file("merchants/1999000001/merchant.toml", b"key = '...'"), "merchant.toml"),
        (add_file("server_cert.pem", b"junk"), "server_cert.pem"),
        (add_file("simulator.json", b"{}"), "simulator.json"),
        (add_file("simulator.json", b"\xff"), "simulator.json"),
        (take_authority_away, "ca_key.pem"),
        (put_another_authority, "ca.pem"),
        (put_a_real_merchant, "apiclient_cert.pem"),
        (put_a_real_key, "apiclient_key.pem"),
        (put_another_p12, "apiclient_cert.p12"),
        (link_elsewhere, "1234"),
    ],
)
def test_a_folder_with_others_certificates_or_keys_is_refused(
    copy: Path, spoil: Callable[[Path], None], named: str
) -> None:
    """The error names the file, and nothing is written."""
    spoil(copy)
    before = everything(copy)
    with pytest.raises(ConfigurationError) as raised:
        SimulatorFolder.open(copy, NOW)
    assert named in str(raised.value)
    assert everything(copy) == before


def test_a_folder_that_is_not_the_simulators_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"thesis\.txt"):
        SimulatorFolder.open(tmp_path, NOW)
    assert list(everything(tmp_path)) == ["thesis.txt"]


def test_a_marker_of_something_else_is_no_marker(tmp_path: Path) -> None:
    (tmp_path / "simulator.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"simulator\.json"):
        SimulatorFolder.open(tmp_path, NOW)
    assert list(everything(tmp_path)) == ["simulator.json"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="is not a folder"):
        SimulatorFolder.open(tmp_path / "file", NOW)


def test_a_folder_that_cannot_be_made_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be read or written"):
        SimulatorFolder.open(tmp_path / "file" / "below", NOW)


def test_notes_of_the_user_may_lie_there(copy: Path) -> None:
    (copy / "README.txt").write_text("ours")
    with SimulatorFolder.open(copy, NOW):
        assert (copy / "README.txt").read_text() == "ours"


def test_two_simulators_do_not_share_a_folder(copy: Path) -> None:
    pytest.importorskip("fcntl")
    with (
        SimulatorFolder.open(copy, NOW),
        pytest.raises(ConfigurationError, match="in use by another simulator"),
    ):
        SimulatorFolder.open(copy, NOW)
    SimulatorFolder.open(copy, NOW).close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mch_id": "../escape"},
        {"mch_id": ""},
        {"key": "short"},
        {"app_id": "a b"},
        {"mini_program_app_id": "a b"},
        {"corp_id": "ww1"},
        {"work_secret": "secret"},
    ],
)
def test_a_merchant_is_checked(wrong: dict[str, str]) -> None:
    values = {"mch_id": "1", "key": "k" * 32, "app_id": "wx1"} | wrong
    with pytest.raises(ConfigurationError):
        KeptMerchant(**values)


def test_secrets_are_in_no_repr() -> None:
    assert DEMO.key not in repr(DEMO)
    assert str(DEMO.work_secret) not in repr(DEMO)
