"""Rows of a list that are right by themselves: one, some as columns, and what is asked of them."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.campaign import masked_repr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.money import Fen


class Line(NamedTuple):
    """One row that is right by itself.

    Attributes:
        number: of the row in the list.
        key: its business key.
        own: whether the list says the key; else it is derived.
        kind: of the packet.
        payee: whom; not to be shown.
        amount: fen.
        people: among how many it is shared.
        terms: the number of its terms in the staging.
        kept: what is kept beside it, as JSON; not to be shown. Empty if nothing is.
    """

    number: int
    key: str
    own: bool
    kind: str
    payee: str
    amount: Fen
    people: int
    terms: int
    kept: str = ""

    def __repr__(self) -> str:
        return masked_repr(self._replace(kept="…" if self.kept else ""))


class Lines(NamedTuple):
    """Some such rows in their order, as columns of one length: see ``Line``."""

    numbers: Sequence[int]
    keys: Sequence[str]
    own: Sequence[bool]
    kinds: Sequence[str]
    payees: Sequence[str]
    amounts: Sequence[Fen]
    people: Sequence[int]
    terms: Sequence[int]
    kept: Sequence[str]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Lines:
        """These rows, at least one."""
        return cls(*zip(*lines, strict=True))

    @classmethod
    def unpacked(cls, packed: bytes) -> Lines:
        """What was packed."""
        # No stranger's bytes: nobody else can open the file in which they are.
        count, *columns = marshal.loads(packed)  # noqa: S302
        return cls(*(it * count if len(it) == 1 else it for it in columns))

    def packed(self) -> bytes:
        """The same in few bytes: many columns hold one value alone."""
        columns = (it[:1] if it.count(it[0]) == len(it) else it for it in map(list, self))
        return marshal.dumps((len(self.numbers), *columns))

    def __repr__(self) -> str:
        return f"Lines({len(self.numbers)} from row {self.numbers[0]})"


class Repeat(NamedTuple):
    """One of the rows that have the same receiver, or the same key.

    Attributes:
        same: the receiver or the key.
        number: of the row in the list.
        own: whether the list says its key.
        first: the first of these rows.
    """

    same: str
    number: int
    own: bool
    first: int

    def __repr__(self) -> str:
        return f"Repeat(number={self.number}, own={self.own}, first={self.first})"


class OwnKey(NamedTuple):
    """A key that the list says.

    Attributes:
        number: of the row in the list.
        key: its business key.
        payee: whom; not to be shown.
    """

    number: int
    key: str
    payee: str

    def __repr__(self) -> str:
        return masked_repr(self)


class UserRow(NamedTuple):
    """A row of a user who has several, or who has got something today.

    Attributes:
        payee: who; not to be shown.
        number: of the row in the list.
        amount: fen.
        count_before: how many packets the user has got today.
        amount_before: how many fen.
    """

    payee: str
    number: int
    amount: Fen
    count_before: int
    amount_before: Fen

    def __repr__(self) -> str:
        return masked_repr(self)
