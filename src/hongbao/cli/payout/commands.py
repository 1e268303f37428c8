"""``hongbao payout``: its commands, and where each stands."""

from hongbao.cli.group import command_group
from hongbao.cli.lazy_group import LazyGroup, Place

COMMANDS = {
    "find": Place(
        "payout.listing", "find", "Find payouts by receiver, key, order number or send_listid."
    ),
    "list": Place("payout.listing", "list_payouts", "List payouts, by what is asked of them."),
    "show": Place("payout.one", "show", "Show where a payout stands, and its history."),
    "query": Place("payout.one", "query", "Have a worker query a payout now."),
    "send": Place("payout.one", "send", "Have a worker send a payout now."),
    "cancel": Place("payout.one", "cancel", "Take one person out of a campaign."),
    "note": Place("payout.one", "note", "Write a note into a payout's history."),
    "declare-dead": Place("payout.one", "declare_dead", "Declare that a payout was not paid."),
    "reopen": Place("payout.one", "reopen", "Have a refused payout sent again."),
}


class PayoutCommands(LazyGroup):
    """The commands of ``hongbao payout``."""

    words = "payout "
    places = COMMANDS


app = command_group("Find payouts, look at one, or act on it.", PayoutCommands)
