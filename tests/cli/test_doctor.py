"""``hongbao doctor`` tells which secret is wrong, and moves no money."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hongbao.cli.doctor.doctor import examine
from hongbao.simulator.folder import certificates
from hongbao.simulator.folder.kept_merchant import KeptMerchant
from shop import KEY, write_merchant, write_toml

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme

    from shop import Ran, Run, Shop

OTHER = "1900000777"


def states(ran: Ran) -> dict[str, str]:
    """What each check came to."""
    return {check["name"]: check["state"] for check in ran.json["checks"]}


def failed(ran: Ran) -> dict[str, Any]:
    """The first check that failed."""
    return next(check for check in ran.json["checks"] if check["state"] == "fail")


@pytest.fixture
def doctor(run: Run, shop: Shop, tmp_path: Path) -> Callable[..., Ran]:
    """The doctor over the shop's settings with changes."""

    def with_changes(**changes: object) -> Ran:
        path = write_toml(tmp_path / "merchant.toml", {**shop.settings, **changes})
        return run("doctor", "--merchant", str(path), "--json")

    return with_changes


def test_a_healthy_merchant_is_healthy(doctor: Callable[..., Ran], shop: Shop) -> None:
    ran = doctor()
    assert (ran.code, ran.json["outcome"]) == (0, "healthy")
    assert set(states(ran).values()) == {"ok"}
    assert [name.partition(" ")[0] for name in states(ran)] == [
        *("key", "certificate", "certificate", "certificate", "settings"),
        *("way", "DNS", "own", "TLS", "clock", "signed"),
    ]
    (asked,) = [entry for entry in shop.wechat.journal() if entry.call]
    assert (asked.call, asked.verdict, asked.paid) == ("gethbinfo", "NOT_FOUND", False)


def test_people_read_one_line_a_check(run: Run, shop: Shop) -> None:
    ran = run("doctor", "--merchant", shop.toml)
    lines = ran.stdout.splitlines()
    assert (ran.code, lines[-1]) == (0, "All is well.")
    assert all(line.startswith("ok    ") for line in lines[:-1])


def test_the_environment_is_examined_too(run: Run, shop: Shop) -> None:
    flat = {name: str(value) for name, value in shop.settings.items() if name != "work"}
    env = {f"HONGBAO_{name.upper()}": value for name, value in flat.items()}
    assert run("doctor", env=env).code == 0


def test_a_wrong_key_is_told_from_a_wrong_certificate(doctor: Callable[..., Ran]) -> None:
    ran = doctor(key=KEY)
    assert (ran.code, ran.json["outcome"]) == (6, "unhealthy")
    assert failed(ran)["found"].startswith("SIGN_ERROR: the key is wrong")
    assert KEY not in ran.everything


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (None, "is not set"),
        ("1999000001", "is the mch_id, which is the .p12's password"),
        ("short", "has 5 characters, not 32 letters and digits"),
        (f"{KEY} ", "has 33 characters (white space around it), not 32 letters and digits"),
    ],
)
def test_a_key_of_another_shape_is_seen_at_once(
    doctor: Callable[..., Ran], shop: Shop, key: str | None, found: str
) -> None:
    ran = doctor(key=key)
    assert (ran.code, failed(ran)["found"]) == (6, found)
    assert shop.wechat.journal() == []


def test_another_merchants_certificate_is_seen_at_once(
    doctor: Callable[..., Ran], shop: Shop
) -> None:
    ran = doctor(**others_certificate(shop))
    assert (ran.code, failed(ran)["name"]) == (6, "certificate owner")
    assert failed(ran)["found"] == f"it is {OTHER}'s, the settings say {shop.wechat.mch_id}"


def test_another_merchants_certificate_is_reported_by_wechat(
    doctor: Callable[..., Ran], shop: Shop
) -> None:
    """Where the assumption about its name is given up."""
    unnamed = {"assumptions": {"certificate_names_merchant": False}}
    ran = doctor(**others_certificate(shop), **unnamed)
    assert states(ran)["certificate owner"] == "warn"
    assert (ran.code, failed(ran)["found"][:8]) == (6, "CA_ERROR")


def others_certificate(shop: Shop) -> dict[str, str]:
    """Of another merchant of the same simulator."""
    kept = KeptMerchant(mch_id=OTHER, key=KEY, app_id="wx0000000000de0009")
    shop.wechat.simulation.add_merchant(kept)
    place = shop.wechat.simulation.folder.merchant_path(OTHER)
    names = {"cert_path": "apiclient_cert.pem", "key_path": "apiclient_key.pem"}
    return {setting: str(place / name) for setting, name in names.items()}


@pytest.mark.parametrize(
    "case",
    [
        (timedelta(days=-3000), "fail", "expired"),
        (timedelta(days=-1810), "warn", "days left"),
        (timedelta(days=3), "fail", "not valid yet"),
    ],
)
def test_a_certificates_dates_are_judged(
    doctor: Callable[..., Ran],
    shop: Shop,
    tmp_path: Path,
    case: tuple[timedelta, str, str],
) -> None:
    issued, state, found = case
    certificate, key = issue(shop, datetime.now(UTC) + issued)
    (tmp_path / "cert.pem").write_bytes(certificates.certificate_pem(certificate))
    (tmp_path / "key.pem").write_bytes(certificates.key_pem(key))
    ran = doctor(cert_path="cert.pem", key_path="key.pem")
    check = next(check for check in ran.json["checks"] if check["name"] == "certificate dates")
    assert check["state"] == state
    assert found in check["found"]
    assert ran.code == (6 if state == "fail" else 0)
    assert ran.stderr == ""


def issue(shop: Shop, moment: datetime) -> tuple[x509.Certificate, Any]:
    """A certificate of the simulator's own authority, made at another time."""
    folder = shop.wechat.simulation.folder
    authority = x509.load_pem_x509_certificate(folder.ca_path.read_bytes())
    authority_key = load_pem_private_key(folder.ca_path.with_name("ca_key.pem").read_bytes(), None)
    assert isinstance(authority_key, RSAPrivateKey)
    key = certificates.make_key()
    issuer = certificates.CertificateAuthority(authority, authority_key)
    return issuer.merchant(key, shop.wechat.mch_id, moment), key


def test_a_key_of_another_certificate_is_seen(
    doctor: Callable[..., Ran], test_ca: trustme.CA, tmp_path: Path
) -> None:
    write_merchant(tmp_path, test_ca)
    ran = doctor(key_path=str(tmp_path / "key.pem"))
    assert (ran.code, failed(ran)["name"]) == (6, "certificate and private key")


def test_a_file_that_is_not_there_is_named(doctor: Callable[..., Ran]) -> None:
    ran = doctor(cert_path="nowhere.pem")
    assert ran.code == 6
    assert "nowhere.pem" in failed(ran)["found"]


def test_a_server_that_is_not_trusted_gets_nothing(
    doctor: Callable[..., Ran], test_ca: trustme.CA, tmp_path: Path, shop: Shop
) -> None:
    test_ca.cert_pem.write_to_path(tmp_path / "other_ca.pem")
    ran = doctor(ca_path="other_ca.pem")
    assert ran.code == 5
    assert "not trusted" in failed(ran)["found"]
    assert states(ran)["signed query"] == "fail"
    assert shop.wechat.journal() == []


def test_a_certificate_of_another_authority_is_reported(
    run: Run, test_ca: trustme.CA, tmp_path: Path, shop: Shop
) -> None:
    path = write_merchant(
        tmp_path,
        test_ca,
        base_url=shop.wechat.base_url,
        ca_path=str(shop.wechat.simulation.folder.ca_path),
    )
    ran = run("doctor", "--merchant", str(path), "--json")
    assert ran.code == 6
    assert "refused the client certificate" in failed(ran)["found"]


def test_where_nobody_listens_it_is_said(run: Run, merchant_toml: Path) -> None:
    ran = run("doctor", "--merchant", str(merchant_toml), "--json")
    assert (ran.code, failed(ran)["name"]) == (5, "TLS to 127.0.0.1:1")


def test_a_name_without_an_address_is_said(doctor: Callable[..., Ran]) -> None:
    ran = doctor(base_url="https://wechat.invalid", connect_seconds=1.0)
    assert (ran.code, failed(ran)["name"]) == (5, "DNS of wechat.invalid")


def test_a_wrong_clock_is_said(shop: Shop) -> None:
    """The server's own Date is the measure."""
    ahead = datetime.now(UTC).timestamp() + 3600
    found = {
        check.name: check
        for check in examine(Path(shop.toml), clock=lambda: ahead, mch_billno="nobodys")
    }
    assert (found["clock"].state, found["clock"].code) == ("fail", 6)
    assert "s ahead of the server's" in found["clock"].found


def test_an_unopened_product_is_a_warning(doctor: Callable[..., Ran], shop: Shop) -> None:
    shop.wechat.simulated().forbidden_calls = frozenset({"gethbinfo"})
    ran = doctor()
    assert (ran.code, states(ran)["signed query"]) == (0, "warn")


def test_an_appid_that_is_not_bound_is_said(doctor: Callable[..., Ran]) -> None:
    ran = doctor(app_id="wx00000000000000ff")
    assert (ran.code, failed(ran)["found"][:11]) == (6, "PARAM_ERROR")


def test_an_answer_that_says_nothing_is_unknown(doctor: Callable[..., Ran], shop: Shop) -> None:
    shop.wechat.fail("systemerror")
    assert doctor().code == 4


def test_a_server_that_is_no_http_server_is_said(
    run: Run, test_ca: trustme.CA, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        path = write_merchant(
            tmp_path, test_ca, base_url=f"https://127.0.0.1:{port}", connect_seconds=0.2
        )
        ran = run("doctor", "--merchant", str(path), "--json")
    assert ran.code == 5
    assert "too long" in failed(ran)["found"]


def test_without_settings_there_is_nothing_to_examine(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("doctor", "--json")
    assert (ran.code, failed(ran)["name"]) == (6, "settings")
