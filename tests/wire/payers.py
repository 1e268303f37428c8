"""A payer for tests of the wire: plain values and the key of the vectors, no certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.wire.assumptions import CAUTIOUS

if TYPE_CHECKING:
    from hongbao.wire.assumptions import Assumptions

KEY = "Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya"
NONCE = "n0nceABCDEF1234567890"
BILLNO = "1900012345202611230000000042"
OPENID = "oTEST_openid_0000000000000001"


@dataclass(frozen=True)
class Payer:
    mch_id: str = "1900012345"
    app_id: str = "wx00aa11bb22cc33dd"
    key: str = KEY
    client_ip: str | None = "203.0.113.7"
    provider_mode: bool = False
    sub_mch_id: str | None = None
    msgappid: str | None = None
    corp_id: str | None = "ww00aa11bb22cc33dd"
    work_secret: str | None = "AppSecret_ForTest_0123456789abcdefghijklmno"
    assumptions: Assumptions = CAUTIOUS
