"""The same people again: rows that repeat what other campaigns pay, whatever the file looks like.

What counts is what rows say (receiver, amount and kind), in any order and as often as they say it.
Rows and payouts of one key are one payment, whoever has it, and repeat nothing.
The other campaigns are read as a stream. Only payouts to receivers who may stand in the list are
kept, in the staging file, and joined with it there.

An import that broke off and extends a campaign is compared as well: what it had stored is taken out
of the list, but had not been compared with lists that were stored at the same time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.compare.places import RowsElsewhere, rows_and_yuan, where
from hongbao.campaign.notes import Sum
from hongbao.english import SEMICOLON, joined
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, mask
from hongbao.ledger.model.payout import State
from hongbao.money import format_yuan
from hongbao.sentences import say, say_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hongbao.business_key import KeyMaker
    from hongbao.campaign.compare.receivers import Receivers
    from hongbao.campaign.ports import CampaignLedger
    from hongbao.campaign.staging.staging import Staging
    from hongbao.ledger.model.campaign import Campaign, Content
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.standing import Standing
    from hongbao.money import Fen

EXAMPLES = 3
_NOT_PAID = frozenset({str(State.REFUSED), str(State.CANCELLED)})
_BEGIN = """
DROP TABLE IF EXISTS other;
DROP TABLE IF EXISTS again;
CREATE TABLE other (payee TEXT, amount INTEGER, kind TEXT, key TEXT, campaign INTEGER);
"""
# A row of the list with such a key is that payment, and repeats nothing.
_SAME_PAYMENTS = "DELETE FROM other WHERE key IN (SELECT key FROM elsewhere)"
# Rows without keys first: of two that say the same, one with a key may well be another payment.
_FIND = """
CREATE TABLE again AS
SELECT number, payee, amount, kind, own FROM (
    SELECT number, payee, amount, kind, own, row_number() OVER (
        PARTITION BY payee, amount, kind ORDER BY own, number
    ) AS place
    FROM line WHERE (NOT known OR ?) AND payee IN (SELECT payee FROM other)
        AND key NOT IN (SELECT key FROM elsewhere)
) JOIN (
    SELECT payee, amount, kind, count(*) AS times FROM other GROUP BY payee, amount, kind
) USING (payee, amount, kind)
WHERE place <= times
"""
_SUM = "SELECT count(*), coalesce(sum(amount), 0) FROM again WHERE own = ?"
_INTERRUPTED = f"{_SUM} AND number < 0"
_EXAMPLES = "SELECT number, payee, amount FROM again WHERE own = ? ORDER BY number LIMIT ?"
_PLACES = """
SELECT campaign, count(*), sum(amount) FROM (
    SELECT DISTINCT campaign, number, amount FROM again JOIN other USING (payee, amount, kind)
    WHERE own = ?
) GROUP BY campaign ORDER BY campaign
"""


class Repeats(NamedTuple):
    """Rows that say what payouts of other campaigns say.

    Attributes:
        sum: how many, and how much.
        interrupted: those of them that the books have already from an import that broke off.
        examples: the first of them, with their receivers masked.
        places: the campaigns; a row may stand in several.
    """

    sum: Sum
    interrupted: Sum
    examples: tuple[str, ...]
    places: tuple[RowsElsewhere, ...]


def again_words(repeats: Repeats) -> str:
    """How many rows repeat what, and where."""
    return say_many(
        "{count} row, {yuan} yuan, repeats what the same receivers get elsewhere ({places})",
        "{count} rows, {yuan} yuan, repeat what the same receivers get elsewhere ({places})",
        repeats.sum.rows,
        yuan=format_yuan(repeats.sum.amount),
        places=joined(map(str, repeats.places), SEMICOLON),
    )


def again_problem(repeats: Repeats, days: int) -> str:
    """Why a list with such rows is not stored, and what can be done."""
    return say(
        "{repeats}, such as {examples}. Other campaigns of the last {days} days "
        "paid this, or are about to. Leave out who is in one of them (--except "
        "CAMPAIGN), or pay them once more (--pay-again, with a --reason)",
        repeats=again_words(repeats),
        examples=joined(repeats.examples, SEMICOLON),
        days=days,
    )


def find_repeats(
    books: CampaignLedger, receivers: Receivers, others: Sequence[Standing], *, known_too: bool
) -> tuple[Repeats | None, Repeats | None]:
    """Find the rows that repeat what other campaigns paid, are paying or plan.

    What was refused there, or cancelled, is not paid and repeats nothing; but a refusal that no
    query has confirmed may stand for a payment of an earlier life of the books.

    Args:
        books: where the campaigns stand.
        receivers: the rows; those that the books know by their keys are marked.
        others: the campaigns.
        known_too: whether rows that the books know count as well: those of an import that was
            interrupted may have been stored before the others.

    Returns:
        Those without keys of their own, and those with; None where there are none.
    """
    if not others:
        return None, None
    database = receivers.database
    database.executescript(_BEGIN)
    for standing in others:
        for page in books.contents(standing.campaign.id):
            receivers.insert("other", _paid(page, standing), 5)
    database.execute(_SAME_PAYMENTS)
    database.execute(_FIND, (known_too,))
    names = {standing.campaign.id: standing for standing in others}
    without, with_keys = (_repeats(receivers, names, own=own) for own in (False, True))
    return without, with_keys


def _paid(page: Iterable[Content], standing: Standing) -> Iterable[tuple[str, Fen, str, str, int]]:
    number, taken_back = standing.campaign.id, standing.campaign.state is CampaignState.CANCELLED
    not_paid = _NOT_PAID | {str(State.WAITING)} if taken_back else _NOT_PAID
    return (
        (it.payee, it.amount, it.kind, it.key, number)
        for it in page
        if it.state not in not_paid or it.unproven
    )


def _repeats(receivers: Receivers, standings: dict[int, Standing], *, own: bool) -> Repeats | None:
    database = receivers.database
    rows, fen = database.execute(_SUM, (own,)).fetchone()
    if not rows:
        return None
    examples = database.execute(_EXAMPLES, (own, EXAMPLES)).fetchall()
    places = database.execute(_PLACES, (own,)).fetchall()
    return Repeats(
        sum=Sum(rows, fen),
        interrupted=Sum(*database.execute(_INTERRUPTED, (own,)).fetchone()),
        examples=tuple(
            say(
                "{row}: {payee}, {yuan} yuan",
                row=_row(number),
                payee=mask(payee),
                yuan=format_yuan(amount),
            )
            for number, payee, amount in examples
        ),
        places=tuple(
            RowsElsewhere(standings[it].campaign.name, where(standings[it]), Sum(count, amount))
            for it, count, amount in places
        ),
    )


def _row(number: int) -> str:
    """A row of the list; or one that the books have already, see ``interrupted``."""
    return (
        say("row {number}", number=number)
        if number > 0
        else say("stored row {number}", number=-number)
    )


# Without terms, so that it is nothing to be stored.
_KEEP = """
INSERT INTO line (number, key, own, kind, payee, amount, people, terms, known)
VALUES (?, ?, ?, ?, ?, ?, 1, 0, 1)
"""


def take_interrupted(
    staging: Staging, books: CampaignLedger, campaign: Campaign, keys: KeyMaker
) -> None:
    """Put what the import had stored among the known rows of a list, under negative numbers.

    Args:
        staging: the list, which has nothing of this any more.
        books: where it is stored.
        campaign: whose import broke off.
        keys: derived those of rows that say none.
    """
    before = _rows_before(books.decisions(campaign.name))
    database = staging.database
    for page in books.contents(campaign.id):
        database.execute("BEGIN")
        database.executemany(
            _KEEP,
            (
                (-it.row, it.key, not keys.ordinal(it.key), it.kind, it.payee, it.amount)
                for it in page
                if it.row > before
            ),
        )
        database.execute("COMMIT")


def cancel_first(name: str, found: Sum) -> str:
    """How rows are left out that are stored already.

    Args:
        name: of the campaign or supplement that has them.
        found: the rows.
    """
    return say(
        "of these, {found} stand in {name} already, from an import that was "
        "interrupted: to leave them out, cancel that first (`hongbao campaign "
        "cancel {name}`)",
        found=rows_and_yuan(found),
        name=name,
    )


def _rows_before(decisions: Iterable[Event]) -> int:
    """How many rows a campaign had before the import that broke off."""
    rows = before = 0
    for decision in decisions:
        rows = json.loads(decision.body).get("rows", rows)
        if decision.kind == DecisionKind.IMPORTED:
            before = rows
    return before
