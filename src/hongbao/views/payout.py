"""Where a payout stands, and its history: in words and as a JSON document. Receivers masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hongbao import beijing
from hongbao.english import COLON, SEMICOLON, said_together
from hongbao.ledger.model.campaign import mask_key
from hongbao.ledger.model.death import OTHER_ORDER
from hongbao.ledger.model.event import Event, EventKind
from hongbao.ledger.model.payout import PAID, Instant, Payout, State
from hongbao.money import format_yuan
from hongbao.sentences import Sentence, Tongue, said, tongue
from hongbao.state_words import HISTORY, STATES, state_of, task_words
from hongbao.views.columns import in_columns
from hongbao.views.document import mask_openid
from hongbao.views.kept import kept
from hongbao.views.kinds import kind_words


def text(
    payout: Payout, history: Sequence[Event], *, campaign: str, merchant: str, now: Instant
) -> str:
    """All about a payout, in some lines."""
    where = state_of(payout, now).meaning.said
    if not payout.on_its_way(now):
        where = said("{state}, {meaning}", state=state_name(payout.state), meaning=where)
    what = said(
        "{yuan} yuan to {receiver}, {kind}",
        yuan=format_yuan(payout.amount),
        receiver=mask_openid(payout.payee),
        kind=kind_words(payout.kind),
    )
    if payout.people > 1:
        what = said("{what} among {people}", what=what, people=payout.people)
    lines = [
        said(COLON, one=mask_key(payout.key, payout.payee), two=where),
        f"  {what}",
        "  "
        + said(
            "campaign {campaign}, row {row}, paid by {merchant}",
            campaign=campaign,
            row=payout.row,
            merchant=merchant,
        ),
        "  "
        + said(
            "billno {billno}: attempt {attempt}, calls begun: {calls}",
            billno=payout.billno,
            attempt=payout.attempt,
            calls=payout.calls,
        ),
        *_state_lines(payout, now),
        said("history"),
        in_columns([event_cells(event) for event in history], indent="  ", right={0}),
    ]
    return "\n".join(lines)


def document(
    payout: Payout,
    history: Sequence[Event],
    *,
    campaign: str,
    merchant: str,
    now: Instant,
    voucher: bool,
) -> dict[str, object]:
    """The payout and its history as a document; amounts in fen."""
    facts = facts_of(payout, campaign=campaign, merchant=merchant, now=now)
    return {
        "payout": {**facts, **({"voucher": payout.voucher} if voucher else {})},
        "history": [_event_document(event) for event in history],
    }


def facts_of(payout: Payout, *, campaign: str, merchant: str, now: Instant) -> dict[str, object]:
    """The payout alone as a document, without what claims it; amounts in fen."""
    return {
        "id": payout.id,
        "key": mask_key(payout.key, payout.payee),
        "campaign": campaign,
        "mch_id": merchant,
        "row": payout.row,
        "kind": payout.kind,
        "openid": payout.payee,  # ``plain`` masks what is called so
        "amount": payout.amount,
        "people": payout.people,
        "state": payout.state,
        "on_its_way": payout.on_its_way(now),
        "task": None if payout.task is None else payout.task.name.lower(),
        "due_at": beijing.iso(payout.due_at),
        "attempt": payout.attempt,
        "mch_billno": payout.billno,
        "calls": payout.calls,
        "answers": payout.answers,
        "doubt": payout.doubt,
        "first_call_at": beijing.iso(payout.first_call_at),
        "resend_until": beijing.iso(payout.resend_until),
        "code": payout.code,
        "reason": payout.reason,
        "send_listid": payout.listid,
        "sent_at": beijing.iso(payout.sent_at),
        "settled_at": beijing.iso(payout.settled_at),
        "claimed": payout.claimed,
        "refunded": payout.refunded,
        "unclaimed": payout.unclaimed,
    }


def _event_document(event: Event) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": beijing.iso(event.at),
        "kind": event.kind,
        "by": event.actor,
        "facts": json.loads(event.body),
        "sha256": event.hash.hex(),
    }


def reopened(payout: Payout, before: Payout) -> str:
    """What comes of reopening a payout, for people."""
    if payout.billno == before.billno:
        return said(
            "It is sent again with the same number, {billno}: WeChat has no order of "
            "it, and pays a number once.",
            billno=payout.billno,
        )
    return said(
        "It is sent with another number, {billno}, in the place of {before}.",
        billno=payout.billno,
        before=before.billno,
    )


def line(payout: Payout, *, campaign: str) -> str:
    """One line of a payout, where several are meant."""
    return said(
        "{billno}  campaign {campaign}, row {row}, {state}, {yuan} yuan to {receiver}",
        billno=payout.billno,
        campaign=campaign,
        row=payout.row,
        state=state_name(payout.state),
        yuan=format_yuan(payout.amount),
        receiver=mask_openid(payout.payee),
    )


def state_name(state: State) -> Sentence:
    """A state as the books call it; in Chinese as people do."""
    return Sentence(str(state), state.in_words.template, {})


def _state_lines(payout: Payout, now: Instant) -> Iterator[str]:
    why = _why(payout.code, payout.reason)
    if why:
        yield "  " + said("last word: {why}", why=why)
    if payout.listid:
        yield "  " + said("WeChat's number: {number}", number=payout.listid)
    if payout.sent_at is not None:
        yield "  " + said("paid: {when}", when=beijing.text(payout.sent_at))
    if payout.state in PAID:
        yield (
            "  "
            + said(
                "claimed {claimed}, refunded {refunded}, unclaimed {unclaimed} yuan",
                claimed=format_yuan(payout.claimed),
                refunded=format_yuan(payout.refunded),
                unclaimed=format_yuan(payout.unclaimed),
            )
        )
    if payout.task is not None and payout.due_at is not None:
        if payout.on_its_way(now):
            until = beijing.text(payout.due_at)
            yield "  " + said(
                "next: query it, if its worker has reported nothing by {until}", until=until
            )
            return
        awaiting = payout.state is State.AWAITING_USER
        words = task_words(payout.task, awaiting=awaiting).of_one.said
        line = said("next: {task}, {when}", task=words, when=beijing.text(payout.due_at))
        if payout.lease is not None and payout.due_at > now:
            line = said("{line}, a worker has it now", line=line)
        yield f"  {line}"
    elif payout.state is State.IN_DOUBT:
        yield from _ways_out(payout)


def _ways_out(payout: Payout) -> Iterator[str]:
    """What a person can do about a payout in doubt with which nothing is done any more."""
    if payout.code != OTHER_ORDER:
        yield "  " + said("next: nothing without a person; see `payout query`, `declare-dead`")
        return
    yield "  " + said(
        "next: a person looks in the merchant platform whom this number paid, and then:"
    )
    yield "    " + said(
        "if it is this receiver: `payout query`, once it is claimed or has come back"
    )
    yield "    " + said(
        "if it is another: `payout declare-dead`; if it is still owed, `reopen --override`"
    )


def event_cells(event: Event) -> tuple[str, str, str, str, str]:
    """One line of a history."""
    facts: dict[str, Any] = json.loads(event.body)
    state = facts.get("state")
    why = _why(facts.get("code"), facts.get("reason"))
    proof = said("a query says {what}", what=facts["proof"]) if "proof" in facts else ""
    note = facts.get("note", "")
    became = f"-> {_became(state)}" if state else ""
    details = said_together((became, why, proof, note), SEMICOLON)
    return (str(event.seq), beijing.text(event.at), _happened(event.kind), event.actor, details)


def _why(code: str | None, reason: str | None) -> str:
    """What was answered last: the code, which may stand in the reason too, and the reason."""
    text = (reason or "").removeprefix(f"{code}: ")
    return said_together((code, kept(text)), COLON)


def _happened(kind: str) -> str:
    """What happened: to readers of English by its code, as programs have it."""
    chinese = tongue() is Tongue.CHINESE and kind in set(EventKind)
    return HISTORY[EventKind(kind)].zh if chinese else kind


def _became(state: str) -> str:
    """The state that came of it, in the same way."""
    chinese = tongue() is Tongue.CHINESE and state in set(State)
    return STATES[State(state)].label.zh if chinese else state
