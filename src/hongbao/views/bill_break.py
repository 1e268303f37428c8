"""Where bills and books differ: in words, in English and Chinese, and as a JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.english import COLON, counted, joined
from hongbao.ledger.model.bill import OF_PAYOUTS, OVERDUE_DAYS, BreakKind, Learned
from hongbao.money import format_yuan
from hongbao.sentences import both, marked, said, say
from hongbao.state_words import STATES, Words
from hongbao.views.columns import in_columns
from hongbao.views.payout import state_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hongbao.ledger.model.bill import Break
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.money import Fen
    from hongbao.sentences import Sentence
    from hongbao.views.explanation import Language

ESCALATED_DAYS = 10
"""After so many days somebody else must look at a break that is open."""


class BreakWords(NamedTuple):
    """What a kind of break is called.

    Attributes:
        label: in a word.
        meaning: what it means for the money.
        todo: what to do.
    """

    label: Words
    meaning: Words
    todo: Words


BREAKS: Mapping[BreakKind, BreakWords] = {
    BreakKind.MISSING_IN_LEDGER: BreakWords(
        Words("paid by the bill, not by the books", "账单已付，账本未付"),
        Words(
            "WeChat took the money. A payout that the books call unpaid may be paid once more.",
            "微信已扣款；账本认为未付款的这一笔可能会被重复支付。",
        ),
        Words(
            "Send nothing for this receiver. Wait for the query that was asked for; if the books "
            "still call it unpaid then, never reopen it.",
            "不要再向该收款人发送。等待已安排的查询结果；若账本仍认为未付款，绝不要重新开启。",
        ),
    ),
    BreakKind.PERIOD_CHANGED: BreakWords(
        Words("closed days were changed", "已结账期间被更改"),
        Words(
            "Finance has closed these days, and another bill of them came later.",
            "财务已结账的日期又收到了另一份账单。",
        ),
        Words(
            "Compare both bills. Open the period again with a reason and close it anew, or close "
            "this with the reason why the totals stand.",
            "比较两份账单。注明原因后重新打开该期间并再次结账；若原合计仍然有效，则注明原因关闭此差异。",
        ),
    ),
    BreakKind.DUPLICATE: BreakWords(
        Words("twice in the bill", "账单中重复"),
        Words(
            "One number has two debits, or one return stands there twice.",
            "同一单号有两笔支出，或同一笔退回出现两次。",
        ),
        Words(
            "Compare the flow numbers of both lines: equal ones are one movement, reported twice. "
            "Different ones are two: ask WeChat.",
            "比较两行的资金流水单号：相同则为同一笔重复列出；不同则为两笔，请联系微信支付。",
        ),
    ),
    BreakKind.DIRECTION: BreakWords(
        Words("money came instead of going", "收支方向相反"),
        Words(
            "The bill has this number only as money that came.",
            "账单中该单号只有收入，没有支出。",
        ),
        Words(
            "Look for the debit in the bill of another account; if there is none, ask WeChat.",
            "在其他账户的账单中查找支出；若没有，请联系微信支付。",
        ),
    ),
    BreakKind.AMOUNT: BreakWords(
        Words("another amount", "金额不符"),
        Words(
            "Bill and books have this number with different amounts.",
            "账单与账本对同一单号的金额不一致。",
        ),
        Words(
            "Look at the payout and at the line of the bill; the larger amount may have moved.",
            "核对该笔付款与账单原始行；可能按较大的金额发生了资金变动。",
        ),
    ),
    BreakKind.MISSING_IN_BILL: BreakWords(
        Words("paid by the books, not in any bill", "账本已付，账单没有"),
        Words(
            "The books say that the money left, and no bill of that day or the next has it.",
            "账本认为已付款，但当日与次日的账单中均没有该笔。",
        ),
        Words(
            "Is it paid from another account? Then set bill_accounts and fetch those bills too.",
            "是否由其他账户支付？若是，请设置 bill_accounts 并获取该账户的账单。",
        ),
    ),
    BreakKind.RETURN_MISSING: BreakWords(
        Words("returned by the books, not in any bill", "账本已退回，账单没有"),
        Words(
            "The books say that money came back, and the bills do not, or not all of it.",
            "账本认为款项已退回，但账单中没有，或金额不足。",
        ),
        Words(
            "Wait for the bill of the next day; then ask WeChat where the money is.",
            "等待次日账单；仍没有时请向微信支付查询退款去向。",
        ),
    ),
    BreakKind.RETURN_UNEXPECTED: BreakWords(
        Words("returned by the bill, not by the books", "账单已退回，账本没有"),
        Words(
            "Money came back that the books call claimed, or not come back yet.",
            "账单显示款项已退回，而账本认为已领取或尚未退回。",
        ),
        Words(
            "Wait for the query that was asked for: it closes this by itself.",
            "等待已安排的查询结果，之后会自动关闭。",
        ),
    ),
    BreakKind.FOREIGN: BreakWords(
        Words("like ours, but not ours", "同类，但不属于本账本"),
        Words(
            "Movements are called as these books' own are, with numbers that they do not have.",
            "有与本账本同类名称的资金变动，但单号不在账本中。",
        ),
        Words(
            "Does another system send red packets from this account, or are these books an older "
            "copy? If it is another system, close it with that reason.",
            "是否有其他系统也用此账户发红包？或账本是旧副本？若为其他系统，请注明原因后关闭。",
        ),
    ),
    BreakKind.UNKNOWN_KIND: BreakWords(
        Words("a kind that nobody has classed", "未归类的业务名称"),
        Words(
            "The bill has movements of numbers that are not ours, of a kind seen here for the "
            "first time.",
            "账单中出现首次见到的业务名称/类型，且单号不属于本账本。",
        ),
        Words(
            "Class it once: close it with --as others if other systems move such money, with --as "
            "own if only these books do.",
            "归类一次即可：其他系统的资金用 --as others 关闭，仅属于本账本的用 --as own 关闭。",
        ),
    ),
    BreakKind.BALANCE_GAP: BreakWords(
        Words("balances do not follow", "余额不连续"),
        Words(
            "A row of the bill is missing, doubled or wrong: the balance before it is not the one "
            "after the row above.",
            "账单缺行、重复或有误：某行之前的余额与上一行之后的余额不一致。",
        ),
        Words(
            "Fetch this bill and the one before again; if the gap stays, ask WeChat.",
            "重新获取该日及前一日账单；若仍不连续，请联系微信支付。",
        ),
    ),
    BreakKind.SUMMARY: BreakWords(
        Words("totals differ from the rows", "合计与明细不符"),
        Words(
            "The bill was cut or changed: its own totals are not those of its rows, or a line "
            "cannot be read.",
            "账单被截断或改动：合计与明细不一致，或有无法读取的行。",
        ),
        Words(
            "Fetch it again; never edit a bill, not even by saving it in a spreadsheet.",
            "重新获取账单；切勿修改账单，也不要用表格软件另存。",
        ),
    ),
}

LEARNED: Mapping[Learned, Words] = {
    Learned.OWN: Words("these books alone move such money", "仅本账本产生此类资金变动"),
    Learned.OTHERS: Words("other systems move such money too", "其他系统也产生此类资金变动"),
}


class BreakView(NamedTuple):
    """A break with what people want to see beside it.

    Attributes:
        it: the break.
        merchant: the merchant's name in the settings, or its number.
        now: the books' time.
        account: of the bill that shows it; None if none does.
        raw: the line of the bill as it stands there; None if there is none.
        payout: the payout; None if it concerns none.
    """

    it: Break
    merchant: str
    now: Instant
    account: str | None = None
    raw: str | None = None
    payout: Payout | None = None


def kind_name(kind: BreakKind) -> Sentence:
    """A kind of break as programs call it; in Chinese as people do."""
    return both(str(kind), BREAKS[kind].label.zh)


def age_days(it: Break, now: Instant) -> int:
    """How many days ago it was that they differ."""
    return beijing.day_of(now) - it.difference.day


def age(it: Break, now: Instant) -> str:
    """``closed``, ``open``, ``overdue`` or ``escalated``."""
    if not it.open:
        return marked("closed")
    days = age_days(it, now)
    if days < OVERDUE_DAYS:
        return marked("open")
    return marked("escalated") if days >= ESCALATED_DAYS else marked("overdue")


def document(view: BreakView) -> dict[str, object]:
    """A break for a program; amounts in fen."""
    it, difference = view.it, view.it.difference
    return {
        "id": it.id,
        "merchant": view.merchant,
        "kind": str(difference.kind),
        "subject": difference.subject,
        "day": beijing.date(difference.day),
        "age": age(it, view.now),
        "expected": difference.expected,
        "found": difference.found,
        "bill": difference.bill_id,
        "line": difference.line,
        "detail": json.loads(difference.detail or "{}"),
        "opened_at": beijing.iso(it.opened_at),
        "closed_at": beijing.iso(it.closed_at),
        "closed_by": it.closed_by,
        "reason": it.reason,
        "learned": it.learned,
    }


def words_document(view: BreakView, language: Language) -> dict[str, object]:
    """What there is to say of a break for a program, in these languages."""
    words, names = BREAKS[view.it.difference.kind], ("en", "zh")
    return {
        "account": view.account,
        "raw": view.raw,
        "payout": None if view.payout is None else view.payout.billno,
        "payout_state": None if view.payout is None else str(view.payout.state),
        **{
            names[at]: dict(zip(("label", "meaning", "todo"), _lines_at(words, at), strict=True))
            for at in _places(language)
        },
    }


def table(views: Sequence[BreakView]) -> str:
    """A line a break."""
    head = (
        said("break"), said("kind"), said("what"), said("day"), said("books"), said("bill"),
        said("state"),
    )  # fmt: skip
    return in_columns([head, *map(_cells, views)], right=(0, 4, 5))


def counts(kinds: Mapping[BreakKind, int]) -> str:
    """How many of each kind, the loudest first: ``0 breaks``, ``2 breaks: 1 amount, 1 foreign``."""
    total = counted(sum(kinds.values()), "break")
    each = joined(
        say("{count} {kind}", count=kinds[kind], kind=kind_name(kind))
        for kind in BreakKind
        if kinds.get(kind)
    )
    return said("{total}: {each}", total=total, each=each) if each else said(total)


def paragraph(view: BreakView, language: Language) -> str:
    """All that is known of a break."""
    it, difference = view.it, view.it.difference
    words = BREAKS[difference.kind]
    lines = [
        said(
            "break {number}: {kind}, {age} ({merchant})",
            number=it.id,
            kind=kind_name(difference.kind),
            age=say(age(it, view.now)),
            merchant=view.merchant,
        )
    ]
    lines += [f"  {line}" for at in _places(language) for line in _lines_at(words, at)]
    lines += [f"  {line}" for line in _facts(view)]
    if view.payout is not None:
        state = STATES[view.payout.state].meaning
        meanings = " / ".join(state[at] for at in _places(language))
        billno, name = view.payout.billno, state_name(view.payout.state)
        what = said("payout {billno}: {state}", billno=billno, state=name)
        lines.append("  " + said(COLON, one=what, two=meanings))
    if difference.detail and difference.kind not in OF_PAYOUTS:
        lines.append(f"  {difference.detail}")
    if not it.open:
        lines.append("  " + _closing(it))
    if it.learned is not None:
        lines += [f"  {LEARNED[it.learned][at]}" for at in _places(language)]
    return "\n".join(lines)


def _facts(view: BreakView) -> Iterable[str]:
    """What is compared with what, and where that stands."""
    difference = view.it.difference
    day = beijing.date(difference.day)
    yield said("what: {subject}, {day}", subject=difference.subject, day=day)
    yield said(
        "by the books: {books}   by the bill: {bill}",
        books=_yuan(difference.expected),
        bill=_yuan(difference.found),
    )
    if view.account is not None:
        which = {"number": difference.bill_id, "account": view.account}
        yield (
            said("bill {number} ({account})", **which)
            if difference.line is None
            else said("bill {number} ({account}), line {line}", **which, line=difference.line)
        )
    if view.raw is not None:
        yield view.raw


def _closing(it: Break) -> str:
    return said(
        "closed {at} by {person}: {reason}",
        at=beijing.text(it.closed_at or 0),
        person=it.closed_by,
        reason=say(it.reason or ""),
    )


def _places(language: Language) -> Iterable[int]:
    return {"en": (0,), "zh": (1,)}.get(language.value, (0, 1))


def _lines_at(words: BreakWords, at: int) -> list[str]:
    return [words.label[at], words.meaning[at], words.todo[at]]


def _cells(view: BreakView) -> tuple[str, ...]:
    it, difference = view.it, view.it.difference
    return (
        str(it.id), said(kind_name(difference.kind)), difference.subject,
        beijing.date(difference.day), _yuan(difference.expected), _yuan(difference.found),
        said(age(it, view.now)),
    )  # fmt: skip


def _yuan(amount: Fen | None) -> str:
    return "" if amount is None else format_yuan(amount)
