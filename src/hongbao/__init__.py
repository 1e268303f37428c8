"""WeChat Pay cash red packets (微信现金红包) that are never paid twice."""

from typing import TYPE_CHECKING

from hongbao.billno import new_billno
from hongbao.client.certificate import CertificateExpiring
from hongbao.client.merchant import Merchant, ServiceProvider, WorkWx
from hongbao.client.observe import Call, End, Hook, Outcome
from hongbao.client.sync import RedPack
from hongbao.client.transport import Limits
from hongbao.errors import (
    ConfigurationError,
    Disposition,
    HongbaoError,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    PacketNotFound,
    Refused,
    UntrustedReply,
)
from hongbao.money import Fen, format_yuan, parse_yuan
from hongbao.version import __version__ as __version__
from hongbao.wire.assumptions import Assumptions
from hongbao.wire.caution import ByteLengthWarning, GroupPacketWarning
from hongbao.wire.claim import ClaimParams, JumpHongbaoParams
from hongbao.wire.messages import (
    Message,
    Preorder,
    Query,
    QueryWork,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
)
from hongbao.wire.replies import (
    Accepted,
    AcceptedGroup,
    AcceptedMiniProgram,
    AcceptedWork,
    Claim,
    PacketInfo,
    Preordered,
    WorkPacketInfo,
)
from hongbao.wire.risk import RiskInfo
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.client.asynchronous import AsyncRedPack

__all__ = [
    "Accepted",
    "AcceptedGroup",
    "AcceptedMiniProgram",
    "AcceptedWork",
    "Assumptions",
    "AsyncRedPack",
    "ByteLengthWarning",
    "Call",
    "CertificateExpiring",
    "Claim",
    "ClaimParams",
    "ConfigurationError",
    "Disposition",
    "End",
    "Fen",
    "GroupPacketWarning",
    "HongbaoError",
    "Hook",
    "InvalidRequest",
    "JumpHongbaoParams",
    "Limits",
    "Merchant",
    "Message",
    "NotSent",
    "Outcome",
    "OutcomeUnknown",
    "PacketInfo",
    "PacketNotFound",
    "Preorder",
    "Preordered",
    "Query",
    "QueryWork",
    "RedPack",
    "Refused",
    "RiskInfo",
    "SendGroup",
    "SendMiniProgram",
    "SendNormal",
    "SendWork",
    "ServiceProvider",
    "Status",
    "UntrustedReply",
    "WorkPacketInfo",
    "WorkWx",
    "format_yuan",
    "new_billno",
    "parse_yuan",
]


def __getattr__(name: str) -> object:
    # asyncio costs 2 MB and 20 ms, so a process pays for it only when it uses it.
    if name == "AsyncRedPack":
        from hongbao.client.asynchronous import AsyncRedPack  # noqa: PLC0415  # see above

        return AsyncRedPack
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
