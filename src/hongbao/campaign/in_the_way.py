"""Why a campaign that there is cannot take a list of its name, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import counted
from hongbao.ledger.model.campaign import GROWING, CampaignState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.bookmark import Bookmark
    from hongbao.campaign.comparison import Comparison
    from hongbao.ledger.model.campaign import Campaign


def in_the_way(
    mark: Bookmark, comparison: Comparison, profile: str, source_digest: bytes, *, sound: bool
) -> Iterator[str]:
    """What stands in the way.

    Args:
        mark: where the books stand.
        comparison: of the list with them.
        profile: who pays the list.
        source_digest: of the list's file.
        sound: whether no row of it was left out, because something is wrong with it.
    """
    campaign = mark.campaign
    if campaign is None or (not comparison.new.rows and comparison.digest == campaign.digest):
        return
    name = campaign.name
    if (campaign.merchant_id, campaign.profile) != (mark.merchant_id, profile):
        yield f"campaign {name} is paid by {campaign.profile}: give the list another name"
    elif campaign.state in GROWING:
        yield from _in_a_draft(campaign, comparison, source_digest, sound=sound)
    elif comparison.new.rows and campaign.state is CampaignState.CANCELLED:
        yield (
            f"campaign {name} is cancelled and takes no more rows: if nothing of it was ever sent, "
            f"`hongbao campaign replace {name} FILE` puts the list in its place; else give the "
            "list another name"
        )
    elif comparison.new.rows:
        phase = mark.standings[campaign.id].phase
        yield (
            f"campaign {name} is {phase} and takes no more rows: `hongbao campaign extend {name} "
            "FILE` adds those that it does not have, to be approved by themselves; or give the "
            "list another name"
        )


def _in_a_draft(
    campaign: Campaign, comparison: Comparison, source_digest: bytes, *, sound: bool
) -> Iterator[str]:
    name = campaign.name
    if campaign.rows and campaign.source_digest != source_digest:
        yield (
            f"campaign {name} holds {counted(campaign.rows, 'row')} of another file "
            f"({campaign.source}): import that file again to go on with it, add this one with "
            f"`hongbao campaign extend {name} FILE`, put this one in its place with `hongbao "
            f"campaign replace {name} FILE`, or give this list another name"
        )
    elif sound and campaign.rows != comparison.known.rows:
        # The same file with other keys: its receivers would be paid once more.
        missing = campaign.rows - comparison.known.rows
        yield (
            f"campaign {name} holds {missing} rows that this list does not have, as it is read "
            f"now: read it as before, put it in its place with `hongbao campaign replace {name} "
            "FILE`, or give it another name"
        )
