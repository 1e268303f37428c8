"""What a client signs without a network.

The parameters by which a user's front end claims a packet.
"""

from __future__ import annotations

import time
from os import urandom
from typing import TYPE_CHECKING

from hongbao.wire.claim import claim_params, jump_hongbao_params

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.merchant import AnyMerchant
    from hongbao.wire.claim import ClaimParams, JumpHongbaoParams


_NONCE_BYTES = 16  # 32 hexadecimal digits, the most that the field takes


def _nonce() -> str:
    return urandom(_NONCE_BYTES).hex()


class ClaimSigner:
    """The part of a client that needs no network.

    Attributes:
        merchant: who pays.
    """

    def __init__(
        self,
        merchant: AnyMerchant,
        *,
        nonce: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.merchant = merchant
        self._nonce = _nonce if nonce is None else nonce
        self._clock = clock

    def claim_params(self, package: str) -> ClaimParams:
        """The parameters of ``wx.sendBizRedPacket`` for an accepted mini-program packet.

        Send ``claim_params(...).as_dict()`` to the mini program, which must have been opened by
        scanning a code. The key stays here.

        Args:
            package: of ``AcceptedMiniProgram``.
        """
        return claim_params(
            package,
            app_id=self.merchant.app_id,
            key=self.merchant.key,
            time_stamp=int(self._clock()),
            nonce_str=self._nonce(),
            upper=self.merchant.assumptions.pay_sign_upper,
        )

    def jump_hongbao_params(
        self, *, openid: str, lottery_id: str, lottery_key: str
    ) -> JumpHongbaoParams:
        """The parameters of ``jumpHongbao``, by which a user draws a preordered packet.

        Args:
            openid: who draws.
            lottery_id: of ``addlotteryinfo``.
            lottery_key: the campaign's own key, given to ``addlotteryinfo``; not the APIv2 key.
        """
        return jump_hongbao_params(
            openid=openid, lottery_id=lottery_id, noncestr=self._nonce(), key=lottery_key
        )
