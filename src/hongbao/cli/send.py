"""``hongbao send``: one packet of any kind, with the fields of its message as options.

The options come from the message's own fields and their rules in WeChat's tables. No order number
is ever invented, and no send is ever repeated.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, NamedTuple

import typer

from hongbao.billno import new_billno
from hongbao.cli import books
from hongbao.cli.answer import CommandResult, WrongCommandLine, at_terminal, print_text
from hongbao.cli.group import command_group
from hongbao.cli.interruption import SendInterrupted
from hongbao.cli.options import AsJson, MerchantPath
from hongbao.cli.payer import read_merchant
from hongbao.cli.person import says_yes
from hongbao.client.merchant import AnyMerchant
from hongbao.client.sync import RedPack
from hongbao.digits import whole_number
from hongbao.english import counted
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError, NotSent
from hongbao.money import Fen, format_yuan, parse_yuan
from hongbao.rails.port import Issuer
from hongbao.rails.redpack.kinds import KINDS
from hongbao.sentences import said, say, sentence_of
from hongbao.views.document import mask_openid
from hongbao.views.packet import reply_document, reply_lines
from hongbao.wire import fields as rules
from hongbao.wire import messages
from hongbao.wire.messages import Message
from hongbao.wire.risk import RiskInfo

app = command_group("Send one packet of any kind.")

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts of simulators. Any other host may be real, so that the user is asked."""
_RISK_PARTS = ("posttime", "mobile", "deviceid", "clientversion")
_POSTTIME_DIGITS_MAX = 10  # seconds, until 2286


class Command(NamedTuple):
    """A command that sends a message.

    Attributes:
        message: what is sent.
        about: the command's help.
        words: what its fields are, where that differs from ``_WORDS``.
    """

    message: type[Message[Any]]
    about: str
    words: dict[str, str]


_RECEIVERS = {
    Issuer.OFFICIAL_ACCOUNT: "The receiver's openid under the merchant's appid.",
    Issuer.MINI_PROGRAM: "The receiver's openid under the mini program's appid.",
    Issuer.CORPORATION: "The receiver's openid, from WeCom's user/convert_to_openid.",
}
_PEOPLE = "How many people share the amount"

_COMMANDS = {
    **{
        kind.option: Command(
            kind.message,
            kind.about,
            {
                "re_openid": _RECEIVERS[kind.issuer],
                "total_num": f"{_PEOPLE}, the receiver included.",
            },
        )
        for kind in KINDS.values()
    },
    "preorder": Command(
        messages.Preorder,
        "Order a packet beforehand (hbpreorder).\n\n"
        "The answer holds the ticket by which a lottery gives the packet away.",
        {"total_num": f"{_PEOPLE}: 1 for NORMAL, more for GROUP."},
    ),
}

_WORDS = {
    "send_name": "Who sends, as the user sees it.",
    "wishing": "The greeting that the user reads.",
    "act_name": "The name of the activity.",
    "remark": "A remark.",
    "client_ip": "The public IPv4 address of this machine. Default: client_ip of the settings.",
    "scene_id": "The scene: PRODUCT_1 to PRODUCT_8. Give it only if WeChat has opened it for the "
    "merchant.",
    "risk_info": "Hints for WeChat's risk control, joined with &: posttime (seconds since the "
    "epoch), mobile, deviceid, clientversion; such as "
    "'posttime=1795392000&mobile=86-13800000000'.",
    "consume_mch_id": "Legacy, for service providers: the merchant whose money is used.",
    "sender_name": "The name of the person who sends. Give either this or --agentid.",
    "agentid": "The number of the WeCom application that sends. Give either this or --sender-name.",
    "sender_header_media_id": "The sender's picture, by its media id in WeCom's material API.",
    "hb_type": "The type of the packet.",
    "risk_cntl": "Which of WeChat's checks are ignored; NORMAL ignores none.",
    "sub_mch_id": "For service providers: the sub-merchant on whose behalf the packet is sent. "
    "Default: sub_mch_id of the settings.",
    "msgappid": "For service providers: the appid that reaches the user. "
    "Default: msgappid of the settings.",
}
"""What each field is; what it may hold is added from its rule."""


def _option(type_: Any, name: str, help_text: str, **more: Any) -> Any:  # noqa: ANN401  # a type made up
    show = more.pop("show_default", False)
    return Annotated[type_, typer.Option(f"--{name}", help=help_text, show_default=show, **more)]


_NUMBER_AND_AMOUNT = {
    "yuan": (
        _option(str | None, "yuan", "The amount in yuan, such as 1.00. Give this or --fen."),
        None,
    ),
    "fen": (_option(int | None, "fen", "The amount in fen, such as 100."), None),
    "mch_billno": (
        _option(
            str | None, "mch-billno",
            "The order number: 1 to 28 letters and digits. Give this or --key.",
        ),
        None,
    ),
    "key": (
        _option(
            str | None, "key",
            "The payout's business key, from which the order number is derived. The same key "
            "always gives the same number, which WeChat pays once.",
        ),
        None,
    ),
    "attempt": (
        _option(
            int, "attempt",
            "With --key: which of the key's numbers to use. Give more than 1 only once the number "
            "before it is proven dead.",
            min=1, show_default=True,
        ),
        1,
    ),
}  # fmt: skip
_FOR_PROVIDERS = ("sub_mch_id", "msgappid")
_LAST = {
    "merchant": (MerchantPath, None),
    "yes": (
        Annotated[
            bool,
            typer.Option("--yes", "-y", help="Send real money without asking.", show_default=False),
        ],
        False,
    ),
    "as_json": (AsJson, False),
}
_BY_NUMBER_AND_AMOUNT = frozenset({"mch_billno", "total_amount"})


def _add(name: str, kind: Command) -> None:
    """Make a command of a kind: Typer reads its options from the signature."""
    own = [it for it in fields(kind.message) if it.init and it.name not in _BY_NUMBER_AND_AMOUNT]

    def command(**given: Any) -> CommandResult:  # noqa: ANN401  # what Typer has read of each option
        payer = read_merchant(
            given["merchant"], **{name: given[name] for name in _FOR_PROVIDERS if name in given}
        )
        said = {it.name: given[it.name] for it in own}
        if "risk_info" in said:
            said["risk_info"] = encode_risk_info(said["risk_info"])

        def make() -> Message[Any]:
            number = billno(payer, given["mch_billno"], given["key"], given["attempt"])
            total = amount(given["yuan"], given["fen"])
            return kind.message(mch_billno=number, **said, total_amount=total)  # type: ignore[call-arg]

        return send(payer, make, yes=given["yes"], as_json=given["as_json"])

    parameters = [
        inspect.Parameter(it, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
        for it, (option, default) in _options(kind, own)
    ]
    command.__dict__["__signature__"] = inspect.Signature(parameters)
    command.__annotations__ = {it.name: it.annotation for it in parameters}
    command.__doc__ = kind.about
    app.command(name)(command)


def _options(kind: Command, own: list[Field[Any]]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The options of a kind with their defaults, in the order of its help."""
    known = {rule.name: rule for rule in kind.message.ENDPOINT.known}
    words = {**_WORDS, **kind.words}
    required = [it for it in own if it.default is MISSING]
    yield from ((it.name, _of_field(known[it.name], words[it.name], ...)) for it in required)
    yield from _NUMBER_AND_AMOUNT.items()
    optional = [it for it in own if it.default is not MISSING]
    yield from ((it.name, _of_field(known[it.name], words[it.name], it.default)) for it in optional)
    if kind.message.ENDPOINT.provider_mode:
        for name in _FOR_PROVIDERS:
            yield name, _of_field(known[name], words[name], None)
    yield from _LAST.items()


def _of_field(rule: rules.Field, words: str, default: object) -> tuple[Any, Any]:
    """The option of one field: its name, what it is and may hold, and its default."""
    type_: Any = str if rule.high is None else int
    help_text = f"{words} {_limit(rule)}".rstrip()
    option = _option(
        type_ if default is not None else type_ | None,
        rule.name.replace("_", "-"),
        help_text,
        show_default=default not in {None, ...},
    )
    return option, inspect.Parameter.empty if default is ... else default


def _limit(rule: rules.Field) -> str:
    """What a field may hold, where its words do not say it."""
    if rule.name in {"client_ip", "scene_id", "risk_info", "total_num"}:
        return ""
    if rule.rule.startswith("1 to "):
        return f"1 to {rule.chars_max} characters."
    return f"{rule.rule[:1].upper()}{rule.rule[1:]}."


def send(
    payer: AnyMerchant, make: Callable[[], Message[Any]], *, yes: bool, as_json: bool
) -> CommandResult:
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
                text = said(sentence_of(warned.message))
                print_text(said("Warning: {message}", message=text), error=True)


def _sent(
    payer: AnyMerchant,
    message: Message[Any],
    caught: list[warnings.WarningMessage],
    *,
    as_json: bool,
) -> CommandResult:
    """Send it, and say what came of it; Ctrl-C may come at any moment, and it may be paid then."""
    endpoint = message.ENDPOINT.name
    try:
        with RedPack(payer) as red_pack:
            reply = red_pack.call(message)
        warned = [str(warning.message) for warning in caught]
        found = {"endpoint": endpoint, "reply": reply_document(reply), "warnings": warned}
        accepted = said(
            "Accepted: {call} {number}, {yuan} yuan.",
            call=endpoint, number=message.mch_billno, yuan=_yuan(message),
        )  # fmt: skip
        text = "\n".join([accepted, *reply_lines(reply)])
        return CommandResult(found, text, outcome="accepted", as_json=as_json)
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
        raise WrongCommandLine(say("Give either --mch-billno or --key: no number is ever invented"))
    if attempt != 1:
        raise WrongCommandLine(
            say("--attempt counts the numbers of a --key; --mch-billno is one itself")
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
    raise WrongCommandLine(say("Give the amount either as --yuan 1.00 or as --fen 100"))


def encode_risk_info(text: str | None) -> str | None:
    """Hints such as ``posttime=...&mobile=...`` as the wire has them.

    Raises:
        InvalidRequest: if there is anything but the four known ones.
    """
    if text is None:
        return None
    parts = dict(part.partition("=")[::2] for part in text.split("&"))
    posttime = whole_number(parts.get("posttime", "0"), digits=_POSTTIME_DIGITS_MAX)
    if parts.keys() - set(_RISK_PARTS) or posttime is None:
        raise InvalidRequest(
            field="risk_info",
            rule=say(
                "some of {parts}, joined with &",
                parts=", ".join(f"{name}=..." for name in _RISK_PARTS),
            ),
            found=counted(len(text), "character"),
        )
    return RiskInfo(
        posttime=posttime if "posttime" in parts else None,
        mobile=parts.get("mobile", ""),
        deviceid=parts.get("deviceid", ""),
        clientversion=parts.get("clientversion", ""),
    ).encode()


def _refuse_what_is_held(payer: AnyMerchant, message: Message[Any]) -> None:
    """A call that the books do not know of is how they come to say what is not so."""
    number = books.find_held(payer.mch_id, message.mch_billno)
    if number is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=number.problem,
            remedy=say(
                "Send it through them: {send}. Where it stands: {show}",
                send=number.command("send"),
                show=number.command("show"),
            ),
        )


def _ask(payer: AnyMerchant, message: Message[Any], *, yes: bool) -> None:
    """Ask before real money moves. Without a terminal there is nobody to ask."""
    host = payer.origins[0].host
    if yes or host in _LOOPBACK:
        return
    if not at_terminal(sys.stdin):
        raise WrongCommandLine(
            say(
                "{host} may pay real money, and this is not an interactive terminal: give --yes",
                host=host,
            )
        )
    receiver = mask_openid(getattr(message, "re_openid", "")) or said("a ticket")
    question = said(
        "Send {yuan} yuan of {merchant} to {receiver} through {host}?",
        yuan=_yuan(message), merchant=payer.mch_id, receiver=receiver, host=host,
    )  # fmt: skip
    if not says_yes(question):
        raise NotSent(
            mch_billno=message.mch_billno, endpoint=message.ENDPOINT.name, why=say("you said no")
        )


def _yuan(message: Message[Any]) -> str:
    total: Fen = getattr(message, "total_amount", 0)
    return format_yuan(total)


for _name, _kind in _COMMANDS.items():
    _add(_name, _kind)
