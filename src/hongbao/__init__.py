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
    from hongbao.client.transfer.asynchronous import AsyncMerchantTransfer
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.client.transfer.linked_file import ReceiptFile
    from hongbao.client.transfer.sync import MerchantTransfer
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
    from hongbao.wire.transfer.assumptions import TransferAssumptions
    from hongbao.wire.transfer.authorizations import (
        AskAuthorization,
        CloseAuthorization,
        QueryAuthorization,
        TransferAskingAuthorization,
        TransferUnderAuthorization,
    )
    from hongbao.wire.transfer.fail_reasons import FailReason, fail_reason
    from hongbao.wire.transfer.front_end import FrontEndParams
    from hongbao.wire.transfer.messages import (
        ApplyReceipt,
        CancelTransfer,
        QueryReceipt,
        QueryTransfer,
        QueryTransferByWechatsNumber,
        Transfer,
    )
    from hongbao.wire.transfer.notification import (
        AuthorizationChanged,
        NotificationRefused,
        OtherEvent,
        TransferFinished,
    )
    from hongbao.wire.transfer.preparing import Prepared
    from hongbao.wire.transfer.replies import (
        AuthorizationInfo,
        ElectronicReceipt,
        TransferCanceling,
        TransferInfo,
        TransferTaken,
        TransferUnderAuthorizationTaken,
    )
    from hongbao.wire.transfer.state import MoneyStatus, TransferState
    from hongbao.wire.transfer.wechat_keys import Provenance, WechatKey

__all__ = [
    "Accepted",
    "AcceptedGroup",
    "AcceptedMiniProgram",
    "AcceptedWork",
    "ApplyReceipt",
    "AskAuthorization",
    "Assumptions",
    "AsyncMerchantTransfer",
    "AsyncRedPack",
    "AuthorizationChanged",
    "AuthorizationInfo",
    "Bill",
    "BillAccount",
    "ByteLengthWarning",
    "Call",
    "CancelTransfer",
    "CertificateExpiring",
    "Claim",
    "ClaimParams",
    "CloseAuthorization",
    "ConfigurationError",
    "Disposition",
    "ElectronicReceipt",
    "End",
    "FailReason",
    "Fen",
    "FrontEndParams",
    "GroupPacketWarning",
    "HongbaoError",
    "Hook",
    "InvalidRequest",
    "JumpHongbaoParams",
    "Limits",
    "Merchant",
    "MerchantTransfer",
    "Message",
    "MoneyStatus",
    "NoBill",
    "NoBillReason",
    "NotSent",
    "NotificationRefused",
    "OtherEvent",
    "Outcome",
    "OutcomeUnknown",
    "PacketInfo",
    "PacketNotFound",
    "Preorder",
    "Preordered",
    "Prepared",
    "Provenance",
    "Query",
    "QueryAuthorization",
    "QueryReceipt",
    "QueryTransfer",
    "QueryTransferByWechatsNumber",
    "QueryWork",
    "ReceiptFile",
    "RedPack",
    "Refused",
    "RiskInfo",
    "SendGroup",
    "SendMiniProgram",
    "SendNormal",
    "SendWork",
    "ServiceProvider",
    "Status",
    "Transfer",
    "TransferAskingAuthorization",
    "TransferAssumptions",
    "TransferCanceling",
    "TransferFinished",
    "TransferInfo",
    "TransferNotFound",
    "TransferState",
    "TransferTaken",
    "TransferUnderAuthorization",
    "TransferUnderAuthorizationTaken",
    "UntrustedReply",
    "V3Credentials",
    "WechatKey",
    "WorkPacketInfo",
    "WorkWx",
    "fail_reason",
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
    "AsyncMerchantTransfer": "client.transfer.asynchronous",
    "V3Credentials": "client.transfer.credentials",
    "ReceiptFile": "client.transfer.linked_file",
    "MerchantTransfer": "client.transfer.sync",
    "TransferAssumptions": "wire.transfer.assumptions",
    "AskAuthorization": "wire.transfer.authorizations",
    "CloseAuthorization": "wire.transfer.authorizations",
    "QueryAuthorization": "wire.transfer.authorizations",
    "TransferAskingAuthorization": "wire.transfer.authorizations",
    "TransferUnderAuthorization": "wire.transfer.authorizations",
    "FailReason": "wire.transfer.fail_reasons",
    "fail_reason": "wire.transfer.fail_reasons",
    "FrontEndParams": "wire.transfer.front_end",
    "ApplyReceipt": "wire.transfer.messages",
    "CancelTransfer": "wire.transfer.messages",
    "QueryReceipt": "wire.transfer.messages",
    "QueryTransfer": "wire.transfer.messages",
    "QueryTransferByWechatsNumber": "wire.transfer.messages",
    "Transfer": "wire.transfer.messages",
    "AuthorizationChanged": "wire.transfer.notification",
    "NotificationRefused": "wire.transfer.notification",
    "OtherEvent": "wire.transfer.notification",
    "TransferFinished": "wire.transfer.notification",
    "Prepared": "wire.transfer.preparing",
    "AuthorizationInfo": "wire.transfer.replies",
    "ElectronicReceipt": "wire.transfer.replies",
    "TransferCanceling": "wire.transfer.replies",
    "TransferInfo": "wire.transfer.replies",
    "TransferTaken": "wire.transfer.replies",
    "TransferUnderAuthorizationTaken": "wire.transfer.replies",
    "MoneyStatus": "wire.transfer.state",
    "TransferState": "wire.transfer.state",
    "Provenance": "wire.transfer.wechat_keys",
    "WechatKey": "wire.transfer.wechat_keys",
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
