"""Compares a payout that has a standing with its history, its numbers and its key. Pure."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.billno import derive_billno
from hongbao.english import counted
from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.audits.audit_queue import queue_problem
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.campaign import mask
from hongbao.ledger.model.event import GENESIS, EventKind
from hongbao.ledger.model.limits import PUT_OFF
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.replay import LastOutcome, broken, replay
from hongbao.ledger.store.rows import PLACES, REPLAYED
from hongbao.ledger.store.salt import salted_hash
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hongbao.ledger.audits.audit_beginning import EventRow, HistoryBeginning
    from hongbao.ledger.audits.audit_page import Stored
    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

(
    _MERCHANT, _KEY, _PAYEE, _ATTEMPT, _BILLNO, _STATE, _VOUCHER, _AMOUNT, _CLAIMED, _REFUNDED,
    _SEQ, _CALLS, _DAY,
) = (
    PLACES[name]
    for name in (
        "merchant_id", "key", "payee", "attempt", "billno", "state", "voucher", "amount",
        "claimed", "refunded", "seq", "calls", "day",
    )
)  # fmt: skip
_LAST_HASH, _STANDING_PAYEE, _SUCCESSOR = (
    BESIDE[name] for name in ("last_hash", "standing_payee", "successor")
)
_COPIED = ("campaign_id", "row", "amount")
_own = itemgetter(*(PLACES[name] for name in _COPIED))
_copied = itemgetter(*(BESIDE[f"standing_{name}"] for name in _COPIED))
_SUBMITTED = ("kind", "amount", "people")
_replayed = itemgetter(*REPLAYED)
_stands = itemgetter(*(PLACES[name] for name in REPLAYED))
_submitted = itemgetter(*(PLACES[name] for name in _SUBMITTED))
_last = itemgetter(*(PLACES[name] for name in ("code", "reason", "tries")))
_MAY_BE_PUT_OFF = frozenset({str(State.WAITING), str(State.IN_DOUBT), str(State.CANCELLED)})
_PAID = frozenset(map(str, PAID))
_TAKEN_OVER = EventKind.TAKEN_OVER.value
_OVER = frozenset({str(State.RECEIVED), str(State.RETURNED)})


class Surroundings(NamedTuple):
    """What a payout is held against besides its own history.

    Attributes:
        merchant: its merchant's number at WeChat.
        turn: its channel's turn, which is the newest token of a lease.
        counted_from: the first Beijing day of which its channel's limits by user may still count.
        salt: the salt of the hashed receivers.
        latest: the latest time that anything may wait for.
    """

    merchant: str
    turn: int
    counted_from: float
    salt: bytes
    latest: Instant


def standing_problems(  # noqa: C901, PLR0912, PLR0917  # what is usual must cost no further call
    row: Stored,
    terms: str,
    beginning: HistoryBeginning,
    events: Sequence[EventRow],
    attempts: Sequence[tuple[Any, ...]],
    around: Surroundings,
) -> Iterator[Problem]:
    """What disagrees about a payout that has a standing.

    Args:
        row: the payout.
        terms: SHA-256 of its terms, in hexadecimal.
        beginning: what is not stored of its history.
        events: what is stored of it, in order.
        attempts: all its later numbers, in order.
        around: what else it is held against.
    """
    history = (*beginning.events, *events)
    problem = _chain_problem(row, beginning, events)
    if problem is not None:
        yield FindingCode.CHAIN, problem
    facts, problem, outcome, vouched = replay(events, beginning.facts)
    if problem is not None:
        yield FindingCode.STEP, problem
    if _replayed(facts) != _stands(row):
        yield from _unlike(facts, row)
    if not beginning.events:
        yield from _content(row, facts, terms, around.salt)
    if _own(row) != _copied(row):
        yield from _copied_wrongly(row)
    if row[_STANDING_PAYEE] != row[_PAYEE]:
        yield from _payee(row, around)
    if attempts or row[_ATTEMPT] != 1:
        yield from _numbers(row, attempts, around.merchant)
    if history:
        if outcome[:3] != _last(row):
            yield from _outcome(row, outcome)
        if vouched and not _is_hash(facts["voucher"], row[_VOUCHER], around.salt):
            yield FindingCode.REPLAY, say("its voucher is not the one in its history")
        problem = queue_problem(row, history, turn=around.turn, latest=around.latest)
        if problem is not None:
            yield FindingCode.QUEUE, problem
        if row[_SUCCESSOR] is not None or history[-1][3] == _TAKEN_OVER:
            yield from _successor(row, history[-1])
    paid, state = row[_CLAIMED] + row[_REFUNDED], row[_STATE]
    if paid or state in _OVER:
        yield from _money(row, paid, state)


def _unlike(facts: Mapping[str, Any], row: Stored) -> Iterator[Problem]:
    for name, replayed, stands in zip(REPLAYED, _replayed(facts), _stands(row), strict=True):
        if replayed != stands:
            yield (
                FindingCode.REPLAY,
                say(
                    "{name} is {found}, but its history says {was}",
                    name=name,
                    found=stands,
                    was=replayed,
                ),
            )


def _copied_wrongly(row: Stored) -> Iterator[Problem]:
    for name, own, copy in zip(_COPIED, _own(row), _copied(row), strict=True):
        if own != copy:
            yield (
                FindingCode.REPLAY,
                say(
                    "{name} is {found}, but {copy} where it stands", name=name, found=own, copy=copy
                ),
            )


def _payee(row: Stored, around: Surroundings) -> Iterator[Problem]:
    """Check what the limits by user are counted by."""
    copy, day = row[_STANDING_PAYEE], row[_DAY]
    if copy is not None and copy != row[_PAYEE]:
        yield (
            FindingCode.QUEUE,
            say("what it costs counts for {receiver}, not for its receiver", receiver=mask(copy)),
        )
    elif copy is None and day is not None and day >= around.counted_from:
        yield FindingCode.QUEUE, say("it does not count for its receiver, whose day has a limit")


def _money(row: Stored, paid: Fen, state: str) -> Iterator[Problem]:
    if (state not in _PAID and paid) or paid > row[_AMOUNT]:
        yield (
            FindingCode.MONEY,
            say("{fen} fen were claimed or returned, but it is {state}", fen=paid, state=state),
        )
    if state in _OVER and paid != row[_AMOUNT]:
        yield (
            FindingCode.MONEY,
            say("it is {state}, but {fen} fen of it are not", state=state, fen=row[_AMOUNT] - paid),
        )


def unmet_problems(
    row: Stored,
    events: Sequence[EventRow],
    attempts: Sequence[tuple[Any, ...]],
    around: Surroundings,
) -> Iterator[Problem]:
    """What disagrees about a payout without a standing, of which something is stored.

    Args:
        row: the payout.
        events: what is stored of its history: nothing should be.
        attempts: its later numbers: it should have none.
        around: what else it is held against.
    """
    if events:
        yield FindingCode.REPLAY, say("it has a history, and stands nowhere")
    if attempts:
        yield from _numbers(row, attempts, around.merchant)


def _chain_problem(
    row: Stored, beginning: HistoryBeginning, events: Sequence[EventRow]
) -> str | None:
    begun, last = len(beginning.events), GENESIS
    if begun:
        last = beginning.events[-1][-1]
    problem = broken(events, last, begun=begun)
    if problem is not None:
        return problem
    count = begun + len(events)
    if count != row[_SEQ] or not count:
        return say(
            "it has {events} instead of {due}", events=counted(count, "event"), due=row[_SEQ]
        )
    if (events[-1][-1] if events else last) != row[_LAST_HASH]:
        return say("the hash of its last event is another where it stands")
    if not begun and events[0][3] != EventKind.SUBMITTED:
        return say("its history begins with {kind}", kind=events[0][3])
    return None


def _content(row: Stored, facts: Mapping[str, Any], terms: str, salt: bytes) -> Iterator[Problem]:
    """Whether a payout is what its stored first event says, as earlier versions stored it."""
    for name, stored in zip(_SUBMITTED, _submitted(row), strict=True):
        if facts.get(name) != stored:
            yield (
                FindingCode.CONTENT,
                say(
                    "{name} is {found}, but {was} was submitted",
                    name=name,
                    found=stored,
                    was=facts.get(name),
                ),
            )
    if facts.get("payee") != salted_hash(salt, row[_PAYEE]):
        yield (
            FindingCode.CONTENT,
            say("it goes to {receiver}, not to the submitted receiver", receiver=mask(row[_PAYEE])),
        )
    if facts.get("terms") != terms:
        yield FindingCode.CONTENT, say("its terms are not the submitted ones")


def _outcome(row: Stored, outcome: LastOutcome) -> Iterator[Problem]:
    """Whether the result of the last call and the number of tries agree with the history."""
    if not outcome.known:
        return
    replayed, stands = outcome[:3], _last(row)
    # No event says that a daily limit has postponed a payout.
    if stands[1] == PUT_OFF and row[_STATE] in _MAY_BE_PUT_OFF:
        replayed = (replayed[0], PUT_OFF, replayed[2])
    for name, was, stored in zip(LastOutcome._fields, replayed, stands, strict=False):
        if was != stored:
            yield (
                FindingCode.REPLAY,
                say(
                    "{name} is {found}, but its history says {was}",
                    name=name,
                    found=stored,
                    was=was,
                ),
            )


def _is_hash(replayed: str | None, stored: str | None, salt: bytes) -> bool:
    return replayed == (None if stored is None else salted_hash(salt, stored))


def _successor(row: Stored, last: EventRow) -> Iterator[Problem]:
    """Check a payout whose number may belong to another payout now."""
    given = last[3] == EventKind.TAKEN_OVER
    if given != (row[_SUCCESSOR] is not None):
        yield (
            FindingCode.ATTEMPTS,
            (
                say("its number was taken over, but not by a payout")
                if given
                else say(
                    "payout {number} has its number, but did not take it over",
                    number=row[_SUCCESSOR],
                )
            ),
        )
    elif given and (row[_STATE] != State.CANCELLED or row[_CALLS] or row[_ATTEMPT] != 1):
        yield (
            FindingCode.ATTEMPTS,
            say("its number was taken over, but it was not cancelled before"),
        )


def _numbers(row: Stored, attempts: Sequence[tuple[Any, ...]], merchant: str) -> Iterator[Problem]:
    live, last = row[_BILLNO], row[_ATTEMPT] or 1
    for _, number, merchant_id, billno in attempts:
        if billno != derive_billno(merchant, row[_KEY], number):
            yield (
                FindingCode.BILLNO,
                say("attempt {number} has the number {billno}", number=number, billno=billno),
            )
        if merchant_id != row[_MERCHANT]:
            yield (
                FindingCode.REFERENCE,
                say("attempt {number} belongs to another merchant", number=number),
            )
    if [it[1] for it in attempts] != list(range(2, last + 1)):
        found = counted(len(attempts) + 1, "attempt")
        yield FindingCode.ATTEMPTS, say("it has {found} instead of {due}", found=found, due=last)
    elif attempts and attempts[-1][-1] != live:
        yield (
            FindingCode.BILLNO,
            say("its number {billno} is not that of its last attempt", billno=live),
        )
