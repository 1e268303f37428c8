"""What is known of one of WeChat's words."""

from __future__ import annotations

from typing import NamedTuple

from hongbao.state_words import Words


class CodeExplanation(NamedTuple):
    """What is known of one code or status, each text in English and Chinese.

    Attributes:
        code: WeChat's word.
        kind: ``err_code`` or ``status`` of red packets; ``transfer_code``, ``fail_reason`` or
            ``transfer_state``; or ``unknown`` where the word is in no table.
        calls: the calls that the row is for.
        disposition: NO, OPEN or UNKNOWN; None for a status or state.
        meaning: what happened.
        money: may money have moved?
        todo: what to do.
        hints: of err_codes: what to do where WeChat's text has a certain word.
    """

    code: str
    kind: str
    calls: tuple[str, ...]
    disposition: str | None
    meaning: Words
    money: Words
    todo: Words
    hints: tuple[tuple[str, str, str], ...] = ()
