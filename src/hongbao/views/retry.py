"""Refused payouts that may be sent again: in words, and as a JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from hongbao.english import counted
from hongbao.ledger.model.retry import RefusedSum, RetryPlan
from hongbao.money import format_yuan


def text(plan: RetryPlan, name: str, codes: Collection[str], *, done: bool, program: str) -> str:
    """What is or was sent again, what is not and why, and how it is confirmed.

    Args:
        plan: the payouts.
        name: of the campaign.
        codes: those that were asked for; none is any.
        done: whether they were sent again.
        program: what the reader calls.
    """
    again = plan.again
    what = "Sent again" if done else "Would be sent again"
    lines = [f"{what}: {_sum(again)}"]
    lines += [f"  {code or 'without a code'}: {count}" for code, count in plan.codes.items()]
    if plan.new_numbers:
        lines.append(f"  with another number, since theirs has FAILED: {plan.new_numbers}")
    if plan.unproven.payouts:
        lines.append(
            f"Left out, since no query has proven them unpaid: {_sum(plan.unproven)}; "
            f"query them first: {program} payout list --campaign {name} --state refused"
        )
    if plan.paid_instead.payouts:
        lines.append(f"Left out, since a later campaign pays them: {_sum(plan.paid_instead)}")
    if plan.more:
        lines.append("There are more: run it again for them afterwards.")
    if done:
        lines.append(f"A worker sends them at its next look: {program} worker")
    elif again.payouts:
        options = "".join(f" --code {shlex.quote(code)}" for code in codes)
        lines.append(
            f"Nothing is changed yet. To do it: {program} campaign retry {name} --refused{options} "
            f"--count {again.payouts} --yuan {format_yuan(again.amount)} --reason TEXT"
        )
    return "\n".join(lines)


def _sum(of: RefusedSum) -> str:
    return f"{counted(of.payouts, 'payout')}, {format_yuan(of.amount)} yuan"


def document(plan: RetryPlan) -> dict[str, object]:
    """The same for a program; amounts in fen."""
    return {
        "again": plan.again._asdict(),
        "new_numbers": plan.new_numbers,
        "unproven": plan.unproven._asdict(),
        "paid_instead": plan.paid_instead._asdict(),
        "more": plan.more,
        "codes": dict(plan.codes),
    }
