"""The port of a rail, one way of paying: everything that the engine and its lists need from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from hongbao.ledger.model.death import ProofWindows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.kept_request import KeptRequest
    from hongbao.ledger.model.step import Scope
    from hongbao.money import Fen
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.retry import RetryPolicy
    from hongbao.state_words import Words

T = TypeVar("T")


class Issuer(Enum):
    """The account whose appid issued the openids of a kind's receivers."""

    OFFICIAL_ACCOUNT = "official account"
    MINI_PROGRAM = "mini program"
    CORPORATION = "WeCom corporation"
    CONFIRM_PAGE = "app that opens the page"
    """A mini program, official account or app: whichever shows the page on which users confirm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What payouts of one kind have in common.

    Attributes:
        name: as the ledger stores it.
        about: a description in English: one line, and details after an empty line.
        spellings: the names that a list may use for it, in lower case without hyphens, underscores
            and blanks.
        issuer: the account that issued its receivers' openids.
        required: the texts that its request must have, as the protocol spells them.
        optional: the texts that it may have.
        from_settings: the fields about the payer that come from the merchant's settings.
        shared: whether several people share it.
        voucher: whether its receiver needs a token from the accepting reply to collect it.
        sealed: those of its texts that are stored sealed, since they are about the receiver: see
            ``hongbao.sealing``.
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
    sealed: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The name that a person types."""
        return self.name.replace("_", "-")

    @property
    def chinese(self) -> str:
        """Its name in a Chinese list: the first of its spellings that is in Chinese."""
        return next((it for it in self.spellings if not it.isascii()), self.option)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that a row of a list may have besides the receiver and the amount."""
        return self.required + self.optional


class RowFault(NamedTuple):
    """Why no request can be made of a row of a list.

    Attributes:
        field: ``amount``, ``people``, or the name of a text; empty for the row as a whole.
        what: what is wrong.
    """

    field: str
    what: str


class RowRules(Protocol):
    """The rules for rows of one kind: a row is right if its rail can make a request from it."""

    @property
    def kind(self) -> Kind:
        """The kind."""
        ...

    @property
    def is_payee(self) -> Callable[[str], object]:
        """Whether a text can be a receiver, as a truthy or falsy value."""
        ...

    def payee_fault(self, payee: str) -> str:
        """What is wrong with a receiver that ``is_payee`` refuses, without the receiver."""
        ...

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """The texts of a request of this kind, with the right types: numbers as numbers."""
        ...

    def text_faults(
        self, people: int, texts: Mapping[str, str | int]
    ) -> tuple[list[RowFault], list[str]]:
        """Everything wrong with a request apart from its receiver and amount, and all warnings.

        Args:
            people: how many people share it.
            texts: the other texts, as ``typed`` returns them.
        """
        ...

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int]
    ) -> list[RowFault]:
        """What is wrong with the amount of a request, whatever is wrong with its texts.

        It is the same for all texts with the same ``scene_id`` that have the same sealed ones.

        Args:
            amount: fen.
            people: how many people share it.
            texts: the other texts.
        """
        ...

    def check(self, payee: str, amount: Fen, people: int, texts: Mapping[str, str | int]) -> None:
        """Check a single request as the other methods check the rows of a list.

        Raises:
            InvalidRequest: for the first field that is wrong, as the protocol spells it.
        """
        ...


class Course(StrEnum):
    """What to do with a payout whose number no earlier call has left in doubt."""

    REFUSE = "refused"
    """Refuse it, once a query has confirmed that its number has no live order."""
    AGAIN = "the same number again"
    QUERY = "a query"


class When(StrEnum):
    """When to make the next call; the retry policy has the figures."""

    AT_ONCE = "at once (`repeat_seconds`)"
    BUSY = "soon, later each time (`busy_seconds`)"
    RISK = "after hours, later each time (`risk_seconds`)"
    TOMORROW = "tomorrow (`tomorrow_minute`)"
    MORNING = "in the morning (`morning_minute`)"
    SOON = "soon, later each time (`query_seconds`)"
    QUOTA = "after the minute (`quota_seconds`)"
    PROCESSING = "after a while (`processing_seconds`)"


class Reaction(NamedTuple):
    """The engine's reaction to one code.

    Attributes:
        course: what to do with the payout.
        when: when to make its next call, if there is one.
        stop: what else is stopped until a person resumes it.
        slow: whether the merchant's rate falls.
        mark: what the breaker counts: for a payout that is sent again, the first time in a row; for
            one that is queried, when the query does not know the number.
        contradicts: whether it says that the number already has an order with another receiver,
            amount or text.
    """

    course: Course
    when: When
    stop: Scope | None = None
    slow: bool = False
    mark: str | None = None
    contradicts: bool = False


ASKED = Reaction(Course.QUERY, When.SOON)
"""The reaction to a code that is in no table: what is not understood is unknown."""


class Suspicion(NamedTuple):
    """The cause that a mark suggests when nothing has ever been paid.

    Attributes:
        scope: what is stopped.
        code: the code of the stop.
        seen: what was seen, in words.
        advice: what to do.
        majority: whether it also stops a campaign with paid payouts, once it is most of the
            answers.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """A provider locks the money of an order before its receiver confirms, and may give it back.

    What was locked and is not paid may stand in the provider's bills as a debit and a return of the
    same amount, or not at all.

    Attributes:
        may_follow: whether an unpaid payout with this code may have been locked: its order was
            there, and ended.
        back_seconds: how long after it was locked unpaid money is back at the latest.
    """

    may_follow: Callable[[str | None], bool]
    back_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rail:
    """One way of paying.

    Attributes:
        name: as the ledger stores it.
        provider: the company that carries it out, for people.
        kinds: the kinds that it can pay, by the names that the ledger stores.
        reactions: the reaction to each code that may answer a send.
        suspicions: what each mark suggests; every mark of a reaction is among them.
        retry: the engine's waits and limits for it.
        explain: explains a code, given the code, the payout's kind (None if it is not known) and
            the text that came with it; returns None for an unknown code.
        expected: the codes of payouts that end unpaid though nothing is wrong with the list or the
            merchant, such as that a receiver did nothing: no number of them stops a campaign.
        claim_seconds: how long after it was sent a receiver can claim it; None if there is nothing
            to claim.
        locking: how money is locked before it is paid; None if an order takes it at once.
    """

    name: str
    provider: str
    kinds: Mapping[str, Kind]
    reactions: Mapping[str, Reaction]
    suspicions: Mapping[str, Suspicion]
    retry: RetryPolicy
    explain: Callable[[str, str | None, str], Explanation | None]
    claim_seconds: int | None = None
    expected: frozenset[str] = frozenset()
    locking: Locking | None = None

    def reaction(self, code: str | None) -> Reaction:
        """The reaction to a code."""
        return self.reactions.get(code or "", ASKED)

    @property
    def windows(self) -> ProofWindows:
        """The windows by which the ledger decides whether a number may be declared dead."""
        return ProofWindows(
            resend_seconds=self.retry.resend_seconds,
            grace_seconds=self.retry.query_only_seconds,
            answers_seconds=self.retry.answers_seconds,
        )


class Rails:
    """The rails that one engine serves.

    Args:
        first: the rail that also decides about payouts of unknown kinds: they can be neither sent
            nor queried, so that a person gets them.
        others: more rails.

    Raises:
        ValueError: if two rails have a kind of the same name.
    """

    def __init__(self, first: Rail, *others: Rail) -> None:
        self._first = first
        rails = (first, *others)
        self._rail_of = {name: rail for rail in rails for name in rail.kinds}
        if len(self._rail_of) < sum(len(rail.kinds) for rail in rails):
            raise ValueError("two rails have a kind of the same name")

    @property
    def kinds(self) -> list[Kind]:
        """All kinds, rail by rail."""
        return [rail.kinds[name] for name, rail in self._rail_of.items()]

    def of(self, kind: str) -> Rail:
        """The rail that pays a kind."""
        return self._rail_of.get(kind, self._first)

    def named(self, name: str) -> Rail | None:
        """The rail that the ledger stores under a name; None if there is none."""
        return next((rail for rail in self._rail_of.values() if rail.name == name), None)

    def windows(self, kind: str) -> ProofWindows | None:
        """The windows for numbers of a kind; None if no rail has the kind."""
        rail = self._rail_of.get(kind)
        return None if rail is None else rail.windows

    def explain(self, kind: str, code: str, said: str) -> Explanation | None:
        """Explain a code of a payout.

        Args:
            kind: the payout's kind.
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
        """Send it, query it or take it back, once. Failures are outcomes, not exceptions."""
        ...


class KeptRequests(Protocol):
    """Where requests are stored that cannot be made again with the same bytes."""

    def kept_request(self, payout_id: int, attempt: int, /) -> KeptRequest | None:
        """The request that is stored of an attempt; None if none is."""
        ...

    def keep_request(self, payout_id: int, attempt: int, request: KeptRequest, /) -> KeptRequest:
        """Store one before it is sent; gives the one that is to be sent."""
        ...


class Carrier(Protocol):
    """Runs a call to the books outside the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run it and return its result."""
        ...
