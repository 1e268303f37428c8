"""``hongbao campaign approve``: shows what is to be paid, and binds who says that it may be."""

import re
from typing import Annotated

import typer

from hongbao.campaign.samples import LOOKED_AT, sample_texts
from hongbao.cli import books, who
from hongbao.cli.answer import Answer, answer, print_text
from hongbao.cli.asking import ask
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import WrongCommandLine
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath
from hongbao.cli.program import typed
from hongbao.english import counted
from hongbao.ledger.model.campaign import GROWING, Campaign, CampaignState
from hongbao.ledger.model.standing import Standing
from hongbao.money import format_yuan
from hongbao.views import campaign as views
from hongbao.views.left_to_others import left_to_others

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
    """Let a draft be paid, or a campaign's supplement.

    Binds the approver, and the SHA-256 of every row that was shown.
    """
    given = _digest(sha256)
    approver = who.person(by)
    with books.opened(config) as book:
        standing = _part_to_approve(book.standing(name))
        campaign = standing.campaign
        texts = sample_texts(book.first_terms(campaign.name, LOOKED_AT))
        decisions = book.decisions(campaign.name)
        left = left_to_others(decisions, book.campaigns())
        warnings = views.warned(decisions)
        warnings += [line for it in left for line in it.lines(campaign, program=typed())]
        shown = [*views.text_lines(texts), *warnings]
        if given is None:
            _ask(standing, shown, approver, yes=yes)
        # What was shown, not what is there by now: the books refuse if somebody has changed it.
        approved = book.approve(campaign.name, digest=given or campaign.digest, by=approver)
    told = _told(approved, warnings if given is None and not yes else shown, approver, name)
    found = {
        "campaign": views.campaign_document(approved), "texts": list(texts), "warnings": warnings,
        "left_to_others": [it.document() for it in left],
    }  # fmt: skip
    return answer(found, told, outcome="approved", code=ExitCode.DONE, as_json=as_json)


def _ask(standing: Standing, shown: list[str], approver: str, *, yes: bool) -> None:
    if not yes:
        print_text("\n".join([views.standing_text(standing, program=typed()), *shown]), error=True)
    rows, yuan = _sum(standing.campaign)
    question = f"Approve {rows} of {yuan} yuan as {approver}?"
    ask(question, yes=yes, instead="--sha256 HEX, or --yes")


def _told(approved: Campaign, shown: list[str], approver: str, name: str) -> str:
    rows, yuan = _sum(approved)
    text = [
        f"Approved: {approved.name}, {rows}, {yuan} yuan, by {approver}.",
        f"  SHA-256 {approved.digest.hex()}",
        *shown,
        _next(approved, name),
    ]
    return "\n".join(text)


def _sum(campaign: Campaign) -> tuple[str, str]:
    return counted(campaign.rows, "payout"), format_yuan(campaign.planned)


def _part_to_approve(standing: Standing) -> Standing:
    """The draft of a supplement, if the campaign itself is past its own; else the campaign."""
    drafts = [it for it in standing.supplements if it.campaign.state is CampaignState.DRAFT]
    past = standing.campaign.state not in GROWING
    return drafts[0] if drafts and past else standing


def _next(approved: Campaign, name: str) -> str:
    if approved.stop is not None:
        return f"  it is paused with its campaign; then: {typed()} campaign resume {name}"
    return f"  pay it: {typed()} campaign run {name} (or any number of `{typed()} worker`)"


def _digest(text: str | None) -> bytes | None:
    if text is None:
        return None
    if _SHA256.fullmatch(text) is None:
        raise WrongCommandLine("--sha256 must be 64 hexadecimal digits")
    return bytes.fromhex(text)
