"""Checks a list as a whole against itself and the books, once its rows are right by themselves."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from hongbao.campaign.check.day_limits import UserDays, merchant_days
from hongbao.campaign.compare.bookmark import Purpose, since
from hongbao.campaign.compare.comparison import Comparison, in_the_way
from hongbao.campaign.compare.leaving_out import leave_out
from hongbao.campaign.compare.places import known_elsewhere, taken_over, where
from hongbao.campaign.compare.receivers import Receivers
from hongbao.campaign.compare.same_people import (
    again_problem,
    again_words,
    cancel_first,
    find_repeats,
    take_interrupted,
)
from hongbao.campaign.compare.spellings import take_stored_spellings, warn_of_look_alikes
from hongbao.campaign.compare.supplement import Supplement
from hongbao.campaign.notes import Caution, Sum
from hongbao.campaign.rows.columns import KEY, PAYEE
from hongbao.ledger.model.campaign import NO_ROWS, CampaignState, mask
from hongbao.money import format_yuan
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hongbao.business_key import KeyMaker
    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.compare.bookmark import Bookmark
    from hongbao.campaign.compare.leaving_out import LeftOut
    from hongbao.campaign.compare.same_people import Repeats
    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging.staging import Staging
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.money import Fen


class WholeCheck:
    """One check of one list.

    Args:
        staging: its rows.
        notebook: what is wrong is noted there.
        payer: who pays.
        mark: where the books stand.
        purpose: what the list is stored for.
        keys: derives those of rows that say none.
        meaning: how the list is meant.

    Attributes:
        mark: where the books stand.
        purpose: what the list is stored for; an interrupted replacement goes on as a new list.
        new: see ``Findings``, as all of the following.
        known: the rows that this campaign has.
        elsewhere: the rows that other campaigns have.
        owners: the same, by campaign.
        left_out: what was left out.
        again: rows without keys that repeat what others pay.
        again_with_keys: the same of rows with keys.
        digest: of the campaign, once all is stored.
    """

    def __init__(  # noqa: PLR0917 - all that a list is held against
        self,
        staging: Staging,
        notebook: Notebook,
        payer: Payer,
        mark: Bookmark,
        purpose: Purpose,
        keys: KeyMaker,
        meaning: Meaning,
    ) -> None:
        self.mark = mark
        self.purpose = purpose
        self.new = self.known = self.elsewhere = Sum()
        self.owners: Mapping[int, Sum] = {}
        self.left_out: list[LeftOut] = []
        self.again: Repeats | None = None
        self.again_with_keys: Repeats | None = None
        self.digest = NO_ROWS
        self._staging = staging
        self._receivers = Receivers(staging)
        self._notebook = notebook
        self._payer = payer
        self._keys = keys
        self._meaning = meaning

    def run(
        self,
        books: CampaignLedger | None,
        layout: Layout,
        source_digest: bytes,
        budget: Fen | None,
        progress: Progress,
    ) -> None:
        """Check it.

        Args:
            books: None if there are none yet.
            layout: of the list.
            source_digest: of its file.
            budget: what the rows may come to at most, in fen.
            progress: called now and then with how far it is.
        """
        meaning = self._meaning
        staging, notebook, mark = self._staging, self._notebook, self.mark
        self._settle_purpose(source_digest)
        self.left_out = leave_out(meaning.leave_out, books, mark, meaning.columns, self._receivers)
        for it in self.left_out:
            notebook.caution(str(it))
        skipped = self._check_repeats(books, layout)
        with_history = books if mark.history else None
        comparison = Comparison(staging, mark, self.purpose, layout, notebook)
        comparison.run(books, progress)
        warn_of_look_alikes(staging, notebook, layout, with_history, mark.merchant_id)
        if self.purpose is Purpose.EXTEND:
            staging.database.execute("DELETE FROM line WHERE known")
        self._find_again(books)
        _check_users(staging, notebook, self._payer.limits)
        self._check_whole(comparison, source_digest, budget)
        self._note_again()
        self.new, self.elsewhere = comparison.new, comparison.elsewhere_sum
        self.owners = comparison.owners
        self.known = comparison.known.plus(*skipped)
        self.digest = comparison.digest

    def _settle_purpose(self, digest: bytes) -> None:
        """Go on with what was interrupted; refuse to mix it with another file."""
        campaign = self.mark.campaign
        if campaign is None or campaign.state is not CampaignState.IMPORTING:
            return
        if campaign.source_digest == digest:
            if self.purpose is Purpose.REPLACE:
                self.purpose = Purpose.NEW
        elif self.purpose is Purpose.EXTEND:
            standing = self.mark.standings[campaign.id]
            self._notebook.problem(
                0,
                "",
                say(
                    "rows of another file ({source}) stand {standing}",
                    source=campaign.source,
                    standing=where(standing),
                ),
            )

    def _check_repeats(self, books: CampaignLedger | None, layout: Layout) -> Sum:
        """Receivers and keys that repeat; gives what the campaign has that is extended."""
        staging, notebook, keys = self._staging, self._notebook, self._keys
        allowed = self._meaning.allow_repeats
        skipped, supplement = Sum(), None
        if self.purpose is Purpose.EXTEND:
            self._take_stored_spellings(books, layout)
        if self.purpose is Purpose.EXTEND and books is not None:
            supplement = Supplement(staging, self._receivers, keys, self.mark)
            skipped = supplement.skip(books)
        _check_payees(staging, notebook, layout, keys, allowed=allowed)
        if supplement is not None:
            supplement.check_receivers(notebook, layout, allowed=allowed)
        _check_keys(staging, notebook, layout)
        if self.purpose is not Purpose.EXTEND:
            self._take_stored_spellings(books, layout)
        return skipped

    def _take_stored_spellings(self, books: CampaignLedger | None, layout: Layout) -> None:
        mark = self.mark
        if books is not None and mark.merchant_id is not None and mark.history:
            take_stored_spellings(self._staging, layout, self._keys, books, mark.merchant_id)

    def _find_again(self, books: CampaignLedger | None) -> None:
        if books is None or not self.mark.history:
            return
        begin = since(self._payer.again_days, books.now())
        campaign = self.mark.campaign
        interrupted = campaign is not None and campaign.state is CampaignState.IMPORTING
        if campaign is not None and interrupted and self.purpose is Purpose.EXTEND:
            take_interrupted(self._staging, books, campaign, self._keys)
        others = self.mark.others(begin)
        found = find_repeats(books, self._receivers, others, known_too=interrupted)
        self.again, self.again_with_keys = found

    def _note_again(self) -> None:
        again, with_keys = self.again, self.again_with_keys
        reason = self._meaning.pay_again
        if again is not None and reason is None:
            self._notebook.problem(0, "", again_problem(again, self._payer.again_days))
            if again.interrupted.rows:
                self._notebook.problem(0, "", cancel_first(self.mark.name, again.interrupted))
        elif again is not None:
            self._notebook.caution(
                say(
                    "{again}; they are paid again, because {reason}",
                    again=again_words(again),
                    reason=reason,
                )
            )
        if with_keys is not None:
            self._notebook.caution(
                say(
                    "{with_keys}; their keys say that these are other payments",
                    with_keys=again_words(with_keys),
                )
            )

    def _check_whole(
        self, comparison: Comparison, source_digest: bytes, budget: Fen | None
    ) -> None:
        notebook = self._notebook
        sound = not notebook.problem_count
        planned = comparison.known.amount + comparison.new.amount
        if self.purpose is Purpose.EXTEND:
            campaign = self.mark.campaign
            planned = comparison.new.amount + (0 if campaign is None else campaign.planned)
        if budget is not None and planned > budget:
            what = say(
                "comes to {planned} yuan; the budget is {budget} yuan",
                planned=format_yuan(planned),
                budget=format_yuan(budget),
            )
            notebook.problem(0, "", what)
        if self.purpose is Purpose.NEW:
            for problem in in_the_way(
                self.mark, comparison, self._payer.profile, source_digest, sound=sound
            ):
                notebook.problem(0, "", problem)
        for caution in self._cautions(comparison):
            notebook.add(caution)

    def _cautions(self, comparison: Comparison) -> Iterator[Caution]:
        days = merchant_days(comparison.new.amount, self._payer.limits)
        if days is not None:
            yield days
        standings = self.mark.standings
        for (number, state), found in comparison.elsewhere.items():
            yield Caution(known_elsewhere(standings[number], state, found))
        for what in taken_over(standings, comparison.taken_over):
            yield Caution(what, note=True)


def _check_payees(
    staging: Staging, notebook: Notebook, layout: Layout, keys: KeyMaker, *, allowed: bool
) -> None:
    """Refuse that a receiver stands in several rows, or tell such rows apart by their keys.

    Args:
        staging: the rows.
        notebook: what is wrong is noted there.
        layout: of the list.
        keys: derives those of rows that say none.
        allowed: whether receivers may repeat.
    """
    if allowed:
        staging.set_keys(_ordinal_keys(staging, keys))
        return
    for payee, number, _, first in staging.repeated_payees():
        if number != first:
            what = say(
                "{payee} stands in row {first} already; --allow-repeats permits it",
                payee=mask(payee),
                first=first,
            )
            notebook.problem(number, layout.names[PAYEE], what)


def _ordinal_keys(staging: Staging, keys: KeyMaker) -> Iterator[tuple[str, int]]:
    """Keys for the rows of one receiver that have none: they are counted, from 1."""
    for payee, rows in groupby(staging.repeated_payees(), attrgetter("same")):
        without = (row for row in rows if not row.own)
        for ordinal, row in enumerate(without, 1):
            if ordinal > 1:
                yield keys.key(payee, ordinal), row.number


def _check_keys(staging: Staging, notebook: Notebook, layout: Layout) -> None:
    """Refuse that a key stands in several rows. Derived ones cannot, unless a list says them."""
    if KEY not in layout.places:
        return
    for _, number, _, first in staging.repeated_keys():
        if number != first:
            # Not the key itself: it may be made of a receiver.
            notebook.problem(
                number,
                layout.names[KEY],
                say("this key stands in row {first} already", first=first),
            )


def _check_users(staging: Staging, notebook: Notebook, limits: PayerLimits) -> None:
    """Say how many rows must wait for a later day, because a user has had enough on the first."""
    if limits.user_day_count_max is None and limits.user_day_amount_max is None:
        return
    if not staging.crowded:
        return
    days = UserDays(limits)
    for _, rows in groupby(staging.user_rows(), attrgetter("payee")):
        days.add(rows)
    if days.put_off:
        notebook.add(days.caution())
