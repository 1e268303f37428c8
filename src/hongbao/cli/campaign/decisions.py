"""``hongbao campaign approve``, ``pause``, ``resume``, ``cancel``: what a person decides."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Annotated, TypeAlias

import typer

from hongbao import beijing
from hongbao.campaign.check.findings import LOOKED_AT, sample_texts
from hongbao.campaign.compare.places import finishing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine, print_text
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, Reason, Wait, optional
from hongbao.cli.person import ask
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import read_configuration
from hongbao.english import counted, sentence
from hongbao.errors import BookLocked, LedgerCode, LedgerError
from hongbao.ledger.model.campaign import GROWING, Campaign, CampaignState
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase, Standing
from hongbao.ledger.model.step import SCHEDULED
from hongbao.money import format_yuan
from hongbao.sentences import said, say
from hongbao.views import campaign as views
from hongbao.views.approval import mandate_lines, warned
from hongbao.views.kept import who_and_why
from hongbao.views.left_to_others import left_to_others

_SHA256 = re.compile("[0-9A-Fa-f]{64}")


_Digest: TypeAlias = Annotated[
    str | None,
    optional("--sha256", "Approve only if the rows have this SHA-256. Nobody is asked.", "HEX"),
]
_Yes: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Approve without asking, whatever the rows are.", show_default=False
    ),
]


@takes_key
def approve(
    *,
    name: CampaignName,
    sha256: _Digest = None,
    yes: _Yes = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Approve a draft, or a supplement, to be paid.

    Records who approved it, and the SHA-256 of all rows that were shown.
    """
    given = _digest(sha256)
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        standing = _part_to_approve(book.standing(name))
        _check_draft(standing)
        campaign = standing.campaign
        policy = configuration.approval.stricter(campaign.policy)
        approver = person.who_decides(by, policy, book)
        texts = sample_texts(book.first_terms(campaign.name, LOOKED_AT))
        decisions = book.decisions(campaign.name)
        left = left_to_others(decisions, book.campaigns())
        warnings = warned(decisions)
        warnings += [line for it in left for line in it.lines(campaign, program=typed())]
        shown = [*views.text_lines(texts), *warnings]
        if given is None:
            _ask(standing, shown, approver, yes=yes)
        # What was shown, not what is there by now: the books refuse if somebody has changed it.
        approved = book.approve(
            campaign.name, digest=given or campaign.digest, by=approver, policy=policy
        )
    text = _approval_text(
        approved, warnings if given is None and not yes else shown, approver, name
    )
    found = {
        "campaign": views.campaign_document(approved), "texts": list(texts), "warnings": warnings,
        "left_to_others": [it.document() for it in left],
    }  # fmt: skip
    outcome = "approved" if approved.approved_at is not None else "approved by one"
    return CommandResult(found, text, outcome=outcome, as_json=as_json)


@takes_key
def reject(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Give a draft back to whoever made it.

    Nobody can approve it before its list is changed, or the rejection is withdrawn.
    """
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        part = _part_to_approve(book.standing(name))
        policy = configuration.approval.stricter(part.campaign.policy)
        who = person.who_decides(by, policy, book)
        book.reject(part.campaign.name, by=who, reason=reason)
        standing = book.standing(name)
    done = said(
        "Rejected: {part}. Nobody approves it before its list is changed, or the rejection is "
        "withdrawn.",
        part=part.campaign.name,
    )
    return _answer(standing, done, as_json=as_json)


@takes_key
def withdraw_approval(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Take back an approval or a rejection.

    It must be before anything is sent. It is a draft again, and can be approved, replaced or
    cancelled.
    """
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        policy = configuration.approval.stricter(book.standing(name).campaign.policy)
        book.withdraw_approval(name, by=person.who_decides(by, policy, book), reason=reason)
        standing = book.standing(name)
    done = said("Withdrawn: {name} waits for its approval again.", name=name)
    return _answer(standing, done, as_json=as_json)


def _check_draft(standing: Standing) -> None:
    """Say why nothing waits for an approval before anybody is asked for one.

    Raises:
        LedgerError: if it is no draft.
    """
    campaign, phase = standing.campaign, views.phase_words(standing)
    if campaign.state is CampaignState.DRAFT:
        return
    problem = say(
        "campaign {name} is {phase}, and cannot be approved", name=campaign.name, phase=phase
    )
    remedy = say(
        "Where it stands: {program} campaign status {name}", program=typed(), name=campaign.name
    )
    if campaign.approved_at is not None:
        when, by = beijing.text(campaign.approved_at), campaign.approved_by
        problem = (
            say(
                "campaign {name} was approved at {when} by {by} already",
                name=campaign.name, when=when, by=by,
            )
            if standing.phase is Phase.APPROVED and standing.merchant_stop is None
            else say(
                "campaign {name} was approved at {when} by {by}, and is {phase}",
                name=campaign.name, when=when, by=by, phase=phase,
            )
        )  # fmt: skip
    elif campaign.state is CampaignState.IMPORTING:
        remedy = say(
            "If nobody imports it now, run `{finishing}` to finish it.",
            finishing=finishing(standing),
        )
    raise LedgerError(code=LedgerCode.WRONG_STATE, problem=problem, remedy=remedy)


def _ask(standing: Standing, shown: list[str], approver: str, *, yes: bool) -> None:
    if not yes:
        print_text("\n".join([views.standing_text(standing, program=typed()), *shown]), error=True)
    rows, yuan = _sum(standing.campaign)
    question = said(
        "Approve {rows} of {yuan} yuan as {approver}?", rows=rows, yuan=yuan, approver=approver
    )
    if standing.campaign.mandate is not None:
        question = said(
            "Let programs add payouts within these limits, approved by {approver}?",
            approver=approver,
        )
    ask(question, yes=yes, instead=say("--sha256 HEX, or --yes"))


def _approval_text(approved: Campaign, shown: list[str], approver: str, name: str) -> str:
    rows, yuan = _sum(approved)
    if approved.approved_at is None:
        return said(
            "Approved: {part}, {rows}, {yuan} yuan, by {approver}, the first of two.\n"
            "  SHA-256 {digest}\n"
            "  nothing is sent before another person approves it, within a day: {program} campaign "
            "approve {name}",
            part=approved.name,
            rows=rows,
            yuan=yuan,
            approver=approver,
            digest=approved.digest.hex(),
            program=typed(),
            name=name,
        )
    done = (
        said(
            "Approved: {name}, {rows}, {yuan} yuan, by {approver}.",
            name=approved.name, rows=rows, yuan=yuan, approver=approver,
        )
        if approved.mandate is None
        else said("Approved: {name}, by {approver}.", name=approved.name, approver=approver)
    )  # fmt: skip
    text = [
        done,
        f"  SHA-256 {approved.digest.hex()}",
        *mandate_lines(approved),
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
    if approved.stop is not None and approved.stop.code == SCHEDULED:
        return "  " + said(
            "it is scheduled ({reason}); pay it: any number of `{program} worker`",
            reason=who_and_why(approved.stop.reason),
            program=typed(),
        )
    if approved.stop is not None:
        return "  " + said(
            "it is paused with its campaign; then: {program} campaign resume {name}",
            program=typed(),
            name=name,
        )
    if approved.mandate is not None:
        return "  " + said(
            "programs may add payouts; they are paid by any number of `{program} worker`",
            program=typed(),
        )
    return "  " + said(
        "pay it: {program} campaign run {name} (or any number of `{program} worker`); the approval "
        "holds for a day",
        program=typed(),
        name=name,
    )


def _digest(text: str | None) -> bytes | None:
    if text is None:
        return None
    if _SHA256.fullmatch(text) is None:
        raise WrongCommandLine(say("--sha256 must be 64 hexadecimal digits"))
    return bytes.fromhex(text)


@takes_key
def pause(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Stop sending a campaign for now.

    Payouts whose outcome is unknown are queried all the same.
    """
    with books.opened(config) as book:
        _as_soon_as_free(
            lambda: book.pause(name, by=person.deciding(by, book), reason=reason), wait
        )
        standing = book.standing(name)
    return _answer(standing, as_json=as_json)


@takes_key
def resume(
    *,
    name: CampaignName,
    by: By = None,
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Continue a paused or stopped campaign.

    Payouts keep their order numbers. A stop of its merchant is lifted, too.
    """
    with books.opened(config) as book:
        _as_soon_as_free(lambda: book.resume(name, by=person.deciding(by, book)), wait)
        standing = book.standing(name)
    return _answer(standing, as_json=as_json)


@takes_key
def cancel(
    *,
    name: CampaignName,
    reason: Reason,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Cancel without asking.", show_default=False)
    ] = False,
    by: By = None,
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Stop sending a campaign for good.

    Payouts whose outcome is unknown are queried all the same.
    """
    with books.opened(config) as book:
        ask(_question(book.standing(name)), yes=yes, instead="--yes")
        _as_soon_as_free(
            lambda: book.cancel(name, by=person.deciding(by, book), reason=reason), wait
        )
        standing = book.standing(name)
    return _answer(standing, as_json=as_json)


def _as_soon_as_free(act: Callable[[], object], wait: float) -> None:
    """Do it when nobody keeps the books any more; who does is said at once, and who else does."""
    until = time.monotonic() + wait
    shown = ""
    while True:
        try:
            act()
        except BookLocked as error:
            if time.monotonic() >= until:
                raise
            if shown != error.remedy:
                shown = error.remedy
                problem = said(sentence(error.problem, begins=True))
                trying = said("Still trying. {remedy}", remedy=said(shown))
                print_text(f"{problem} {trying}", error=True)
        else:
            return


def _question(standing: Standing) -> str:
    waiting = standing.total(State.WAITING)
    return said(
        "Cancel {name} for good, with {payouts} ({yuan} yuan) not sent?",
        name=standing.campaign.name,
        payouts=counted(waiting.payouts, "payout"),
        yuan=format_yuan(waiting.amount),
    )


def _answer(standing: Standing, done: str | None = None, *, as_json: bool) -> CommandResult:
    text = views.standing_text(standing, program=typed())
    return CommandResult(
        views.document(standing),
        text if done is None else f"{done}\n{text}",
        outcome=standing.phase,
        as_json=as_json,
    )
