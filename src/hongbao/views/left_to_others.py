"""What a draft leaves to other campaigns, and whether those pay it, as they stand now.

Rows whose receivers were left out (``--except``), or whose keys another campaign has, are paid
there, or by nobody: since the draft was made, that campaign may have been cancelled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hongbao.campaign.compare.places import rows_and_yuan, where
from hongbao.campaign.notes import Sum
from hongbao.ledger.model.campaign import Campaign, CampaignState, DecisionKind
from hongbao.ledger.model.event import Event
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Standing, with_supplements
from hongbao.sentences import said, say


class Left(NamedTuple):
    """Rows of a draft's list that another campaign is to pay.

    Attributes:
        of: the campaign, or the file that names the receivers.
        by_key: whether it has their keys; else their receivers.
        sum: the rows.
        standing: how the campaign stands now; None of a file.
        unpaid: those that nobody pays, as it stands.
        exact: else at most so many: the books do not know which of its payouts are meant, nor
            whether a list that was added since has the same people.
        refused: whether some were refused there.
        cancelled: whether some were cancelled there.
    """

    of: str
    by_key: bool
    sum: Sum
    standing: Standing | None
    unpaid: Sum
    exact: bool
    refused: bool
    cancelled: bool

    def document(self) -> dict[str, object]:
        """The rows as a document."""
        return {
            "of": self.of if self.standing is None else self.standing.campaign.name,
            "by_key": self.by_key,
            **self.sum._asdict(),
            "phase": None if self.standing is None else str(self.standing.phase),
            "unpaid": {**self.unpaid._asdict(), "exact": self.exact},
        }

    def lines(self, campaign: Campaign, *, program: str) -> Iterator[str]:
        """The rows in words, for the person who approves a campaign.

        Args:
            campaign: which.
            program: what the reader calls to do something about it.
        """
        place = say("in {name}", name=self.of) if self.standing is None else where(self.standing)
        rows = rows_and_yuan(self.sum)
        yield "  " + (
            said("not paid here: {rows} of which the keys are {place}", rows=rows, place=place)
            if self.by_key
            else said("left out: {rows} whose receivers are {place}", rows=rows, place=place)
        )
        if not self.unpaid.rows:
            return
        rows = rows_and_yuan(self.unpaid)
        yield "    " + (
            said("nobody pays {rows} of these, as it stands", rows=rows)
            if self.exact
            else said("nobody pays up to {rows} of these, as it stands", rows=rows)
        )
        yield from (f"    {way}" for way in self._ways_out(campaign, program))

    def _ways_out(self, campaign: Campaign, program: str) -> Iterator[str]:
        if self.cancelled:
            parts = campaign.name.rpartition("+")
            name = campaign.name if campaign.parent_id is None else parts[0]
            command = f"{program} campaign extend {name} FILE"
            yield (
                said(
                    "who was cancelled there is added by: {command} (of keys, what was never sent "
                    "there)",
                    command=command,
                )
                if self.by_key
                else said(
                    "who was cancelled there is added by: {command}, without --except {name}",
                    command=command,
                    name=self.of,
                )
            )
        if self.refused:
            over = self.standing and self.standing.campaign.state is CampaignState.CANCELLED
            command = f"{program} payout reopen KEY"
            yield (
                said(
                    "who was refused there is not paid there any more; see: {command}",
                    command=command,
                )
                if over
                else said("who was refused there is paid there by: {command}", command=command)
            )


def left_to_others(decisions: Sequence[Event], standings: Sequence[Standing]) -> list[Left]:
    """What was left to others when a campaign's lists were stored, in that order.

    Args:
        decisions: about the campaign.
        standings: of all campaigns, each supplement by itself.
    """
    lists: dict[str, dict[str, Any]] = {}
    source = ""
    for decision in decisions:
        if decision.kind == DecisionKind.BEGUN:
            facts = json.loads(decision.body)
            # A list that is imported once more says anew what it leaves.
            source = facts.get("source_digest", source)
            lists.pop(source, None)
            lists[source] = facts
    return [
        _left(it, standings, by_key=by_key, last=facts is lists[source])
        for facts in lists.values()
        for name, by_key in (("left_out", False), ("elsewhere", True))
        for it in facts.get(name, ())
    ]


def _left(
    facts: dict[str, Any], standings: Sequence[Standing], *, by_key: bool, last: bool
) -> Left:
    of, rows = facts["of"], Sum(facts["rows"], facts["amount"])
    parts = list(_parts(facts, standings, alone=by_key))
    if not parts:
        return Left(of, by_key, rows, None, Sum(), exact=True, refused=False, cancelled=False)
    standing = with_supplements(parts[0], parts[1:])
    refused = standing.total(State.REFUSED).payouts
    unpaid = Sum(refused, standing.refused)
    for part in parts:
        states = {State.CANCELLED}
        if part.campaign.state is CampaignState.CANCELLED:
            states.add(State.WAITING)  # until it is taken back
        total = part.total(*states)
        unpaid = unpaid.plus(total.payouts, total.amount)
    everybody = unpaid.rows in {0, standing.rows}
    exact = everybody and last
    most = rows if everybody else Sum(min(unpaid.rows, rows.rows), min(unpaid.amount, rows.amount))
    return Left(
        of, by_key, rows, standing, most if unpaid.rows else Sum(), exact,
        refused=bool(refused), cancelled=unpaid.rows > refused,
    )  # fmt: skip


def _parts(
    facts: dict[str, Any], standings: Sequence[Standing], *, alone: bool
) -> Iterator[Standing]:
    """The campaign, whatever its name is now, and its supplements unless it stands alone.

    Decisions of earlier versions have its name at that time and no id.
    """
    number = facts.get("id")
    if "id" not in facts:
        named = (it.campaign.id for it in standings if it.campaign.name == facts["of"])
        number = next(named, None)
    if number is None:
        return
    yield from (it for it in standings if it.campaign.id == number)
    if not alone:
        yield from (it for it in standings if it.campaign.parent_id == number)
