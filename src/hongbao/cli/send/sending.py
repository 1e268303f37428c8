"""How one packet goes out: its number, its amount, the question before real money, the answer.

It never invents an order number, and never repeats a send.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from hongbao.billno import new_billno
from hongbao.cli import held
from hongbao.cli.answer import answer, at_terminal, print_text
from hongbao.cli.asking import says_yes
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import WrongCommandLine
from hongbao.cli.interruption import SendInterrupted
from hongbao.client.sync import RedPack
from hongbao.english import counted
from hongbao.errors import InvalidRequest, LedgerError, NotSent
from hongbao.money import format_yuan, parse_yuan
from hongbao.views.document import mask_openid
from hongbao.views.packet import reply_document, reply_lines
from hongbao.wire.risk import RiskInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.cli.answer import Answer
    from hongbao.client.merchant import AnyMerchant
    from hongbao.money import Fen
    from hongbao.wire.messages import Message

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Where simulators live. Whatever is elsewhere may be real, so it is asked about."""
_RISK_PARTS = ("posttime", "mobile", "deviceid", "clientversion")


def send(
    payer: AnyMerchant, make: Callable[[], Message[Any]], *, yes: bool, as_json: bool
) -> Answer:
    """Make a message, ask where the money is real, send it once, say what came of it.

    Raises:
        LedgerError: if the books hold its number: they would not know of this call.
        HongbaoError: any end but acceptance, as the client raises it.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        message = make()
        _refuse_what_is_held(payer, message)
        try:
            _ask(payer, message, yes=yes)
            return _sent(payer, message, caught, as_json=as_json)
        finally:
            for warned in caught:
                print_text(f"Warning: {warned.message}", error=True)


def _sent(
    payer: AnyMerchant,
    message: Message[Any],
    caught: list[warnings.WarningMessage],
    *,
    as_json: bool,
) -> Answer:
    """Send it, and say what came of it; Ctrl-C may come at any moment, and it may be paid then."""
    endpoint = message.ENDPOINT.name
    try:
        with RedPack(payer) as red_pack:
            reply = red_pack.call(message)
        warned = [str(warning.message) for warning in caught]
        found = {"endpoint": endpoint, "reply": reply_document(reply), "warnings": warned}
        lines = [f"Accepted: {endpoint} {message.mch_billno}, {_yuan(message)} yuan."]
        text = "\n".join([*lines, *reply_lines(reply)])
        return answer(found, text, outcome="accepted", code=ExitCode.DONE, as_json=as_json)
    except KeyboardInterrupt:
        raise SendInterrupted(message.mch_billno) from None


def billno(payer: AnyMerchant, mch_billno: str | None, key: str | None, attempt: int) -> str:
    """The order number: as given, or derived from the business key; never drawn.

    Raises:
        WrongCommandLine: if neither is given, or both, or an attempt without a key.
    """
    if key is not None and mch_billno is None:
        return new_billno(payer.mch_id, key, attempt)
    if mch_billno is None or key is not None:
        raise WrongCommandLine("Give either --mch-billno or --key: no number is ever invented")
    if attempt != 1:
        raise WrongCommandLine(
            "--attempt counts the numbers of a --key; --mch-billno is one itself"
        )
    return mch_billno


def amount(yuan: str | None, fen: int | None) -> Fen:
    """The amount in fen.

    Raises:
        WrongCommandLine: if neither is given, or both.
        InvalidRequest: if the yuan are no amount.
    """
    if yuan is not None and fen is None:
        return parse_yuan(yuan)
    if fen is not None and yuan is None:
        return fen
    raise WrongCommandLine("Give the amount either as --yuan 1.00 or as --fen 100")


def encode_risk_info(text: str | None) -> str | None:
    """Hints such as ``posttime=...&mobile=...`` as the wire has them.

    Raises:
        InvalidRequest: if there is anything but the four known ones.
    """
    if text is None:
        return None
    parts = dict(part.partition("=")[::2] for part in text.split("&"))
    posttime = parts.get("posttime", "0")
    if parts.keys() - set(_RISK_PARTS) or not (posttime.isascii() and posttime.isdigit()):
        raise InvalidRequest(
            field="risk_info",
            rule=f"some of {', '.join(f'{name}=...' for name in _RISK_PARTS)}, joined with &",
            found=counted(len(text), "character"),
        )
    return RiskInfo(
        posttime=int(posttime) if "posttime" in parts else None,
        mobile=parts.get("mobile", ""),
        deviceid=parts.get("deviceid", ""),
        clientversion=parts.get("clientversion", ""),
    ).encode()


def _refuse_what_is_held(payer: AnyMerchant, message: Message[Any]) -> None:
    """A call that the books do not know of is how they come to say what is not so."""
    number = held.find(payer.mch_id, message.mch_billno)
    if number is not None:
        raise LedgerError(
            problem=number.problem,
            remedy=f"Send it through them: {number.command('send')}. Where it stands: "
            f"{number.command('show')}",
        )


def _ask(payer: AnyMerchant, message: Message[Any], *, yes: bool) -> None:
    """Ask before real money moves. Without a terminal there is nobody to ask."""
    host = payer.origins[0].host
    if yes or host in _LOOPBACK:
        return
    if not at_terminal(sys.stdin):
        raise WrongCommandLine(f"{host} may pay real money: give --yes where nobody can be asked")
    receiver = mask_openid(getattr(message, "re_openid", "")) or "a ticket"
    question = f"Send {_yuan(message)} yuan of {payer.mch_id} to {receiver} through {host}?"
    if not says_yes(question):
        raise NotSent(
            mch_billno=message.mch_billno, endpoint=message.ENDPOINT.name, why="you said no"
        )


def _yuan(message: Message[Any]) -> str:
    total: Fen = getattr(message, "total_amount", 0)
    return format_yuan(total)
