"""``hongbao campaign pause``, ``resume`` and ``cancel``: a person's hand on the tap."""

from typing import Annotated

import typer

from hongbao.cli import books, who
from hongbao.cli.answer import answer
from hongbao.cli.asking import ask
from hongbao.cli.campaign import words
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, Reason
from hongbao.english import counted
from hongbao.ledger.payout import State
from hongbao.ledger.standing import Standing
from hongbao.money import format_yuan


def pause(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Send nothing more of it for now.

    What may be paid is asked about all the same.
    """
    with books.opened(config) as book:
        book.pause(name, by=who.person(by), reason=reason)
        standing = book.standing(name)
    return _told(standing, as_json=as_json)


def resume(
    *,
    name: CampaignName,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Go on, with the same numbers.

    Lifts the stop of its merchant, too.
    """
    with books.opened(config) as book:
        book.resume(name, by=who.person(by))
        standing = book.standing(name)
    return _told(standing, as_json=as_json)


def cancel(
    *,
    name: CampaignName,
    reason: Reason,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask.", show_default=False)
    ] = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Send nothing more of it, for good.

    What may be paid is asked about all the same.
    """
    with books.opened(config) as book:
        ask(_question(book.standing(name)), yes=yes, instead="--yes")
        book.cancel(name, by=who.person(by), reason=reason)
        standing = book.standing(name)
    return _told(standing, as_json=as_json)


def _question(standing: Standing) -> str:
    waiting = standing.total(State.WAITING)
    return (
        f"Cancel {standing.campaign.name} for good, with {counted(waiting.payouts, 'payout')} "
        f"({format_yuan(waiting.amount)} yuan) not sent?"
    )


def _told(standing: Standing, *, as_json: bool) -> ExitCode:
    return answer(
        words.document(standing),
        words.standing_text(standing),
        outcome=standing.phase,
        code=ExitCode.DONE,
        as_json=as_json,
    )
