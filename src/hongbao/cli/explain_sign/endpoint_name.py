"""The names of the calls, as an option takes them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from hongbao.wire.endpoints import Endpoint


class EndpointName(StrEnum):
    """One of the seven calls."""

    SENDREDPACK = "sendredpack"
    SENDGROUPREDPACK = "sendgroupredpack"
    SENDMINIPROGRAMHB = "sendminiprogramhb"
    GETHBINFO = "gethbinfo"
    HBPREORDER = "hbpreorder"
    SENDWORKWXREDPACK = "sendworkwxredpack"
    QUERYWORKWXREDPACK = "queryworkwxredpack"

    @property
    def endpoint(self) -> Endpoint:
        """Its tables."""
        return next(endpoint for endpoint in ENDPOINTS if endpoint.name == self.value)
