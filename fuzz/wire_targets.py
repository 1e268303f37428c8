"""The wire: bytes to a document, bytes to the reply that a call was waiting for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from hongbao.errors import Disposition, OutcomeUnknown, Refused
from hongbao.wire import document, signature
from hongbao.wire.codec import decode
from payers import BILLNO, KEY, Payer
from samples import MESSAGES, accepted_fields
from target import Target, insist

if TYPE_CHECKING:
    from hongbao.wire.messages import Message

_SIGN_IT = 0x80
_WORDS_MAX = 1_500
_MARKUP = (
    *(b"<xml>", b"</xml>", b"<a>", b"</a>", b"<![CDATA[", b"]]>", b"&amp;", b"&#13;", b"<?p?>"),
    *(b"<!-- -->", b"<!DOCTYPE xml>", b"<hblist>", b"</hblist>", b"<hbinfo>", b"</hbinfo>"),
)
_SAID = (
    *(b"SUCCESS", b"FAIL", b"<sign>", b"</sign>", b"<err_code>", b"</err_code>", b"SYSTEMERROR"),
    *(b"<total_amount>", b"</total_amount>", b"<result_code>", b"<send_listid>", b"NOTENOUGH"),
)


def read_document(body: bytes) -> None:
    """A document or our own error; the short cut reads what the parser reads."""
    try:
        found = document.decode(body)
    except document.MalformedDocument:
        return
    fields = {child.tag: child.text or "" for child in _tree(body) if not len(child)}
    insist(fields == found.fields, "another parser reads the same flat fields")


def read_reply(data: bytes) -> None:
    """Never accepted what is not whole, ours and echoed; never another error than our own."""
    if not data:
        return
    asked = MESSAGES[(data[0] & ~_SIGN_IT) % len(MESSAGES)]
    body = signed(data[1:], KEY) if data[0] & _SIGN_IT else data[1:]
    judge_reply(body, asked)


def judge_reply(body: bytes, asked: Message[Any]) -> None:
    """As ``read_reply``, for one call."""
    try:
        value = decode(body, asked, Payer())
    except Refused as error:
        insist(asked.ENDPOINT.moves_money, "a query refuses nothing")
        insist(error.disposition is not Disposition.UNKNOWN, "a refusal is known to be one")
        insist(b"FAIL" in body and error.err_code, "who refuses says so, and why")
        insist(error.mch_billno == BILLNO, "an error names the number that was asked")
        insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
        return
    except OutcomeUnknown as error:
        insist(error.mch_billno == BILLNO, "an error names the number that was asked")
        insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
        return
    said = {child.tag: child.text for child in _tree(body)}
    verdict = (said.get("return_code"), said.get("result_code"))
    insist(verdict == ("SUCCESS", "SUCCESS"), "what is accepted says success, twice")
    genuine = accepted_fields(asked)
    for name in asked.ENDPOINT.echoed:
        insist(said.get(name) == genuine[name], f"what is accepted echoes {name}")
    insist(value.mch_billno == BILLNO, "what is accepted is about the number that was asked")
    insist("send_listid" not in genuine or said.get("send_listid"), "a send has a list id")


def signed(body: bytes, key: str) -> bytes:
    """A flat document with the right sign over whatever it says; other bytes as they are.

    Without this, hardly any bytes would come past the sign.
    """
    try:
        fields, lists = document.decode(body)
    except document.MalformedDocument:
        return body
    if lists:
        return body
    said = {name: value for name, value in fields.items() if name != "sign"}
    return document.encode([*said.items(), ("sign", signature.sign_md5(said, key))])


def _tree(body: bytes) -> ET.Element:
    """As another reader sees it. Only for what has no document type."""
    builder, parser = ET.TreeBuilder(), expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda name, _: builder.start(name, {})
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(body.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n"), True)
    tree = builder.close()
    insist(tree.tag == "xml", "a document is one <xml>")
    return tree


TARGETS = {
    "document": Target(read_document, 4096, _MARKUP),
    "reply": Target(read_reply, 4096, (*_MARKUP, *_SAID)),
}
