"""``hongbao campaign approve``: shows what is to be paid, and binds who says that it may be."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from hongbao.campaign.samples import LOOKED_AT, sample_texts
from hongbao.cli import books, who
from hongbao.cli.answer import Answer, answer, print_text
from hongbao.cli.asking import ask
from hongbao.cli.campaign import words
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import WrongCommandLine
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath
from hongbao.cli.program import typed
from hongbao.english import counted
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from hongbao.ledger.campaign import Campaign

_SHA256 = re.compile("[0-9A-Fa-f]{64}")


def approve(
    *,
    name: CampaignName,
    sha256: Annotated[
        str | None,
        typer.Option(
            "--sha256",
            metavar="HEX",
            help="Approve only if the list is the one of this digest; nobody is asked.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Approve whatever is there, without asking.", show_default=False
        ),
    ] = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Let a draft be paid.

    Binds the approver, and the SHA-256 of every row that was shown.
    """
    given = _digest(sha256)
    approver = who.person(by)
    with books.opened(config) as book:
        standing = book.standing(name)
        campaign = standing.campaign
        texts = sample_texts(book.first_terms(name, LOOKED_AT))
        if given is None:
            if not yes:
                shown = [words.standing_text(standing), *words.text_lines(texts)]
                print_text("\n".join(shown), error=True)
            rows, yuan = counted(campaign.rows, "payout"), format_yuan(campaign.planned)
            question = f"Approve {rows} of {yuan} yuan as {approver}?"
            ask(question, yes=yes, instead="--sha256 HEX, or --yes")
        # What was shown, not what is there by now: the books refuse if somebody has changed it.
        approved = book.approve(name, digest=given or campaign.digest, by=approver)
    asked = given is None and not yes
    text = "\n".join([_text(approved, approver), *([] if asked else words.text_lines(texts))])
    found = {"campaign": words.campaign_document(approved), "texts": list(texts)}
    return answer(found, text, outcome="approved", code=ExitCode.DONE, as_json=as_json)


def _text(approved: "Campaign", approver: str) -> str:
    rows, yuan = counted(approved.rows, "payout"), format_yuan(approved.planned)
    name = approved.name
    return (
        f"Approved: {name}, {rows}, {yuan} yuan, by {approver}.\n"
        f"  SHA-256 {approved.digest.hex()}\n"
        f"  pay it: {typed()} campaign run {name} (or any number of `{typed()} worker`)"
    )


def _digest(text: str | None) -> bytes | None:
    if text is None:
        return None
    if _SHA256.fullmatch(text) is None:
        raise WrongCommandLine("--sha256 must be 64 hexadecimal digits")
    return bytes.fromhex(text)
