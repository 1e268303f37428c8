"""What the check of a list found, and what became of the list: in words, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hongbao.campaign.check.findings import Findings
from hongbao.campaign.compare.same_people import Repeats
from hongbao.campaign.notes import Sum
from hongbao.campaign.storing import StoredList
from hongbao.english import COLON, counted
from hongbao.ledger.model.campaign import NO_ROWS, Campaign, CampaignState
from hongbao.money import format_yuan
from hongbao.sentences import marked, said
from hongbao.views import campaign as campaigns
from hongbao.views.columns import in_columns
from hongbao.views.decisions import keeps_sealed
from hongbao.views.kinds import kind_words

SHOWN_MAX = 50
"""Problems on a terminal: a page. ``--json`` has as many as are kept."""


def outcome(found: Findings, stored: StoredList | None) -> str:
    """The outcome of a check in a word."""
    if not found.ok:
        return "problems"
    if stored is None:
        return "checked"
    return "stored" if stored.new else "nothing new"


def text(
    found: Findings, stored: StoredList | None, *, ways_out: Mapping[str, str], program: str
) -> str:
    """What was found, in some lines.

    Args:
        found: by the check.
        stored: what became of the list; None if nothing was stored.
        ways_out: for rows that repeat what other campaigns pay: what to do, by its name, see
            ``WAYS_OUT``.
        program: what the reader calls to do something about it.
    """
    read_as = said(found.read_as) if found.read_as else said("cannot be read")
    lines = [said(COLON, one=found.source, two=read_as)]
    lines += [_sums(found)] if found.read_as else []
    lines += [f"  {keeps_sealed(found.keeps)}"] if found.keeps else []
    lines += campaigns.text_lines(found.texts) if found.ok and found.new.rows else []
    for heading, note in ((marked("warnings"), False), (marked("notes"), True)):
        some = [it for it in found.cautions if it.note is note]
        lines += [said(heading)] * bool(some)
        lines += [f"  {said(str(it))}" for it in some[:SHOWN_MAX]]
        lines += _more(len(some))
    if found.problems:
        lines += [
            said(counted(found.problem_count, "problem")),
            *(f"  {said(str(it))}" for it in found.problems[:SHOWN_MAX]),
            *_more(found.problem_count),
        ]
    return "\n".join([*lines, *_ways_out(ways_out), *_ending(found, stored, ways_out, program)])


def document(
    found: Findings, stored: StoredList | None, *, ways_out: Mapping[str, str]
) -> dict[str, object]:
    """The check as a document; amounts in fen."""
    return {
        "name": found.campaign,
        "source": found.source,
        "read_as": found.read_as or None,
        "source_sha256": found.source_digest.hex() or None,
        "sha256": found.digest.hex() if found.digest not in {None, NO_ROWS} else None,
        "total": found.total._asdict(),
        "kinds": {kind: it._asdict() for kind, it in found.kinds.items()},
        "new": found.new._asdict(),
        "known": found.known._asdict(),
        "elsewhere": found.elsewhere._asdict(),
        "left_out": [{"of": it.name, **it.sum._asdict()} for it in found.left_out],
        "pays_again": _again_document(found.again),
        "repeats_with_keys": _again_document(found.again_with_keys),
        "ways_out": dict(ways_out),
        "problem_count": found.problem_count,
        "problems": [it._asdict() for it in found.problems],
        "keeps": list(found.keeps),
        "texts": [dict(it) for it in found.texts],
        "warnings": [it._asdict() for it in found.cautions],
        "stored": None if stored is None else stored.new,
        "campaign": None
        if stored is None or stored.campaign is None
        else campaigns.campaign_document(stored.campaign),
    }


def _again_document(repeats: Repeats | None) -> dict[str, object] | None:
    if repeats is None:
        return None
    return {
        **repeats.sum._asdict(),
        "examples": list(repeats.examples),
        "places": [
            {"campaign": it.campaign, "where": it.where, **it.sum._asdict()}
            for it in repeats.places
        ],
    }


WAYS_OUT = {
    "extend": marked("to add those that it does not have"),
    "leave_out": marked("to leave out whoever is in it"),
    "pay_again": marked("to pay them once more"),
}
"""What can be done with rows that repeat what other campaigns pay."""


def _ways_out(found: Mapping[str, str]) -> list[str]:
    return [said("what can be done")] * bool(found) + [
        "  " + said(COLON, one=said(WAYS_OUT[way]), two=command) for way, command in found.items()
    ]


def _sums(found: Findings) -> str:
    total = said("total") if found.ok else said("right by themselves")
    rows: list[tuple[str, Sum]] = [(total, found.total)]
    rows += [
        (f"  {kind_words(kind)}", it) for kind, it in found.kinds.items() if len(found.kinds) > 1
    ]
    rows += [(said("new"), found.new)]
    rows += [(said("known"), found.known)] if found.known.rows else []
    rows += [(said("in other campaigns"), found.elsewhere)] if found.elsewhere.rows else []
    rows += [(said("in {name}, left out", name=it.name), it.sum) for it in found.left_out]
    cells = [(name, str(it.rows), format_yuan(it.amount), said("yuan")) for name, it in rows]
    return in_columns(cells, right={1, 2}, indent="  ")


def _more(count: int) -> list[str]:
    return (
        ["  " + said("... and {count} more", count=count - SHOWN_MAX)] if count > SHOWN_MAX else []
    )


def _ending(
    found: Findings, stored: StoredList | None, ways_out: Mapping[str, str], program: str
) -> Iterator[str]:
    if found.digest is None:
        # What can be done with rows that repeat has been said with its commands.
        fix = said("Nothing was stored: fix the list, then run this again.")
        yield said("Nothing was stored.") if ways_out else fix
        return
    if found.digest != NO_ROWS:
        yield f"  SHA-256 {found.digest.hex()}"
    if stored is None:
        yield said("The list can be stored. Nothing was stored: it was a dry run.")
        return
    campaign = stored.campaign
    if campaign is None:
        yield said("Nothing new: no row is left that other campaigns do not have.")
        return
    if stored.new:
        yield from _stored_as(campaign, stored.new)
    else:
        has = said("all of it")
        if found.elsewhere.rows:
            has = said("{rows} of it, others the rest", rows=counted(found.known.rows, "row"))
        yield said(
            "Nothing new: campaign {name} has {has}, and is {state}.",
            name=campaign.name,
            has=has,
            state=_state(stored),
        )
    if campaign.state is CampaignState.DRAFT:
        yield "  " + said(
            "next: {program} campaign approve {name}", program=program, name=campaign.name
        )


def _state(stored: StoredList) -> str:
    """Where a campaign stands, as its status calls it."""
    state = stored.phase or (stored.campaign and stored.campaign.state)
    return said(state.in_words) if state else ""


def _stored_as(campaign: Campaign, new: int) -> Iterator[str]:
    added = counted(new, "payout")
    if campaign.parent_id is None:
        yield said(
            "Stored as the draft {name}: {added}, nothing is sent yet.",
            name=campaign.name,
            added=added,
        )
    else:
        yield (
            said(
                "Stored as the supplement {name}: {added}. Nothing of it is sent before it "
                "is approved; the campaign goes on meanwhile.",
                name=campaign.name,
                added=added,
            )
        )
