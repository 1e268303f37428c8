"""Answers ``downloadfundflow``: a bill of a past day, or why there is none.

Which code a day is answered with that is not over, or too long ago, is a guess.
"""

from __future__ import annotations

import gzip
import hmac
from datetime import datetime
from hashlib import sha1
from typing import TYPE_CHECKING

from hongbao.beijing import BEIJING, SECOND, day_begins, day_of
from hongbao.simulator import answers, bill_faults
from hongbao.simulator import checks as c
from hongbao.simulator.bill_rows import rows_of_day
from hongbao.simulator.exchange import Answer
from hongbao.simulator.fault_injection import RequestOutcome
from hongbao.simulator.rules import SUCCESS, Rule
from hongbao.simulator.settings import BillDigest
from hongbao.wire import signature
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW, BillAccount, NoBillReason
from hongbao.wire.bill.writer import BillLayout, write_bill

if TYPE_CHECKING:
    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.faults import FaultPlan
    from hongbao.simulator.settings import Settings


def missing_field(request: ApiRequest) -> bool | str:
    """A field that the call requires is absent or empty."""
    given = (*request.given, *(("sign",) if request.sign else ()))
    return next((name for name in (*DOWNLOADFUNDFLOW.required, "sign") if name not in given), False)


def illegal_field(request: ApiRequest) -> bool | str:
    """A field breaks its rule, or there is no such day."""
    for known in DOWNLOADFUNDFLOW.known:
        text = request.given.get(known.name)
        if text is not None and known.problem(text) is not None:
            return known.name
    return "bill_date" if _day(request) is None else False


def wrong_sign(request: ApiRequest) -> bool:
    """The HMAC-SHA256 over the fields that the call knows is wrong."""
    right = signature.sign_hmac_sha256(request.given, request.merchant.key)
    return not hmac.compare_digest(request.sign.upper().encode(), right.encode())


def foreign_day(request: ApiRequest) -> bool:
    """The day is not over, or more than `bill_days` ago."""
    day, today = _day(request) or 0, day_of(int(request.now) * SECOND)
    return not today - request.world.settings.bill_days <= day < today


ADMISSION: tuple[Rule, ...] = (
    Rule("B", "XML_ERROR", c.malformed, "请求内容不是合法的XML"),
    Rule("B", "PARAM_ERROR", c.stranger, "参数错误:输入的商户号有误"),
    Rule("B", "PARAM_ERROR", missing_field, "参数错误:缺少{}"),
    Rule("B", "PARAM_ERROR", illegal_field, "参数错误:{}不符合要求"),
    Rule("B", "CA_ERROR", c.wrong_certificate, "证书与商户号不一致,请使用该商户号的API证书"),
    Rule("B", "CA_ERROR", c.expired_certificate, "证书已过期"),
    Rule("B", "SIGN_ERROR", wrong_sign, "签名错误"),
    Rule("B", "PARAM_ERROR", c.appid_not_bound, "参数错误:appid与mch_id不匹配"),
    Rule("B", "NO_AUTH", c.call_forbidden, "商户没有调用此接口的权限"),
    Rule("B", "PARAM_ERROR", foreign_day, "参数错误:bill_date不符合要求"),
)
"""Whether the request is valid and allowed, in the order of precedence."""


def answer_bill(request: ApiRequest, plan: FaultPlan) -> RequestOutcome:
    """Answer one request."""
    for check in ADMISSION:
        found = check.finds(request)
        if found is not False:
            return _refused(request, check.err_code, check.text.format(found))
    settings, day = request.world.settings, _day(request) or 0
    ready_at = day_begins(day + 1) / SECOND + settings.bill_ready_seconds
    if request.now < ready_at + bill_faults.late_seconds(plan):
        return _refused(request, NoBillReason.BILL_CREATING, "账单生成中")
    account = BillAccount(request.given["account_type"])
    rows = rows_of_day(request.world, request.merchant, account, day)
    rows = bill_faults.with_faults(rows, plan)
    if not rows:
        return _refused(request, NoBillReason.NO_BILL_EXIST, "账单不存在")
    stated = bill_faults.stated_totals(rows, plan)
    plain = write_bill(rows, layout_of(settings), stated=stated)
    return RequestOutcome(_bill(request, plain), SUCCESS, paid=False)


def _refused(request: ApiRequest, err_code: str, text: str) -> RequestOutcome:
    return RequestOutcome(answers.refusal(request, err_code, text), err_code, paid=False)


def _day(request: ApiRequest) -> int | None:
    """The day as days since the epoch; None if there is no such day."""
    try:
        begins = datetime.strptime(request.given["bill_date"], "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return day_of(int(begins.timestamp()) * SECOND)


def layout_of(settings: Settings) -> BillLayout:
    """How bills look here."""
    return BillLayout(
        header_ticks=settings.bill_header_ticks,
        decimal_counts=settings.bill_decimal_counts,
        wide_brackets=settings.bill_wide_brackets,
    )


def _bill(request: ApiRequest, plain: bytes) -> Answer:
    compressed = "tar_type" in request.given
    body = gzip.compress(plain, mtime=0) if compressed else plain
    digest_of = request.world.settings.bill_digest
    headers: tuple[tuple[str, str], ...] = ()
    if digest_of is not BillDigest.NONE:
        hashed = sha1(plain if digest_of is BillDigest.PLAIN else body, usedforsecurity=False)
        headers = (("Digest", f"SHA={hashed.hexdigest()}"),)
    return Answer(200, body, "application/x-gzip" if compressed else "text/plain", headers=headers)
