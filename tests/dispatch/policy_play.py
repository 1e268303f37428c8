"""A payout's whole life, decided by the policy: a small book, a small WeChat, and some trouble.

Both are written down once more here, as plainly as can be, and share no code with the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hongbao import Disposition
from hongbao.dispatch.policy import decide
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.rails.outcome import (
    CallNotSent,
    Found,
    NotFound,
    OrderStatus,
    Refusal,
    SendAccepted,
    Unanswered,
    Unknown,
)
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.wire.codes import CODES
from policy_payouts import DAY, HOUR, NOW, payout

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import QueryOutcome, SendOutcome

STEPS_MAX = 400
LEASE = 90 * SECOND
_CODES = {row.err_code: row for row in CODES if set(row.endpoints) & set("SGMHW")}


@dataclass
class Order:
    """What WeChat has under the number."""

    amount: int
    people: int
    receiver: str
    status: OrderStatus | None = None
    reason: str = ""
    paid_at: int = 0
    made_at: int = 0
    claimed: int = 0
    refunded: int = 0
    voucher: str | None = None
    payments: int = 0

    @property
    def paid(self) -> bool:
        """Whether money was taken."""
        return self.payments > 0

    def pay(self, now: int) -> SendAccepted:
        """Take the money, once."""
        if not self.payments:
            self.status, self.reason = OrderStatus.WAITING_FOR_USER, ""
            self.paid_at, self.payments = now, 1
        return SendAccepted(listid="1000", voucher=self.voucher)

    def hold(self, now: int, reason: str) -> None:
        """Refuse for now; the order is there from then on."""
        if self.status is None:
            self.status, self.made_at = OrderStatus.HELD, now
        if self.status is OrderStatus.HELD:
            self.reason = reason

    def pass_time(self, now: int) -> None:
        """Let happen what comes by itself."""
        if self.status is OrderStatus.HELD and now - self.made_at > 3 * DAY:
            self.status, self.reason = OrderStatus.FAILED, "已过期"
        if not self.payments or self.claimed + self.refunded == self.amount:
            return
        if self.receiver == "claimed" and now - self.paid_at > HOUR:
            self.status, self.claimed = OrderStatus.COLLECTED, self.amount
        if self.receiver == "shared" and now - self.paid_at > HOUR:
            self.status, self.claimed = OrderStatus.COLLECTED, self.amount // self.people
        if now - self.paid_at > DAY:
            self.status, self.refunded = OrderStatus.RETURNED, self.amount - self.claimed


@dataclass
class End:
    """Where it led."""

    payout: Payout
    order: Order
    handed_over: bool


@dataclass
class Play:
    """One life."""

    payout: Payout
    order: Order
    trouble: list[str]
    now: int = NOW
    steps: list[Step] = field(default_factory=list)

    def go_on(self) -> bool:
        """Do what is due next; whether anything was."""
        if self.payout.due_at is None:
            return False
        self.now = max(self.now, self.payout.due_at)
        self.order.pass_time(self.now)
        task = self.claim()
        outcome = self.send() if task is Task.SEND else self.query()
        if outcome is not None:
            self.now += SECOND
            made = decide(self.payout, task, outcome, self.now, RED_PACK, submitted_at=NOW - HOUR)
            self.record(made.step)
        return True

    def claim(self) -> Task:
        """As the books do it, with a lease and this call counted."""
        before = self.payout
        task = before.task
        assert task is not None
        over = before.resend_until is not None and before.resend_until <= self.now
        if task is Task.SEND and not over:
            assert before.calls == before.answers, "a lost call is accounted for before a send"
            harmless = before.doubt in {None, Disposition.NO}
            first = self.now if harmless else before.first_call_at
            self.payout = replace(
                before,
                state=State.IN_DOUBT,
                task=Task.QUERY,
                calls=before.calls + 1,
                first_call_at=first,
                due_at=self.now + LEASE,
            )
            return Task.SEND
        asked = Task.QUERY if task is Task.SEND else task
        self.payout = replace(before, task=asked, due_at=self.now + LEASE)
        return asked

    def record(self, step: Step) -> None:
        """As the books do it."""
        before = self.payout
        self.steps.append(step)
        self.payout = replace(
            before,
            state=step.state,
            task=step.task,
            due_at=step.due_at,
            answers=before.calls if step.answered else before.answers,
            doubt=step.doubt,
            resend_until=step.resend_until,
            tries=step.tries,
            code=step.code,
            reason=step.reason,
            listid=step.listid,
            voucher=step.voucher,
            sent_at=step.sent_at,
            settled_at=step.settled_at,
            claimed=step.claimed,
            refunded=step.refunded,
        )

    def send(self) -> SendOutcome | None:  # noqa: PLR0911  # one for each trouble
        """Make the call; None if the worker dies in it."""
        trouble = self.trouble.pop(0) if self.trouble else "none"
        match trouble:
            case "lose the request":
                return Unknown(code=None, why=trouble)
            case "lose the reply":
                self.carry_out()
                return Unknown(code=None, why=trouble)
            case "not sent":
                return CallNotSent(why=trouble)
            case "die before":
                return None
            case "die after":
                self.carry_out()
                return None
            case "late":
                self.now += 40 * SECOND
                return self.carry_out()
            case "refuse the repeat of a paid number" if self.order.paid:
                return Unknown(code="FATAL_ERROR", why=trouble)
            case code if code in _CODES:
                return self.refuse(code)
            case _:
                return self.carry_out()

    def carry_out(self) -> SendOutcome:
        """As WeChat does it where nothing is wrong."""
        if self.order.status is OrderStatus.FAILED:
            return self.answer("SEND_FAILED")
        return self.order.pay(self.now)

    def refuse(self, code: str) -> SendOutcome:
        """As WeChat does it for a reason."""
        row = _CODES[code]
        if code == "SEND_FAILED" and not self.order.paid:
            self.order.status = OrderStatus.FAILED
        elif code == "PROCESSING" and self.order.status is None:
            self.order.pay(self.now)
        elif row.disposition is Disposition.OPEN and not self.order.paid:
            self.order.hold(self.now, "原因")
        return self.answer(code)

    @staticmethod
    def answer(code: str) -> SendOutcome:
        """What ``translate`` makes of a code."""
        row = _CODES[code]
        if row.disposition is Disposition.UNKNOWN:
            return Unknown(code=code, why="")
        return Refusal(disposition=row.disposition, code=code, text="")

    def query(self) -> QueryOutcome:
        """Ask what became of it."""
        order = self.order
        if self.trouble and self.trouble[0] == "query fails":
            self.trouble.pop(0)
            return Unanswered(code="SYSTEMERROR", why="")
        if order.status is None:
            return NotFound()
        return Found(
            status=order.status,
            said=order.status.value,
            amount=order.amount,
            listid="1000",
            reason=order.reason,
            claimed=order.claimed,
            refunded=order.refunded,
            sent_at=order.paid_at or None,
        )


def play(script: list[str], *, kind: str, receiver: str) -> End:
    """Play a payout's life to its end.

    Args:
        script: what goes wrong with the first calls, one after another.
        kind: of the payout.
        receiver: who claims it, if anybody does.
    """
    people = 4 if receiver == "shared" else 1
    first = payout(kind=kind, people=people)
    voucher = "sendid=1" if kind == "mini_program" else None
    order = Order(amount=first.amount, people=people, receiver=receiver, voucher=voucher)
    running = Play(first, order, list(script))
    for _ in range(STEPS_MAX):
        if not running.go_on():
            break
    else:
        raise AssertionError(f"no end in {STEPS_MAX} steps: {running.steps[-3:]}")
    over = {State.RECEIVED, State.RETURNED, State.REFUSED}
    return End(running.payout, order, running.payout.state not in over)
