"""What the check of a list found, and what became of the list: for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.cli.campaign import words
from hongbao.cli.columns import in_columns
from hongbao.cli.program import typed
from hongbao.english import counted
from hongbao.ledger.campaign import CampaignState
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.finding import Findings, Sum
    from hongbao.cli.campaign.importing import Result

SHOWN_MAX = 50
"""Problems on a terminal: a page. ``--json`` has as many as are kept."""


def outcome(result: Result) -> str:
    """In a word."""
    if not result.findings.ok:
        return "problems"
    if result.stored is None:
        return "checked"
    return "stored" if result.stored.new else "nothing new"


def text(result: Result) -> str:
    """What was found, in some lines."""
    found = result.findings
    lines = [f"{found.source}: {found.read_as}", _sums(found)]
    lines += words.text_lines(found.texts) if found.ok and found.new.rows else []
    if found.cautions:
        lines += ["warnings", *(f"  {it}" for it in found.cautions[:SHOWN_MAX])]
        lines += _more(len(found.cautions))
    if found.problems:
        lines += [
            counted(found.problem_count, "problem"),
            *(f"  {it}" for it in found.problems[:SHOWN_MAX]),
            *_more(found.problem_count),
        ]
    return "\n".join([*lines, *_ending(result)])


def document(result: Result) -> dict[str, object]:
    """The same for a program; amounts in fen."""
    found, stored = result.findings, result.stored
    return {
        "name": found.campaign,
        "source": found.source,
        "read_as": found.read_as,
        "source_sha256": found.source_digest.hex(),
        "sha256": None if found.digest is None else found.digest.hex(),
        "total": found.total._asdict(),
        "kinds": {kind: it._asdict() for kind, it in found.kinds.items()},
        "new": found.new._asdict(),
        "known": found.known._asdict(),
        "elsewhere": found.elsewhere._asdict(),
        "problem_count": found.problem_count,
        "problems": [it._asdict() for it in found.problems],
        "texts": [dict(it) for it in found.texts],
        "warnings": [it._asdict() for it in found.cautions],
        "stored": None if stored is None else stored.new,
        "campaign": None
        if stored is None or stored.campaign is None
        else words.campaign_document(stored.campaign),
    }


def _sums(found: Findings) -> str:
    rows: list[tuple[str, Sum]] = [("total", found.total)]
    rows += [(f"  {kind}", it) for kind, it in found.kinds.items() if len(found.kinds) > 1]
    rows += [("new", found.new)]
    rows += [("known", found.known)] if found.known.rows else []
    rows += [("in other campaigns", found.elsewhere)] if found.elsewhere.rows else []
    cells = [(name, str(it.rows), format_yuan(it.amount), "yuan") for name, it in rows]
    return in_columns(cells, right={1, 2}, indent="  ")


def _more(count: int) -> list[str]:
    return [f"  ... and {count - SHOWN_MAX} more"] if count > SHOWN_MAX else []


def _ending(result: Result) -> Iterator[str]:
    found, stored = result.findings, result.stored
    if found.digest is None:
        yield "Nothing was stored: mend the list, then run this again."
        return
    yield f"  SHA-256 {found.digest.hex()}"
    if stored is None:
        yield "All is well. Nothing was stored: it was a dry run."
        return
    campaign = stored.campaign
    if campaign is None:
        yield "Nothing new: all of it is in other campaigns."
        return
    if stored.new:
        added = counted(stored.new, "payout")
        yield f"Stored as the draft {campaign.name}: {added}, nothing is sent yet."
    else:
        yield f"Nothing new: campaign {campaign.name} has all of it, and is {campaign.state}."
    if campaign.state is CampaignState.DRAFT:
        yield f"  next: {typed()} campaign approve {campaign.name}"
