"""Why a transfer failed, whether another one makes sense, and what to do. One table.

All are final: a new number is allowed, and this says when it is sensible. Source: the page
4013774966.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class NextAttempt(NamedTuple):
    """When another transfer to the same person makes sense, and what to do first.

    Attributes:
        by_itself: whether a program may decide it, at the time that the group says.
        advice: what to do.
        advice_zh: the same in Chinese.
    """

    by_itself: bool
    advice: str
    advice_zh: str


class FailGroup(Enum):
    """What kind of reason it is."""

    USER = NextAttempt(
        False,
        "Tell the receiver what to fix; make a new attempt when they say that it is done.",
        "告知收款人需要处理的问题；对方确认处理后再发起新的转账。",
    )
    DATA = NextAttempt(
        False,
        "Correct the data; the same data would fail again.",
        "更正数据；相同的数据只会再次失败。",
    )
    USER_DAY = NextAttempt(
        True,
        "Make a new attempt on the next day in Beijing.",
        "北京时间次日再发起新的转账。",
    )
    USER_MONTH = NextAttempt(
        True,
        "Make a new attempt next month, or when the receiver has raised the limit of the account.",
        "次月，或收款人提升账户额度后，再发起新的转账。",
    )
    AMOUNT = NextAttempt(
        False,
        "Another amount is needed: have a person decide.",
        "需要改变金额：请人工决定。",
    )
    TIME = NextAttempt(
        False,
        "Remind the receiver; whether there is a new attempt is the campaign's policy.",
        "提醒收款人；是否重新发起由活动规则决定。",
    )
    OWN = NextAttempt(
        False,
        "Your own side ended it: have a person decide.",
        "由我方终止：请人工决定。",
    )
    MERCHANT = NextAttempt(
        False,
        "Repair the merchant's side first: every other transfer would fail the same way.",
        "先处理商户侧的问题：其他转账也会同样失败。",
    )
    RISK = NextAttempt(
        False,
        "Have a person look at it: repeated attempts do harm.",
        "请人工核实：反复尝试会加重风控。",
    )
    AUTHORIZATION = NextAttempt(
        False,
        "Repair the authorisation first.",
        "先处理授权或预约信息的问题。",
    )
    UNCLEAR = NextAttempt(
        False,
        "Have a person look at it.",
        "请人工核实。",
    )


class FailReason(NamedTuple):
    """One row.

    Attributes:
        name: WeChat's spelling.
        group: what kind of reason it is.
        meaning: what happened.
        meaning_zh: the same in Chinese.
    """

    name: str
    group: FailGroup
    meaning: str
    meaning_zh: str


_G = FailGroup
_ROWS = (
    ("ACCOUNT_FROZEN", _G.USER, "The receiver's account is frozen.", "收款人账户被冻结。"),
    ("ACCOUNT_NOT_EXIST", _G.USER, "The receiver has no account.", "收款人账户不存在。"),
    ("PAYEE_ACCOUNT_ABNORMAL", _G.USER, "The receiver's account is not in order.", "收款人账户异常。"),
    ("RECEIVE_ACCOUNT_NOT_CONFIGURE", _G.USER, "The receiver has set no account to receive with.", "收款人未设置收款账户。"),
    ("REAL_NAME_CHECK_FAIL", _G.USER, "The receiver's account has no verified name.", "收款人未完成实名认证。"),
    ("BANK_CARD_ACCOUNT_ABNORMAL", _G.USER, "The account of the receiver's bank card is not in order.", "收款银行卡账户异常。"),
    ("BANK_CARD_STATUS_ABNORMAL", _G.USER, "The receiver's bank card is not in order.", "收款银行卡状态异常。"),
    ("BANK_CARD_CARD_INFO_WRONG", _G.USER, "The data of the receiver's bank card are wrong.", "收款银行卡信息有误。"),
    ("BANK_CARD_BANK_INFO_WRONG", _G.USER, "The bank of the receiver's card is wrong.", "收款银行卡的银行信息有误。"),
    ("BANK_CARD_PARAM_ERROR", _G.USER, "The bank refuses the data of the receiver's card.", "收款银行卡参数有误。"),
    ("OPENID_INVALID", _G.DATA, "The openid is not one of this appid.", "openid 无效或不属于该 AppID。"),
    ("NAME_NOT_CORRECT", _G.DATA, "The name is not the receiver's.", "收款人姓名不正确。"),
    ("ID_CARD_NOT_CORRECT", _G.DATA, "The identity number is not the receiver's.", "收款人身份证号不正确。"),
    ("TRANSFER_REMARK_SET_FAIL", _G.DATA, "The remark could not be set.", "转账备注设置失败。"),
    ("DAY_RECEIVED_COUNT_EXCEED", _G.USER_DAY, "The receiver has had the day's number of transfers.", "收款人当日收款次数已达上限。"),
    ("DAY_RECEIVED_QUOTA_EXCEED", _G.USER_DAY, "The receiver has had the day's amount.", "收款人当日收款金额已达上限。"),
    ("BLOCK_B2C_USERLIMITAMOUNT_MONTH", _G.USER_MONTH, "Risk control has stopped the receiver for this month.", "收款人本月被风控限制收款。"),
    ("BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH", _G.USER_MONTH, "The receiver has had the month's amount.", "收款人当月收款金额已达上限。"),
    ("MONTH_RECEIVED_QUOTA_EXCEED", _G.USER_MONTH, "The receiver has had the month's amount.", "收款人当月收款金额已达上限。"),
    ("REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED", _G.USER_MONTH, "The class of the receiver's account allows no more.", "收款人账户类别的收款额度已用完。"),
    ("BANK_CARD_COLLECTIONS_ABOVE_QUOTA", _G.USER_MONTH, "The receiver's card (class II or III) allows no more.", "收款银行卡（二、三类）额度已用完。"),
    ("TRANSFER_QUOTA_EXCEED", _G.AMOUNT, "The amount is above or below what is allowed.", "转账金额超出或低于允许范围。"),
    ("EXCEEDED_ESTIMATED_AMOUNT", _G.AMOUNT, "The amount is above the estimate that was reported.", "转账金额超出预估金额。"),
    ("RELATED_ORDER_TRANSFER_AMOUNT_EXCEED", _G.AMOUNT, "The order that it belongs to allows no more money.", "关联订单的转账金额已达上限。"),
    ("RELATED_ORDER_TRANSFER_COUNT_EXCEED", _G.AMOUNT, "The order that it belongs to allows no more transfers.", "关联订单的转账次数已达上限。"),
    ("OVERDUE_CLOSE", _G.TIME, "The receiver did not confirm within 24 hours.", "收款人 24 小时内未确认收款。"),
    ("MCH_CANCEL", _G.OWN, "The merchant has taken it back.", "商户已撤销转账。"),
    ("MERCHANT_REJECT", _G.OWN, "The merchant's checker has refused it.", "商户验密人拒绝了转账。"),
    ("MERCHANT_NOT_CONFIRM", _G.OWN, "The merchant's checker did not confirm in time.", "商户验密人未在时限内确认。"),
    ("PAYER_ACCOUNT_ABNORMAL", _G.MERCHANT, "The merchant's account is not in order.", "商户付款账户异常。"),
    ("PRODUCT_AUTH_CHECK_FAIL", _G.MERCHANT, "The merchant may not transfer.", "商户未开通该产品权限。"),
    ("TRANSFER_SCENE_INVALID", _G.MERCHANT, "The scene is not valid for the merchant.", "转账场景无效。"),
    ("TRANSFER_SCENE_UNAVAILABLE", _G.MERCHANT, "The scene cannot be used now.", "转账场景暂不可用。"),
    ("BUDGET_NOT_ENOUGH", _G.MERCHANT, "The merchant's budget is used up.", "商户预算不足。"),
    ("TRANSFER_RISK", _G.RISK, "Risk control has stopped it.", "转账存在风险，已被拦截。"),
    ("RESERVATION_INFO_NOT_MATCH", _G.AUTHORIZATION, "It does not match what was reserved.", "与预约信息不一致。"),
    ("RESERVATION_SCENE_NOT_MATCH", _G.AUTHORIZATION, "Its scene does not match what was reserved.", "与预约场景不一致。"),
    ("RESERVATION_STATE_INVALID", _G.AUTHORIZATION, "What was reserved does not hold any more.", "预约状态无效。"),
    ("OTHER_FAIL_REASON_TYPE", _G.UNCLEAR, "WeChat gives no reason.", "微信未说明原因。"),
    ("RECEIVE_ACCOUNT_NOT_PERMMIT", _G.UNCLEAR, "The receiver's account may not receive (an older reason; the spelling is WeChat's).", "收款账户不允许收款（旧原因）。"),
)  # fmt: skip

FAIL_REASONS: dict[str, FailReason] = {row[0]: FailReason(*row) for row in _ROWS}
"""By their names."""

UNKNOWN_FAIL_REASON = FailReason(
    "",
    FailGroup.UNCLEAR,
    "This reason is not in the table. WeChat may add some at any time.",
    "失败原因表中没有此项；微信可能随时新增。",
)


def fail_reason(name: str) -> FailReason:
    """The row of a reason; ``UNKNOWN_FAIL_REASON`` where there is none."""
    return FAIL_REASONS.get(name, UNKNOWN_FAIL_REASON)
