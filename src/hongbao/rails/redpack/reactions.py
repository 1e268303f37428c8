"""The engine's reaction to each code with which WeChat answers a red packet, and the waits.

``wire.codes`` says what a code means for the money; this says what the engine does next. A cause on
the merchant's side never costs a payout its number: sending stops, and after it is resumed the same
numbers are used. Numbers in brackets are sections of the protocol notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.step import Scope
from hongbao.rails.port import ASKED, Course, Reaction, Suspicion, When
from hongbao.rails.redpack.looks import EARLY, LOOKS
from hongbao.rails.retry import RetryPolicy
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_AUTH_MARK = "NO_AUTH+POSTPONED"
SYSTEMERROR_MARK = "SYSTEMERROR+NOT_FOUND"

_REFUSED = Reaction(Course.REFUSE, When.SOON)
_OF_THE_MERCHANT = Reaction(Course.AGAIN, When.AT_ONCE, stop=Scope.MERCHANT)
_OF_THE_CAMPAIGN = Reaction(Course.AGAIN, When.AT_ONCE, stop=Scope.CAMPAIGN)
_OF_THE_USERS_DAY = Reaction(Course.AGAIN, When.TOMORROW)
# Everybody else's packet is refused too. The rate falls, so that few calls are spent to no end.
_OF_THE_MERCHANTS_DAY = Reaction(Course.AGAIN, When.TOMORROW, slow=True)
_OF_OTHER_CONTENT = ASKED._replace(contradicts=True)

REACTIONS: Mapping[str, Reaction] = {
    "SYSTEMERROR": ASKED._replace(mark=SYSTEMERROR_MARK),
    "PROCESSING": Reaction(Course.QUERY, When.PROCESSING),
    # It says that the number is dead; the query must say so too before another may be made.
    "SEND_FAILED": ASKED,
    "NOTENOUGH": _OF_THE_MERCHANT,
    # Risk control, the IP list or a permission: only the text tells, and no text may decide. The
    # breaker knows by the share of it.
    "NO_AUTH": Reaction(Course.AGAIN, When.RISK, mark=NO_AUTH_MARK),
    "SENDNUM_LIMIT": _OF_THE_USERS_DAY,
    "RCVDAMOUNT_LIMIT": _OF_THE_USERS_DAY,
    "SENDAMOUNT_LIMIT": _OF_THE_MERCHANTS_DAY,
    "MONEY_LIMIT": _REFUSED,
    "FREQ_LIMIT": Reaction(Course.AGAIN, When.BUSY, slow=True),
    "SECOND_OVER_LIMITED": Reaction(Course.QUERY, When.QUOTA, slow=True),
    "DAY_OVER_LIMITED": _OF_THE_MERCHANTS_DAY,
    "TIME_LIMITED": Reaction(Course.AGAIN, When.MORNING, slow=True),
    "CA_ERROR": _OF_THE_MERCHANT,
    "SIGN_ERROR": _OF_THE_MERCHANT,
    "WORKWX_SIGN_ERROR": _OF_THE_CAMPAIGN,
    "XML_ERROR": _OF_THE_CAMPAIGN,
    # One row's field or the whole list's scene: the breaker tells by the share of it.
    "PARAM_ERROR": _REFUSED,
    "FATAL_ERROR": _OF_OTHER_CONTENT,
    "金额和原始单参数不一致": _OF_OTHER_CONTENT,
    # The appid is part of what was approved, so no fixing helps this number; and it is the list's.
    "ILLEGAL_APPID": Reaction(Course.REFUSE, When.SOON, stop=Scope.CAMPAIGN),
    "OPENID_ERROR": _REFUSED,
    "MSGAPPID_ERROR": _OF_THE_CAMPAIGN,
    "ACCEPTMODE_ERROR": _OF_THE_CAMPAIGN,
    "API_METHOD_CLOSED": _OF_THE_MERCHANT,
    "PAYER_ACCOUNT_ABNORMAL": _OF_THE_MERCHANT,
    "NO_COMPETENCE": _OF_THE_CAMPAIGN,
    "PRODUCT_AUTHORITY_UNOPEN": _OF_THE_CAMPAIGN,
    "HTTP_400_NO_CERTIFICATE": _OF_THE_MERCHANT,
    "HTTP_400_BAD_CERTIFICATE": _OF_THE_MERCHANT,
    "TLS_CERTIFICATE_ALERT": ASKED._replace(stop=Scope.MERCHANT),
}
"""Every code of ``wire.codes`` that may answer a send."""

SUSPICIONS: Mapping[str, Suspicion] = {
    # A wrong WeCom secret shows as a busy system for ever; nothing in one reply tells them apart.
    SYSTEMERROR_MARK: Suspicion(
        Scope.CAMPAIGN,
        "CONFIGURATION_SUSPECTED",
        say("answers of SYSTEMERROR left no order behind"),
        say(
            "WeChat answers so for good when a secret is wrong: check the WeCom "
            "secret, the APIv2 key and the appid with `hongbao doctor`, and send one "
            "packet by hand."
        ),
    ),
    NO_AUTH_MARK: Suspicion(
        Scope.MERCHANT,
        "NO_AUTH",
        say("payouts were refused with NO_AUTH"),
        say(
            "Where everybody is refused, it is not risk control: put this machine's "
            "outgoing IP address on the product's list (effective after about 10 "
            "minutes), or open the permission."
        ),
        majority=True,
    ),
}

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

RETRY = RetryPolicy(
    repeat_seconds=1,  # the official page (1.6)
    # Staff said 24 hours in 2020, later answers 3 days, or less than 48 hours (15).
    resend_seconds=_DAY,
    query_only_seconds=3 * _DAY,  # what was held back is closed after 3 days, said staff (15)
    answers_seconds=30 * _DAY,  # the official page of the query (4.3)
    horizon_seconds=29 * _DAY,
    processing_seconds=20 * _MINUTE,  # the official page (8)
    processing_seconds_max=4 * _HOUR,  # it may go on for hours or days (4.3)
    not_found_seconds=3 * _MINUTE,  # minutes, says the official page (4.3)
    risk_seconds=_HOUR,  # nobody documents how long it holds
    risk_seconds_max=12 * _HOUR,
    tomorrow_minute=10,  # a margin for clocks that differ
    morning_minute=8 * 60 + 10,  # nothing is sent before 8:00 (9)
    looks=LOOKS[EARLY],
    voucher_calls_max=3,  # sent again, an accepted packet is answered with its voucher (3.2)
)
