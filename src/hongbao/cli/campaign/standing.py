"""``hongbao campaign stand`` and ``end``: what people decide of a standing campaign."""

from typing import Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.failure import read_yuan
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, Reason, optional
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import read_configuration
from hongbao.errors import LedgerError
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.standing import Standing
from hongbao.sentences import said, say
from hongbao.views import campaign as views


def _yuan(option: str, help_text: str) -> object:
    return optional(option, help_text, "YUAN")


Pays: TypeAlias = Annotated[
    str,
    optional("--merchant", "The merchant that pays, by its name in the settings.", "NAME"),
]
Budget: TypeAlias = Annotated[str, _yuan("--budget", "The most in all, such as 50000.00.")]
PerDay: TypeAlias = Annotated[str, _yuan("--per-day", "The most on one day in Beijing.")]
Largest: TypeAlias = Annotated[str, _yuan("--largest", "The most for a single payout.")]
PayoutsPerDay: TypeAlias = Annotated[
    int,
    optional("--payouts-per-day", "The most payouts on one day in Beijing.", "N", min=1),
]


@takes_key
def stand(
    *,
    name: CampaignName,
    merchant: Pays,
    budget: Budget,
    per_day: PerDay,
    payouts_per_day: PayoutsPerDay,
    largest: Largest,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Begin a campaign to which programs add.

    It has no list. It is a draft. Once somebody approves it, programs may add payouts within these
    limits, and workers pay them at once. The limits of an approved campaign do not change.
    """
    configuration = read_configuration(config)
    mandate = Mandate(
        total=read_yuan("--budget", budget),
        day_amount=read_yuan("--per-day", per_day),
        day_count=payouts_per_day,
        largest=read_yuan("--largest", largest),
    )
    try:
        mandate.check()
    except LedgerError as error:
        raise WrongCommandLine(
            say("{problem}. {remedy}", problem=error.problem, remedy=error.remedy)
        ) from None
    payer = configuration.payer(merchant)
    with books.open_books(configuration) as ledger:
        begins = person.who_decides(by, configuration.approval, ledger)
        ledger.begin_standing(name, payer, mandate, by=begins)
        standing = ledger.standing(name)
    todo = said(
        "nothing is added to it before: {program} campaign approve {name}",
        program=typed(),
        name=name,
    )
    text = f"{views.standing_text(standing, program=typed())}\n  {todo}"
    return _answer(standing, text, as_json=as_json)


@takes_key
def end(
    *,
    name: CampaignName,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """End a standing campaign.

    Programs can add no more payouts to it, for good. The payouts that it has are paid.
    """
    with books.opened(config) as ledger:
        ledger.end(name, by=person.deciding(by, ledger), reason=reason)
        standing = ledger.standing(name)
    return _answer(standing, views.standing_text(standing, program=typed()), as_json=as_json)


def _answer(standing: Standing, text: str, *, as_json: bool) -> CommandResult:
    return CommandResult(views.document(standing), text, outcome=standing.phase, as_json=as_json)
