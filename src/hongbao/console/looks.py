"""What live parts show of the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.state_words import PAID_PART, PHASES, PLANNED, parts_of

if TYPE_CHECKING:
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.model.standing import Standing
    from hongbao.state_words import Words

_UNDONE = (State.WAITING, State.IN_DOUBT)
_RUNNING = frozenset({Phase.APPROVED, Phase.RUNNING, Phase.PAUSED, Phase.IN_DOUBT})


def home_facts(book: Ledger, _which: str) -> dict[str, object]:
    """What waits for people, and what runs."""
    standings = book.campaigns()
    return {
        "to_approve": [it for it in standings if it.campaign.state is CampaignState.DRAFT],
        "attention": [it for it in standings if it.needs_attention],
        "running": [it for it in standings if it.phase in _RUNNING],
        "phase": phase_words,
        "done": share_done,
    }


def campaign_facts(book: Ledger, name: str) -> dict[str, object]:
    """Where one campaign stands."""
    standing = book.standing(name)
    parts = [(PLANNED, standing.rows, standing.planned)]
    parts += [(words, it.payouts, it.amount) for words, it in parts_of(standing)]
    return {
        "standing": standing,
        "phase": phase_words(standing),
        "parts": parts,
        "paid_part": PAID_PART,
        "done": share_done(standing),
        "wait": book.wait(standing.campaign.id) if standing.sends else None,
    }


def phase_words(standing: Standing) -> Words:
    """How a campaign's phase is called."""
    return PHASES[standing.phase]


def share_done(standing: Standing) -> int:
    """How much of a campaign has come to its end or is paid, in percent, rounded down."""
    waiting = standing.total(*_UNDONE).payouts
    return 100 * (standing.rows - waiting) // standing.rows if standing.rows else 0
