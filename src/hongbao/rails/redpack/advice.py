"""What a person who runs the engine should do about a code; that for programs says to send.

Nobody sends by hand what the engine pays: it goes on by itself, with the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.state_words import Words
from hongbao.wire.codes import HINTS, Code

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUERIED = Words(
    "Nothing: the engine queries the number until it is settled, and never changes it.",
    "无需处理：引擎会用原单号查询到有定论为止，不会更换单号。",
)
_USERS_DAY = Words(
    "Nothing: the engine tries again tomorrow; or raise the limit in the product settings.",
    "无需处理：引擎次日会再试；也可在产品设置中提高上限。",
)
_MERCHANTS_DAY = Words(
    "Nothing: the engine tries again tomorrow; or have the limit raised.",
    "无需处理：引擎次日会再试；也可申请提高上限。",
)

_ADVICE: Mapping[str, Words] = {
    "SYSTEMERROR": _QUERIED,
    "PROCESSING": Words(
        "Nothing: the engine queries it after 20 minutes; it may show SENDING for hours.",
        "无需处理：引擎 20 分钟后查询；状态可能持续数小时为 SENDING。",
    ),
    "SEND_FAILED": Words(
        "Nothing: the engine queries it, and once the query says FAILED the payout is refused.",
        "无需处理：引擎会查询；查询结果为 FAILED 后，该笔付款记为被拒绝。",
    ),
    "NOTENOUGH": Words("Top up that account.", "给该账户充值。"),
    "NO_AUTH": Words(
        "Fix what the text says. An IP list takes about 10 minutes.",
        "按文字说明处理；IP 白名单约 10 分钟后生效。",
    ),
    "SENDNUM_LIMIT": _USERS_DAY,
    "RCVDAMOUNT_LIMIT": _USERS_DAY,
    "SENDAMOUNT_LIMIT": _MERCHANTS_DAY,
    "DAY_OVER_LIMITED": _MERCHANTS_DAY,
    "FREQ_LIMIT": Words(
        "Nothing: the engine slows down and tries again.", "无需处理：引擎会降低频率并再试。"
    ),
    "SECOND_OVER_LIMITED": Words(
        "Nothing: the engine slows down and queries the number.",
        "无需处理：引擎会降低频率并查询该单号。",
    ),
    "TIME_LIMITED": Words(
        "Nothing: the engine goes on after 8:00 Beijing time.",
        "无需处理：引擎会在北京时间 8:00 以后继续。",
    ),
    "PAYER_ACCOUNT_ABNORMAL": Words("Contact WeChat Pay.", "联系微信支付处理。"),
    "PRODUCT_AUTHORITY_UNOPEN": Words(
        "Open the red packet product in the merchant platform.", "在商户平台开通红包产品。"
    ),
    "NOT_FOUND": _QUERIED,
    "TLS_CERTIFICATE_ALERT": Words(
        "Check the API certificate with `hongbao doctor`.", "用 `hongbao doctor` 检查 API 证书。"
    ),
    "": Words(
        "The engine queries the number and never changes it. Have a person look at it.",
        "引擎会用原单号查询，不会更换单号；请人工核实。",
    ),
}
"""By code; that of a code in no table is the empty one."""

_HINTS: Mapping[str, Words] = {
    "IP": Words(
        "Add the machine's outgoing IP address to the product's list (effective after about 10 "
        "minutes).",
        "把本机出口 IP 加入产品的 IP 白名单（约 10 分钟生效）。",
    ),
    "权限": Words(
        "Open the product or its API permission in the merchant platform.",
        "在商户平台开通产品或 API 权限。",
    ),
    "异常": Words(
        "Risk control refused this user. Tell the user, or lower the anti-abuse level.",
        "该用户被风控拦截；请告知用户或降低防刷等级。",
    ),
}
"""By the word in the text of NO_AUTH that refines its advice."""


def advise_people(row: Code, said: str) -> Words:
    """What a person should do about a code, refined by WeChat's text where a hint knows it."""
    hint = next((h for h in HINTS if h[0] == row.err_code and h[1] in said), None)
    if hint is None:
        return _ADVICE.get(row.err_code, Words(row.advice, row.advice_zh))
    return _HINTS.get(hint[1], Words(*hint[2:]))
