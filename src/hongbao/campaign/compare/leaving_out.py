"""Leaves receivers out of a list: whoever is in a campaign, or stands in another list.

Receivers count here, and nothing else: not amounts, not keys. In a campaign is who has a payout in
it or in a supplement of it that was not cancelled: paid, in doubt, waiting, or refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.compare.places import rows_and_yuan
from hongbao.campaign.notes import Sum
from hongbao.campaign.rows.columns import PAYEE, mapped, recognise
from hongbao.campaign.table.row import BrokenTableError, unreadable
from hongbao.campaign.table.table import Reading, open_table
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import State
from hongbao.sentences import say, say_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.campaign.compare.bookmark import Bookmark
    from hongbao.campaign.compare.receivers import Receivers
    from hongbao.campaign.ports import CampaignLedger
    from hongbao.ledger.model.campaign import Content
    from hongbao.ledger.model.standing import Standing

_OPTION = "--except"
_MASK = "…"
_AT_ONCE = 2_000
# ``got`` is false of who was only refused there.
_BEGIN = "CREATE TABLE absent (payee TEXT NOT NULL, got BOOLEAN NOT NULL)"
_SUM = """
SELECT count(*), coalesce(sum(amount), 0) FROM line WHERE payee IN (SELECT payee FROM absent)
"""
_REFUSED = """
SELECT count(*) FROM line
WHERE payee IN (SELECT payee FROM absent GROUP BY payee HAVING NOT max(got))
"""
_TAKE_OUT = """
DELETE FROM line WHERE payee IN (SELECT payee FROM absent);
DROP TABLE absent;
"""


class LeftOut(NamedTuple):
    """What was left out for one ``--except``.

    Attributes:
        name: the campaign or the file.
        sum: the rows.
        refused: how many of them go to receivers who were refused there, and got nothing.
        campaign_id: of the campaign; None of a file.
    """

    name: str
    sum: Sum
    refused: int
    campaign_id: int | None

    def __str__(self) -> str:
        what = say(
            "left out, because their receivers are in {name}: {sum}",
            name=self.name,
            sum=rows_and_yuan(self.sum),
        )
        if not self.refused:
            return what
        return say_many(
            "{what}; {count} receiver of them was refused there and got nothing: `hongbao payout "
            "reopen` pays them there, or says why not",
            "{what}; {count} receivers of them were refused there and got nothing: `hongbao payout "
            "reopen` pays them there, or says why not",
            self.refused,
            what=what,
        )


def leave_out(
    names: Sequence[str],
    books: CampaignLedger | None,
    mark: Bookmark,
    columns: Mapping[str, str],
    receivers: Receivers,
) -> list[LeftOut]:
    """Take rows out of a list.

    Args:
        names: of campaigns, or paths of lists.
        books: where the campaigns stand.
        mark: which there are.
        columns: fields by the names that columns have in the lists.
        receivers: the rows.

    Raises:
        ConfigurationError: if there is neither a campaign nor a file of a name, or there are both;
            if a file has no openids, or masked ones.
    """
    return [_leave_out(name, books, mark, columns, receivers) for name in names]


def _leave_out(
    name: str,
    books: CampaignLedger | None,
    mark: Bookmark,
    columns: Mapping[str, str],
    receivers: Receivers,
) -> LeftOut:
    database = receivers.database
    database.execute(_BEGIN)
    campaigns = _campaigns(name, mark)
    pages = (
        _of_file(name, columns)
        if books is None or not campaigns
        else _of_campaigns(books, campaigns)
    )
    for page in pages:
        receivers.insert("absent", page, 2)
    found = Sum(*database.execute(_SUM).fetchone())
    [refused] = database.execute(_REFUSED).fetchone()
    database.executescript(_TAKE_OUT)
    return LeftOut(name, found, refused, campaigns[0].campaign.id if campaigns else None)


def _campaigns(name: str, mark: Bookmark) -> list[Standing]:
    """The campaign of a name and its supplements; none if it is the name of a file."""
    named = [it for it in mark.standings.values() if it.campaign.name == name]
    if not named:
        return []
    if Path(name).exists():
        raise ConfigurationError(
            setting=f"{_OPTION} {name}",
            problem=say("is both a campaign and a file"),
            remedy=say("Write ./{name} for the file, or move it away.", name=name),
        )
    [standing] = named
    number = standing.campaign.id
    return named + [it for it in mark.standings.values() if it.campaign.parent_id == number]


def _of_campaigns(
    books: CampaignLedger, campaigns: Iterable[Standing]
) -> Iterator[Iterable[tuple[str, bool]]]:
    for standing in campaigns:
        for page in books.contents(standing.campaign.id):
            yield _in_it(page, standing)


def _in_it(page: Iterable[Content], standing: Standing) -> Iterable[tuple[str, bool]]:
    taken_back = standing.campaign.state is CampaignState.CANCELLED
    absent = {str(State.CANCELLED), *([str(State.WAITING)] if taken_back else [])}
    return ((it.payee, it.state != State.REFUSED) for it in page if it.state not in absent)


def _of_file(name: str, columns: Mapping[str, str]) -> Iterator[list[tuple[str, bool]]]:
    path = Path(name)
    if not path.exists():
        raise ConfigurationError(
            setting=f"{_OPTION} {name}",
            problem=say("is neither a campaign of this merchant in the books nor a file"),
            remedy=say("Run: hongbao campaign list"),
        )
    with open_table(path, Reading(), _known_columns) as table:
        try:
            header = next(table.rows, None)
            place = _place(path, header.cells if header else (), columns)
            batch: list[tuple[str, bool]] = []
            for row in table.rows:
                payee = row.cells[place] if place < len(row.cells) else ""
                if _MASK in payee:
                    raise unreadable(
                        path, say("has a masked openid in row {number}", number=row.number),
                        say("Give a file with whole openids: a report is written so with "
                            "--in-full."),
                    )  # fmt: skip
                batch.append((payee, True))
                if len(batch) == _AT_ONCE:
                    yield batch
                    batch = []
            yield batch
        except BrokenTableError as error:
            raise unreadable(path, str(error), say("Correct the file.")) from None


def _known_columns(cells: Sequence[str]) -> int:
    return sum(recognise(cell) is not None for cell in cells)


def _place(path: Path, header: Sequence[str], columns: Mapping[str, str]) -> int:
    found = [mapped(name, columns) for name in header]
    places = [at for at, column in enumerate(found) if column and column.field == PAYEE]
    if len(places) != 1:
        raise unreadable(
            path, say("has no single column of openids"), say("Name one column openid.")
        )
    return places[0]
