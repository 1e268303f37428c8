"""Receipts and fund-flow bills: what is asked for them, and the files behind their links.

A link is good for a while, and is computed from what it is of, so that none is stored. The replies
with files are not signed, as WeChat's are not.
"""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from hongbao.beijing import BEIJING, SECOND, day_begins, day_of
from hongbao.simulator import bill_faults
from hongbao.simulator.bill_call import layout_of
from hongbao.simulator.bill_rows import rows_of_day
from hongbao.simulator.exchange import Answer
from hongbao.simulator.transfer.answered import V3Refusal, V3Success, invalid, parameter
from hongbao.simulator.transfer.moments import written
from hongbao.simulator.transfer.order import SimulatedTransfer
from hongbao.wire.bill.request import BillAccount
from hongbao.wire.bill.writer import write_bill
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from hongbao.simulator.faults import FaultPlan
    from hongbao.simulator.transfer.request import V3Request
    from hongbao.simulator.world import World

BILL_PATH = "/v3/billdownload/file"
RECEIPT_PATH = "/v3/transferbilldownload/elecvoucherfile"
FILE_PATHS = frozenset({BILL_PATH, RECEIPT_PATH})

_RECEIPT_SECONDS = 5.0
_RECEIPT_AGE_MAX = 180 * 86_400
_LINK_SECONDS = {BILL_PATH: 300, RECEIPT_PATH: 600}
_ACCOUNTS = {account.value.upper(): account for account in BillAccount}


def apply_receipt(request: V3Request) -> V3Success | V3Refusal:
    """Apply for a receipt: it is made some seconds later."""
    transfer = _transfer_of(request)
    if isinstance(transfer, V3Refusal):
        return transfer
    if transfer.state is not TransferState.SUCCESS or "user_name" not in transfer.document:
        return invalid("该转账单不支持申请电子回单")
    if request.now - transfer.created_at > _RECEIPT_AGE_MAX:
        return invalid("转账单已超过申请电子回单的期限")
    if transfer.receipt_at is None:
        transfer.receipt_at = request.now
        request.world.transfers.touch(transfer)
    return V3Success({"create_time": written(transfer.receipt_at), "state": "GENERATING"})


def query_receipt(request: V3Request) -> V3Success | V3Refusal:
    """Where a receipt stands."""
    transfer = _transfer_of(request)
    if isinstance(transfer, V3Refusal):
        return transfer
    if transfer.receipt_at is None:
        return V3Refusal(404, "NOT_FOUND", "电子回单申请不存在")
    made_at = transfer.receipt_at + _RECEIPT_SECONDS
    said: dict[str, Any] = {
        "create_time": written(transfer.receipt_at),
        "state": "FINISHED" if request.now >= made_at else "GENERATING",
        "update_time": written(min(made_at, request.now)),
    }
    if said["state"] == "FINISHED":
        said["hash_type"] = "SHA256"
        said["hash_value"] = sha256(_receipt(transfer)).hexdigest()
        said["download_url"] = _link(request, RECEIPT_PATH, transfer.out_bill_no)
    return V3Success(said)


def bill_link(request: V3Request, plan: FaultPlan) -> V3Success | V3Refusal:
    """Where the bill of a day and account can be fetched; its hash is that of the bill's faults."""
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    account = _ACCOUNTS.get(asked.get("account_type", "BASIC"))
    day = _day(asked.get("bill_date", ""))
    if account is None or day is None:
        name = "bill_date" if day is None else "account_type"
        return parameter(f"/{name}", asked.get(name), "a day, and an account", "参数错误")
    settings, today = request.world.settings, day_of(int(request.now) * SECOND)
    if not today - settings.bill_days <= day < today:
        return invalid("账单日期不在可下载范围内")
    ready_at = day_begins(day + 1) / SECOND + settings.bill_ready_seconds
    if request.now < ready_at + bill_faults.late_seconds(plan):
        return V3Refusal(400, "STATEMENT_CREATING", "账单生成中")
    rows = rows_of_day(request.world, request.merchant, account, day)
    if not bill_faults.with_faults(rows, plan):
        return V3Refusal(400, "NO_STATEMENT_EXIST", "账单不存在")
    packed = "1" if asked.get("tar_type") == "GZIP" else ""
    what = f"{day}|{account.value}|{packed}"
    bill = _bill(request.world, request.merchant.mch_id, what, plan)
    hashed = sha1(bill, usedforsecurity=False)
    return V3Success(
        {
            "download_url": _link(request, BILL_PATH, what),
            "hash_type": "SHA1",
            "hash_value": hashed.hexdigest(),
        }
    )


def file_behind(request: V3Request, plan: FaultPlan) -> Answer | V3Refusal:
    """The file that a link is of."""
    token = parse_qs(request.query).get("token", [""])[0]
    try:
        text = urlsafe_b64decode(token.encode()).decode()
        proof, moment, mch_id, what = text.split("/", 3)
        old = request.now - float(moment) > _LINK_SECONDS[request.path]
    except (ValueError, KeyError):
        return invalid("token无效")
    ours = proof == _proof(request.world, request.path, f"{moment}/{mch_id}/{what}")
    if not ours or old or mch_id != request.merchant.mch_id:
        return invalid("token无效或已过期")
    if request.path == RECEIPT_PATH:
        transfer = request.world.transfers.find(mch_id, what)
        if transfer is None:
            return invalid("token无效")
        return Answer(200, _receipt(transfer), "application/pdf")
    return Answer(200, _bill(request.world, mch_id, what, plan), "text/plain")


def _transfer_of(request: V3Request) -> SimulatedTransfer | V3Refusal:
    book, number = request.world.transfers, request.number
    found = book.find(request.merchant.mch_id, number) or book.find_by_wechats_number(number)
    if found is None or found.mch_id != request.merchant.mch_id:
        return V3Refusal(404, "NOT_FOUND", "记录不存在")
    return found


def _receipt(transfer: SimulatedTransfer) -> bytes:
    return f"%PDF-1.4\n% {transfer.mch_id} {transfer.out_bill_no} {transfer.amount}\n".encode()


def _bill(world: World, mch_id: str, what: str, plan: FaultPlan) -> bytes:
    day, account, packed = what.split("|")
    merchant = world.merchant(mch_id)
    rows = rows_of_day(world, merchant, BillAccount(account), int(day))
    rows = bill_faults.with_faults(rows, plan)
    stated = bill_faults.stated_totals(rows, plan)
    plain = write_bill(rows, layout_of(world.settings), stated=stated)
    return gzip.compress(plain, mtime=0) if packed else plain


def _link(request: V3Request, path: str, what: str) -> str:
    host = request.headers.get("host", "localhost")
    about = f"{request.now}/{request.merchant.mch_id}/{what}"
    text = f"{_proof(request.world, path, about)}/{about}"
    return f"https://{host}{path}?token={urlsafe_b64encode(text.encode()).decode()}"


def _proof(world: World, path: str, about: str) -> str:
    return sha256(f"{world.secret}{path}/{about}".encode()).hexdigest()[:32]


def _day(text: str) -> int | None:
    try:
        begins = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return day_of(int(begins.timestamp()) * SECOND)
