"""WeChat Pay cash red packets (微信现金红包) that are never paid twice."""

from importlib import import_module
from typing import TYPE_CHECKING

from hongbao.version import __version__ as __version__

if TYPE_CHECKING:
    from hongbao.billno import new_billno
    from hongbao.client.asynchronous import AsyncRedPack
    from hongbao.client.certificate import CertificateExpiring
    from hongbao.client.fund_flow import Bill, NoBill
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
        TransferNotFound,
        UntrustedReply,
    )
    from hongbao.money import Fen, format_yuan, parse_yuan
    from hongbao.wire.assumptions import Assumptions
    from hongbao.wire.bill.request import BillAccount, NoBillReason
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

__all__ = [
    "Accepted",
    "AcceptedGroup",
    "AcceptedMiniProgram",
    "AcceptedWork",
    "Assumptions",
    "AsyncRedPack",
    "Bill",
    "BillAccount",
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
    "NoBill",
    "NoBillReason",
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
    "TransferNotFound",
    "UntrustedReply",
    "WorkPacketInfo",
    "WorkWx",
    "format_yuan",
    "new_billno",
    "parse_yuan",
]

_HOMES = {
    "new_billno": "billno",
    "AsyncRedPack": "client.asynchronous",
    "CertificateExpiring": "client.certificate",
    "Bill": "client.fund_flow",
    "NoBill": "client.fund_flow",
    "Merchant": "client.merchant",
    "ServiceProvider": "client.merchant",
    "WorkWx": "client.merchant",
    "Call": "client.observe",
    "End": "client.observe",
    "Hook": "client.observe",
    "Outcome": "client.observe",
    "RedPack": "client.sync",
    "Limits": "client.transport",
    "ConfigurationError": "errors",
    "Disposition": "errors",
    "HongbaoError": "errors",
    "InvalidRequest": "errors",
    "NotSent": "errors",
    "OutcomeUnknown": "errors",
    "PacketNotFound": "errors",
    "Refused": "errors",
    "TransferNotFound": "errors",
    "UntrustedReply": "errors",
    "Fen": "money",
    "format_yuan": "money",
    "parse_yuan": "money",
    "Assumptions": "wire.assumptions",
    "BillAccount": "wire.bill.request",
    "NoBillReason": "wire.bill.request",
    "ByteLengthWarning": "wire.caution",
    "GroupPacketWarning": "wire.caution",
    "ClaimParams": "wire.claim",
    "JumpHongbaoParams": "wire.claim",
    "Message": "wire.messages",
    "Preorder": "wire.messages",
    "Query": "wire.messages",
    "QueryWork": "wire.messages",
    "SendGroup": "wire.messages",
    "SendMiniProgram": "wire.messages",
    "SendNormal": "wire.messages",
    "SendWork": "wire.messages",
    "Accepted": "wire.replies",
    "AcceptedGroup": "wire.replies",
    "AcceptedMiniProgram": "wire.replies",
    "AcceptedWork": "wire.replies",
    "Claim": "wire.replies",
    "PacketInfo": "wire.replies",
    "Preordered": "wire.replies",
    "WorkPacketInfo": "wire.replies",
    "RiskInfo": "wire.risk",
    "Status": "wire.status",
}
"""The module of each name."""


if not TYPE_CHECKING:  # which knows them all already, and so no others

    def __getattr__(name: str) -> object:
        # The command line and the engine begin here, too: they wait for no client, and the blocking
        # client waits for no asyncio. A process pays for what it uses when it uses it.
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"hongbao.{_HOMES[name]}"), name)
        globals()[name] = found  # so that nothing is asked here again
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
