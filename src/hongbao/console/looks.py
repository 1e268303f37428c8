"""What live parts show of the books."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.campaign.explanations import explain
from hongbao.console.charts import Bar
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.draft_decisions import rejection
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.read.figures import Span
from hongbao.money import format_yuan
from hongbao.state_words import PAID_PART, PHASES, PLANNED, parts_of
from hongbao.views.codes import troubles

if TYPE_CHECKING:
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.model.standing import Standing
    from hongbao.state_words import Words

_UNDONE = (State.WAITING, State.IN_DOUBT)
HOUR = 60 * beijing.MINUTE
HOURS_SHOWN = 48
_RUNNING = frozenset({Phase.APPROVED, Phase.RUNNING, Phase.PAUSED, Phase.IN_DOUBT})


def home_facts(book: Ledger, _which: str) -> dict[str, object]:
    """What waits for people, and what runs."""
    standings = book.campaigns()
    drafts = [it for it in standings if it.campaign.state is CampaignState.DRAFT]
    rejected = [it for it in drafts if rejection(book.decisions(it.campaign.name)) is not None]
    return {
        "to_approve": [it for it in drafts if it not in rejected],
        "rejected": rejected,
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
    codes = troubles(book.codes(campaign=name))
    return {
        "standing": standing,
        "phase": phase_words(standing),
        "causes": [(it.code, it.payouts, *explain(it.example)) for it in codes],
        "claims": _claims(book, name),
        "parts": parts,
        "paid_part": PAID_PART,
        "done": share_done(standing),
        "wait": book.wait(standing.campaign.id) if standing.sends else None,
        "outlook": SendingOutlook.of(book, standing) if _sends_now(standing) else None,
    }


class SendingOutlook(NamedTuple):
    """How a campaign that is sent goes on.

    Attributes:
        waiting: how many payouts are to be sent.
        others: how many of other campaigns of the same merchant are, too, before or between them.
        rate: calls a second that the merchant has now; None without a limit.
        seconds: how long all of these take at that rate; None without a limit.
        worked: whether a worker is alive.
    """

    waiting: int
    others: int
    rate: float | None
    seconds: int | None
    worked: bool

    @classmethod
    def of(cls, book: Ledger, standing: Standing) -> SendingOutlook | None:
        """By what waits and what the merchant may do now; None if nothing waits."""
        waiting = standing.total(State.WAITING).payouts
        if not waiting:
            return None
        place = (standing.merchant, standing.campaign.rail)
        queued = sum(it.waiting for it in book.queues() if (it.merchant, it.rail) == place)
        rate = next((it.rate for it in book.channels() if (it.number, it.rail) == place), None)
        seconds = None if not rate else ceil(max(queued, waiting) / rate)
        worked = any(it.alive for it in book.workers())
        return cls(waiting, max(queued - waiting, 0), rate, seconds, worked)


def _sends_now(standing: Standing) -> bool:
    return standing.sends and not standing.stops and standing.merchant_stop is None


def _claims(book: Ledger, name: str) -> list[Bar]:
    """What was claimed in each hour, up to now; none if nothing was."""
    begin = (book.now() // HOUR - HOURS_SHOWN + 1) * HOUR
    end = begin + HOURS_SHOWN * HOUR
    figures = book.figures(Span.HOUR, since=begin, until=end, campaign=name)
    claimed = {it.begin: it.claimed for it in figures if it.claimed}
    if not claimed:
        return []
    hours = range(begin, end, HOUR)
    return [
        Bar(
            claimed.get(at, 0), f"{beijing.text(at)[5:16]} ¥{format_yuan(claimed.get(at, 0))}",
            place=beijing.text(at)[5:16],
        )
        for at in hours
    ]  # fmt: skip


def phase_words(standing: Standing) -> Words:
    """How a campaign's phase is called."""
    return PHASES[standing.phase]


def share_done(standing: Standing) -> int:
    """How much of a campaign has come to its end or is paid, in percent, rounded down."""
    waiting = standing.total(*_UNDONE).payouts
    return 100 * (standing.rows - waiting) // standing.rows if standing.rows else 0
