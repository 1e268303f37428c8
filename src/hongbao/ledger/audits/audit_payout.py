"""Compares a payout with its history, its attempts and its key. Pure."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.billno import derive_billno
from hongbao.english import counted
from hongbao.ledger.audits.audit_queue import is_fresh, queue_problems
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.campaign import mask
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.replay import LastOutcome, broken, replay
from hongbao.ledger.queue.leasing import PUT_OFF
from hongbao.ledger.store.rows import PLACES, REPLAYED
from hongbao.ledger.store.salt import salted_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

(
    _ID, _MERCHANT, _KEY, _PAYEE, _ATTEMPT, _BILLNO, _STATE, _VOUCHER, _AMOUNT, _CLAIMED, _REFUNDED,
    _SEQ, _CALLS,
) = (
    PLACES[name]
    for name in (
        "id", "merchant_id", "key", "payee", "attempt", "billno", "state", "voucher", "amount",
        "claimed", "refunded", "seq", "calls",
    )
)  # fmt: skip
_SUBMITTED = ("kind", "amount", "people")
_told = itemgetter(*REPLAYED)
_stands = itemgetter(*(PLACES[name] for name in REPLAYED))
_submitted = itemgetter(*(PLACES[name] for name in _SUBMITTED))
_last = itemgetter(*(PLACES[name] for name in ("code", "reason", "tries")))
_MAY_BE_PUT_OFF = frozenset({str(State.WAITING), str(State.IN_DOUBT), str(State.CANCELLED)})
_PAID = frozenset(map(str, PAID))
_OVER = frozenset({str(State.RECEIVED), str(State.RETURNED)})


class Attempt(NamedTuple):
    """A row of the table of attempts."""

    payout_id: int
    number: int
    merchant_id: int
    billno: str


def problems(
    row: Sequence[Any],
    events: Sequence[Event],
    attempts: Sequence[Attempt],
    *,
    merchant: str,
    terms: bytes | None,
    salt: bytes,
    turn: int,
    latest: Instant,
) -> Iterator[Problem]:
    """What disagrees about a payout.

    Args:
        row: its row, with ``rows.COLUMNS``.
        events: its history, in order.
        attempts: all its attempts, in order.
        merchant: its merchant's number at WeChat.
        terms: the digest of its terms; None if they are missing.
        salt: the salt of the hashed receivers.
        turn: its merchant's turn.
        latest: the latest time that anything may wait for.
    """
    yield from _chain(row, events)
    facts, problem, outcome, vouched = replay(events)
    if problem is not None:
        yield FindingCode.STEP, problem
    if _told(facts) != _stands(row):
        for name, told, stands in zip(REPLAYED, _told(facts), _stands(row), strict=True):
            if told != stands:
                yield FindingCode.REPLAY, f"{name} is {stands}, but its history says {told}"
    yield from _content(row, facts, terms, salt)
    if events and events[-1].kind == EventKind.TAKEN_OVER:
        yield from _taken_over(row, attempts, merchant)
    else:
        yield from _attempts(row, attempts, merchant)
    if events and not is_fresh(row, events, latest=latest):
        yield from _outcome(row, outcome)
        if vouched and not _is_hash(facts.get("voucher"), row[_VOUCHER], salt):
            yield FindingCode.REPLAY, "its voucher is not the one in its history"
        yield from queue_problems(row, events, turn=turn, latest=latest)
    paid = row[_CLAIMED] + row[_REFUNDED]
    state = row[_STATE]
    if (state not in _PAID and paid) or paid > row[_AMOUNT]:
        yield FindingCode.MONEY, f"{paid} fen were claimed or returned, but it is {state}"
    if state in _OVER and paid != row[_AMOUNT]:
        yield FindingCode.MONEY, f"it is {state}, but {row[_AMOUNT] - paid} fen of it are not"


def _chain(row: Sequence[Any], events: Sequence[Event]) -> Iterator[Problem]:
    problem = broken(events)
    if problem is not None:
        yield FindingCode.CHAIN, problem
    elif not events or len(events) != row[_SEQ]:
        yield FindingCode.CHAIN, f"it has {counted(len(events), 'event')} instead of {row[_SEQ]}"
    elif events[0].kind != EventKind.SUBMITTED:
        yield FindingCode.CHAIN, f"its history begins with {events[0].kind}"


def _content(
    row: Sequence[Any], facts: Mapping[str, Any], terms: bytes | None, salt: bytes
) -> Iterator[Problem]:
    for name, stored in zip(_SUBMITTED, _submitted(row), strict=True):
        if facts.get(name) != stored:
            yield FindingCode.CONTENT, f"{name} is {stored}, but {facts.get(name)} was submitted"
    if facts.get("payee") != salted_hash(salt, row[_PAYEE]):
        yield FindingCode.CONTENT, f"it goes to {mask(row[_PAYEE])}, not to the submitted receiver"
    if terms is None:
        yield FindingCode.REFERENCE, "its terms are missing"
    elif facts.get("terms") != terms.hex():
        yield FindingCode.CONTENT, "its terms are not the submitted ones"


def _outcome(row: Sequence[Any], outcome: LastOutcome) -> Iterator[Problem]:
    """Whether the result of the last call and the number of tries agree with the history."""
    if not outcome.known:
        return
    told, stands = outcome[:3], _last(row)
    # No event says that a daily limit has postponed a payout.
    if stands[1] == PUT_OFF and row[_STATE] in _MAY_BE_PUT_OFF:
        told = (told[0], PUT_OFF, told[2])
    for name, was, stored in zip(LastOutcome._fields, told, stands, strict=False):
        if was != stored:
            yield FindingCode.REPLAY, f"{name} is {stored}, but its history says {was}"


def _is_hash(told: str | None, stored: str | None, salt: bytes) -> bool:
    return told == (None if stored is None else salted_hash(salt, stored))


def _taken_over(
    row: Sequence[Any], attempts: Sequence[Attempt], merchant: str
) -> Iterator[Problem]:
    """Check a payout whose number now belongs to another payout, where that number is checked."""
    if row[_STATE] != State.CANCELLED or row[_CALLS] or row[_ATTEMPT] != 1:
        yield FindingCode.ATTEMPTS, "its number was taken over, but it was not cancelled before"
    if attempts:
        yield FindingCode.ATTEMPTS, f"it has {counted(len(attempts), 'attempt')} instead of 0"
    if row[_BILLNO] != derive_billno(merchant, row[_KEY]):
        yield FindingCode.BILLNO, f"its former number is {row[_BILLNO]}"


def _attempts(row: Sequence[Any], attempts: Sequence[Attempt], merchant: str) -> Iterator[Problem]:
    key, last = row[_KEY], row[_ATTEMPT]
    only = (row[_ID], 1, row[_MERCHANT], derive_billno(merchant, key))
    if last == 1 and attempts == [only] and only[3] == row[_BILLNO]:
        return
    for attempt in attempts:
        if attempt.billno != derive_billno(merchant, key, attempt.number):
            yield FindingCode.BILLNO, f"attempt {attempt.number} has the number {attempt.billno}"
        if attempt.merchant_id != row[_MERCHANT]:
            yield FindingCode.REFERENCE, f"attempt {attempt.number} belongs to another merchant"
    if [attempt.number for attempt in attempts] != list(range(1, last + 1)):
        yield FindingCode.ATTEMPTS, f"it has {counted(len(attempts), 'attempt')} instead of {last}"
    elif attempts[-1].billno != row[_BILLNO]:
        yield FindingCode.BILLNO, f"its number {row[_BILLNO]} is not that of its last attempt"
