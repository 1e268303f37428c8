"""What whoever approves a campaign should know of it: its list or mandate, and warnings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hongbao import beijing
from hongbao.english import SEMICOLON, counted, joined
from hongbao.ledger.model.campaign import Campaign
from hongbao.ledger.model.event import Event
from hongbao.money import format_yuan
from hongbao.sentences import said
from hongbao.views.decisions import keeps_sealed
from hongbao.views.kept import kept

_HEX_SHOWN = 16


def mandate_lines(campaign: Campaign) -> list[str]:
    """The same in words, a line each; none of a list."""
    mandate, added = campaign.mandate, campaign.added
    if mandate is None:
        return []
    lines = [
        "  "
        + said("standing: programs may add {yuan} yuan in all", yuan=format_yuan(mandate.total)),
        "    " + said("at most {yuan} yuan for a single payout", yuan=format_yuan(mandate.largest)),
        "    "
        + said(
            "a day {yuan} yuan, {payouts}",
            yuan=format_yuan(mandate.day_amount),
            payouts=counted(mandate.day_count, "payout"),
        ),
    ]
    if added is not None:
        lines.append(
            "  "
            + said(
                "added on {day}: {payouts}, {yuan} yuan",
                day=beijing.date(added.day),
                payouts=counted(added.payouts, "payout"),
                yuan=format_yuan(added.amount),
            )
        )
    if campaign.ended_at is not None:
        lines.append(
            "  " + said("ended: {when}; programs add no more", when=beijing.text(campaign.ended_at))
        )
    return lines


def decided_lines(campaign: Campaign) -> list[str]:
    """Who imported, began and approved it, and what is approved; a line each."""
    lines = mandate_lines(campaign)
    if campaign.budget is not None and campaign.mandate is None:
        lines.append("  " + said("budget: {yuan} yuan", yuan=format_yuan(campaign.budget)))
    when = beijing.text(campaign.created_at)
    what = said("begun {when} by {name}", when=when, name=campaign.created_by)
    if campaign.mandate is None:
        what = said(
            "list: {source}, imported {when} by {name}",
            source=campaign.source,
            when=when,
            name=campaign.created_by,
        )
    lines.append(f"  {what}")
    if campaign.approved_at is not None:
        # Of a standing campaign its limits: what programs have added since was not approved.
        approved = campaign.digest if campaign.mandate is None else campaign.first_digest
        shown = approved.hex()[:_HEX_SHOWN]
        lines.append(
            "  "
            + said(
                "approved: {when} by {name}, SHA-256 {digest}…",
                when=beijing.text(campaign.approved_at),
                name=campaign.approved_by,
                digest=shown,
            )
        )
    elif campaign.rows or campaign.mandate is not None:
        lines.append(f"  SHA-256: {campaign.digest.hex()}")
    return lines


def warned(decisions: Sequence[Event]) -> list[str]:
    """What whoever made a draft decided, and whoever approves it should know; a line each."""
    lines = []
    for decision in decisions:
        facts = json.loads(decision.body)
        again, keyed = facts.get("pays_again"), facts.get("repeats_with_keys")
        lines += [f"  {keeps_sealed(facts['kept']['columns'])}"] if "kept" in facts else []
        if again:
            lines.append(
                "  "
                + said(
                    "pays again: {rows}; {name}: {reason}",
                    rows=_repeated(again),
                    name=decision.actor,
                    reason=again["reason"],
                )
            )
        if keyed:
            lines.append(
                "  "
                + said("with keys of their own, but the same as: {rows}", rows=_repeated(keyed))
            )
    return lines


def _repeated(facts: Mapping[str, Any]) -> str:
    rows, yuan = counted(facts["rows"], "row"), format_yuan(facts["amount"])
    return said(
        "{rows}, {yuan} yuan: {places}",
        rows=rows,
        yuan=yuan,
        places=said(joined(map(kept, facts["places"]), SEMICOLON)),
    )
