"""What each error code means for the money, and what to do about it, in English and Chinese. One table.

A code that is not in the table for its call is unknown, as is every numeric one. WeChat's texts
never decide: several causes share a code, so the disposition of a code is the worst of them, and
``HINTS`` only refine the advice. Source: the official tables of each call, as restated in the
protocol notes (section 8, and 15 where they differ).
"""

from __future__ import annotations

from typing import NamedTuple

from hongbao.errors import Disposition
from hongbao.sentences import both

_NO, _OPEN, _UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN


class Code(NamedTuple):
    """One row.

    Attributes:
        err_code: WeChat's code, without blanks.
        endpoints: the letters of the calls that it is documented for: S sendredpack, G
            sendgroupredpack, M sendminiprogramhb, Q gethbinfo, H hbpreorder, W sendworkwxredpack, V
            queryworkwxredpack.
        disposition: what it means for a first call on its number.
        meaning: what happened.
        advice: what to do.
        meaning_zh: the same in Chinese.
        advice_zh: the same in Chinese.
    """

    err_code: str
    endpoints: str
    disposition: Disposition
    meaning: str
    advice: str
    meaning_zh: str
    advice_zh: str


CODES: tuple[Code, ...] = (
    Code(
        "SYSTEMERROR",
        "SGMHWQV",
        _UNKNOWN,
        "WeChat is busy or has no definite result. A wrong WeCom secret shows as this too.",
        "Wait a second or more, then query, or send again with the same mch_billno. Never change the number.",
        "微信系统繁忙或没有明确结果；企业微信密钥错误有时也表现为此码。",
        "至少等待 1 秒后查询，或用原商户订单号重发；切勿更换单号。",
    ),
    Code(
        "PSYSTEMERROR",
        "V",
        _UNKNOWN,
        "The query failed (another spelling of SYSTEMERROR).",
        "Query again later.",
        "查询失败（SYSTEMERROR 的另一种写法）。",
        "稍后重新查询。",
    ),
    Code(
        "PROCESSING",
        "SGMW",
        _UNKNOWN,
        "Accepted and still running.",
        "Query with the same mch_billno after 20 minutes; it may show SENDING for hours.",
        "请求已受理，正在处理。",
        "20 分钟后用原单号查询；状态可能持续数小时为 SENDING。",
    ),
    Code(
        "SEND_FAILED",
        "SGMHW",
        _NO,
        "This number has failed for good; an expired number is answered like this too.",
        "Query it. Once the query says FAILED, a new mch_billno is safe.",
        "该单号已确定发放失败；已过期的单号也返回此码。",
        "先查询；查询结果为 FAILED 后才可换新单号。",
    ),
    Code(
        "NOTENOUGH",
        "SGMHW",
        _OPEN,
        "The paying account is short of money: the operating account if one is opened, else the basic one.",
        "Top up that account, then send again with the same mch_billno.",
        "出资账户余额不足：开通了运营账户时从运营账户出资，否则从基本账户出资。",
        "给该账户充值后，用原单号重发。",
    ),
    Code(
        "NO_AUTH",
        "SGMWHQV",
        _OPEN,
        "Refused by risk control, or the source IP is not on the list, or the product is not opened; only the text tells.",
        "Fix what the text says, then send again with the same mch_billno. An IP list takes about 10 minutes.",
        "被风控拦截、来源 IP 不在白名单、或产品权限未开通；只有文字说明能区分。",
        "按文字说明处理后用原单号重发；IP 白名单约 10 分钟后生效。",
    ),
    Code(
        "SENDNUM_LIMIT",
        "SGMW",
        _OPEN,
        "This user has had the day's number of packets (10 unless the merchant set another).",
        "Send again with the same mch_billno tomorrow, or raise the limit in the product settings.",
        "该用户今日领取个数已达上限（默认 10 个）。",
        "次日用原单号重发，或在产品设置中提高上限。",
    ),
    Code(
        "RCVDAMOUNT_LIMIT",
        "SMW",
        _OPEN,
        "This user has had the day's amount (1000 yuan unless the merchant set another).",
        "Send again with the same mch_billno tomorrow, or raise the limit in the product settings.",
        "该用户今日领取金额已达上限（默认 1000 元）。",
        "次日用原单号重发，或在产品设置中提高上限。",
    ),
    Code(
        "SENDAMOUNT_LIMIT",
        "SMW",
        _OPEN,
        "The merchant has sent the day's amount.",
        "Send again with the same mch_billno tomorrow, or raise the limit in the product settings.",
        "商户今日发放总金额已达上限。",
        "次日用原单号重发，或在产品设置中提高上限。",
    ),
    Code(
        "MONEY_LIMIT",
        "SGMHW",
        _NO,
        "The amount is outside the allowed range.",
        "Fix the amount or the scene's limits. Another amount needs a new mch_billno.",
        "金额超出允许范围。",
        "修改金额或场景限额；改了金额须用新单号。",
    ),
    Code(
        "FREQ_LIMIT",
        "SGMHWQV",
        _OPEN,
        "Too many calls: 30 a second unless the merchant was given more. The surplus call left no order.",
        "Slow down and send again with the same mch_billno.",
        "调用频率超限（默认每秒 30 次）；超限的请求不会留下订单。",
        "降低频率，用原单号重发。",
    ),
    Code(
        "SECOND_OVER_LIMITED",
        "SGH",
        _UNKNOWN,
        "The quota of 1800 calls a minute is used up (older pages). Whether an order was left is not known.",
        "Slow down, then query, or send again with the same mch_billno.",
        "每分钟 1800 次的配额已用完（旧文档）；是否留下订单不确定。",
        "降低频率后查询，或用原单号重发。",
    ),
    Code(
        "DAY_OVER_LIMITED",
        "SGH",
        _NO,
        "The merchant has sent the day's number of packets.",
        "Send tomorrow, or have the limit raised.",
        "商户今日发放个数已达上限。",
        "次日再发，或申请提高上限。",
    ),
    Code(
        "TIME_LIMITED",
        "SGH",
        _NO,
        "Not allowed between 0:00 and 8:00 Beijing time (historic).",
        "Send after 8:00 Beijing time.",
        "北京时间 0:00 至 8:00 不允许发放（历史规则）。",
        "北京时间 8:00 以后再发。",
    ),
    Code(
        "CA_ERROR",
        "SGMHWQV",
        _NO,
        "The client certificate is missing, wrong, or not this merchant's.",
        "Use the API certificate of this mch_id. `hongbao doctor` checks it.",
        "客户端证书缺失、错误或不属于该商户号。",
        "使用该商户号的 API 证书；可用 `hongbao doctor` 检查。",
    ),
    Code(
        "SIGN_ERROR",
        "SGMHWQV",
        _NO,
        "The signature is wrong: the APIv2 key, an extra field, or the character set.",
        "Check that the key is the APIv2 key (not the APIv3 key); `hongbao explain-sign` shows what was signed.",
        "签名错误：密钥、多余字段或编码不对。",
        "确认使用的是 APIv2 密钥（不是 APIv3 密钥）；`hongbao explain-sign` 可查看签名原文。",
    ),
    Code(
        "WORKWX_SIGN_ERROR",
        "W",
        _NO,
        "The inner signature of WeCom is wrong.",
        "Check the WeCom application's secret.",
        "企业微信签名（workwx_sign）错误。",
        "检查企业微信应用的 secret。",
    ),
    Code(
        "XML_ERROR",
        "SGMHWQV",
        _NO,
        "The request is not well-formed XML, or empty.",
        "Report it: hongbao never sends such a request.",
        "请求不是合法的 XML，或内容为空。",
        "请反馈：hongbao 不会发出这样的请求。",
    ),
    Code(
        "PARAM_ERROR",
        "SGMHWQV",
        _NO,
        "A field is illegal or missing, the scene is not opened, or the appid is not bound to the merchant.",
        "Read the text and fix the field. If this number was sent before, query it first.",
        "参数非法或缺失、场景未开通、或 appid 与商户号未绑定。",
        "按文字说明修改；如该单号此前发送过，请先查询。",
    ),
    Code(
        "FATAL_ERROR",
        "SGMHW",
        _UNKNOWN,
        "This number was used before with another openid or other fields: the first order exists and may have paid.",
        "Query the number. Never edit a packet under its number.",
        "该单号此前已用于不同的 openid 或参数：原订单存在，可能已付款。",
        "查询该单号；切勿在同一单号下修改内容。",
    ),
    Code(
        "金额和原始单参数不一致",  # the code itself is this phrase, in the pages of 2017
        "SG",
        _UNKNOWN,
        "This number was used before with another amount: the first order exists and may have paid.",
        "Query the number. Never edit a packet under its number.",
        "该单号此前已用于不同的金额：原订单存在，可能已付款。",
        "查询该单号；切勿在同一单号下修改金额。",
    ),
    Code(
        "ILLEGAL_APPID",
        "SGMW",
        _NO,
        "The appid is of the wrong kind, such as a mobile app's, or a mini program's in a normal packet.",
        "Use an official account's appid for normal packets, a mini program's for mini-program packets.",
        "appid 类型不对，例如移动应用的 appid，或普通红包用了小程序 appid。",
        "普通红包用公众号 appid，小程序红包用小程序 appid。",
    ),
    Code(
        "OPENID_ERROR",
        "SGMHW",
        _NO,
        "The openid does not belong to the appid.",
        "Use the openid that was issued under this appid; if many fail, the whole list has the wrong appid.",
        "openid 与 appid 不匹配。",
        "使用该 appid 下的 openid；如大量出现，多半整份名单的 appid 都不对。",
    ),
    Code(
        "MSGAPPID_ERROR",
        "SGM",
        _NO,
        "The msgappid is bound neither to the provider nor to the sub-merchant.",
        "Bind it in the merchant platform, or use one that is bound.",
        "msgappid 与服务商、特约商户都没有绑定关系。",
        "在商户平台绑定，或改用已绑定的 appid。",
    ),
    Code(
        "ACCEPTMODE_ERROR",
        "SGM",
        _NO,
        "The sub-merchant does not belong to this service provider.",
        "Check sub_mch_id and the relation in the merchant platform.",
        "该特约商户与服务商没有受理关系。",
        "检查 sub_mch_id 及商户平台中的关系。",
    ),
    Code(
        "API_METHOD_CLOSED",
        "SMW",
        _NO,
        "Sending by API is switched off in the merchant platform.",
        "Switch it on under the product's settings.",
        "商户平台中 API 发放方式已关闭。",
        "在产品设置中开启 API 发放。",
    ),
    Code(
        "PAYER_ACCOUNT_ABNORMAL",
        "S",
        _OPEN,
        "The merchant's account is frozen or punished. Whether the order stays alive is not known.",
        "Contact WeChat Pay; then send again with the same mch_billno.",
        "商户账户异常（被冻结或处罚）；订单是否仍然有效不确定。",
        "联系微信支付处理后，用原单号重发。",
    ),
    Code(
        "NO_COMPETENCE",
        "W",
        _NO,
        "The merchant is not opened for WeCom payments.",
        "Configure enterprise payments in the WeCom console.",
        "商户未开通企业微信支付。",
        "在企业微信管理后台配置企业支付。",
    ),
    Code(
        "PRODUCT_AUTHORITY_UNOPEN",
        "SGMHW",
        _NO,
        "The product is not opened for this merchant.",
        "Open the red packet product in the merchant platform, then send again.",
        "商户未开通该产品。",
        "在商户平台开通红包产品后再发。",
    ),
    Code(
        "NOT_FOUND",
        "QV",
        _UNKNOWN,
        "WeChat does not know this number, or not yet. This is not a failure: the order may still be on its way.",
        "Wait some minutes and query again, or send again with the same mch_billno.",
        "微信查不到该单号（可能还在途中）；这不等于失败。",
        "等几分钟后再查，或用原单号重发。",
    ),
    Code(
        "HTTP_400_NO_CERTIFICATE",
        "SGMHWQV",
        _NO,
        "WeChat's front end got no client certificate (an HTML page with status 400).",
        "Configure cert_path and key_path, or the .p12 file.",
        "微信前端没有收到客户端证书（HTTP 400 HTML 页面）。",
        "配置 cert_path 和 key_path，或 .p12 文件。",
    ),
    Code(
        "HTTP_400_BAD_CERTIFICATE",
        "SGMHWQV",
        _NO,
        "WeChat's front end refused the client certificate: expired, revoked, or of the old self-issued kind.",
        "Download a new API certificate in the merchant platform. `hongbao doctor` shows the dates.",
        "微信前端拒绝了客户端证书：已过期、被吊销或为旧的自签发证书。",
        "在商户平台下载新的 API 证书；`hongbao doctor` 可查看有效期。",
    ),
    Code(
        "TLS_CERTIFICATE_ALERT",
        "SGMHWQV",
        _UNKNOWN,
        "The server ended the TLS connection over the client certificate after the request had been handed over.",
        "Check the API certificate with `hongbao doctor`, then send again with the same mch_billno.",
        "服务器因客户端证书中断了 TLS 连接，此时请求可能已经发出。",
        "用 `hongbao doctor` 检查 API 证书，然后用原单号重发。",
    ),
)
"""Every code that is understood. Those with HTTP_ and TLS_ are ours.

WeChat's front end answers in HTML or not at all.
"""

UNKNOWN_CODE = Code(
    "",
    "SGMHWQV",
    _UNKNOWN,
    "This code is not in the table for this call. WeChat may add codes at any time.",
    "Query, or send again with the same mch_billno; never change the number. Have a person look at it.",
    "该接口的错误码表中没有此码；微信可能随时新增。",
    "查询，或用原单号重发；切勿更换单号，并请人工核实。",
)

HINTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "NO_AUTH",
        "IP",
        "Add the machine's outgoing IP address to the product's list (effective after about 10 minutes), then send again with the same mch_billno.",
        "把本机出口 IP 加入产品的 IP 白名单（约 10 分钟生效），再用原单号重发。",
    ),
    (
        "NO_AUTH",
        "权限",
        "Open the product or its API permission in the merchant platform, then send again with the same mch_billno.",
        "在商户平台开通产品或 API 权限后，用原单号重发。",
    ),
    (
        "NO_AUTH",
        "异常",
        "Risk control refused this user. Tell the user, or lower the anti-abuse level; the same number may be sent later.",
        "该用户被风控拦截；请告知用户或降低防刷等级，稍后可用原单号重发。",
    ),
    (
        "PARAM_ERROR",
        "场景",
        "The scene is not opened for this merchant: leave scene_id out and keep to 1 to 200 yuan, or open the scene.",
        "该商户未开通此场景：去掉 scene_id 并把金额控制在 1 至 200 元，或开通场景。",
    ),
    (
        "PARAM_ERROR",
        "msgappid",
        "msgappid belongs to service-provider mode alone: use ServiceProvider there and Merchant elsewhere.",
        "msgappid 只用于服务商模式：服务商用 ServiceProvider，普通商户用 Merchant。",
    ),
)
"""(code, a word in WeChat's text, advice, advice in Chinese).

They refine the advice and decide nothing.
"""

_BY_CODE = {(letter, row.err_code): row for row in CODES for letter in row.endpoints}


def normalize(err_code: str) -> str:
    """A code without the blanks with which old pages spell two of them (``TIME _LIMITED``)."""
    return "".join(err_code.split())


def look_up(letter: str, err_code: str) -> Code:
    """The row of a normalized code for a call's letter; ``UNKNOWN_CODE`` where there is none."""
    return _BY_CODE.get((letter, err_code), UNKNOWN_CODE)


def rows_of(err_code: str) -> list[Code]:
    """The rows of a code for any call."""
    return [row for row in CODES if row.err_code == normalize(err_code).upper()]


def advise(row: Code, err_code_des: str) -> str:
    """The advice of a row, refined by WeChat's text where a hint knows it."""
    for err_code, word, advice, advice_zh in HINTS:
        if err_code == row.err_code and word in err_code_des:
            return both(advice, advice_zh)
    return both(row.advice, row.advice_zh)
