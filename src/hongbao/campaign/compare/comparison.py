"""Holds a checked list against the books: what is new, what is known, and what does not agree."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.compare.places import where
from hongbao.campaign.notes import Sum
from hongbao.campaign.ports import ListStage
from hongbao.campaign.rows.columns import KEY, PAYEE
from hongbao.english import changed, counted, joined
from hongbao.ledger.model.campaign import GROWING, NO_ROWS, CampaignState, extend, mask_key
from hongbao.ledger.model.payout import State
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.compare.bookmark import Bookmark
    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging.staging import Staging
    from hongbao.ledger.model.campaign import (
        Campaign,
        ListedRow,
    )
    from hongbao.ledger.model.known import Known

Pairs: TypeAlias = "list[tuple[ListedRow, Known | None]]"
"""Rows, and what the books have under their keys."""


class Comparison:
    """Compares the rows of a list with what the books have under their keys.

    Args:
        staging: the rows.
        mark: where the books stand.
        purpose: what the list is stored for.
        layout: of the list.
        notebook: what does not agree is noted there.

    Attributes:
        new: the rows that the books do not have, or that were cancelled before any call.
        known: the rows that this campaign has.
        elsewhere: the rows that other campaigns have, by campaign and by where they stand.
        taken_over: those of the new ones that were cancelled before any call, by campaign.
        digest: of the campaign, once all is stored.
    """

    def __init__(
        self, staging: Staging, mark: Bookmark, purpose: Purpose, layout: Layout, notebook: Notebook
    ) -> None:
        self.new = self.known = Sum()
        self.elsewhere: dict[tuple[int, State], Sum] = {}
        self.taken_over: dict[int, Sum] = {}
        self.digest = NO_ROWS
        self._staging = staging
        self._mark = mark
        self._purpose = purpose
        self._notebook = notebook
        self._column = layout.names.get(KEY, layout.names[PAYEE])
        if purpose is Purpose.EXTEND and mark.campaign is not None:
            self.digest = mark.campaign.digest

    @property
    def owners(self) -> dict[int, Sum]:
        """The rows that other campaigns have, by campaign."""
        found: dict[int, Sum] = {}
        for (number, _), some in self.elsewhere.items():
            found[number] = found.get(number, Sum()).plus(*some)
        return found

    @property
    def elsewhere_sum(self) -> Sum:
        """All rows that other campaigns have."""
        return reduce(lambda found, more: found.plus(*more), self.elsewhere.values(), Sum())

    def run(self, books: CampaignLedger | None, progress: Progress) -> None:
        """Compare all rows; those that the books know are marked in the staging."""
        merchant_id = self._mark.merchant_id
        if books is None or merchant_id is None or not self._mark.history:
            self._all_new(progress)
            return
        done = 0
        for rows in map(self._staging.listed_rows, self._staging.parts()):
            found = books.known(merchant_id, rows)
            pairs = list(zip(rows, found, strict=True))
            self._note_taken_over(pairs)
            known = [(row, None if self._is_free(it) else it) for row, it in pairs]
            self._look_at_today(books, known)
            self._take(known)
            done += len(rows)
            progress(ListStage.COMPARE, done)

    def _all_new(self, progress: Progress) -> None:
        for part in self._staging.parts():
            self.digest = extend(self.digest, self._staging.contents(part))
            self.new = self.new.plus(len(part.numbers), sum(part.amounts))
            progress(ListStage.COMPARE, self.new.rows)

    def _is_free(self, stored: Known | None) -> bool:
        """Whether a row takes over the key: it is cancelled, or about to be."""
        if stored is None:
            return True
        replaced = self._purpose is Purpose.REPLACE and stored.campaign_id in self._mark.family
        return stored.free or (replaced and stored.state is State.WAITING)

    def _note_taken_over(self, found: Pairs) -> None:
        for row, stored in found:
            if stored is not None and stored.free:
                number = stored.campaign_id
                self.taken_over[number] = self.taken_over.get(number, Sum()).plus(1, row.amount)

    def _take(self, known: Pairs) -> None:
        ours, others = [], []
        for row, stored in known:
            if stored is None:
                self.new = self.new.plus(1, row.amount)
            elif stored.differences:
                self._note_differences(row, stored)
                continue
            elif stored.campaign_id not in self._mark.family:
                place = stored.campaign_id, stored.state
                self.elsewhere[place] = self.elsewhere.get(place, Sum()).plus(1, row.amount)
                others.append(row.key)
                continue
            else:
                self.known = self.known.plus(1, row.amount)
                if self._purpose is Purpose.EXTEND:
                    continue
            ours.append(row[1:-1])
        self._staging.mark_elsewhere(others)
        self.digest = extend(self.digest, ours)

    def _note_differences(self, row: ListedRow, stored: Known) -> None:
        differences = joined(map(changed, stored.differences))
        key = mask_key(row.key, row.payee)
        place = where(self._mark.standings[stored.campaign_id])
        self._notebook.problem(
            row.number,
            self._column,
            say(
                "the key {key!r} is {place} already, with other content: {differences}",
                key=key,
                place=place,
                differences=differences,
            ),
        )

    def _look_at_today(self, books: CampaignLedger, known: Pairs) -> None:
        self._staging.mark_known(row.number for row, stored in known if stored is not None)
        if self._mark.channel_id is None:
            return  # nobody has got anything by it
        payees = {row.payee for row, stored in known if stored is None}
        given = books.given_today(self._mark.channel_id, payees)
        self._staging.set_given((payee, *got) for payee, got in given.items())


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
    if campaign.mandate is not None:
        yield say(
            "campaign {name} is a standing campaign, to which programs add: give the list another "
            "name",
            name=name,
        )
    elif (campaign.channel_id, campaign.profile) != (mark.channel_id, profile):
        yield say(
            "campaign {name} is paid by {profile}: give the list another name",
            name=name,
            profile=campaign.profile,
        )
    elif campaign.state in GROWING:
        yield from _in_a_draft(campaign, comparison, source_digest, sound=sound)
    elif comparison.new.rows and campaign.state is CampaignState.CANCELLED:
        yield say(
            "campaign {name} is cancelled and takes no more rows: if nothing of it was ever sent, "
            "`hongbao campaign replace {name} FILE` puts the list in its place; else give the list "
            "another name",
            name=name,
        )
    elif comparison.new.rows:
        phase = mark.standings[campaign.id].phase
        yield say(
            "campaign {name} is {phase} and takes no more rows: `hongbao campaign extend {name} "
            "FILE` adds those that it does not have, to be approved by themselves; or give the "
            "list another name",
            name=name,
            phase=phase.in_words,
        )


def _in_a_draft(
    campaign: Campaign, comparison: Comparison, source_digest: bytes, *, sound: bool
) -> Iterator[str]:
    name = campaign.name
    if campaign.rows and campaign.source_digest != source_digest:
        yield (
            say(
                "campaign {name} holds {rows} of another file ({source}): import that file "
                "again to go on with it, add this one with `hongbao campaign extend {name} "
                "FILE`, put this one in its place with `hongbao campaign replace {name} "
                "FILE`, or give this list another name",
                name=name,
                rows=counted(campaign.rows, "row"),
                source=campaign.source,
            )
        )
    elif sound and campaign.rows != comparison.known.rows:
        # The same file with other keys: its receivers would be paid once more.
        missing = campaign.rows - comparison.known.rows
        yield (
            say(
                "campaign {name} holds {missing} rows that this list does not have, as it "
                "is read now: read it as before, put it in its place with `hongbao "
                "campaign replace {name} FILE`, or give it another name",
                name=name,
                missing=missing,
            )
        )
