"""What WeChat's sources leave uncertain of transfers, as named settings, cautious by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hongbao.wire.transfer.scenes import SCENES, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAssumptions:
    """Settings of a merchant. Change one only where WeChat has confirmed it for your account.

    Attributes:
        amount_min: the least amount in fen. 10 by the official pages.
        amount_max: the greatest in fen; each scene has one of its own, which the merchant platform
            shows (200 yuan is common for 1000 and 1005). None leaves it to WeChat.
        name_required_from: from so many fen the receiver's real name must be given.
        name_refused_below: below so many fen no name can be checked, so none may be given.
        number_length_min: of ``out_bill_no`` and ``out_authorization_no``. A least length of 5 is
            evidenced for the latter alone.
        red_packet_max: the greatest amount in fen that may look like a red packet.
        red_packet_unsure_scenes: whether scenes may look like one of which no source says so.
        authorizations: whether WeChat has opened the family without confirming for this merchant,
            which it does by a white list.
        scenes: what is known of scenes, by id; a scene that is not among them is not checked.
    """

    amount_min: int = 10
    amount_max: int | None = None
    name_required_from: int = 200_000
    name_refused_below: int = 30
    number_length_min: int = 5
    red_packet_max: int = 20_000
    red_packet_unsure_scenes: bool = False
    authorizations: bool = False
    scenes: Mapping[str, Scene] = field(
        default_factory=lambda: MappingProxyType(SCENES), repr=False
    )


CAUTIOUS = TransferAssumptions()
