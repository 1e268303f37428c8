"""What no source settles about WeChat, or what differs between accounts, as settings of a world."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RepeatOfPaid(StrEnum):
    """How the same number with the same content is answered once it is paid.

    Either way nothing is paid twice.
    """

    SUCCESS = "success"
    """As the first time: what the official page says."""
    REFUSE = "refuse"
    """Refused, as WeChat's staff said in 2019.

    No source names the code. FATAL_ERROR is taken: of all codes of a repeat it alone is documented
    to say that an order exists, may have paid, and is to be queried, which is what the finding
    advises. SEND_FAILED and PARAM_ERROR would tell a caller that nothing was paid.
    """


class AmountMismatch(StrEnum):
    """The err_code of the same number with another amount."""

    PHRASE = "金额和原始单参数不一致"
    """The code itself is this phrase, as in the pages of 2017.

    It is documented for normal and group packets; the other calls answer FATAL_ERROR.
    """
    PARAM_ERROR = "PARAM_ERROR"
    """As the advice of newer pages suggests."""


class BadWorkSign(StrEnum):
    """The err_code of a wrong ``workwx_sign``."""

    WORKWX_SIGN_ERROR = "WORKWX_SIGN_ERROR"
    """As one user's report has it."""
    SIGN_ERROR = "SIGN_ERROR"
    """As the official table has it."""
    SYSTEMERROR = "SYSTEMERROR"
    """As other users' reports have it: a permanent fault dressed as a passing one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a world behaves. Times are seconds, amounts fen.

    Attributes:
        strict_openids: whether an openid must be registered; else only one that is registered under
            other appids alone, or that starts with ``FOREIGN_PREFIX``, is refused.
        repeat_of_paid: see ``RepeatOfPaid``.
        amount_mismatch: see ``AmountMismatch``.
        bad_work_sign: see ``BadWorkSign``.
        order_lifetime_seconds: after that an order that was refused and never paid is FAILED. 24
            hours and 3 days are both reported.
        claim_seconds: after that, counted from sending, unclaimed money goes back.
        ticket_seconds: the same for a preorder.
        refund_seconds: how long it is on its way back: RFUND_ING, then REFUND.
        query_seconds: after that, counted from the first call, a query answers NOT_FOUND.
        group_people_max: the most people of a group packet.
        group_amount_max: the greatest total of a group packet.
        packets_max: of all merchants; further orders are answered SYSTEMERROR. A limit so that a
            forgotten loop ends: each packet takes about 1 KB of memory.
    """

    strict_openids: bool = False
    repeat_of_paid: RepeatOfPaid = RepeatOfPaid.SUCCESS
    amount_mismatch: AmountMismatch = AmountMismatch.PHRASE
    bad_work_sign: BadWorkSign = BadWorkSign.WORKWX_SIGN_ERROR
    order_lifetime_seconds: float = 24 * 3600.0
    claim_seconds: float = 24 * 3600.0
    ticket_seconds: float = 72 * 3600.0
    refund_seconds: float = 60.0
    query_seconds: float = 30 * 24 * 3600.0
    group_people_max: int = 20
    group_amount_max: int = 100_000
    packets_max: int = 2_000_000


FOREIGN_PREFIX = "oFOREIGN"
"""An openid that starts so belongs to another appid, always: for examples without any set-up."""
