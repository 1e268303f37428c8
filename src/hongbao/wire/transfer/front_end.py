"""What a front end needs to have the user confirm. Nothing of it is signed.

Whatever the page answers, also that it went well, says only that it was shown: whether the money
was taken a query says. Sources: the pages 4012716430 (mini program and H5), 4012719576 (Android)
and 4012719578 (iOS).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

BUSINESS = "requestMerchantTransfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEndParams:
    """What opens the user's page, for each kind of front end.

    Attributes:
        mch_id: the merchant.
        app_id: under which the transfer was made.
        package: of ``TransferTaken``, as it came. A secret of the receiver's.
    """

    mch_id: str
    app_id: str
    package: str = field(repr=False)

    def for_mini_program(self) -> dict[str, str]:
        """The arguments of ``wx.requestMerchantTransfer``, to be sent as JSON.

        It wants base library 3.3.0, a phone, and neither a web-view nor WeCom.
        """
        return {"mchId": self.mch_id, "appId": self.app_id, "package": self.package}

    def for_h5(self) -> dict[str, str]:
        """The arguments of ``WeixinJSBridge.invoke("requestMerchantTransfer", ...)``.

        The page runs in WeChat, and its ``wx.config`` lists ``requestMerchantTransfer``.
        """
        return self.for_mini_program()

    def for_app(self) -> dict[str, str]:
        """What an app gives to ``WXOpenBusinessView``: its values are percent-encoded already."""
        said = self.for_mini_program()
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
        return {"businessType": BUSINESS, "query": query}
