"""Where the money is, who has it, and what has changed since a world was last saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.transfer.order import SimulatedAuthorization, SimulatedTransfer


class MoneyTotals(NamedTuple):
    """Where the money is, in fen: ``debited == claimed + refunded + in_flight``."""

    debited: int
    claimed: int
    refunded: int

    @property
    def in_flight(self) -> int:
        """Paid, and neither claimed nor refunded."""
        return self.debited - self.claimed - self.refunded


class Touched(NamedTuple):
    """What has changed since a world was last saved.

    Attributes:
        packets: by serial.
        users: by openid.
        orders: transfers and authorisations, by serial.
    """

    packets: dict[int, Packet]
    users: dict[str, User]
    orders: dict[int, SimulatedTransfer | SimulatedAuthorization]


@dataclass(slots=True, eq=False)
class User:
    """A user.

    Attributes:
        openid: identifies the user; the real WeChat issues it for one appid.
        appids: the appids that it is registered under.
        wallet: the fen that the user has claimed.
        name: the real name, with which a name in a transfer is compared; empty if any is right.
    """

    openid: str = field(repr=False)
    appids: tuple[str, ...]
    wallet: int = 0
    name: str = field(default="", repr=False)
