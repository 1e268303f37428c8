"""``hongbao campaign pause``, ``resume`` and ``cancel``: a person's hand on the tap."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from hongbao.cli import books, who
from hongbao.cli.answer import Answer, answer, print_text
from hongbao.cli.asking import ask
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, Reason, Wait
from hongbao.cli.program import typed
from hongbao.english import counted, sentence
from hongbao.errors import BookLocked
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Standing
from hongbao.money import format_yuan
from hongbao.views import campaign as views


def pause(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Send nothing more of it for now.

    What may be paid is asked about all the same.
    """
    with books.opened(config) as book:
        _as_soon_as_free(lambda: book.pause(name, by=who.person(by), reason=reason), wait)
        standing = book.standing(name)
    return _told(standing, as_json=as_json)


def resume(
    *,
    name: CampaignName,
    by: By = None,
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Go on, with the same numbers.

    Lifts the stop of its merchant, too.
    """
    with books.opened(config) as book:
        _as_soon_as_free(lambda: book.resume(name, by=who.person(by)), wait)
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
    wait: Wait = 0.0,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Send nothing more of it, for good.

    What may be paid is asked about all the same.
    """
    with books.opened(config) as book:
        ask(_question(book.standing(name)), yes=yes, instead="--yes")
        _as_soon_as_free(lambda: book.cancel(name, by=who.person(by), reason=reason), wait)
        standing = book.standing(name)
    return _told(standing, as_json=as_json)


def _as_soon_as_free(act: Callable[[], object], wait: float) -> None:
    """Do it when nobody keeps the books any more; who does is said at once, and who else does."""
    until = time.monotonic() + wait
    said = ""
    while True:
        try:
            act()
        except BookLocked as error:
            if time.monotonic() >= until:
                raise
            if said != error.remedy:
                said = error.remedy
                told = f"{error.problem[:1].upper()}{error.problem[1:]}"
                print_text(f"{sentence(told)} Still trying. {said}", error=True)
        else:
            return


def _question(standing: Standing) -> str:
    waiting = standing.total(State.WAITING)
    return (
        f"Cancel {standing.campaign.name} for good, with {counted(waiting.payouts, 'payout')} "
        f"({format_yuan(waiting.amount)} yuan) not sent?"
    )


def _told(standing: Standing, *, as_json: bool) -> Answer:
    return answer(
        views.document(standing),
        views.standing_text(standing, program=typed()),
        outcome=standing.phase,
        code=ExitCode.DONE,
        as_json=as_json,
    )
