"""What states, phases, tasks, waits and outcomes are called, in English and Chinese: a table each.

Reports, the command line and whatever else shows a payout take their words from here.
"""

from __future__ import annotations

from typing import NamedTuple

from hongbao.errors import Disposition
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import PAID, Instant, Payout, State, Task
from hongbao.ledger.model.standing import Phase, Standing, Total
from hongbao.ledger.model.wait import Cause
from hongbao.sentences import Sentence, Tongue, both, tongue


class Words(NamedTuple):
    """The same in two languages."""

    en: str
    zh: str

    @property
    def said(self) -> str:
        """In the language of who reads now."""
        return self.zh if tongue() is Tongue.CHINESE else self.en

    @property
    def sentence(self) -> Sentence:
        """As a sentence that is said later."""
        return both(self.en, self.zh)


class StateWords(NamedTuple):
    """How a state is called.

    Attributes:
        label: by itself, as in a report's column.
        meaning: behind the state's own name: what it means for the money.
    """

    label: Words
    meaning: Words


class TaskWords(NamedTuple):
    """How a task is called.

    Attributes:
        of_many: of a campaign's payouts.
        of_one: of one payout.
    """

    of_many: Words
    of_one: Words


NOTHING = Words("", "")

STATES: dict[State, StateWords] = {
    State.WAITING: StateWords(
        Words("waiting to be sent", "待发送"),
        Words("to be sent; nothing was paid", "尚未付款"),
    ),
    State.IN_DOUBT: StateWords(
        Words("in doubt: may or may not be paid", "结果未知：可能已付款"),
        Words("may or may not be paid", "可能已付款，也可能没有"),
    ),
    State.AWAITING_USER: StateWords(
        Words("awaiting its user: locked, not paid", "待用户确认：资金已锁定，未付款"),
        Words(
            "its money is locked until the receiver confirms: not paid, and not free",
            "资金已锁定，待收款人确认；尚未付款，也未退回",
        ),
    ),
    State.SENT: StateWords(
        Words("paid, not claimed yet", "已发放，待领取"),
        Words("paid, not claimed yet", "已付款，待领取"),
    ),
    State.RECEIVED: StateWords(
        Words("paid and claimed", "已领取"),
        Words("paid and claimed", "已付款，已领取"),
    ),
    State.RETURNED: StateWords(
        Words("paid, and what was not claimed was refunded", "未领取部分已退回"),
        Words("paid, and what was not claimed was refunded", "已付款，未领取部分已退回"),
    ),
    State.REFUSED: StateWords(
        Words("refused: not paid", "被拒绝：未付款"),
        Words(
            "not paid, and not sent again before a person reopens it",
            "未付款；人工重新开启之前不再发送",
        ),
    ),
    State.CANCELLED: StateWords(
        Words("cancelled: not paid", "已取消：未付款"),
        Words("not paid, taken back", "未付款，已撤回"),
    ),
}
_ON_ITS_WAY = StateWords(
    Words("on its way: a worker is sending it", "发放中：正在等待结果"),
    Words("on its way, a worker is sending it", "发放中，正在等待结果"),
)
_CONFIRMING = StateWords(
    Words("refused, being confirmed by a query", "被拒绝，正在查询确认"),
    Words(
        "refused by WeChat; a query has yet to confirm that no order of it lives",
        "已被微信拒绝；尚待查询确认该单号没有有效订单",
    ),
)
_FOR_A_PERSON = StateWords(
    Words("in doubt, and a person must look", "结果未知，需要人工处理"),
    STATES[State.IN_DOUBT].meaning,
)

PHASES: dict[Phase, Words] = {
    Phase.IMPORTING: Words("importing", "导入中"),
    Phase.DRAFT: Words("draft", "草稿"),
    Phase.APPROVED: Words("approved", "已批准"),
    Phase.RUNNING: Words("running", "发放中"),
    Phase.PAUSED: Words("paused", "已暂停"),
    Phase.CANCELLED: Words("cancelled", "已取消"),
    Phase.COMPLETE: Words("complete", "已完成"),
    Phase.COMPLETE_WITH_REFUSALS: Words("complete with refusals", "已完成，部分被拒绝"),
    Phase.IN_DOUBT: Words("in doubt", "有结果未知的红包"),
    Phase.AWAITING_USERS: Words("awaiting users", "待用户确认"),
}

TASKS: dict[Task, TaskWords] = {
    Task.QUERY: TaskWords(Words("query", "查询"), Words("query it", "查询结果")),
    Task.SEND: TaskWords(Words("send", "发送"), Words("send it", "发送")),
    Task.LOOK: TaskWords(
        Words("check claims", "查看领取情况"),
        Words("check whether it is claimed", "查看是否已领取"),
    ),
    Task.CANCEL: TaskWords(Words("take back", "撤回"), Words("take it back", "撤回")),
}
_LOOK_AWAITING = TaskWords(
    Words("check confirmations", "查看确认情况"),
    Words("check whether it is confirmed", "查看是否已确认"),
)

CAUSES: dict[Cause, Words] = {
    Cause.APPROVAL: Words("nobody has approved it yet", "尚未批准"),
    Cause.PAUSE: Words("a person paused it", "已人工暂停"),
    Cause.STOP: Words("a worker stopped it", "工作进程已将其停止"),
    Cause.SCHEDULE: Words("it is scheduled for then", "已定时，届时发放"),
    Cause.PERSON: Words("what is left waits for a person", "剩余部分需要人工处理"),
    Cause.HOURS: Words("it is outside the merchant's hours", "不在商户的发放时段内"),
    Cause.RATE: Words("the merchant's rate limit allows no call before", "受商户的调用频率限制"),
    Cause.DAY_LIMIT: Words(
        "the merchant's limit for a day (day_yuan_max) leaves too little for the next",
        "商户当日限额（day_yuan_max）不足以支付下一笔",
    ),
    Cause.USER_LIMIT: Words(
        "the receivers have reached the limit of a user for today", "收款人已达到每人当日上限"
    ),
    Cause.RETRY: Words(
        "the next one was tried, and will be tried again then", "下一笔已尝试，届时重试"
    ),
    Cause.CLOCK: Words(
        "the books are ahead of the clock: the next one was stored for then and never tried",
        "账本时间快于系统时钟：下一笔按该时间记录，尚未尝试",
    ),
}
"""Why nothing of a campaign is sent now."""

DECISIONS: dict[DecisionKind, Words] = {
    DecisionKind.BEGUN: Words("import begun", "开始导入"),
    DecisionKind.EXTENDED: Words("payouts added", "新增付款"),
    DecisionKind.IMPORTED: Words("import finished", "导入完成"),
    DecisionKind.APPROVED: Words("approved", "已批准"),
    DecisionKind.ENDORSED: Words("approved by one of two", "一人已批准，尚需另一人"),
    DecisionKind.REJECTED: Words("rejected", "已驳回"),
    DecisionKind.WITHDRAWN: Words("approval or rejection withdrawn", "已撤回批准或驳回"),
    DecisionKind.STARTED: Words("started", "开始发放"),
    DecisionKind.PAUSED: Words("paused", "已暂停"),
    DecisionKind.SCHEDULED: Words("scheduled", "已定时"),
    DecisionKind.STOPPED: Words("stopped by a worker", "被工作进程停止"),
    DecisionKind.RESUMED: Words("resumed", "已恢复"),
    DecisionKind.CANCELLED: Words("cancelled", "已取消"),
    DecisionKind.ENDED: Words("ended", "已结束"),
    DecisionKind.REPLACED: Words("replaced by another list", "已被另一份名单替换"),
    DecisionKind.RETRIED: Words("refused payouts sent again", "重新发放被拒绝的付款"),
    DecisionKind.DISCLOSED: Words("receivers shown in full", "已完整显示收款人"),
    DecisionKind.BUDGET_LOW: Words("budget is low", "预算即将用完"),
    DecisionKind.COMPLETED: Words("complete", "已完成"),
}
"""What people and workers decide about a campaign."""

EVENTS: dict[EventKind, Words] = {
    EventKind.ACCEPTED: Words("accepted", "已受理"),
    EventKind.REFUSED: Words("refused", "被拒绝"),
    EventKind.POSTPONED: Words("later", "延后"),
    EventKind.UNKNOWN: Words("unknown", "结果未知"),
    EventKind.NOT_SENT: Words("not sent", "未发出"),
    EventKind.FOUND: Words("found", "查到"),
    EventKind.NOT_FOUND: Words("not found", "未查到"),
    EventKind.PROVEN_DEAD: Words("proven dead", "确认作废"),
    EventKind.HANDED_OVER: Words("for a person", "转人工"),
}
"""What a worker records, in the order in which it is counted."""

HISTORY: dict[EventKind, Words] = {
    **EVENTS,
    EventKind.SUBMITTED: Words("stored", "已入账"),
    EventKind.CALLED: Words("a send began", "开始发送"),
    EventKind.POSTPONED: Words("sent again later", "稍后重发"),
    EventKind.UNKNOWN: Words("outcome unknown", "结果未知"),
    EventKind.FOUND: Words("found by a query", "查询到订单"),
    EventKind.NOT_FOUND: Words("not found by a query", "查询未找到订单"),
    EventKind.NOTED: Words("called without news", "调用后无变化"),
    EventKind.PROVEN_DEAD: Words("proven dead by a query", "查询确认作废"),
    EventKind.HANDED_OVER: Words("waits for a person", "转人工处理"),
    EventKind.REQUESTED: Words("asked for by a person", "人工要求立即处理"),
    EventKind.REMARKED: Words("note", "备注"),
    EventKind.DECLARED_DEAD: Words("declared dead by a person", "人工确认作废"),
    EventKind.REOPENED: Words("reopened by a person", "人工重新开启"),
    EventKind.CANCELLED: Words("cancelled", "已取消"),
    EventKind.TAKEN_OVER: Words("taken over by another campaign", "已由其他活动接管"),
}
"""What happened to a payout, in its history."""

MONEY: dict[Disposition, Words] = {
    Disposition.NO: Words("no: this attempt can never pay", "没有：本次请求不会付款"),
    Disposition.OPEN: Words(
        "not now, but the number lives and may still pay when it is sent again",
        "目前没有；但单号仍然有效，用原单号重发时可能付款",
    ),
    Disposition.UNKNOWN: Words(
        "maybe: it may or may not have been paid", "可能：也许已付款，也许没有"
    ),
}
"""May money have moved? By the disposition of an answer."""


PLANNED = Words("planned", "计划")
PAID_PART = Words("paid", "已付款")
CLAIMED = Words("claimed", "已领取")
REFUNDED = Words("refunded", "已退回")
UNCLAIMED = Words("unclaimed", "待领取")


def parts_of(standing: Standing) -> list[tuple[Words, Total]]:
    """What the payouts of a campaign come to, part by part: together they are what was planned."""
    total, on_the_way = standing.total, standing.on_the_way
    awaiting = total(State.AWAITING_USER)
    return [
        (PAID_PART, total(*PAID)),
        *([(Words("on their way", "发放中"), on_the_way)] if on_the_way.payouts else []),
        *([(Words("awaiting users", "待用户确认"), awaiting)] if awaiting.payouts else []),
        (Words("in doubt", "结果未知"), standing.doubtful),
        (Words("refused", "被拒绝"), total(State.REFUSED)),
        (Words("cancelled", "已取消"), total(State.CANCELLED)),
        (Words("waiting", "待发送"), total(State.WAITING)),
    ]


def state_of(payout: Payout, now: Instant) -> StateWords:
    """Where a payout stands.

    Args:
        payout: which.
        now: the books' time.
    """
    if payout.state is not State.IN_DOUBT:
        return STATES[payout.state]
    if payout.on_its_way(now):
        return _ON_ITS_WAY
    if payout.task is None:
        return _FOR_A_PERSON
    return _CONFIRMING if payout.confirming else STATES[payout.state]


def task_words(task: Task, *, awaiting: bool) -> TaskWords:
    """How a task is called of what waits for its user to confirm it, or of anything else.

    Args:
        task: which.
        awaiting: whether it is of payouts that are ``AWAITING_USER``.
    """
    return _LOOK_AWAITING if awaiting and task is Task.LOOK else TASKS[task]
