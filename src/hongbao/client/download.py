"""What both clients do before a bill is downloaded; what that needs is loaded then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from hongbao.client.fund_flow import FundFlowCall
    from hongbao.wire.bill.request import BillAccount, FundFlow
    from hongbao.wire.codec import PayingMerchant

DOWNLOAD_SECONDS = 600.0
"""A bill of 5 million rows has about 1.2 GB."""


# Few processes download, and zlib, tempfile and csv would cost all the others 10 ms.


def ask_for_bill(bill_date: date, account: BillAccount | str, *, compressed: bool) -> FundFlow:
    """What is asked.

    Raises:
        InvalidRequest: there is no such day or account.
    """
    from hongbao.wire.bill.request import FundFlow  # noqa: PLC0415  # see above

    return FundFlow(bill_date=bill_date, account=account, compressed=compressed)


def download_call(
    asked: FundFlow, merchant: PayingMerchant, *, nonce: str, to: str | PathLike[str]
) -> FundFlowCall:
    """The call that asks."""
    from hongbao.client.fund_flow import FundFlowCall  # noqa: PLC0415  # see above

    return FundFlowCall(asked, merchant, nonce=nonce, path=to)


def cannot_download() -> ConfigurationError:
    """The error of a transport that does not stream."""
    return ConfigurationError(
        setting="transport",
        problem=say("has no method download, by which a bill is taken as it comes"),
        remedy=say("Leave it out, or give one of hongbao's own."),
    )
