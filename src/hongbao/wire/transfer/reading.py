"""From a reply to what it proves.

Only what WeChat signed may say that no money can go out; everything else is unknown, whatever it
says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from hongbao.errors import (
    Disposition,
    OutcomeUnknown,
    Refused,
    TransferNotFound,
    UntrustedReply,
)
from hongbao.sentences import both, say
from hongbao.wire.transfer import codes, json_body
from hongbao.wire.transfer.fail_reasons import fail_reason
from hongbao.wire.transfer.json_body import IncompleteObject, MalformedJson
from hongbao.wire.transfer.replies import TransferTaken
from hongbao.wire.transfer.state import MoneyStatus, TransferState
from hongbao.wire.transfer.wechat_keys import Judgement, Provenance

if TYPE_CHECKING:
    from hongbao.wire.transfer.preparing import Prepared, TransferPayer
    from hongbao.wire.transfer.wechat_keys import Header

ReplyT = TypeVar("ReplyT")

ADVICE = say(
    "Query it, or send the same bytes again with the same number; never make a new number."
)
_CODE_CHARS_MAX = 64
_TEXT_CHARS_MAX = 512
_NOT_FOUND = ("NOT_FOUND", "RESOURCE_NOT_EXISTS")
_NO_STATEMENT = ("NO_STATEMENT_EXIST", "STATEMENT_CREATING")
_OF_AN_ORDER = ("state", "transfer_bill_no", "package_info")
"""What only a reply about an order that exists has: a refusal with one contradicts itself."""
_MERCHANT = ("mch_id", "mchid")
"""Both spellings occur, and in one document: they must agree."""
_OK, _REDIRECT, _SERVER_ERROR = 200, 300, 500


class NoStatement(OutcomeUnknown):
    """WeChat, by its signature, says that there is no bill, or not yet."""


def decode(
    status: int,
    header: Header,
    body: bytes,
    asked: Prepared[ReplyT],
    payer: TransferPayer,
    *,
    now: float,
) -> ReplyT:
    """The value of a reply that is a success, or what it means that there is none.

    Args:
        status: of HTTP.
        header: of the reply.
        body: as it came.
        asked: what was sent.
        payer: who sent it.
        now: seconds since the epoch, by which the signature's age is judged.

    Raises:
        Refused: WeChat, by its signature, refused a transfer with a code that is in the table, or
            says that it has failed.
        TransferNotFound: WeChat, by its signature, does not know the number that was queried.
        UntrustedReply: a success that is not signed, unreadable, or about another transfer.
        OutcomeUnknown: anything else that is no success.
    """
    finding = payer.wechat_keys.judge(header, body, now=now)
    success = _OK <= status < _REDIRECT
    if finding.provenance is not Provenance.SIGNED:
        if success or finding.provenance is Provenance.PROBE:
            raise untrusted(
                asked,
                say(
                    "the reply is {provenance}: {why}",
                    provenance=finding.provenance,
                    why=finding.why,
                ),
            )
        raise _unproven(status, body, finding, asked)
    try:
        document = json_body.decode(body)
        _check_identity(document, asked, payer, complete=success)
        if success:
            return _value(document, asked)
    except MalformedJson as error:
        raise untrusted(asked, say("the reply is unreadable: {error}", error=error)) from error
    except IncompleteObject as error:
        raise untrusted(asked, say("the reply says success, but {error}", error=error)) from error
    raise _failure(status, document, asked)


def untrusted(asked: Prepared[Any], why: str) -> UntrustedReply:
    """The error of a reply that is not to be believed."""
    return UntrustedReply(
        mch_billno=asked.number, endpoint=asked.endpoint.name, why=why, advice=_advice(asked)
    )


def unknown(
    asked: Prepared[Any], why: str, *, code: str = "", text: str = "", advice: str = ""
) -> OutcomeUnknown:
    """The error of a call that proves nothing."""
    kind = OutcomeUnknown
    if code in _NOT_FOUND and not asked.endpoint.moves_money:
        kind = TransferNotFound
    elif code in _NO_STATEMENT:
        kind = NoStatement
    return kind(
        mch_billno=asked.number,
        endpoint=asked.endpoint.name,
        why=why,
        err_code=code or None,
        err_code_des=text,
        advice=advice or _advice(asked),
    )


def _check_identity(
    document: Mapping[str, Any], asked: Prepared[Any], payer: TransferPayer, *, complete: bool
) -> None:
    """Raise ``UntrustedReply`` if it is about something else than what was asked.

    Args:
        document: the reply.
        asked: what was sent.
        payer: who sent it.
        complete: whether what must be repeated must be there.
    """
    expected = {**asked.expected, **dict.fromkeys(_MERCHANT, payer.mch_id)}
    for name, value in expected.items():
        if name in document and document[name] != value:
            raise untrusted(asked, say("the reply is about another {name}", name=name))
    if not complete:
        return
    for name in asked.endpoint.echoed:
        if name not in document:
            raise untrusted(asked, say("the reply says success, but no {name}", name=name))
    if asked.endpoint.names_merchant and not any(name in document for name in _MERCHANT):
        raise untrusted(asked, say("the reply says success, but no mch_id"))


def _value(document: Mapping[str, Any], asked: Prepared[ReplyT]) -> ReplyT:
    if "code" in document:
        raise untrusted(asked, say("the reply says success, but has a code"))
    value = asked.reader(document)
    if isinstance(value, TransferTaken) and value.money is MoneyStatus.NO:
        raise _dead(document, value.state, asked)
    return value


def _dead(document: Mapping[str, Any], state: str, asked: Prepared[Any]) -> Refused:
    """A transfer that has ended without paying: no money can go out under its number."""
    reason = json_body.optional_text(document, "fail_reason") if state == TransferState.FAIL else ""
    row = fail_reason(reason)
    return Refused(
        mch_billno=asked.number,
        endpoint=asked.endpoint.name,
        err_code=(reason or state)[:_CODE_CHARS_MAX],
        err_code_des=both(row.meaning, row.meaning_zh) if reason else "",
        disposition=Disposition.NO,
        advice=both(row.group.value.advice, row.group.value.advice_zh),
    )


def _failure(
    status: int, document: Mapping[str, Any], asked: Prepared[Any]
) -> Refused | OutcomeUnknown:
    code, text = _said(document)
    row = codes.look_up(asked.endpoint.letter, code)
    advice = codes.advise(row, text)
    for name in _OF_AN_ORDER:
        if document.get(name):
            return untrusted(asked, say("the reply is a refusal, but has a {name}", name=name))
    # A server's error is no refusal, whatever code stands in it.
    gone_wrong = status >= _SERVER_ERROR
    if row.disposition is Disposition.UNKNOWN or not asked.endpoint.pays or gone_wrong:
        what = code or say("HTTP {status}, no code", status=status)
        why = say("{code}: {text}", code=what, text=text)
        return unknown(asked, why, code=code, text=text, advice=advice)
    return Refused(
        mch_billno=asked.number,
        endpoint=asked.endpoint.name,
        err_code=code,
        err_code_des=text,
        disposition=row.disposition,
        advice=advice,
    )


def _unproven(status: int, body: bytes, finding: Judgement, asked: Prepared[Any]) -> OutcomeUnknown:
    """What a refusal says that WeChat did not sign: something for people, nothing of the money."""
    try:
        code, text = _said(json_body.decode(body))
    except MalformedJson:
        code, text = "", ""
    word = code or say("no code")
    # Not by ``unknown``: that nothing was found is nobody's word here.
    return OutcomeUnknown(
        mch_billno=asked.number,
        endpoint=asked.endpoint.name,
        why=say(
            "HTTP {status}, {provenance} ({why}), so it proves nothing: {code}",
            status=status,
            provenance=finding.provenance,
            why=finding.why,
            code=say("{code} {text}", code=word, text=text) if text else word,
        ),
        err_code=code or None,
        err_code_des=text,
        advice=_advice(asked),
    )


def _said(document: Mapping[str, Any]) -> tuple[str, str]:
    """WeChat's code, and its text for people: some end in a tab."""
    code, text = document.get("code"), document.get("message")
    return (
        code.strip()[:_CODE_CHARS_MAX] if isinstance(code, str) else "",
        text.strip()[:_TEXT_CHARS_MAX] if isinstance(text, str) else "",
    )


def _advice(asked: Prepared[Any]) -> str:
    if asked.endpoint.pays:
        return ADVICE
    if asked.endpoint.moves_money:
        return say("Query it: a cancel may have been taken. It may be made again.")
    return say("No money hangs on this call: make it again later, or fix what the code names.")
