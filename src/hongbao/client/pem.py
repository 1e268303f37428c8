r"""PEM as environments deliver it, made what OpenSSL reads: the one place for every door.

A variable, a secret store or a copy and paste may leave ``\\n`` as two characters, blanks for line
breaks, an indent, quotes, a byte order mark, UTF-16, or the base64 alone. All of these still say
one thing, and are read. What says nothing any more is named by its shape, and never quoted: it may
be a private key.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import NamedTuple

from hongbao.client.der import CONSTRUCTED, INTEGER, OCTET_STRING, elements
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

GET_CERTIFICATE = say(
    "Give apiclient_cert.pem as it came from the merchant platform (账户中心 > API安全 > "
    "申请API证书); the path of a file goes to cert_path."
)

_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_SSH_KEY = "OPENSSH PRIVATE KEY"
_PKCS12 = "PKCS12"

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_WRITTEN_BLOCK = re.compile(rb"-----BEGIN .*?-----END [^\n]*\n", re.DOTALL)
# Any number of backslashes: each program on the way may have doubled them.
_ESCAPED_BREAK = re.compile(r"\\+(?:[rnt]|(?=\s|$))")
_ESCAPED_SLASH = re.compile(r"\\+/")  # as PHP's json_encode has it
_LEGACY_HEADERS = re.compile(
    r"\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+,[0-9A-Fa-f]+)\s(.*)", re.DOTALL
)  # RFC 1421, section 4.6; OpenSSL's old way to encrypt a key
_QUOTES = str.maketrans("", "", "\"'")
_LINE_CHARACTERS, _LINE_BYTES = 64, 48  # RFC 7468, section 2
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEQUENCE, _BIT_STRING = 0x30, 0x03
_LONG_FORM = 0x80
_PFX_VERSION = b"\x03"

_ONE_LINE = say(
    "Where a variable or a .env file takes one line, write \\n between the lines; or "
    "give the path of the file."
)
_FIND_KEY = say(
    "Give apiclient_key.pem as it was made with the certificate; the path of a file "
    "goes to key_path. A key cannot be downloaded: if it is lost, ask for a new "
    "certificate."
)
_GET_PUBLIC_KEY = say(
    "Give pub_key.pem as it came from the merchant platform (账户中心 > API安全 > 微信支付公钥); "
    "the path of a file goes to public_key_path."
)
_WHOLE = say("Give the whole file as it came, from its BEGIN line to its END line.")


class _Block(NamedTuple):
    label: str
    der: bytes
    cipher: str | None = None

    def written(self) -> bytes:
        """As RFC 7468 has it."""
        headers = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {self.cipher}\n\n" if self.cipher else ""
        rows = [
            b2a_base64(self.der[at : at + _LINE_BYTES])
            for at in range(0, len(self.der), _LINE_BYTES)
        ]
        begin, end = f"-----BEGIN {self.label}-----\n", f"-----END {self.label}-----\n"
        return b"".join([begin.encode(), headers.encode(), *rows, end.encode()])


def certificates(data: bytes | str, setting: str, *, remedy: str = GET_CERTIFICATE) -> bytes:
    """The certificates in a text, in its order, as PEM that OpenSSL reads.

    Args:
        data: the text.
        setting: its name for errors.
        remedy: what to do if there is none.

    Raises:
        ConfigurationError: if there is none; it names the shape, and quotes nothing.
    """
    blocks = _blocks(data, setting, "certificate", remedy)
    found = [it._replace(label=_CERTIFICATES[0]) for it in blocks if it.label in _CERTIFICATES]
    if found:
        return b"".join(block.written() for block in found)
    if any(_is_key(block) for block in blocks):
        problem = say("holds a private key and no certificate")
        raise _wrong(setting, problem, say("Have certificate and key changed places? Swap them."))
    raise _something_else(setting, blocks, "certificate", remedy)


def private_key(data: bytes | str, setting: str) -> bytes:
    """The first private key in a text, be it encrypted, as PEM that OpenSSL reads.

    Raises:
        ConfigurationError: as ``certificates``.
    """
    blocks = _blocks(data, setting, say("private key"), _FIND_KEY)
    for block in blocks:
        if _is_key(block):
            return block.written()
    if any(block.label in _CERTIFICATES for block in blocks):
        problem = say("holds a certificate and no private key")
        raise _wrong(setting, problem, say("Have certificate and key changed places? Swap them."))
    raise _something_else(setting, blocks, say("private key"), _FIND_KEY)


def public_key(data: bytes | str, setting: str) -> bytes:
    """The first public key in a text, as PEM that OpenSSL reads.

    Raises:
        ConfigurationError: as ``certificates``.
    """
    blocks = _blocks(data, setting, say("public key"), _GET_PUBLIC_KEY)
    for block in blocks:
        if block.label == "PUBLIC KEY":
            return block.written()
    raise _something_else(setting, blocks, say("public key"), _GET_PUBLIC_KEY)


def pkcs12(data: bytes | str, setting: str) -> bytes:
    """PKCS#12 as it is, or out of base64: a variable can hold no other.

    Raises:
        ConfigurationError: if it is something else.
    """
    text = _text(data)
    if not text.strip():
        raise _wrong(
            setting, say("is empty"), say("Copy apiclient_cert.p12 again; it has some KiB.")
        )
    if isinstance(data, bytes) and data[0] == _SEQUENCE:
        return data
    if "-----BEGIN" in text:
        problem = say("is PEM and not PKCS#12")
        raise _wrong(
            setting, problem, say("Give it as cert_path and key_path, or cert_pem and key_pem.")
        )
    der = _base64(text)
    if der is None or der[:1] != bytes([_SEQUENCE]):
        remedy = say("Give apiclient_cert.p12; PEM files go to cert_path and key_path.")
        raise _wrong(setting, say("is not PKCS#12"), remedy)
    return der


def stands_in(written: bytes, data: bytes) -> bool:
    """Whether OpenSSL finds PEM in a file, block for block, as it was written here."""
    lines = b"\n" + data.replace(b"\r\n", b"\n") + b"\n"
    return all(b"\n" + block in lines for block in _WRITTEN_BLOCK.findall(written))


def _is_key(block: _Block) -> bool:
    return block.label.endswith("PRIVATE KEY") and block.label != _SSH_KEY


def _blocks(data: bytes | str, setting: str, kind: str, remedy: str) -> list[_Block]:
    if isinstance(data, bytes) and (label := _label(data)) is not None:
        return [_Block(label, data)]  # DER, as .cer files often are
    text = _text(data)
    if not text.strip():
        raise _wrong(setting, say("is empty"), _WHOLE)
    found = _BLOCK.findall(text)
    if found:
        return [_block(label, body, setting) for label, body in found]
    if "-----BEGIN" in text:
        raise _broken_off(setting, text)
    der = _base64(text)
    if der is not None and b"-----BEGIN" in der:
        return _blocks(der, setting, kind, remedy)  # base64 around PEM, as Kubernetes keeps secrets
    label = _label(der or b"")
    if der is not None and label is not None:
        return [_Block(label, der)]
    if "BEGIN" in text and "END" in text:
        problem = say("is not a {kind} in PEM: its BEGIN and END lines are damaged", kind=kind)
        raise _wrong(setting, problem, say("Five hyphens (-) stand on both sides of these words."))
    raise _wrong(setting, say("is not a {kind} in PEM", kind=kind), remedy)


def _block(label: str, body: str, setting: str) -> _Block:
    headers = _LEGACY_HEADERS.fullmatch(body)
    cipher, body = headers.groups() if headers else (None, body)
    der = _base64(body)
    if der is None or _has_letters_for_breaks(body):
        raise _damaged(setting, body)
    declared = _declared_bytes(der)
    if cipher is None and declared > len(der):
        problem = say(
            "breaks off: {count} of its {declared} bytes are there",
            count=len(der),
            declared=declared,
        )
        raise _wrong(setting, problem, _WHOLE)
    return _Block(label, der, cipher)


def _text(data: bytes | str) -> str:
    """As text with real line breaks."""
    if isinstance(data, bytes):
        encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8"
        data = data.decode(encoding, "replace")  # comments may be in any encoding
    data = data.replace("\ufeff", "").translate(_QUOTES)
    return _ESCAPED_SLASH.sub("/", _ESCAPED_BREAK.sub("\n", data))


def _base64(text: str) -> bytes | None:
    compact = "".join(text.split()).rstrip("=")
    try:
        return a2b_base64(compact + "=" * (-len(compact) % 4), strict_mode=True) or None
    except (NotBase64, ValueError):
        return None


def _label(der: bytes) -> str | None:
    """What DER is, by its outer shape; None if it is nothing that is looked for."""
    try:
        ((tag, content),) = elements(der)
        inner = elements(content)
    except (ValueError, IndexError):
        return None
    shape = [tag for tag, _ in inner]
    found = None
    if tag != _SEQUENCE or not shape:
        return None
    if shape == [_SEQUENCE, _SEQUENCE, _BIT_STRING]:
        found = "CERTIFICATE"
    elif shape == [_SEQUENCE, _BIT_STRING]:
        found = "PUBLIC KEY"
    elif shape == [_SEQUENCE, OCTET_STRING]:
        found = "ENCRYPTED PRIVATE KEY"
    elif shape[:2] == [INTEGER, _SEQUENCE]:
        found = _PKCS12 if inner[0][1] == _PFX_VERSION else "PRIVATE KEY"
    elif shape[:2] == [INTEGER, OCTET_STRING]:
        found = "EC PRIVATE KEY"
    elif set(shape[:9]) == {INTEGER}:
        found = "RSA PRIVATE KEY"
    return found


def _declared_bytes(der: bytes) -> int:
    """How long DER says that it is; 0 if it says nothing."""
    if len(der) < 2 or der[0] & CONSTRUCTED == 0:  # noqa: PLR2004 - a tag and a length
        return 0
    if der[1] < _LONG_FORM:
        return 2 + der[1]
    octets = der[1] - _LONG_FORM
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big") if octets else 0


def _broken_off(setting: str, text: str) -> ConfigurationError:
    if text.strip().endswith("-----") and text.count("-----BEGIN") == 1 and "END" not in text:
        return _wrong(
            setting, say("holds its BEGIN line alone: the other lines are lost"), _ONE_LINE
        )
    return _wrong(setting, say("breaks off: there is no END line for its BEGIN line"), _WHOLE)


def _damaged(setting: str, body: str) -> ConfigurationError:
    if _has_letters_for_breaks(body):
        problem = say("has the letter n for its line breaks: each has lost its backslash")
        return _wrong(setting, problem, _ONE_LINE)
    if "Proc-Type" in body:
        problem = say(
            "has lost the line breaks behind Proc-Type and DEK-Info, where its key begins"
        )
        return _wrong(setting, problem, _ONE_LINE)
    problem = say("is damaged: what stands between BEGIN and END is not base64")
    return _wrong(setting, problem, _WHOLE)


def _has_letters_for_breaks(body: str) -> bool:
    breaks = "".join(body.split())[:: _LINE_CHARACTERS + 1]
    return len(breaks) > 1 and set(breaks) == {"n"}  # DER begins with M in base64


def _something_else(
    setting: str, blocks: list[_Block], kind: str, remedy: str
) -> ConfigurationError:
    labels = " and ".join(dict.fromkeys(block.label for block in blocks))
    if labels == _PKCS12:
        return _wrong(setting, say("is PKCS#12 and not PEM"), say("Give it as p12_path or p12."))
    return _wrong(setting, say("holds {labels} and no {kind}", labels=labels, kind=kind), remedy)


def _wrong(setting: str, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(setting=setting, problem=problem, remedy=remedy)
