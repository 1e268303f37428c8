"""Refused and returned payouts that may be paid again: in words, and as a JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from hongbao.english import counted
from hongbao.ledger.model.retry import RefusedSum, RetryPlan, ReturnedPlan
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


def returned_text(plan: ReturnedPlan, name: str, stored: str | None, *, program: str) -> str:
    """What is or was stored to be paid again, what is not and why, and what to do next.

    Args:
        plan: the payouts.
        name: of the campaign.
        stored: the name of the supplement, once it is stored.
        program: what the reader calls.
    """
    what = "Would be paid again" if stored is None else f"To be paid again, as {stored}"
    lines = [f"{what}: {_sum(plan.again)}"]
    for why, some in (
        ("something of it was claimed", plan.partly),
        ("they are paid again already, or are to be", plan.done),
        (
            "somebody took them out of the supplement (if they are owed, pay them by a list)",
            plan.withdrawn,
        ),
        ("a later campaign pays them", plan.paid_instead),
    ):
        if some.payouts:
            lines.append(f"Left out, since {why}: {_sum(some)}")
    if plan.more:
        lines.append("There are more: run it again for them afterwards.")
    if stored is not None:
        lines.append(f"Nothing is sent before it is approved: {program} campaign approve {name}")
    elif plan.again.payouts:
        lines.append(
            f"Nothing is changed yet. To do it: {program} campaign retry {name} --returned "
            f"--count {plan.again.payouts} --yuan {format_yuan(plan.again.amount)} --reason TEXT"
        )
    return "\n".join(lines)


def returned_document(plan: ReturnedPlan, stored: str | None) -> dict[str, object]:
    """The same for a program; amounts in fen."""
    return {
        "again": plan.again._asdict(),
        "partly": plan.partly._asdict(),
        "done": plan.done._asdict(),
        "withdrawn": plan.withdrawn._asdict(),
        "paid_instead": plan.paid_instead._asdict(),
        "more": plan.more,
        "stored": stored,
    }
