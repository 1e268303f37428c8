"""How the link to a fund-flow bill is asked for in V3, and that there is none.

Source: the page 4013071238. Its reader and its file are ``hongbao.wire.bill``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hongbao.wire.bill.request import NoBillReason
from hongbao.wire.transfer import endpoints
from hongbao.wire.transfer.messages import TransferMessage
from hongbao.wire.transfer.replies import BillLink

if TYPE_CHECKING:
    from hongbao.wire.bill.request import FundFlow
    from hongbao.wire.transfer.endpoints import TransferEndpoint

NO_STATEMENT = {
    "NO_STATEMENT_EXIST": NoBillReason.NO_BILL_EXIST,
    "STATEMENT_CREATING": NoBillReason.BILL_CREATING,
}
"""Why there is no bill, where that is no fault; by WeChat's code."""


@dataclass(frozen=True, slots=True)
class AskForBillLink(TransferMessage[BillLink]):
    """Ask where the fund-flow bill of a day and account can be fetched.

    Args:
        asked: which bill.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.FUND_FLOW_BILL

    asked: FundFlow

    def __post_init__(self) -> None:
        """Nothing: a ``FundFlow`` has checked itself."""

    @property
    def number(self) -> str:
        """What stands for an order number: ``20261129/Basic``."""
        return self.asked.mch_billno

    @property
    def numbers(self) -> Mapping[str, str]:
        """None: the reply names nothing."""
        return {}

    @property
    def query(self) -> str:
        """Day and account, in V3's spelling."""
        account = self.asked.of_account.value.upper()
        packed = "&tar_type=GZIP" if self.asked.compressed else ""
        return f"bill_date={self.asked.bill_date:%Y-%m-%d}&account_type={account}{packed}"

    def read(self, document: Mapping[str, Any]) -> BillLink:
        """Where it is."""
        return BillLink.read(document)
