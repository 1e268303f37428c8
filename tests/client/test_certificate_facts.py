"""When a certificate is valid and whose it is, judged by the time that is given."""

from __future__ import annotations

import datetime as dt
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from peers import MCH_ID, OTHER_MCH_ID, world

from hongbao.client.certificate import CertificateExpiring, read_certificate
from hongbao.client.der import read_facts
from merchant_certificates import DAY, NOW, context_of, make, pair, refusal


def test_the_dates_are_judged_by_the_time_that_is_given() -> None:
    certificate = pair(starts=NOW - 10 * DAY, ends=NOW + 100 * DAY)
    context_of(certificate, now=NOW - 10 * DAY)
    error = refusal(certificate, now=NOW - 10 * DAY - dt.timedelta(seconds=1))
    assert error.problem == "is not valid before 2026-11-13 00:00 UTC"
    error = refusal(certificate, now=NOW + 100 * DAY + dt.timedelta(seconds=1))
    assert error.problem == "expired at 2027-03-03 00:00 UTC"
    assert error.setting == "cert_pem"


def test_the_zone_of_the_time_is_heeded() -> None:
    beijing = dt.timezone(dt.timedelta(hours=8))
    certificate = pair(starts=NOW, ends=NOW + 100 * DAY)
    context_of(certificate, now=NOW.astimezone(beijing))
    refusal(certificate, now=NOW.replace(tzinfo=beijing))
    assert refusal(certificate, now=NOW.replace(tzinfo=None)).setting == "now"


def test_a_certificate_in_its_last_30_days_is_warned_of() -> None:
    certificate = pair(ends=NOW + 30 * DAY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        context_of(certificate)
    with pytest.warns(CertificateExpiring, match="cert_pem expires at 2026-12-23 00:00 UTC"):
        context_of(certificate, now=NOW + dt.timedelta(seconds=1))


def test_a_certificate_of_another_merchant_is_refused_unless_that_check_is_off() -> None:
    error = refusal(pair(), mch_id=OTHER_MCH_ID)
    assert error.problem == f"belongs to {MCH_ID}, not to mch_id {OTHER_MCH_ID}"
    context_of(pair(), mch_id=OTHER_MCH_ID, check_common_name=False)
    assert "belongs to nobody" in refusal(pair(common_name=None)).problem


def test_whose_certificate_it_is_can_be_read_without_a_judgement() -> None:
    facts = read_certificate(pair(ends=NOW - DAY), mch_id=OTHER_MCH_ID)
    assert facts.common_names == (MCH_ID,)
    assert facts.not_after == NOW - DAY


@pytest.mark.parametrize(
    "certificate",
    [
        make(),
        make(kind="rsa"),
        make(common_name=None),
        make(common_name="红包" * 10),
        make(starts=dt.datetime(1950, 1, 1, tzinfo=dt.UTC)),
        make(ends=dt.datetime(2049, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        make(ends=dt.datetime(2050, 1, 1, tzinfo=dt.UTC)),
        make(ends=dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        x509.load_pem_x509_certificate(world().server.cert_chain_pems[0].bytes()),
        x509.load_pem_x509_certificate(world().ca.cert_pem.bytes()),
    ],
)
def test_the_facts_are_those_that_another_reader_finds(certificate: x509.Certificate) -> None:
    facts = read_facts(certificate.public_bytes(serialization.Encoding.DER))
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert facts.common_names == tuple(name.value for name in names)
    assert facts.not_before == certificate.not_valid_before_utc
    assert facts.not_after == certificate.not_valid_after_utc


def test_bytes_that_are_no_certificate_are_a_value_error_wherever_they_break_off() -> None:
    der = make().public_bytes(serialization.Encoding.DER)
    for length in range(len(der)):
        with pytest.raises(ValueError, match=r"not an X\.509"):
            read_facts(der[:length])
