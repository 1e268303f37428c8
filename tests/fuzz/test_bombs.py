"""Small inputs that would unfold into hours or gigabytes end early, each with a word about why."""

from __future__ import annotations

import base64
import io
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from certificate_targets import MCH_ID, NOW
from hongbao.campaign.table.encoding import scan
from hongbao.client.certificate import MerchantCertificate, client_context, read_certificate
from hongbao.client.der import CONSTRUCTED, INTEGER, OCTET_STRING, ROUNDS_MAX, elements, rounds
from hongbao.errors import ConfigurationError
from list_maker import check, csv_file, problems_in
from list_targets import zipped
from targets import SEEDS

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = '<row><c t="str"><v>openid</v></c><c t="str"><v>amount</v></c></row>'
_MANY = 10_001


def _sheet(rows: str) -> list[bytes]:
    return [f"<s>{_HEADER}{rows}</s>".encode()]


def _numbered(form: str) -> str:
    return "".join(form.format(number) for number in range(_MANY))


_RELATIONS = _numbered("<Relationship Id='{}'/>")


# A row 1,000 cells wide is nothing; a million of them 16,384 wide are a night.
@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ('<row><c r="XFD2"><v>1</v></c></row>', "row 2: has more than 1000 cells"),
        (f"<row><c t='inlineStr'>{'<t>1234567890</t>' * 30_000}</c></row>", "longer than a cell"),
        (_numbered("<a{}/>"), "elements or attributes that no workbook has"),
        (_numbered("<a b{}=''/>"), "elements or attributes that no workbook has"),
        (f"<{'a' * 2_000_000}/>", "elements or attributes that no workbook has"),
        ("<row>" * 101, "stand in each other as in no workbook"),
    ],
    ids=["wide", "text in pieces", "elements", "attributes", "a long name", "deep"],
)
def test_a_sheet_that_swells_ends_where_it_begins_to(
    tmp_path: Path, rows: str, problem: str
) -> None:
    problems = problems_in(check(csv_file(tmp_path, zipped(_sheet(rows)))))
    assert len(problems) == 1
    assert problem in problems[0]
    assert "nothing behind it was read" in problems[0]


@pytest.mark.parametrize(
    ("part", "content", "problem"),
    [
        (1, f"<sst><si>{'<t>1234567890</t>' * 30_000}</si></sst>", "longer than a cell can hold"),
        (3, f"<w>{'<sheet/>' * _MANY}</w>", "more than 10000 sheets"),
        (4, f"<r>{_RELATIONS}</r>", "more than 10000 sheets"),
    ],
    ids=["shared text", "sheets", "relations"],
)
def test_a_workbook_that_swells_is_refused(
    tmp_path: Path, part: int, content: str, problem: str
) -> None:
    parts = [*[b""] * part, content.encode()]
    assert problem in problems_in(check(csv_file(tmp_path, zipped(parts))))[0]


def test_a_sheet_that_unfolds_a_thousandfold_is_not_unfolded(tmp_path: Path) -> None:
    content = zipped(_sheet("<x/>" * 5_000_000), zipfile.ZIP_DEFLATED)
    assert len(content) < 100_000
    assert "packed as no workbook is" in problems_in(check(csv_file(tmp_path, content)))[0]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("," * 1_000, "row 2: has more than 1000 cells"),
        ('"\n",' * 100_000, "row 2: a row of more than 262144 characters"),
    ],
    ids=["wide", "a row of line ends"],
)
def test_a_row_that_never_ends_is_not_gathered(tmp_path: Path, row: str, problem: str) -> None:
    problems = problems_in(check(csv_file(tmp_path, f"openid,amount\n{row}\n")))
    assert problems == [problems[0]]
    assert problem in problems[0]


# These files ask for some thousand rounds. With two billion instead, OpenSSL would be busy for half
# an hour, where no signal is heard.
@pytest.mark.parametrize("seed", ["good", "old", "chain"])
def test_a_p12_that_wants_billions_of_rounds_is_refused(seed: str) -> None:
    data = _with_more_rounds((SEEDS / "pkcs12" / seed).read_bytes())
    with pytest.raises(ConfigurationError, match="hashed more than 10000000 times"):
        read_certificate(MerchantCertificate(p12=data), mch_id=MCH_ID)


@pytest.mark.parametrize("seed", ["encrypted", "encrypted_scrypt"])
def test_an_encrypted_key_that_wants_billions_of_rounds_is_refused(seed: str) -> None:
    cert_pem, key_pem, password, ca_pem = (SEEDS / "pem" / seed).read_bytes().split(b"\0")
    begin, *lines, end = key_pem.strip().splitlines()
    body = base64.encodebytes(_with_more_rounds(base64.b64decode(b"".join(lines))))
    certificate = MerchantCertificate(
        cert_pem=cert_pem,
        key_pem=b"%b\n%b%b\n" % (begin, body, end),
        key_password=password.decode(),
    )
    with pytest.raises(ConfigurationError, match="hashed more than 10000000 times"):
        client_context(certificate, mch_id=MCH_ID, now=NOW, ca_pem=ca_pem)


def test_der_that_nests_without_end_counts_as_too_much() -> None:
    der = b""
    for _ in range(200):
        der = _element(0x30, der)
    assert rounds(der) > ROUNDS_MAX


def test_der_of_many_elements_takes_no_longer_than_its_length_explains() -> None:
    # Whoever looked at all that follows for each of them would need hours.
    assert rounds((_element(OCTET_STRING, b"") + _element(INTEGER, b"\x01")) * 250_000) == 250_000


def _with_more_rounds(der: bytes) -> bytes:
    """The same with two billion wherever a number stands behind a salt."""
    written, before = b"", 0
    for tag, content in elements(der):
        inside = content
        if tag & CONSTRUCTED:
            inside = _with_more_rounds(content)
        elif tag == OCTET_STRING:
            with suppress(IndexError, ValueError):
                inside = _with_more_rounds(content)
        elif (before, tag) == (OCTET_STRING, INTEGER):
            inside = (2**31 - 1).to_bytes(4, "big")
        written += _element(tag, inside)
        before = tag
    return written


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x84" + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def test_a_line_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

        def seek(self, offset: int, whence: int = 0) -> int:
            return offset

    endless = Endless()
    with pytest.raises(ConfigurationError, match="a line of more than 256 KiB"):
        scan(endless, tmp_path / "list.csv")  # type: ignore[arg-type]  # all that is asked of it
    assert endless.read_bytes < 1024**2
