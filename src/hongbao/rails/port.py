"""A rail is one way of paying; this is all that the engine and its lists ask of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from hongbao.ledger.model.death import ProofWindows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Scope
    from hongbao.money import Fen
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.retry import RetryPolicy
    from hongbao.state_words import Words

T = TypeVar("T")


class Issuer(Enum):
    """Under whose appid the receivers of a kind have their openids."""

    OFFICIAL_ACCOUNT = "official account"
    MINI_PROGRAM = "mini program"
    CORPORATION = "WeCom corporation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What payouts of one kind have in common.

    Attributes:
        name: as the ledger stores it.
        about: what it is, in English: a line, and more behind an empty line.
        spellings: what a list may call it, in small letters without hyphens, underscores and
            blanks.
        issuer: whose openids its receivers have.
        required: the texts that its request must have, in the spelling of the protocol.
        optional: the texts that it may have.
        from_settings: what its request says of who pays, from the merchant's settings.
        shared: whether it is shared among several people.
        voucher: whether its receiver needs what an accepting reply holds to collect it.
    """

    name: str
    about: str
    spellings: tuple[str, ...]
    issuer: Issuer
    required: tuple[str, ...]
    optional: tuple[str, ...]
    from_settings: tuple[str, ...] = ()
    shared: bool = False
    voucher: bool = False

    @property
    def option(self) -> str:
        """Its name as a person types it."""
        return self.name.replace("_", "-")

    @property
    def texts(self) -> tuple[str, ...]:
        """What a row of a list may say of it besides whom and how much."""
        return self.required + self.optional


class RowFault(NamedTuple):
    """Why no request can be made of a row of a list.

    Attributes:
        field: which one: ``amount``, ``people``, or the name of a text; empty for the row as a
            whole.
        what: what is wrong.
    """

    field: str
    what: str


class RowRules(Protocol):
    """What rows of one kind must be: a row is right if its rail can make a request of it."""

    @property
    def kind(self) -> Kind:
        """The kind."""
        ...

    @property
    def is_payee(self) -> Callable[[str], object]:
        """Tells, by what is true, whether a text can be a receiver."""
        ...

    def payee_fault(self, payee: str) -> str:
        """What is wrong with a receiver that ``is_payee`` refuses, without the receiver."""
        ...

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """The texts that a request of this kind takes, as it takes them: numbers as such."""
        ...

    def text_faults(
        self, people: int, texts: Mapping[str, str | int]
    ) -> tuple[list[RowFault], list[str]]:
        """All that is wrong with a request, whomever it pays, and how much; and what to warn of.

        Args:
            people: among how many it is shared.
            texts: what is said more, as ``typed`` gives it.
        """
        ...

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int]
    ) -> list[RowFault]:
        """What is wrong with the amount of a request of which the rest is right.

        It is the same for all texts that have the same ``scene_id``.

        Args:
            amount: fen.
            people: among how many it is shared.
            texts: what is said more.
        """
        ...

    def check(self, payee: str, amount: Fen, people: int, texts: Mapping[str, str | int]) -> None:
        """See whether one request can be made; what the others say of the rows of a list.

        Raises:
            InvalidRequest: for the first field that is wrong, in the spelling of the protocol.
        """
        ...


class Course(StrEnum):
    """What becomes of a payout whose number no earlier call has left in doubt."""

    REFUSE = "refused"
    """It is refused, once a query has confirmed that no order of its number lives."""
    AGAIN = "the same number again"
    QUERY = "a query"


class When(StrEnum):
    """When the next call comes; the retry policy has the figures."""

    AT_ONCE = "at once (`repeat_seconds`)"
    BUSY = "soon, later each time (`busy_seconds`)"
    RISK = "after hours, later each time (`risk_seconds`)"
    TOMORROW = "tomorrow (`tomorrow_minute`)"
    MORNING = "in the morning (`morning_minute`)"
    SOON = "soon, later each time (`query_seconds`)"
    QUOTA = "after the minute (`quota_seconds`)"
    PROCESSING = "after a while (`processing_seconds`)"


class Reaction(NamedTuple):
    """What is done about one code.

    Attributes:
        course: what becomes of the payout.
        when: its next call, if there is one.
        stop: what else is not sent any more until a person resumes it.
        slow: whether the merchant's rate falls.
        mark: what the breaker counts. Of what is sent again, the first time in a row; of what is
            asked about, when the query does not know the number.
        contradicts: whether it says that the number has an order already, with another receiver,
            amount or text.
    """

    course: Course
    when: When
    stop: Scope | None = None
    slow: bool = False
    mark: str | None = None
    contradicts: bool = False


ASKED = Reaction(Course.QUERY, When.SOON)
"""What is done about a code that is in no table: what is not understood is unknown."""


class Suspicion(NamedTuple):
    """What a mark points at when nothing has ever been paid.

    Attributes:
        scope: how much is stopped.
        code: the stop's.
        seen: in words.
        advice: what to do.
        majority: whether it also stops what has been paid before, once it is most of the answers.
    """

    scope: Scope
    code: str
    seen: str
    advice: str
    majority: bool = False


class Explanation(NamedTuple):
    """What a code means, and what to do about it."""

    meaning: Words
    advice: Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rail:
    """One way of paying.

    Attributes:
        name: for people.
        provider: who carries it out, for people.
        kinds: what it can pay, by the names that the ledger stores.
        reactions: what is done about each code that it answers a send with.
        suspicions: what marks point at; each mark that a reaction gives is one of them.
        retry: how patient the engine is with it.
        explain: what a code means, given the code, the kind of the payout (None if it is not
            known) and the text that came with it; None if it does not know the code.
    """

    name: str
    provider: str
    kinds: Mapping[str, Kind]
    reactions: Mapping[str, Reaction]
    suspicions: Mapping[str, Suspicion]
    retry: RetryPolicy
    explain: Callable[[str, str | None, str], Explanation | None]

    def reaction(self, code: str | None) -> Reaction:
        """What is done about a code."""
        return self.reactions.get(code or "", ASKED)

    @property
    def windows(self) -> ProofWindows:
        """What the ledger needs to know before a person may declare a number of it dead."""
        return ProofWindows(
            resend_seconds=self.retry.resend_seconds,
            grace_seconds=self.retry.query_only_seconds,
            answers_seconds=self.retry.answers_seconds,
        )


class Rails:
    """The rails that one engine serves.

    Args:
        first: the rail that also decides about payouts of kinds that no rail has: nothing can be
            sent or asked for them, so that a person gets them.
        others: more rails.

    Raises:
        ValueError: if two of them have a kind of the same name.
    """

    def __init__(self, first: Rail, *others: Rail) -> None:
        self._first = first
        rails = (first, *others)
        self._rail_of = {name: rail for rail in rails for name in rail.kinds}
        if len(self._rail_of) < sum(len(rail.kinds) for rail in rails):
            raise ValueError("two rails have a kind of the same name")

    def of(self, kind: str) -> Rail:
        """The rail that pays a kind."""
        return self._rail_of.get(kind, self._first)

    def windows(self, kind: str) -> ProofWindows | None:
        """What proves that a number of a kind is dead; None if no rail has the kind."""
        rail = self._rail_of.get(kind)
        return None if rail is None else rail.windows

    def explain(self, kind: str, code: str, said: str) -> Explanation | None:
        """What a code of a payout means.

        Args:
            kind: the payout's.
            code: the code.
            said: the text that came with it.
        """
        rail = self._rail_of.get(kind)
        return None if rail is None else rail.explain(code, kind, said)


class Caller(Protocol):
    """Makes one call for a payout."""

    @property
    def timeout_seconds(self) -> float:
        """No call takes longer."""
        ...

    async def call(self, job: Job) -> Outcome:
        """Send it, or ask about it, once. What went wrong is an outcome, not an exception."""
        ...


class Carrier(Protocol):
    """Carries a call to the books out of the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Do it and return what it returns."""
        ...
