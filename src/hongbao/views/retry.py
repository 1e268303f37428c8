"""Refused and returned payouts that may be paid again: in words, and as a JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from hongbao.english import COLON, counted
from hongbao.ledger.model.retry import RefusedSum, RetryPlan, ReturnedPlan
from hongbao.money import format_yuan
from hongbao.sentences import marked, said


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
    what = said("Reopened") if done else said("Would be sent again")
    lines = [said(COLON, one=what, two=_sum(again))]
    none = said("without a code")
    lines += ["  " + said(COLON, one=code or none, two=count) for code, count in plan.codes.items()]
    if plan.new_numbers:
        lines.append(
            "  "
            + said("with another number, since theirs has FAILED: {count}", count=plan.new_numbers)
        )
    lines += _left_out(plan, name, program)
    if done:
        lines.append(
            said("A worker sends them at its next look: {program} worker", program=program)
        )
    elif again.payouts:
        options = "".join(f" --code {shlex.quote(code)}" for code in codes)
        lines.append(
            said(
                "Nothing is changed yet. To do it: {program} campaign retry {name} "
                "--refused{options} --count {count} --yuan {yuan} --reason TEXT",
                program=program,
                name=name,
                options=options,
                count=again.payouts,
                yuan=format_yuan(again.amount),
            )
        )
    return "\n".join(lines)


def _left_out(plan: RetryPlan, name: str, program: str) -> Iterator[str]:
    if plan.unproven.payouts:
        yield said(
            "Left out, since no query has proven them unpaid: {sum}; query them first: {program} "
            "payout list --campaign {name} --state refused",
            sum=_sum(plan.unproven),
            program=program,
            name=name,
        )
    if plan.paid_instead.payouts:
        yield said("Left out, since a later campaign pays them: {sum}", sum=_sum(plan.paid_instead))
    if plan.more:
        yield said("There are more: run it again for them afterwards.")


def _sum(of: RefusedSum) -> str:
    return said(
        "{payouts}, {yuan} yuan", payouts=counted(of.payouts, "payout"), yuan=format_yuan(of.amount)
    )


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
    what = (
        said("Would be paid again")
        if stored is None
        else said("To be paid again, as {stored}", stored=stored)
    )
    lines = [said(COLON, one=what, two=_sum(plan.again))]
    for why, some in (
        (marked("something of it was claimed"), plan.partly),
        (marked("they are paid again already, or are to be"), plan.done),
        (
            marked(
                "somebody took them out of the supplement (if they are owed, pay them by a list)"
            ),
            plan.withdrawn,
        ),
        (marked("a later campaign pays them"), plan.paid_instead),
    ):
        if some.payouts:
            lines.append(said("Left out, since {why}: {sum}", why=said(why), sum=_sum(some)))
    if plan.more:
        lines.append(said("There are more: run it again for them afterwards."))
    if stored is not None:
        lines.append(
            said(
                "Nothing is sent before it is approved: {program} campaign approve {name}",
                program=program,
                name=name,
            )
        )
    elif plan.again.payouts:
        lines.append(
            said(
                "Nothing is changed yet. To do it: {program} campaign retry {name} "
                "--returned --count {count} --yuan {yuan} --reason TEXT",
                program=program,
                name=name,
                count=plan.again.payouts,
                yuan=format_yuan(plan.again.amount),
            )
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
