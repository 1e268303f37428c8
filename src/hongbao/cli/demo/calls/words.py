"""The demo's report: tables for people, one document for programs. It computes no money."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from rich.box import SIMPLE
from rich.table import Table

from hongbao.cli.demo.calls.payouts import End
from hongbao.errors import Disposition
from hongbao.money import format_yuan
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.cli.demo.calls.books import KindBooks
    from hongbao.cli.demo.calls.payouts import Payout
    from hongbao.cli.demo.calls.recipients import Kind
    from hongbao.testing.control_client import Totals
    from hongbao.wire.replies import PacketInfo

_OTHER_ORDER = "The number belongs to an earlier row with another amount: only that one was paid."
_PAID_ONCE = "The same row again: the same number, so that it is paid once."
_MONEY = {
    Disposition.NO: "none: it can never pay",
    Disposition.OPEN: "none yet: the number lives",
    Disposition.UNKNOWN: "perhaps",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the demo found.

    Attributes:
        payouts: every row.
        infos: what queries said at the end, by number.
        books: by kind.
        ours: the totals of ``books``.
        theirs: the simulator's.
        audit: what does not add up among the simulator's books; nothing if all does.
        seconds: how long it took.
    """

    payouts: Sequence[Payout]
    infos: Mapping[str, PacketInfo]
    books: Mapping[Kind, KindBooks]
    ours: Totals
    theirs: Totals
    audit: str
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether both sides have the same accounts, to the fen."""
        return self.ours == self.theirs and not self.audit


class Reason(NamedTuple):
    """Why rows were not accepted."""

    why: str
    words: str
    money: str


def reasons(result: Result) -> Counter[Reason]:
    """Why rows were not accepted, each with its number."""
    return Counter(
        _reason(payout, result.infos.get(payout.mch_billno))
        for payout in result.payouts
        if payout.repeats or payout.end is not End.ACCEPTED
    )


def document(result: Result) -> dict[str, object]:
    """For a program; amounts in fen."""
    return {
        "rows": len(result.payouts),
        "kinds": {kind.value: asdict(book) for kind, book in result.books.items()},
        "not_accepted": [
            {"rows": number, **reason._asdict()} for reason, number in reasons(result).items()
        ],
        "lost_replies_paid_once": _paid_once(result),
        "ours": result.ours._asdict(),
        "simulator": result.theirs._asdict(),
        "audit": result.audit,
        "seconds": round(result.seconds, 1),
    }


def kinds_table(result: Result) -> Table:
    """What came of each kind of packet."""
    table = Table(title="What came of it (yuan)", box=SIMPLE, pad_edge=False)
    table.add_column("kind", no_wrap=True)
    for name in ("rows", "accepted", "sent", "claims", "claimed", "refunded", "others"):
        table.add_column(name, justify="right")
    for kind, book in result.books.items():
        table.add_row(kind.value, *_cells(book))
    total = [sum(column) for column in zip(*map(_numbers, result.books.values()), strict=True)]
    table.add_section()
    table.add_row("all", *_shown(total))
    return table


def reasons_table(result: Result) -> Table:
    """Which rows were not accepted, and why."""
    table = Table(title="The others, and why", box=SIMPLE, pad_edge=False)
    table.add_column("rows", justify="right")
    table.add_column("answer", overflow="fold", max_width=22)
    table.add_column("in words", ratio=1)
    table.add_column("money", max_width=16)
    for reason, number in sorted(reasons(result).items()):
        table.add_row(str(number), reason.why, reason.words, reason.money)
    return table


def books_table(result: Result) -> Table:
    """Our accounts beside the simulator's."""
    table = Table(title="The accounts (yuan)", box=SIMPLE, pad_edge=False)
    table.add_column("")
    for name in ("our queries", "simulator"):
        table.add_column(name, justify="right")
    table.add_column("")
    theirs = result.theirs._asdict()
    for name, amount in result.ours._asdict().items():
        same = "agree" if amount == theirs[name] else "DIFFER"
        table.add_row(name.replace("_", " "), format_yuan(amount), format_yuan(theirs[name]), same)
    return table


def closing(result: Result) -> str:
    """The last lines above what to try next."""
    lines = [
        f"Replies that were lost on purpose after WeChat had paid: {_paid_once(result)}.",
        "The same numbers were sent again, and each was paid once.",
    ]
    if result.agrees:
        lines.append("Both sides have the same accounts, to the fen.")
    else:
        lines.append("The accounts do NOT agree: this is a bug in hongbao. Please report it.")
    return "\n".join(lines)


def _paid_once(result: Result) -> int:
    """How many replies were lost whose numbers were sent again and accepted."""
    return sum(payout.resent and payout.end is End.ACCEPTED for payout in result.payouts)


def _reason(payout: Payout, info: PacketInfo | None) -> Reason:
    if payout.end is End.ACCEPTED:
        return Reason("accepted again", _PAID_ONCE, "none: paid before, once")
    if payout.end in {End.INVALID, End.NOT_SENT}:
        return Reason(payout.why, payout.words, "none: nothing was sent")
    if payout.end is End.UNKNOWN and payout.repeats:
        return Reason(payout.why, _OTHER_ORDER, "none: a query says so")
    if info is not None and info.status is Status.FAILED:
        return Reason(payout.why, payout.words, "none: FAILED after a day")
    return Reason(payout.why, payout.words, _MONEY[payout.disposition or Disposition.UNKNOWN])


def _numbers(book: KindBooks) -> list[int]:
    return list(asdict(book).values())


def _cells(book: KindBooks) -> list[str]:
    return _shown(_numbers(book))


def _shown(numbers: list[int]) -> list[str]:
    rows, accepted, debited, claims, claimed, refunded, not_accepted = numbers
    return [
        str(rows),
        str(accepted),
        format_yuan(debited),
        str(claims),
        format_yuan(claimed),
        format_yuan(refunded),
        str(not_accepted),
    ]
