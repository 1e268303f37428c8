"""``hongbao query`` and ``claim-params``: what became of one packet, and how its user claims it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Annotated

import typer

from hongbao.cli import books
from hongbao.cli.answer import CommandResult, print_text
from hongbao.cli.options import AsJson, MerchantPath, optional
from hongbao.cli.payer import read_merchant
from hongbao.client.signer import ClaimSigner
from hongbao.client.sync import RedPack
from hongbao.english import counted
from hongbao.errors import HongbaoError, InvalidRequest
from hongbao.sentences import said, say
from hongbao.views.packet import packet_text, reply_document


def query(
    *,
    mch_billno: Annotated[
        str,
        typer.Argument(metavar="BILLNO", help="Order number (mch_billno) under which it was sent."),
    ],
    work: Annotated[bool, optional("--work", "Query a WeCom packet.")] = False,
    merchant: MerchantPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Ask WeChat what became of a packet.

    WeChat answers for 30 days. Books that hold the number do not learn of the answer.
    """
    payer = read_merchant(merchant)
    _note_what_is_held(payer.mch_id, mch_billno)
    with RedPack(payer) as red_pack:
        info = red_pack.query_work(mch_billno) if work else red_pack.query(mch_billno)
    found = {"packet": reply_document(info), "claimed_amount": info.claimed_amount}
    return CommandResult(found, packet_text(info), as_json=as_json)


def _note_what_is_held(mch_id: str, mch_billno: str) -> None:
    """Say so if the books hold the number; asking does no harm, so no books are in its way."""
    with suppress(HongbaoError):
        number = books.find_held(mch_id, mch_billno)
        if number is not None:
            note = said(
                "Note: {problem}. They do not learn of this answer; to have them ask:",
                problem=said(number.problem),
            )
            print_text(f"{note} {number.command('query')}", error=True)


PACKAGE_CHARS_MAX = 4096
"""WeChat's example measures 251 characters; more than this is something else."""


def claim_params(
    *,
    package: Annotated[
        str,
        typer.Argument(
            metavar="PACKAGE|-", help="Package of the accepted packet; - reads it from stdin."
        ),
    ],
    merchant: MerchantPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Sign the claim of a mini-program packet.

    The mini program gives the parameters to wx.sendBizRedPacket.
    """
    text = sys.stdin.read(PACKAGE_CHARS_MAX + 1).strip() if package == "-" else package
    if not 0 < len(text) <= PACKAGE_CHARS_MAX:
        raise InvalidRequest(
            field="package",
            rule=say(
                "1 to {most} characters, as the reply of sendminiprogramhb has it",
                most=PACKAGE_CHARS_MAX,
            ),
            found=counted(len(text), "character"),
        )
    params = ClaimSigner(read_merchant(merchant)).claim_params(text).as_dict()
    shown = json.dumps(params, indent=2)
    return CommandResult({"params": params}, shown, as_json=as_json)
