"""The laws: what must hold of books and WeChat together, whatever happened on the way."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hongbao.billno import new_billno
from hongbao.ledger.model.death import OTHER_ORDER
from hongbao.ledger.model.outgoing import PUBLISHED, RECONCILED, About
from hongbao.ledger.model.payout import PAID, State
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.ledger.model.payout import Payout
    from hongbao.simulator.packet import Packet
    from proof_stage import Stage

ENDS = frozenset({State.RECEIVED, State.RETURNED, State.REFUSED, State.CANCELLED})


def check(stage: Stage, *, ended: bool) -> None:
    """Hold everything against the laws.

    Args:
        stage: everything.
        ended: whether nothing is left to be done: then every payout must have come to its end, and
            books and WeChat must agree to the fen.
    """
    broken = [
        *_of_payouts(stage, ended=ended),
        *_of_wechat(stage),
        *of_the_books(stage),
    ]
    if ended:
        broken += _of_totals(stage)
    assert not broken, "\n".join(broken)


def packets_of(stage: Stage, payout: Payout) -> list[Packet]:
    """What WeChat has of a payout: a packet an attempt, at most."""
    number = stage.number_of(payout)
    billnos = [new_billno(number, payout.key, n) for n in range(1, payout.attempt + 1)]
    assert billnos[-1] == payout.billno
    found = [stage.wechat.packet(billno, mch_id=number) for billno in billnos]
    return [packet for packet in found if packet is not None]


def of_another_group(payout: Payout) -> bool:
    """Whether it is left to a person for good: no claim of a group's packet proves whose it was.

    Books that have lost its first call, at a WeChat that refuses the repeat of a paid number as it
    refuses one with other content, cannot tell which it was.
    """
    return (
        payout.state is State.IN_DOUBT
        and payout.task is None
        and payout.people > 1
        and payout.code == OTHER_ORDER
    )


def _of_payouts(stage: Stage, *, ended: bool) -> Iterator[str]:
    for payout in stage.payouts():
        packets = packets_of(stage, payout)
        name = f"{payout.key} ({payout.state}, {payout.billno})"
        paid = [packet for packet in packets if packet.payments]
        if sum(packet.payments for packet in packets) > 1:
            yield f"{name} is paid twice"
        if sum(packet.status is not Status.FAILED for packet in packets) > 1:
            yield f"{name} has two live numbers"
        if payout.state in PAID and [packet.mch_billno for packet in paid] != [payout.billno]:
            yield f"{name} is not paid"
        if payout.state in {State.WAITING, State.REFUSED, State.CANCELLED} and paid:
            yield f"{name} is paid all the same"
        for packet in paid:
            if (packet.total_amount, packet.re_openid) != (payout.amount, payout.payee):
                yield f"{name} is paid to somebody else, or with another amount"
        if ended:
            yield from _of_ends(payout, paid, name)


def _of_ends(payout: Payout, paid: list[Packet], name: str) -> Iterator[str]:
    if of_another_group(payout):
        return
    if payout.state not in ENDS:
        yield f"{name} has come to no end: {payout.task=} {payout.code=} {payout.reason=}"
    elif payout.state in PAID and paid:
        found = (paid[0].claimed, paid[0].refunded)
        if (payout.claimed, payout.refunded) != found:
            yield f"{name}: {payout.claimed=} {payout.refunded=}, but WeChat has {found}"


def _of_wechat(stage: Stage) -> Iterator[str]:
    known = {
        (stage.number_of(payout), packet.mch_billno)
        for payout in stage.payouts()
        for packet in packets_of(stage, payout)
    }
    for packet in stage.wechat.world.packets():
        if (packet.mch_id, packet.mch_billno) not in known:
            yield f"{packet.mch_billno} is in no books"
    journal = stage.wechat.app.journal
    assert not journal.dropped
    payments = Counter((entry.mch_id, entry.mch_billno) for entry in journal if entry.paid)
    for (_, billno), times in payments.items():
        if times > 1:
            yield f"{billno} took money {times} times"
    stage.wechat.audit()


def of_the_books(stage: Stage) -> Iterator[str]:
    """What must hold of books whoever pays."""
    yield from _of_the_outbox(stage)
    yield from (str(finding) for finding in stage.book.audit().findings)
    for name in stage.names:
        if not stage.book.standing(name).adds_up:
            yield f"{name} does not add up"


def _of_the_outbox(stage: Stage) -> Iterator[str]:
    """What others are told happened if and only if it is in a history, each once, in its order."""
    told = [
        (it.about, it.subject, it.seq, it.kind, it.at) for it in stage.book.changes(limit=1_000_000)
    ]
    happened = {
        (About.PAYOUT, payout.id, it.seq, it.kind, it.at)
        for payout in stage.payouts()
        for it in stage.book.history(payout.id)
    }
    happened |= {
        (About.CAMPAIGN, it.payout_id, it.seq, it.kind, it.at)
        for name in stage.names
        for it in stage.book.decisions(name)
        if it.kind in PUBLISHED
    }
    happened |= {
        (About.RECONCILIATION, merchant, it.seq, it.kind, it.at)
        for merchant in {it.merchant_id for it in stage.book.channels()}
        for it in stage.book.bills.events(merchant, limit=100_000)
        if it.kind in RECONCILED
    }
    for it, times in Counter(told).items():
        if times > 1 or it not in happened:
            yield f"{it} is told {times} times, and happened {int(it in happened)} times"
    yield from (f"{it} is not told" for it in sorted(happened - set(told)))
    seqs: dict[tuple[str, int], int] = {}
    for about, subject, seq, _, _ in told:
        if seq <= seqs.get((about, subject), 0):
            yield f"event {seq} of {about} {subject} is told after a later one"
        seqs[about, subject] = seq


def _of_totals(stage: Stage) -> Iterator[str]:
    for number in {stage.number_of(payout) for payout in stage.payouts()}:
        own = [payout for payout in stage.payouts() if stage.number_of(payout) == number]
        if any(map(of_another_group, own)):
            continue
        books = (
            sum(payout.amount for payout in own if payout.state in PAID),
            sum(payout.claimed for payout in own),
            sum(payout.refunded for payout in own),
        )
        wechat = stage.wechat.world.totals(number)
        if books != tuple(wechat):
            yield f"{number}: the books have {books}, WeChat has {tuple(wechat)}"
