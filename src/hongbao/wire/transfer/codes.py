"""What each code of a V3 transfer means for the money, and what to do about it. One table.

A code that is not in the table for its call is unknown. HTTP's status decides nothing: a missing
bill came as 400 and as 404. Texts settle nothing: one code has many. Where one code stands for what
makes an order and for what does not, its disposition is the worse. A code counts only in a reply
that WeChat signed, and NO only on the first call of a number. Sources: the tables of the pages
4012716434, 4012716437 and 4012716458, and answers of WeChat's staff.
"""

from __future__ import annotations

from hongbao.errors import Disposition
from hongbao.sentences import both
from hongbao.wire.codes import Code

_NO, _OPEN, _UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN
_PAYING = "TPA"
"""T transfer, P transfer_asking_authorization, A transfer_under_authorization."""
_OTHERS = "QCEUKB"
"""Q queries, C cancel, E receipts, U authorisations, K platform_certificates, B fund_flow_bill."""

_CALLER = "Nothing is said of the transfer. Fix the call, then make it again."
_CALLER_ZH = "这不说明转账单的状态。修正请求后重新调用。"
_SLOWER = "Slow down, then make the call again with the same number. 100 calls a second are allowed, 20 cancels."
_SLOWER_ZH = "降低频率后用原单号重新调用。一般接口每秒 100 次，撤销每秒 20 次。"
_TOO_FAST = "Too many calls. Whether this one was taken is not certain."
_TOO_FAST_ZH = "请求过于频繁；本次是否已受理并不确定。"
_ASK_FIRST = "Query it, or send the same bytes again with the same number; never make a new number."
_ASK_FIRST_ZH = "查询，或用原单号、原请求内容重发；切勿更换单号。"

TRANSFER_CODES: tuple[Code, ...] = (
    Code(
        "PARAM_ERROR",
        _PAYING,
        _NO,
        "A field is missing, malformed or unknown, or the name is not sealed with the key that Wechatpay-Serial names.",
        "Fix the field that the text names. Once a query says NOT_FOUND, the same number may be sent again.",
        "参数缺失、格式错误或多余，或姓名未用 Wechatpay-Serial 指定的密钥加密。",
        "按提示修正字段；查询结果为 NOT_FOUND 后可用原单号重发。",
    ),
    Code(
        "PARAM_ERROR",
        _OTHERS,
        _UNKNOWN,
        "A field is missing or malformed.",
        _CALLER,
        "参数缺失或格式错误。",
        _CALLER_ZH,
    ),
    Code(
        "INVALID_REQUEST",
        _PAYING,
        _OPEN,
        "The number exists with other content; or the IP, scene, perception, limit or openid is refused. Only the text tells.",
        "Query first. If WeChat knows the number, our data has changed: have a person look. Else fix what the text says.",
        "单号已存在但信息不一致，或 IP、场景、收款感知、限额、openid 不被允许；只有文字说明能区分。",
        "先查询：若单号已存在，说明我方数据已变，须人工核实；否则按文字说明处理。",
    ),
    Code(
        "INVALID_REQUEST",
        "C",
        _UNKNOWN,
        "It cannot be taken back: the user has confirmed, it is over, or there is no such number.",
        "Query it: only the query says what became of it.",
        "无法撤销：用户已确认收款、单据已结束，或单号不存在。",
        "查询该单号，以查询结果为准。",
    ),
    Code(
        "INVALID_REQUEST",
        "QEUKB",
        _UNKNOWN,
        "The call is not allowed as it is made: the IP, the time, or the state of what it asks about.",
        _CALLER,
        "当前不允许此请求：可能是 IP、时间或单据状态的原因。",
        _CALLER_ZH,
    ),
    Code(
        "ALREADY_EXISTS",
        "TPAU",
        _OPEN,
        "WeChat knows this number.",
        "Query it; never make a new number.",
        "该单号已存在。",
        "查询该单号；切勿更换单号。",
    ),
    Code(
        "SIGN_ERROR",
        _PAYING,
        _NO,
        "The signature is wrong, or its time is more than 5 minutes off.",
        "Check private key, serial number and clock; compare what WeChat says was signed. Confirm by a query.",
        "签名错误，或时间偏差超过 5 分钟。",
        "检查私钥、证书序列号与时钟，对照微信返回的待签名串；并用查询确认。",
    ),
    Code(
        "SIGN_ERROR",
        _OTHERS,
        _UNKNOWN,
        "The signature is wrong, or its time is more than 5 minutes off.",
        _CALLER,
        "签名错误，或时间偏差超过 5 分钟。",
        _CALLER_ZH,
    ),
    Code(
        "NO_AUTH",
        _PAYING,
        _NO,
        "The product, or the authorisation without confirming, is not opened for this merchant.",
        "Open 商家转账 (or the authorisation, by WeChat's white list) in the merchant platform. Confirm by a query.",
        "商户未开通商家转账，或未开通免确认收款授权。",
        "在商户平台开通产品（免确认授权须由微信加入白名单）；并用查询确认。",
    ),
    Code(
        "NO_AUTH",
        _OTHERS,
        _UNKNOWN,
        "The merchant may not make this call.",
        _CALLER,
        "商户无权调用此接口。",
        _CALLER_ZH,
    ),
    Code(
        "NOT_ENOUGH",
        _PAYING,
        _OPEN,
        "The operating account (运营账户) has too little money. WeChat may hold the number and lock the money after a top-up.",
        "Top up the operating account, then send the same bytes again with the same number.",
        "运营账户余额不足；微信可能保留该单号，充值后继续锁定资金。",
        "给运营账户充值后，用原单号、原请求内容重发。",
    ),
    Code(
        "USER_ERROR",
        _PAYING,
        _NO,
        "The merchant's or the user's account is not in order.",
        "Ask WeChat's service what is wrong with the account. Confirm by a query.",
        "商户或用户账户异常。",
        "联系微信支付客服核实账户；并用查询确认。",
    ),
    Code(
        "ACCOUNTERROR",
        _PAYING,
        _NO,
        "The merchant's account is not in order (an older code).",
        "Ask WeChat's service what is wrong with the account. Confirm by a query.",
        "商户账户异常（旧错误码）。",
        "联系微信支付客服核实账户；并用查询确认。",
    ),
    Code(
        "APPID_MCHID_NOT_MATCH",
        _PAYING,
        _NO,
        "The appid is not bound to this merchant (an older code).",
        "Bind the appid in the merchant platform, or use one that is bound. Confirm by a query.",
        "AppID 与商户号未绑定（旧错误码）。",
        "在商户平台绑定 AppID，或改用已绑定的 AppID；并用查询确认。",
    ),
    Code(
        "NOT_FOUND",
        "QEU",
        _UNKNOWN,
        "WeChat does not know the number now: it may be on its way still, or older than 30 days.",
        "Wait some minutes and ask again, then send the same bytes again. Never a reason for a new number by itself.",
        "微信目前查不到该单号：可能仍在受理中，或已超过 30 天。",
        "等几分钟再查，然后用原单号、原请求内容重发；仅凭此结果不得更换单号。",
    ),
    Code(
        "RESOURCE_NOT_EXISTS",
        "QEUKB",
        _UNKNOWN,
        "There is nothing of the kind: a merchant with WeChat's public key has no platform certificates.",
        _CALLER,
        "资源不存在：只使用微信支付公钥的商户没有平台证书。",
        _CALLER_ZH,
    ),
    Code(
        "NO_STATEMENT_EXIST",
        "B",
        _UNKNOWN,
        "Nothing moved on that account on that day.",
        "Ask for the other account too: transfers leave the operating account where there is one.",
        "该账户当日没有资金变动。",
        "同时查询另一账户：开通了运营账户时转账从运营账户出资。",
    ),
    Code(
        "STATEMENT_CREATING",
        "B",
        _UNKNOWN,
        "The bill is not made yet.",
        "Ask again in half an hour; bills are made after 10:00 of the next day.",
        "账单尚未生成。",
        "半小时后再试；账单在次日 10 点后生成。",
    ),
    *(
        Code(code, "TPAQCEUKB", _UNKNOWN, _TOO_FAST, _SLOWER, _TOO_FAST_ZH, _SLOWER_ZH)
        for code in (
            "FREQUENCY_LIMITED",
            "FREQUENCY_LIMIT_EXCEED",
            "FREQUENCY_LIMIT",
            "RATELIMIT_EXCEEDED",
        )
    ),
    Code(
        "QUOTA_EXCEED",
        _PAYING,
        _UNKNOWN,
        "The day's quota is used up (an older code).",
        "Query it, and send the same bytes again tomorrow.",
        "当日额度已用完（旧错误码）。",
        "先查询，次日用原单号、原请求内容重发。",
    ),
    Code(
        "SYSTEM_ERROR",
        "TPAQCEUKB",
        _UNKNOWN,
        "WeChat is busy or has no definite result.",
        _ASK_FIRST,
        "微信系统繁忙或没有明确结果。",
        _ASK_FIRST_ZH,
    ),
    Code(
        "SERVICE_UNAVAILABLE",
        "TPAQCEUKB",
        _UNKNOWN,
        "WeChat's service is away.",
        _ASK_FIRST,
        "微信服务暂不可用。",
        _ASK_FIRST_ZH,
    ),
)
"""Every code that is understood."""

UNKNOWN_TRANSFER_CODE = Code(
    "",
    "TPAQCEUKB",
    _UNKNOWN,
    "This code is not in the table for this call. WeChat may add codes at any time.",
    f"{_ASK_FIRST} Have a person look at it.",
    "该接口的错误码表中没有此码；微信可能随时新增。",
    f"{_ASK_FIRST_ZH}并请人工核实。",
)

_OTHER_CONTENT, _TOO_OLD = "信息不一致", "重试期"
_OF_AN_ORDER = ("已存在", _OTHER_CONTENT, _TOO_OLD)

TRANSFER_HINTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "INVALID_REQUEST",
        _OTHER_CONTENT,
        "The number exists with other content: query it, and find out why our data has changed.",
        "单号已存在且内容不同：查询该单号，并查明我方数据为何改变。",
    ),
    (
        "INVALID_REQUEST",
        _TOO_OLD,
        "The number is known and too old to be sent again: query it, and send nothing.",
        "该单号已超出重试期：只查询，不要再发。",
    ),
    (
        "INVALID_REQUEST",
        "IP",
        "Add this machine's outgoing address, IPv6 too, in 产品中心 > 商家转账 > 安全能力 > 接口IP; then query, and send again.",
        "在产品中心 > 商家转账 > 安全能力 > 接口IP 中加入本机出口地址（含 IPv6），再查询、重发。",
    ),
    (
        "INVALID_REQUEST",
        "转账场景",
        "Open the scene in the merchant platform, or give the id that it shows there.",
        "在商户平台开通该转账场景，或使用平台显示的场景 ID。",
    ),
    (
        "INVALID_REQUEST",
        "收款感知",
        "Leave user_recv_perception out: listed values were refused too.",
        "不要传 user_recv_perception：文档所列的值也曾被拒绝。",
    ),
)
"""(code, a word in WeChat's text, advice, advice in Chinese). They settle nothing."""

_BY_CODE = {(letter, row.err_code): row for row in TRANSFER_CODES for letter in row.endpoints}


def look_up(letter: str, err_code: str) -> Code:
    """The row of a code for a call's letter; ``UNKNOWN_TRANSFER_CODE`` where there is none."""
    return _BY_CODE.get((letter, err_code), UNKNOWN_TRANSFER_CODE)


def rows_of(err_code: str) -> list[Code]:
    """The rows of a code for any call."""
    return [row for row in TRANSFER_CODES if row.err_code == err_code.upper()]


def has_order(message: str) -> bool:
    """Whether WeChat's text says that there is an order of the number that was sent.

    True makes a refusal worse: a query that does not know the number may then be too late, since
    WeChat answers for 30 days. False says nothing, since texts change.
    """
    return any(word in message for word in _OF_AN_ORDER)


def advise(row: Code, message: str) -> str:
    """The advice of a row, refined by WeChat's text where a hint knows it."""
    for err_code, word, advice, advice_zh in TRANSFER_HINTS:
        if err_code == row.err_code and word in message:
            return both(advice, advice_zh)
    return both(row.advice, row.advice_zh)
