"""``hongbao query``: what became of a packet."""

from contextlib import suppress
from typing import Annotated

import typer

from hongbao.cli import held
from hongbao.cli.answer import Answer, answer, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, MerchantPath
from hongbao.cli.payer import read_merchant
from hongbao.client.sync import RedPack
from hongbao.errors import HongbaoError
from hongbao.views.packet import packet_text, reply_document


def query(
    *,
    mch_billno: Annotated[
        str, typer.Argument(metavar="BILLNO", help="The mch_billno under which it was sent.")
    ],
    work: Annotated[
        bool, typer.Option("--work", help="It is a WeCom packet.", show_default=False)
    ] = False,
    merchant: MerchantPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Ask what became of a packet.

    WeChat answers for 30 days. Books that hold the number do not learn of the answer.
    """
    payer = read_merchant(merchant)
    _note_what_is_held(payer.mch_id, mch_billno)
    with RedPack(payer) as red_pack:
        info = red_pack.query_work(mch_billno) if work else red_pack.query(mch_billno)
    found = {"packet": reply_document(info), "claimed_amount": info.claimed_amount}
    return answer(found, packet_text(info), outcome="answered", code=ExitCode.DONE, as_json=as_json)


def _note_what_is_held(mch_id: str, mch_billno: str) -> None:
    """Say so if the books hold the number; asking does no harm, so no books are in its way."""
    with suppress(HongbaoError):
        number = held.find(mch_id, mch_billno)
        if number is not None:
            note = f"Note: {number.problem}. They do not learn of this answer; to have them ask:"
            print_text(f"{note} {number.command('query')}", error=True)
