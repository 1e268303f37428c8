"""What intake and reports need of the books, and how they tell how far they are."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from hongbao.ledger.intake.spellings import Spellings
    from hongbao.ledger.model.campaign import (
        Campaign,
        Content,
        Entry,
        ListedRow,
        Plan,
    )
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.known import Known, Submitted
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.read.channel_standings import ChannelStanding
    from hongbao.money import Fen


class ListStage(StrEnum):
    """What is being done with a list."""

    READ = "read"
    COMPARE = "compare"
    STORE = "store"


Progress: TypeAlias = Callable[[ListStage, int], None]
"""Called now and then with what is being done, and with how many rows it was done."""


def unwatched(_stage: ListStage, _rows: int) -> None:
    """A progress that nobody looks at."""


class PayoutReader(Protocol):
    """What reads the payouts of a campaign."""

    def payouts_of(
        self, name: str, *, after: tuple[int, int], most: int | None
    ) -> Iterator[Payout]:
        """The payouts of a campaign in their order, behind one of a campaign's rows."""
        ...

    def kept_between(self, first: int, last: int) -> dict[int, bytes]:
        """What is kept of the payouts with these ids, sealed."""
        ...


class CampaignLedger(PayoutReader, Protocol):
    """As much of ``hongbao.ledger.book.Book`` as this package uses."""

    def now(self) -> Instant:
        """What time it is in the books."""
        ...

    def channels(self) -> list[ChannelStanding]:
        """All channels of all merchants."""
        ...

    def campaigns(self) -> list[Standing]:
        """All campaigns."""
        ...

    def set_channel(
        self, number: str, rail: str, limits: PayerLimits, *, by: str, keep: bool = False
    ) -> int:
        """Give a merchant's channel its limits, and get its id."""
        ...

    def begin_import(self, plan: Plan, *, by: str) -> Campaign:
        """Begin or go on with an import."""
        ...

    def replace(self, plan: Plan, *, by: str, reason: str) -> Campaign:
        """Begin an import under the name of a campaign of which nothing was sent."""
        ...

    def cancel(self, name: str, *, by: str, reason: str) -> Campaign:
        """Send nothing of a campaign."""
        ...

    def terms(self, bodies: Sequence[Mapping[str, object]]) -> list[int]:
        """Store what requests have in common, and get the ids."""
        ...

    def known(self, merchant_id: int, rows: Sequence[ListedRow]) -> list[Known | None]:
        """Which keys are there already."""
        ...

    def decisions(self, name: str) -> list[Event]:
        """All that was decided about a campaign."""
        ...

    def contents(self, campaign_id: int) -> Iterator[list[Content]]:
        """What the payouts of a campaign say, some at a time."""
        ...

    @property
    def spellings(self) -> Spellings:
        """Where keys are looked for in other spellings."""
        ...

    def given_today(self, channel_id: int, payees: Collection[str]) -> dict[str, tuple[int, Fen]]:
        """How many payouts and how much money users have got today; none that have got none."""
        ...

    def submit(
        self,
        campaign_id: int,
        chunks: Iterable[Sequence[Entry]],
        *,
        by: str,
        source_digest: bytes,
        progress: Callable[[int], None],
        keeps: Sequence[str],
    ) -> Submitted:
        """Add rows, some at a time; the next ones are asked for in another thread."""
        ...

    def finish_import(self, name: str, *, by: str) -> Campaign:
        """All rows are there."""
        ...

    def kept_columns(self, name: str) -> list[str]:
        """The columns that a campaign and its supplements keep."""
        ...

    def standing(self, name: str) -> Standing:
        """How far a campaign is."""
        ...

    @property
    def opener(self) -> Callable[[], PayoutReader]:
        """Opens the same books in another process, which this can be given to."""
        ...
