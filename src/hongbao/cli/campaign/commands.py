"""``hongbao campaign``: its commands, and where each stands."""

from hongbao.cli.group import command_group
from hongbao.cli.lazy_group import LazyGroup, Place

COMMANDS = {
    "template": Place(
        "campaign.template",
        "template",
        "Write an empty list to fill in.",
    ),
    "new": Place("campaign.lists", "new", "Make a draft campaign of a list."),
    "extend": Place("campaign.lists", "extend", "Add rows of a list to a campaign."),
    "replace": Place("campaign.lists", "replace", "Replace a list of which nothing was sent."),
    "stand": Place(
        "campaign.standing",
        "stand",
        "Begin a campaign to which programs add.",
    ),
    "approve": Place(
        "campaign.decisions", "approve", "Approve a draft, or a supplement, to be paid."
    ),
    "reject": Place("campaign.decisions", "reject", "Give a draft back to whoever made it."),
    "withdraw-approval": Place(
        "campaign.decisions",
        "withdraw_approval",
        "Take back an approval or a rejection.",
    ),
    "schedule": Place(
        "campaign.scheduling",
        "schedule",
        "Send nothing of a campaign before a time.",
    ),
    "run": Place("campaign.running", "run", "Pay an approved campaign until it is done."),
    "status": Place("campaign.status", "status", "Show where a campaign stands."),
    "list": Place("campaign.listing", "list_campaigns", "List campaigns."),
    "history": Place(
        "campaign.history",
        "history",
        "Show what was decided, by whom and why.",
    ),
    "pause": Place("campaign.decisions", "pause", "Stop sending a campaign for now."),
    "resume": Place("campaign.decisions", "resume", "Continue a paused or stopped campaign."),
    "retry": Place("campaign.retrying", "retry", "Send refused or returned payouts again."),
    "cancel": Place("campaign.decisions", "cancel", "Stop sending a campaign for good."),
    "end": Place("campaign.standing", "end", "End a standing campaign."),
    "remind": Place(
        "campaign.reminding", "remind", "Write who has not claimed yet, with the hours left."
    ),
    "report": Place("campaign.report", "report", "Write a report: what became of each payout."),
}


class CampaignCommands(LazyGroup):
    """The commands of ``hongbao campaign``."""

    words = "campaign "
    places = COMMANDS


app = command_group("Pay a list: check it, approve it, run it, report it.", CampaignCommands)
