"""WeChat's clients of one channel, made for the account that a payout's terms name."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hongbao.client.asynchronous import AsyncRedPack
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.merchant import ServiceProvider
from hongbao.client.transfer.asynchronous import AsyncMerchantTransfer
from hongbao.client.transport import Limits
from hongbao.configuration import settings
from hongbao.configuration.payers import check_number
from hongbao.engine.rehearsal import rehearsal_clock
from hongbao.telemetry import spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.configuration.file import Configuration
    from hongbao.rails.redpack.caller import Account


class Clients:
    """Makes clients of red packets; those of one profile share their connections.

    Args:
        configuration: the settings.
        merchants: by profile, with their secrets.
        number: the merchant number that all of them must pay with: a payout's order number is
            derived from it, so that another merchant would pay it once more.
        connections_max: of each profile.
    """

    def __init__(
        self,
        configuration: Configuration,
        merchants: Mapping[str, AnyMerchant],
        number: str,
        *,
        connections_max: int,
    ) -> None:
        self._configuration = configuration
        self._merchants = merchants
        self._number = number
        self._connections_max = connections_max
        self._transports: dict[str, AsyncioTransport] = {}

    def __call__(self, account: Account) -> AsyncRedPack:
        """The client of an account.

        Raises:
            ConfigurationError: if the settings do not have it, or have it with another number.
        """
        merchant = self._merchant(account)
        transport = self._transports.get(account.profile)
        if transport is None:
            limits = Limits(
                connect_seconds=merchant.connect_seconds, connections_max=self._connections_max
            )
            transport = AsyncioTransport(merchant.context, limits=limits, proxy=merchant.http_proxy)
            self._transports[account.profile] = transport
        return AsyncRedPack(merchant, transport=transport, hooks=spans.hooks())

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    def _merchant(self, account: Account) -> AnyMerchant:
        rail = settings.RED_PACKETS
        check_number(self._configuration, account.profile, self._number, rail)
        found = self._merchants[account.profile]
        changes: dict[str, Any] = (
            {} if account.app_id in (None, found.corp_id) else {"app_id": account.app_id}
        )
        if isinstance(found, ServiceProvider):
            changes |= {"sub_mch_id": account.sub_mch_id, "msgappid": account.msgappid}
        if all(getattr(found, name) == value for name, value in changes.items()):
            return found
        return replace(found, now=None, **changes)


class TransferClients:
    """Makes the client of transfers of a profile; the arguments are those of ``Clients``."""

    def __init__(
        self,
        configuration: Configuration,
        merchants: Mapping[str, V3Credentials],
        number: str,
        *,
        connections_max: int,
    ) -> None:
        self._configuration = configuration
        self._merchants = merchants
        self._number = number
        self._connections_max = connections_max
        self._transports: list[AsyncioTransport] = []

    def __call__(self, profile: str) -> AsyncMerchantTransfer:
        """The client of a profile; called once for each.

        Raises:
            ConfigurationError: if the settings do not have it, or have it with another number.
        """
        check_number(self._configuration, profile, self._number, settings.TRANSFERS)
        found = self._merchants[profile]
        limits = Limits(
            connect_seconds=found.connect_seconds, connections_max=self._connections_max
        )
        transport = AsyncioTransport(found.context, limits=limits, proxy=found.http_proxy)
        self._transports.append(transport)
        clock = rehearsal_clock(self._configuration) or time.time
        return AsyncMerchantTransfer(found, transport=transport, hooks=spans.hooks(), clock=clock)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports:
            await transport.aclose()
