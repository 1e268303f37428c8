"""The options that say which payouts are listed."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import typer

from hongbao.cli.options import optional
from hongbao.ledger.model.payout import State


def _time(option: str, help_text: str) -> Any:  # noqa: ANN401  # Typer's
    return optional(option, help_text, "TIME")


OfCampaign: TypeAlias = Annotated[
    str | None, optional("--campaign", "Of this campaign and its supplements.", "NAME")
]
OfMerchant: TypeAlias = Annotated[
    str | None, optional("--mch-id", "Of the merchant with this number.", "NUMBER")
]
InStates: TypeAlias = Annotated[
    list[State] | None, optional("--state", "In this state. Repeatable.")
]
WithCode: TypeAlias = Annotated[str | None, optional("--code", "Whose last outcome had this code.")]
OfKind: TypeAlias = Annotated[str | None, optional("--kind", "Of this kind, such as normal.")]
ToReceiver: TypeAlias = Annotated[str | None, optional("--openid", "To this receiver.")]
NeedsAttention: TypeAlias = Annotated[
    bool,
    optional("--needs-attention", "Only those with which nothing is done before a person acts."),
]
UnclaimedSince: TypeAlias = Annotated[
    str | None, _time("--unclaimed-since", "Paid by then, and still not claimed.")
]
Since: TypeAlias = Annotated[str | None, _time("--since", "Stored then or later.")]
Until: TypeAlias = Annotated[str | None, _time("--until", "Stored before.")]
PaidSince: TypeAlias = Annotated[str | None, _time("--paid-since", "Paid then or later.")]
PaidUntil: TypeAlias = Annotated[str | None, _time("--paid-until", "Paid before.")]
SettledSince: TypeAlias = Annotated[
    str | None, _time("--settled-since", "Claimed or returned then or later.")
]
SettledUntil: TypeAlias = Annotated[
    str | None, _time("--settled-until", "Claimed or returned before.")
]
NewestFirst: TypeAlias = Annotated[
    bool, optional("--newest-first", "Begin with the last payout of the newest campaign.")
]
Limit: TypeAlias = Annotated[
    int, typer.Option("--limit", metavar="N", help="How many at most.", min=1)
]
After: TypeAlias = Annotated[
    str | None,
    optional("--after", "Go on behind a list with the same filters, by its cursor.", "CURSOR"),
]
AsCsv: TypeAlias = Annotated[bool, optional("--csv", "Print CSV, with the columns of a report.")]
