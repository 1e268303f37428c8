"""WeChat's clients of one channel: of a profile, or of the account that a payout's terms name."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from hongbao.client.asynchronous import AsyncRedPack
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.merchant import ServiceProvider
from hongbao.client.transfer.asynchronous import AsyncMerchantTransfer
from hongbao.client.transport import Limits
from hongbao.configuration.payers import check_number
from hongbao.configuration.settings import RED_PACKETS, TRANSFERS
from hongbao.engine.rehearsal import rehearsal_clock
from hongbao.telemetry import spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.configuration.file import Configuration
    from hongbao.configuration.payers import AnyPayer
    from hongbao.rails.redpack.caller import Account


class ChannelClients:
    """What the clients of both rails share: those of one profile share their connections.

    Args:
        configuration: the settings.
        merchants: by profile, with their secrets.
        number: the merchant number that all of them must pay with: a payout's order number is
            derived from it, so that another merchant would pay it once more.
        connections_max: of each profile.
    """

    _RAIL: ClassVar[str]

    def __init__(
        self,
        configuration: Configuration,
        merchants: Mapping[str, AnyPayer],
        number: str,
        *,
        connections_max: int,
    ) -> None:
        self._configuration = configuration
        self._merchants = merchants
        self._number = number
        self._connections_max = connections_max
        self._transports: dict[str, AsyncioTransport] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    def _payer(self, profile: str) -> AnyPayer:
        """The secrets of a profile; a profile of this rail has those of this rail."""
        check_number(self._configuration, profile, self._number, self._RAIL)
        return self._merchants[profile]

    def _transport(self, profile: str) -> AsyncioTransport:
        transport = self._transports.get(profile)
        if transport is None:
            payer = self._merchants[profile]
            limits = Limits(
                connect_seconds=payer.connect_seconds, connections_max=self._connections_max
            )
            transport = AsyncioTransport(payer.context, limits=limits, proxy=payer.http_proxy)
            self._transports[profile] = transport
        return transport


class RedPackClients(ChannelClients):
    """Makes clients of red packets."""

    _RAIL = RED_PACKETS

    def __call__(self, account: Account) -> AsyncRedPack:
        """The client of an account.

        Raises:
            ConfigurationError: if the settings do not have it, or have it with another number.
        """
        merchant = self._merchant(account)
        return AsyncRedPack(
            merchant, transport=self._transport(account.profile), hooks=spans.hooks()
        )

    def _merchant(self, account: Account) -> AnyMerchant:
        found = cast("AnyMerchant", self._payer(account.profile))
        changes: dict[str, Any] = (
            {} if account.app_id in (None, found.corp_id) else {"app_id": account.app_id}
        )
        if isinstance(found, ServiceProvider):
            changes |= {"sub_mch_id": account.sub_mch_id, "msgappid": account.msgappid}
        if all(getattr(found, name) == value for name, value in changes.items()):
            return found
        return replace(found, now=None, **changes)


class TransferClients(ChannelClients):
    """Makes clients of transfers."""

    _RAIL = TRANSFERS

    def __call__(self, profile: str) -> AsyncMerchantTransfer:
        """The client of a profile.

        Raises:
            ConfigurationError: if the settings do not have it, or have it with another number.
        """
        credentials = cast("V3Credentials", self._payer(profile))
        return AsyncMerchantTransfer(
            credentials,
            transport=self._transport(profile),
            hooks=spans.hooks(),
            clock=rehearsal_clock(self._configuration) or time.time,
        )
