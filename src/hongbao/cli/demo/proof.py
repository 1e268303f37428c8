"""The proof at the end of the demo: the books beside WeChat's own journal, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from hongbao.ledger.model.payout import PAID, Payout, State
from hongbao.ledger.model.standing import Standing
from hongbao.money import Fen, format_yuan
from hongbao.rails.transfer.kinds import KINDS as TRANSFER_KINDS
from hongbao.sentences import marked, said
from hongbao.simulator.settings import FOREIGN_PREFIX
from hongbao.testing.control_client import Totals
from hongbao.views.columns import in_columns, width


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAudit:
    """What the two sides say.

    Attributes:
        paid_twice: numbers for which WeChat took money more than once, and people who have money
            under two numbers.
        lost: payouts that are neither paid nor refused nor left in doubt for good, and those that
            the books call paid and WeChat never took money for.
        unasked: payouts that WeChat took money for, and the books do not call paid.
        books: by the books, in fen: of packets what was debited, claimed, refunded and is in
            flight; of transfers what was confirmed, and what was locked and came back.
        wechat: the same by WeChat.
        findings: what ``hongbao audit`` and WeChat's own audit found.
        breaks: how often WeChat's bills and the books differ.
        in_doubt: payouts to receivers who can never be paid, whose first call ended in the dark:
            WeChat took no money, and a repeat's refusal proves nothing, so they are asked about on.
    """

    paid_twice: int
    lost: int
    unasked: int
    books: tuple[Fen, ...]
    wechat: tuple[Fen, ...]
    findings: tuple[str, ...]
    breaks: int
    in_doubt: int = 0

    @property
    def holds(self) -> bool:
        """Whether nobody was paid twice, nobody was lost, and every fen is in both books."""
        return (
            not (self.paid_twice or self.lost or self.unasked or self.findings or self.breaks)
            and self.books == self.wechat
        )


def prove(
    payouts: Iterable[Payout],
    standing: Standing,
    *,
    payments: Mapping[str, int],
    totals: Totals,
    findings: tuple[str, ...],
    breaks: int,
) -> DemoAudit:
    """Compare.

    Args:
        payouts: all of the campaign.
        standing: the campaign's sums.
        payments: how often WeChat took money for each number.
        totals: WeChat's accounts.
        findings: of both audits.
        breaks: between WeChat's bills and the books.
    """
    payouts = list(payouts)
    return DemoAudit(
        **_counted(payouts, payments),
        books=(standing.paid, standing.claimed, standing.refunded, standing.unclaimed),
        wechat=(totals.debited, totals.claimed, totals.refunded, totals.in_flight),
        findings=findings,
        breaks=breaks,
    )


def with_transfers(
    packets: DemoAudit,
    payouts: Iterable[Payout],
    *,
    payments: Mapping[str, int],
    before: Totals,
    after: Totals,
) -> DemoAudit:
    """The same, with a campaign of transfers that came after it.

    Args:
        packets: what was found before.
        payouts: all of that campaign.
        payments: how often WeChat locked money for each number since then.
        before: WeChat's accounts then.
        after: WeChat's accounts now.
    """
    payouts = list(payouts)
    counted = _counted(payouts, payments)
    paid = sum(payout.amount for payout in payouts if payout.state in PAID)
    back = sum(payout.amount for payout in payouts if payout.state not in PAID and payout.listid)
    return replace(
        packets,
        **{name: getattr(packets, name) + count for name, count in counted.items()},
        books=(*packets.books, paid, back),
        wechat=(
            *packets.wechat,
            after.debited - before.debited - (after.refunded - before.refunded),
            after.refunded - before.refunded,
        ),
    )


def _counted(payouts: list[Payout], payments: Mapping[str, int]) -> dict[str, int]:
    lost = unasked = in_doubt = 0
    for payout in payouts:
        taken = payments.get(payout.billno, 0) > 0
        paid = payout.state in PAID
        never = payout.payee.startswith(FOREIGN_PREFIX) and not taken
        doubtful = payout.state is State.IN_DOUBT and never
        in_doubt += doubtful
        settled = paid or payout.state is State.REFUSED or doubtful
        lost += not settled or (paid and not taken)
        # What was locked for a transfer and came back was taken, too, and is not paid.
        unasked += taken and not paid and payout.kind not in TRANSFER_KINDS
    known = {payout.billno for payout in payouts}
    strangers = sum(1 for billno, times in payments.items() if times and billno not in known)
    twice = sum(1 for times in payments.values() if times > 1)
    return {
        "paid_twice": twice + strangers,
        "lost": lost,
        "unasked": unasked,
        "in_doubt": in_doubt,
    }


_BAR = 20
_STAGE_WIDTH = 41
_MONEY = (
    marked("paid"), marked("claimed"), marked("refunded"), marked("unclaimed"),
    marked("transfers confirmed"), marked("transfers back"),
)  # fmt: skip


def stage_line(stage: str, standing: Standing) -> str:
    """What has happened, and a bar of the list in ASCII: 79 columns."""
    rows = standing.campaign.rows
    paid, doubted = standing.total(*PAID).payouts, standing.total(State.IN_DOUBT).payouts
    at = [_BAR * count // max(rows, 1) for count in (paid, paid + doubted)]
    bar = "#" * at[0] + "?" * (at[1] - at[0]) + "." * (_BAR - at[1])
    # Cut, and filled up, to the columns that it takes: a Chinese character is two wide.
    while width(stage) > _STAGE_WIDTH:
        stage = stage[:-1]
    stage += " " * (_STAGE_WIDTH - width(stage))
    count = said("{paid} of {rows} paid", paid=f"{paid:>3}", rows=rows)
    return f"{stage} [{bar}] {count}"


def shown(proof: DemoAudit, *, faults: int, seconds: float) -> str:
    """The proof for people."""
    rows = [(said("yuan"), said("our books"), said("WeChat's"), "")]
    for name, ours, theirs in zip(_MONEY, proof.books, proof.wechat, strict=True):
        same = said("agree") if ours == theirs else said("DIFFER")
        rows.append((said(name), format_yuan(ours), format_yuan(theirs), same))
    counts = [
        (said("paid twice"), str(proof.paid_twice)),
        (said("lost"), str(proof.lost)),
        (said("paid, but not in the books"), str(proof.unasked)),
        (said("findings of both audits"), str(len(proof.findings))),
        (said("breaks between WeChat's bills and the books"), str(proof.breaks)),
    ]
    if proof.in_doubt:
        counts.append((said("still asked about: nobody who can be paid"), str(proof.in_doubt)))
    lines = [
        in_columns(rows, right=(1, 2)),
        "",
        in_columns(counts, right=(1,)),
        *map(said, proof.findings),
        "",
        said(
            "{faults} calls went wrong on purpose, a worker was killed, the account ran dry.",
            faults=faults,
        ),
        said("Everybody was paid exactly once, or has a reason. Books and WeChat agree to the fen.")
        if proof.holds
        else said("THIS IS NOT AS IT SHOULD BE: please report it."),
        said("{seconds} s in all; a day for those who were paid.", seconds=f"{seconds:.0f}"),
    ]
    return "\n".join(lines)


def document(proof: DemoAudit, *, faults: int, seconds: float) -> dict[str, object]:
    """The proof for programs; amounts in fen."""
    facts = asdict(proof)
    for side in ("books", "wechat"):
        names = (name.replace(" ", "_") for name in _MONEY)
        facts[side] = dict(zip(names, facts[side], strict=True))
    return {**facts, "faults": faults, "seconds": round(seconds, 1)}
