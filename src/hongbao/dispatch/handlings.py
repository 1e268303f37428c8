"""What is done about each code with which WeChat answers a send: one literal table.

``wire.codes`` says what a code means for the money; this says what the engine does next. A cause
that lies with the merchant never costs a payout its number: the sending stops, and whoever resumes
goes on with the same numbers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hongbao.ledger.model.death import OTHER_ORDER
from hongbao.ledger.model.step import Scope


class Course(StrEnum):
    """What becomes of a payout whose number no earlier call has left in doubt."""

    REFUSE = "refused"
    """It is refused, once a query has confirmed that no order of its number lives."""
    AGAIN = "the same number again"
    QUERY = "a query"


class When(StrEnum):
    """When the next call comes; the rules have the figures."""

    AT_ONCE = "at once (`repeat_seconds`)"
    BUSY = "soon, later each time (`busy_seconds`)"
    RISK = "after hours, later each time (`risk_seconds`)"
    TOMORROW = "tomorrow (`tomorrow_minute`)"
    MORNING = "in the morning (`morning_minute`)"
    SOON = "soon, later each time (`query_seconds`)"
    QUOTA = "after the minute (`quota_seconds`)"
    PROCESSING = "after a while (`processing_seconds`)"


class Handling(NamedTuple):
    """One row.

    Attributes:
        course: what becomes of the payout.
        when: its next call, if there is one.
        stop: what else is not sent any more until a person resumes it.
        slow: whether the merchant's rate falls.
        mark: what the breaker counts, the first time in a row.
    """

    course: Course
    when: When
    stop: Scope | None = None
    slow: bool = False
    mark: str | None = None


NO_AUTH_MARK = "NO_AUTH+POSTPONED"
NOT_SENT_MARK = "NOT_SENT+AGAIN"
SYSTEMERROR_MARK = "SYSTEMERROR+NOT_FOUND"

_REFUSED = Handling(Course.REFUSE, When.SOON)
_ASKED = Handling(Course.QUERY, When.SOON)
_OF_THE_MERCHANT = Handling(Course.AGAIN, When.AT_ONCE, stop=Scope.MERCHANT)
_OF_THE_CAMPAIGN = Handling(Course.AGAIN, When.AT_ONCE, stop=Scope.CAMPAIGN)
_OF_THE_USERS_DAY = Handling(Course.AGAIN, When.TOMORROW)
# Everybody else's packet is refused too. The rate falls, so that few calls are spent to no end.
_OF_THE_MERCHANTS_DAY = Handling(Course.AGAIN, When.TOMORROW, slow=True)

HANDLINGS: dict[str, Handling] = {
    "SYSTEMERROR": _ASKED,
    "PROCESSING": Handling(Course.QUERY, When.PROCESSING),
    # It says that the number is dead; the query must say so too before another may be made.
    "SEND_FAILED": _ASKED,
    "NOTENOUGH": _OF_THE_MERCHANT,
    # Risk control, the IP list or a permission: only the text tells, and no text may decide. The
    # breaker knows by the share of it.
    "NO_AUTH": Handling(Course.AGAIN, When.RISK, mark=NO_AUTH_MARK),
    "SENDNUM_LIMIT": _OF_THE_USERS_DAY,
    "RCVDAMOUNT_LIMIT": _OF_THE_USERS_DAY,
    "SENDAMOUNT_LIMIT": _OF_THE_MERCHANTS_DAY,
    "MONEY_LIMIT": _REFUSED,
    "FREQ_LIMIT": Handling(Course.AGAIN, When.BUSY, slow=True),
    "SECOND_OVER_LIMITED": Handling(Course.QUERY, When.QUOTA, slow=True),
    "DAY_OVER_LIMITED": _OF_THE_MERCHANTS_DAY,
    "TIME_LIMITED": Handling(Course.AGAIN, When.MORNING, slow=True),
    "CA_ERROR": _OF_THE_MERCHANT,
    "SIGN_ERROR": _OF_THE_MERCHANT,
    "WORKWX_SIGN_ERROR": _OF_THE_CAMPAIGN,
    "XML_ERROR": _OF_THE_CAMPAIGN,
    # One row's field or the whole list's scene: the breaker tells by the share of it.
    "PARAM_ERROR": _REFUSED,
    "FATAL_ERROR": _ASKED,
    "金额和原始单参数不一致": _ASKED,
    # The appid is part of what was approved, so no mending helps this number; and it is the list's.
    "ILLEGAL_APPID": Handling(Course.REFUSE, When.SOON, stop=Scope.CAMPAIGN),
    "OPENID_ERROR": _REFUSED,
    "MSGAPPID_ERROR": _OF_THE_CAMPAIGN,
    "ACCEPTMODE_ERROR": _OF_THE_CAMPAIGN,
    "API_METHOD_CLOSED": _OF_THE_MERCHANT,
    "PAYER_ACCOUNT_ABNORMAL": _OF_THE_MERCHANT,
    "NO_COMPETENCE": _OF_THE_CAMPAIGN,
    "PRODUCT_AUTHORITY_UNOPEN": _OF_THE_CAMPAIGN,
    "HTTP_400_NO_CERTIFICATE": _OF_THE_MERCHANT,
    "HTTP_400_BAD_CERTIFICATE": _OF_THE_MERCHANT,
    "TLS_CERTIFICATE_ALERT": Handling(Course.QUERY, When.SOON, stop=Scope.MERCHANT),
}
"""Every code of ``wire.codes`` that a send can be answered with."""


OTHER_CONTENT = frozenset({"FATAL_ERROR", "金额和原始单参数不一致", OTHER_ORDER})
"""Codes that say that the number has an order already, with another receiver, amount or text."""


def handling(code: str | None) -> Handling:
    """The row of a code. What has none is asked about: what is not understood is unknown."""
    return HANDLINGS.get(code or "", _ASKED)
