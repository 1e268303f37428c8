"""The calls of the V3 transfer as data: where each goes, what it takes, what its reply repeats.

The partner's variants (``/partner/...``) are not here: they are announced and not open (page
4015468873 of 2026-08-05).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hongbao.wire.transfer import fields as f
from hongbao.wire.transfer.fields import optional, required

if TYPE_CHECKING:
    from hongbao.wire.transfer.fields import Part

_FOLDER = "/v3/fund-app/mch-transfer"
_GAP = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEndpoint:
    """One call.

    Attributes:
        name: as the client's method is called.
        letter: in the table of codes.
        method: ``GET`` or ``POST``.
        template: its path, with a gap for each number that stands in it.
        parts: what its body is made of; empty if it has none.
        moves_money: whether what comes of it concerns money, so that it is never made twice by
            itself. A cancel is such a call.
        pays: whether it may pay somebody: only such a call is refused, others are just unanswered.
        echoed: what a success must repeat of the request.
        names_merchant: whether a success names the merchant.
        of_authorizations: whether it belongs to the family that WeChat opens by a white list.
    """

    name: str
    letter: str
    method: Literal["GET", "POST"]
    template: str
    parts: tuple[Part, ...] = ()
    moves_money: bool = False
    pays: bool = False
    echoed: tuple[str, ...] = ()
    names_merchant: bool = False
    of_authorizations: bool = False

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names of the numbers in its path."""
        return tuple(_GAP.findall(self.template))

    def match(self, path: str) -> dict[str, str] | None:
        """The numbers in a path without its query, or None if it is another call's."""
        # No template has a character that a pattern would understand otherwise.
        found = re.fullmatch(_GAP.sub(r"(?P<\1>[0-9A-Za-z_-]{1,64})", self.template), path)
        return found.groupdict() if found else None


_ANY_TRANSFER = required(
    f.APPID,
    f.OUT_BILL_NO,
    f.TRANSFER_SCENE_ID,
    f.TRANSFER_AMOUNT,
    f.TRANSFER_REMARK,
    f.REPORT_INFOS,
) + optional(f.SEALED_NAME, f.NOTIFY_URL, f.USER_RECV_PERCEPTION)

TRANSFER = TransferEndpoint(
    name="transfer",
    letter="T",
    method="POST",
    template=f"{_FOLDER}/transfer-bills",  # 4012716434
    parts=_ANY_TRANSFER + required(f.OPENID) + optional(f.USER_RECV_STYLE),
    moves_money=True,
    pays=True,
    echoed=("out_bill_no",),
)
TRANSFER_ASKING_AUTHORIZATION = TransferEndpoint(
    name="transfer_asking_authorization",
    letter="P",
    method="POST",
    template=f"{_FOLDER}/transfer-bills/pre-transfer-with-authorization",  # 4014399293
    parts=_ANY_TRANSFER + required(f.OPENID, f.AUTHORIZATION_INFO) + optional(f.SPONSOR_MCHID),
    moves_money=True,
    pays=True,
    echoed=("out_bill_no",),
    of_authorizations=True,
)
TRANSFER_UNDER_AUTHORIZATION = TransferEndpoint(
    name="transfer_under_authorization",
    letter="A",
    method="POST",
    template=f"{_FOLDER}/transfer-bills/transfer",  # 4014399371
    parts=_ANY_TRANSFER + optional(f.AUTHORIZATION_ID, f.OUT_AUTHORIZATION_NO, f.SPONSOR_MCHID),
    moves_money=True,
    pays=True,
    echoed=("out_bill_no",),
    of_authorizations=True,
)
QUERY = TransferEndpoint(
    name="query",
    letter="Q",
    method="GET",
    template=f"{_FOLDER}/transfer-bills/out-bill-no/{{out_bill_no}}",  # 4012716437
    echoed=("out_bill_no",),
    names_merchant=True,
)
QUERY_BY_WECHATS_NUMBER = TransferEndpoint(
    name="query_by_wechats_number",
    letter="Q",
    method="GET",
    template=f"{_FOLDER}/transfer-bills/transfer-bill-no/{{transfer_bill_no}}",  # 4012716457
    echoed=("transfer_bill_no",),
    names_merchant=True,
)
CANCEL = TransferEndpoint(
    name="cancel",
    letter="C",
    method="POST",
    template=f"{_FOLDER}/transfer-bills/out-bill-no/{{out_bill_no}}/cancel",  # 4012716458
    moves_money=True,
    echoed=("out_bill_no",),
)
APPLY_RECEIPT = TransferEndpoint(
    name="apply_receipt",
    letter="E",
    method="POST",
    template=f"{_FOLDER}/elecsign/out-bill-no",
    parts=required(f.OUT_BILL_NO),
)
APPLY_RECEIPT_BY_WECHATS_NUMBER = TransferEndpoint(
    name="apply_receipt_by_wechats_number",
    letter="E",
    method="POST",
    template=f"{_FOLDER}/elecsign/transfer-bill-no",
    parts=required(f.TRANSFER_BILL_NO),
)
QUERY_RECEIPT = TransferEndpoint(
    name="query_receipt",
    letter="E",
    method="GET",
    template=f"{_FOLDER}/elecsign/out-bill-no/{{out_bill_no}}",  # 4012716436
)
QUERY_RECEIPT_BY_WECHATS_NUMBER = TransferEndpoint(
    name="query_receipt_by_wechats_number",
    letter="E",
    method="GET",
    template=f"{_FOLDER}/elecsign/transfer-bill-no/{{transfer_bill_no}}",  # 4012716455
)
ASK_AUTHORIZATION = TransferEndpoint(
    name="ask_authorization",
    letter="U",
    method="POST",
    template=f"{_FOLDER}/user-confirm-authorization",  # 4015901167
    parts=required(
        f.OUT_AUTHORIZATION_NO,
        f.APPID,
        f.OPENID,
        f.TRANSFER_SCENE_ID,
        f.USER_DISPLAY_NAME,
        f.AUTHORIZATION_NOTIFY_URL,
    )
    + optional(f.USER_RECV_PERCEPTION, f.SCENE_INFO),
    echoed=("out_authorization_no",),
    of_authorizations=True,
)
QUERY_AUTHORIZATION = TransferEndpoint(
    name="query_authorization",
    letter="U",
    method="GET",
    template=f"{_FOLDER}/user-confirm-authorization/out-authorization-no/{{out_authorization_no}}",
    echoed=("out_authorization_no",),  # 4014399423
    of_authorizations=True,
)
CLOSE_AUTHORIZATION = TransferEndpoint(
    name="close_authorization",
    letter="U",
    method="POST",
    template=f"{_FOLDER}/user-confirm-authorization/out-authorization-no/{{out_authorization_no}}"
    "/close",  # 4015653811
    echoed=("out_authorization_no",),
    of_authorizations=True,
)
CERTIFICATES = TransferEndpoint(
    name="platform_certificates", letter="K", method="GET", template="/v3/certificates"
)
FUND_FLOW_BILL = TransferEndpoint(
    name="fund_flow_bill", letter="B", method="GET", template="/v3/bill/fundflowbill"
)

TRANSFER_ENDPOINTS = (
    TRANSFER,
    TRANSFER_ASKING_AUTHORIZATION,
    TRANSFER_UNDER_AUTHORIZATION,
    QUERY,
    QUERY_BY_WECHATS_NUMBER,
    CANCEL,
    APPLY_RECEIPT,
    APPLY_RECEIPT_BY_WECHATS_NUMBER,
    QUERY_RECEIPT,
    QUERY_RECEIPT_BY_WECHATS_NUMBER,
    ASK_AUTHORIZATION,
    QUERY_AUTHORIZATION,
    CLOSE_AUTHORIZATION,
    CERTIFICATES,
    FUND_FLOW_BILL,
)


def find(method: str, path: str) -> tuple[TransferEndpoint, dict[str, str]] | None:
    """The call that a request makes, with the numbers in its path; None if it is none of these."""
    for endpoint in TRANSFER_ENDPOINTS:
        if endpoint.method == method and (numbers := endpoint.match(path)) is not None:
            return endpoint, numbers
    return None
