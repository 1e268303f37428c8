"""What WeChat's sources leave uncertain, as named settings with the cautious default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TextLimits(StrEnum):
    """What the limits of ``send_name``, ``act_name``, ``wishing`` and ``remark`` count.

    WeChat's pages say characters. A payment service that sent for thousands of merchants, and
    shops, check bytes before they send.
    """

    BYTES = "bytes"
    """31, 31, 127 and 255 bytes of UTF-8; 10 Chinese characters are 30."""
    CHARACTERS = "characters"
    """As the pages have it: 32, 32, 128 and 256 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Settings of a merchant. Change one only where WeChat has confirmed it for your account.

    Attributes:
        amount_min: the least amount in fen without a ``scene_id``. 1 yuan by the official page.
        amount_max: the greatest amount in fen without a ``scene_id``. 200 yuan by the official
            page; one SDK author measured 2 yuan, which nobody confirmed.
        group_total_max: the greatest total of a group packet in fen. 1000 yuan in the last known
            pages.
        group_people_max: the most receivers of a group packet. 20 by WeChat's own refusals.
        send_listid_required: whether an accepted send must name WeChat's order. Real replies do,
            the official example does not; users saw an empty one where nothing had been sent.
        pay_sign_upper: whether the claim signature is upper-case hex. Users report that both cases
            work.
        certificate_names_merchant: whether the certificate's common name must be the mch_id.
        text_limits: what lengths count. Lists are refused by it, before a whole list is refused by
            WeChat; a single call that is too long in bytes is warned of, whatever stands here.
    """

    amount_min: int = 100
    amount_max: int = 20_000
    group_total_max: int = 100_000
    group_people_max: int = 20
    send_listid_required: bool = True
    pay_sign_upper: bool = True
    certificate_names_merchant: bool = True
    text_limits: TextLimits = TextLimits.BYTES


CAUTIOUS = Assumptions()
