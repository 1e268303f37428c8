"""What the campaign's demo says at its end: a table for people, a document for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import PAID, State
from hongbao.money import format_yuan
from hongbao.views.columns import in_columns

if TYPE_CHECKING:
    from hongbao.cli.demo.proof import Proof
    from hongbao.ledger.model.standing import Standing

_BAR = 20
_MONEY = ("paid", "claimed", "refunded", "unclaimed")


def stage_line(stage: str, standing: Standing) -> str:
    """What has happened, and a bar of the list: 79 columns, in ASCII so that each is one wide."""
    rows = standing.campaign.rows
    paid, doubted = standing.total(*PAID).payouts, standing.total(State.IN_DOUBT).payouts
    at = [_BAR * count // max(rows, 1) for count in (paid, paid + doubted)]
    bar = "#" * at[0] + "?" * (at[1] - at[0]) + "." * (_BAR - at[1])
    return f"{stage:<41.41} [{bar}] {paid:>3} of {rows} paid"


def shown(proof: Proof, *, faults: int, seconds: float) -> str:
    """The proof for people."""
    rows = [("yuan", "our books", "WeChat's", "")]
    for name, ours, theirs in zip(_MONEY, proof.books, proof.wechat, strict=True):
        same = "agree" if ours == theirs else "DIFFER"
        rows.append((name, format_yuan(ours), format_yuan(theirs), same))
    counts = [
        ("paid twice", str(proof.paid_twice)),
        ("lost", str(proof.lost)),
        ("paid, but not in the books", str(proof.unasked)),
        ("findings of both audits", str(len(proof.findings))),
    ]
    lines = [
        in_columns(rows, right=(1, 2)),
        "",
        in_columns(counts, right=(1,)),
        *proof.findings,
        "",
        f"{faults} calls went wrong on purpose, a worker was killed, the account ran dry.",
        "Everybody was paid exactly once, or has a reason. Books and WeChat agree to the fen."
        if proof.holds
        else "THIS IS NOT AS IT SHOULD BE: please report it.",
        f"{seconds:.0f} s in all; a day for those who were paid.",
    ]
    return "\n".join(lines)


def document(proof: Proof, *, faults: int, seconds: float) -> dict[str, object]:
    """The proof for programs; amounts in fen."""
    facts = asdict(proof)
    for side in ("books", "wechat"):
        facts[side] = dict(zip(_MONEY, facts[side], strict=True))
    return {**facts, "faults": faults, "seconds": round(seconds, 1)}
