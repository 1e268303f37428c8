"""Red packets as a rail: what the engine knows of them, and what their codes mean in words."""

from __future__ import annotations

from hongbao.rails.port import Explanation, Rail
from hongbao.rails.redpack.kinds import KINDS
from hongbao.rails.redpack.reactions import REACTIONS, RETRY, SUSPICIONS
from hongbao.state_words import Words
from hongbao.wire.codes import HINTS, UNKNOWN_CODE, advise, look_up, rows_of


def explain(code: str, kind: str | None, said: str) -> Explanation | None:
    """What a code means for a call of a kind, or, without a kind, for any call that has it."""
    if kind is None:
        row = next(iter(rows_of(code)), None)
    elif kind in KINDS:
        row = look_up(KINDS[kind].message.ENDPOINT.letter, code)
        if row is UNKNOWN_CODE:
            row = look_up(KINDS[kind].query.ENDPOINT.letter, code)
    else:
        row = None
    if row is None:
        return None
    hints = (zh for hinted, word, _, zh in HINTS if hinted == row.err_code and word in said)
    return Explanation(
        meaning=Words(row.meaning, row.meaning_zh),
        advice=Words(advise(row, said), next(hints, row.advice_zh)),
    )


RED_PACK = Rail(
    name="red packets",
    provider="WeChat",
    kinds=KINDS,
    reactions=REACTIONS,
    suspicions=SUSPICIONS,
    retry=RETRY,
    explain=explain,
)
