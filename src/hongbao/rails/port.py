"""A rail is one way of paying; this is all that the engine and its lists ask of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Issuer(Enum):
    """Under whose appid the receivers of a kind have their openids."""

    OFFICIAL_ACCOUNT = "official account"
    MINI_PROGRAM = "mini program"
    CORPORATION = "WeCom corporation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What payouts of one kind have in common.

    Attributes:
        name: as the ledger stores it.
        spellings: what a list may call it, in small letters without hyphens, underscores and
            blanks.
        issuer: whose openids its receivers have.
        required: the texts that its request must have, in the spelling of the protocol.
        optional: the texts that it may have.
        from_settings: what its request says of who pays, from the merchant's settings.
        shared: whether it is shared among several people.
        voucher: whether its receiver needs what an accepting reply holds to collect it.
    """

    name: str
    spellings: tuple[str, ...]
    issuer: Issuer
    required: tuple[str, ...]
    optional: tuple[str, ...]
    from_settings: tuple[str, ...] = ()
    shared: bool = False
    voucher: bool = False

    @property
    def texts(self) -> frozenset[str]:
        """What a row of a list may say of it besides whom and how much."""
        return frozenset(self.required + self.optional)
