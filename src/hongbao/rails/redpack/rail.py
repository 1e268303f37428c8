"""Red packets as a rail: what the engine knows of them, and what their codes mean in words."""

from __future__ import annotations

from hongbao.rails.port import Explanation, Rail
from hongbao.rails.redpack.advice import advise_people
from hongbao.rails.redpack.kinds import KINDS
from hongbao.rails.redpack.looks import CLAIM_SECONDS
from hongbao.rails.redpack.reactions import REACTIONS, RETRY, SUSPICIONS
from hongbao.state_words import Words
from hongbao.wire.codes import UNKNOWN_CODE, look_up, rows_of


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
    return Explanation(Words(row.meaning, row.meaning_zh), advise_people(row, said))


RED_PACK = Rail(
    name="redpack",
    provider="WeChat",
    kinds=KINDS,
    reactions=REACTIONS,
    suspicions=SUSPICIONS,
    retry=RETRY,
    explain=explain,
    claim_seconds=CLAIM_SECONDS,
)
