"""The lines of a checkpoint that are signed.

The first three are those of every tlog-checkpoint: its origin, the number of histories, the root of
their tree. Each of the others begins with its name: the time, the numbers of payouts and campaigns,
the merchants whose bills it has heads of, the money in fen, and the SHA-256 of the previous
checkpoint.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hongbao.checkpoint.note import NoteError
from hongbao.ledger.model.payout import PAID, State
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Total
    from hongbao.money import Fen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONE = "none"
_LATER = "awaiting_user"  # earlier versions have no such line


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The money of all payouts, in fen.

    ``planned`` is the sum of ``paid`` to ``waiting``, and ``awaiting_user``, of which a checkpoint
    has a line only where there is such money.
    """

    planned: Fen
    paid: Fen
    in_doubt: Fen
    refused: Fen
    cancelled: Fen
    waiting: Fen
    claimed: Fen
    returned: Fen
    awaiting_user: Fen = 0

    def lines(self) -> list[tuple[str, Fen]]:
        """What is written of it."""
        amounts = [(it.name, getattr(self, it.name)) for it in fields(self)]
        return [(name, fen) for name, fen in amounts if fen or name != _LATER]

    @classmethod
    def of(cls, totals: Mapping[State, Total]) -> Self:
        """Compute it from totals by state."""
        amount = {state: totals[state].amount if state in totals else 0 for state in State}
        return cls(
            planned=sum(amount.values()),
            paid=sum(amount[state] for state in PAID),
            in_doubt=amount[State.IN_DOUBT],
            refused=amount[State.REFUSED],
            cancelled=amount[State.CANCELLED],
            waiting=amount[State.WAITING],
            claimed=sum(total.claimed for total in totals.values()),
            returned=sum(total.refunded for total in totals.values()),
            awaiting_user=amount[State.AWAITING_USER],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The signed content of a checkpoint.

    Attributes:
        origin: names the books: the name of the key.
        size: how many leaves the tree has.
        root: the root of the tree.
        at: when it was taken, by the books' clock.
        payouts: how many payouts there were.
        campaigns: how many campaigns there were.
        bills: of how many merchants it has the bills; None if an earlier version has taken it,
            which looked at none.
        money: the money of all payouts.
        previous: the SHA-256 of the previous checkpoint's whole file; None for the first.
    """

    origin: str
    size: int
    root: bytes
    at: Instant
    payouts: int
    campaigns: int
    money: Money
    previous: bytes | None
    bills: int | None = None

    def text(self) -> str:
        """Write the lines."""
        moment = _EPOCH + timedelta(microseconds=self.at)
        lines = [
            self.origin,
            str(self.size),
            b64encode(self.root).decode(),
            f"time {moment.isoformat(timespec='microseconds')}",
            f"payouts {self.payouts}",
            f"campaigns {self.campaigns}",
            *([] if self.bills is None else [f"bills {self.bills}"]),
            *(f"{name} {fen} fen" for name, fen in self.money.lines()),
            f"previous {_NONE if self.previous is None else self.previous.hex()}",
        ]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a checkpoint from its lines.

        Raises:
            NoteError: if it is no checkpoint of books.
        """
        try:
            origin, size, root, *named = text.splitlines()
            parsed = dict(line.split(" ", 1) for line in named)
            previous = parsed["previous"]
            moment = datetime.fromisoformat(parsed["time"])
            return cls(
                origin=origin,
                size=int(size),
                root=b64decode(root, validate=True),
                at=(moment - _EPOCH) // timedelta(microseconds=1),
                payouts=int(parsed["payouts"]),
                campaigns=int(parsed["campaigns"]),
                bills=int(parsed["bills"]) if "bills" in parsed else None,
                money=Money(
                    **{
                        it.name: int(parsed[it.name].removesuffix(" fen"))
                        for it in fields(Money)
                        if it.name != _LATER or it.name in parsed
                    }
                ),
                previous=None if previous == _NONE else bytes.fromhex(previous),
            )
        except (ValueError, KeyError, TypeError):
            raise NoteError(say("it is a signed note, and no checkpoint of books")) from None
