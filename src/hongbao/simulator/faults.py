"""Decides which fault hits which request, by script or by seed; ``fault_injection`` applies it.

A rule counts the requests that match it, from 1, and applies from the ``nth`` on, ``times`` times.
The first rule that applies wins. If none does, the odds decide. Their result depends only on the
seed and on the request's position, so the same seed gives the same faults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

ANY = "*"
SEEDED_DELAY_SECONDS_MAX = 0.2
SEEDED_CUT_BYTES_MAX = 400
"""A reply with its head has about 800 bytes, so a seeded cut falls into the head or the body."""


class FaultKind(StrEnum):
    """What can go wrong."""

    REFUSE_CONNECT = "refuse_connect"
    """The connection is refused. Such a rule counts connections and matches all of them."""
    HANG = "hang"
    """No reply ever comes."""
    LOSE_REQUEST = "lose_request"
    """The connection is closed and the request is not processed."""
    LOSE_REPLY = "lose_reply"
    """The request is processed and the connection is closed without a reply."""
    CUT_REPLY = "cut_reply"
    """The request is processed, and only ``bytes`` bytes of the HTTP reply arrive."""
    GARBLE_REPLY = "garble_reply"
    """The request is processed, and the reply's body is damaged so that it is not XML."""
    DELAY = "delay"
    """The request is processed at once, and the reply comes ``seconds`` later."""
    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    HTML_PAGE = "html_page"
    """Status 200 and a web page, as a middlebox might answer."""
    UNKNOWN_CODE = "unknown_code"
    """The request is refused with a code that is in no table."""
    ANSWER = "answer"
    """The request is refused with the script's ``err_code``, ``return_code`` and ``text``."""
    SYSTEMERROR = "systemerror"
    TOO_SOON = "too_soon"
    """The request is refused as if its number had been sent within the last second.

    With ``after``, as if the request had come twice and this were the reply to the second.
    """
    REFUSED_BUT_HELD = "refused_but_held"
    """A send is refused with ``err_code``; its number is held, SENDING, and a repeat may pay."""
    PROCESSING = "processing"
    """A new order is accepted and answered PROCESSING; ``seconds`` later it is SENT, or FAILED."""
    SLOW_SENDING = "slow_sending"
    """A new order is accepted and answered with success; ``seconds`` later it is SENT."""
    UNSIGNED_REPLY = "unsigned_reply"
    """A V3 reply has no signature. This and the next four are about V3's replies."""
    PROBE_REPLY = "probe_reply"
    """WeChat's test: the signature begins with WECHATPAY/SIGNTEST/, and is no base64."""
    WRONG_SIGNATURE = "wrong_signature"
    """The signature is of other bytes."""
    STALE_SIGNATURE = "stale_signature"
    """The signature is 301 seconds old."""
    FOREIGN_SERIAL = "foreign_serial"
    """The reply names a key that nobody knows."""
    BILL_LATE = "bill_late"
    """Bills are ready ``seconds`` later than usual. This and those below are about bills."""
    BILL_MISSING_ROW = "bill_missing_row"
    """A row of the bill is left out."""
    BILL_WRONG_AMOUNT = "bill_wrong_amount"
    """A row says 1 fen more than moved."""
    BILL_DOUBLED_ROW = "bill_doubled_row"
    """A row stands twice."""
    BILL_FOREIGN_ROWS = "bill_foreign_rows"
    """Two rows of another system of the merchant: money that came, and went again."""
    BILL_BROKEN_SUMMARY = "bill_broken_summary"
    """The bill's totals count one row and 1 fen too many."""


AFTER_OR_BEFORE = frozenset(
    {
        FaultKind.HANG,
        FaultKind.HTTP_500,
        FaultKind.HTTP_502,
        FaultKind.HTTP_503,
        FaultKind.HTML_PAGE,
        FaultKind.UNKNOWN_CODE,
        FaultKind.ANSWER,
        FaultKind.SYSTEMERROR,
        FaultKind.TOO_SOON,
    }
)
"""These replace the processing of a request (the default) or, with ``after``, follow it."""

OF_SENDS = frozenset(
    {FaultKind.REFUSED_BUT_HELD, FaultKind.PROCESSING, FaultKind.SLOW_SENDING, FaultKind.TOO_SOON}
)
"""These mean nothing to a request for a bill, which is then answered as ever."""

OF_TRANSFERS = frozenset(
    {
        FaultKind.UNSIGNED_REPLY,
        FaultKind.PROBE_REPLY,
        FaultKind.WRONG_SIGNATURE,
        FaultKind.STALE_SIGNATURE,
        FaultKind.FOREIGN_SERIAL,
    }
)
"""These mean nothing to a V2 request, which is then answered as ever."""

NOTIFICATION = "notification"
"""What stands for the call when WeChat calls the merchant: a rule must name it, ``*`` does not."""

OF_NOTIFICATIONS = OF_TRANSFERS | {
    FaultKind.LOSE_REQUEST,
    FaultKind.LOSE_REPLY,
    FaultKind.GARBLE_REPLY,
    FaultKind.DELAY,
}
"""What can go wrong with a notification: it does not arrive; the merchant's answer is lost, so that
it comes again; its body is damaged; it comes ``seconds`` later, after others; its signature is none
that proves anything."""

OF_BILLS = frozenset(kind for kind in FaultKind if kind.startswith("bill_"))
"""These are in every bill while the plan is: a rule counts a bill's rows in place of requests."""

SAYING = frozenset({FaultKind.ANSWER, FaultKind.REFUSED_BUT_HELD})
"""These refuse with the code, ``return_code`` and text of the script."""

HELD_CODE, HELD_TEXT = "OPENID_ERROR", "openid与appid不匹配"
"""The default refusal of a number that is held: a code that otherwise leaves no order."""

SECONDS_OF = {
    FaultKind.DELAY: 1.0,
    FaultKind.PROCESSING: 1200.0,  # WeChat's docs say to query after 20 minutes
    FaultKind.SLOW_SENDING: 60.0,
    FaultKind.BILL_LATE: 4 * 3600.0,
}
"""The faults that last a while, with the default in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: what kind of fault it is.
        seconds: how long a DELAY, PROCESSING or SLOW_SENDING lasts.
        cut: for CUT_REPLY, how many bytes arrive.
        after: whether the request is processed first, if the kind is in ``AFTER_OR_BEFORE``.
        fails: for PROCESSING, whether the order fails in the end, unpaid.
        err_code: for the kinds in ``SAYING``, the code.
        return_code: for the same, SUCCESS or FAIL; None takes the settings' choice for the code.
        text: for the same, WeChat's text.
    """

    kind: FaultKind
    seconds: float = 0.0
    cut: int = 0
    after: bool = False
    fails: bool = False
    err_code: str = ""
    return_code: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """Says which requests a fault hits.

    Attributes:
        fault: the fault.
        endpoint: the name of a call, or ``*``.
        mch_billno: a number, or ``*``.
        re_openid: a receiver, or ``*``.
        nth: the first matching request that it applies to; 1 if left out.
        times: how often it applies; None means always. In JSON it may be left out: then it
            applies once if ``nth`` is given, and otherwise always.
    """

    fault: Fault
    endpoint: str = ANY
    mch_billno: str = ANY
    re_openid: str = field(default=ANY, repr=False)
    nth: int = 1
    times: int | None = None

    def matches(self, endpoint: str, mch_billno: str, re_openid: str) -> bool:
        """Whether the rule is about this request."""
        return (
            (self.endpoint == endpoint or (self.endpoint == ANY and endpoint != NOTIFICATION))
            and self.mch_billno in (ANY, mch_billno)
            and self.re_openid in (ANY, re_openid)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Everything that shall go wrong.

    Attributes:
        rules: the scripted faults, in order.
        seed: seeds the odds.
        odds: the probability of each kind of fault; their sum is at most 1.
    """

    rules: tuple[FaultRule, ...] = ()
    seed: int = 0
    odds: tuple[tuple[FaultKind, float], ...] = ()


class FaultProgress(NamedTuple):
    """How much of a plan has been used.

    Attributes:
        seen: how many requests each rule has matched.
        requests: how many requests have come in.
        connections: how many connections have come in.
    """

    seen: list[int]
    requests: int
    connections: int


class Faults:
    """A plan of faults and its progress.

    Args:
        plan: the plan; without one nothing goes wrong.
        progress: the progress that an earlier run made; none if left out.
    """

    def __init__(
        self, plan: FaultPlan | None = None, progress: FaultProgress | None = None
    ) -> None:
        self.plan = plan or FaultPlan()
        progress = progress or FaultProgress([0] * len(self.plan.rules), 0, 0)
        self._seen = list(progress.seen)
        self._requests = progress.requests
        self._connections = progress.connections
        self._odds = [odd for odd in self.plan.odds if odd[0] is not FaultKind.REFUSE_CONNECT]
        self._refuse_odds = dict(self.plan.odds).get(FaultKind.REFUSE_CONNECT, 0.0)

    @property
    def progress(self) -> FaultProgress:
        """How much of the plan has been used."""
        return FaultProgress(list(self._seen), self._requests, self._connections)

    def for_connection(self) -> bool:
        """Count a connection, and return whether it is refused."""
        self._connections += 1
        if self._scripted(ANY, ANY, ANY, connection=True) is not None:
            return True
        return _chance(self.plan.seed, "connection", self._connections)[0] < self._refuse_odds

    def for_request(self, endpoint: str, mch_billno: str, re_openid: str = "") -> Fault | None:
        """Count a request, and return the fault that hits it."""
        self._requests += 1
        scripted = self._scripted(endpoint, mch_billno, re_openid, connection=False)
        if scripted is not None or not self._odds:
            return scripted
        draw, more, after = _chance(self.plan.seed, "request", self._requests)
        for kind, probability in self._odds:
            if draw < probability:
                return _seeded(kind, more, after=after < 0.5)  # noqa: PLR2004  # a fair coin
            draw -= probability
        return None

    def for_notification(self, number: str, openid: str) -> Fault | None:
        """Return the fault that hits a notification. The odds are for requests."""
        return self._scripted(NOTIFICATION, number, openid, connection=False)

    def _scripted(
        self, endpoint: str, mch_billno: str, re_openid: str, *, connection: bool
    ) -> Fault | None:
        found = None
        for index, rule in enumerate(self.plan.rules):
            kind = rule.fault.kind
            if kind in OF_BILLS or (kind is FaultKind.REFUSE_CONNECT) is not connection:
                continue
            if not connection and not rule.matches(endpoint, mch_billno, re_openid):
                continue
            self._seen[index] = seen = self._seen[index] + 1
            ends = None if rule.times is None else rule.nth + rule.times
            if found is None and rule.nth <= seen and (ends is None or seen < ends):
                found = rule.fault
        return found


def _chance(seed: int, what: str, number: int) -> tuple[float, float, float]:
    """Three uniform draws from [0, 1) that depend only on the seed and the number."""
    digest = sha256(f"{seed}/{what}/{number}".encode()).digest()
    draws = [int.from_bytes(digest[start : start + 6], "big") / 2**48 for start in (0, 6, 12)]
    return draws[0], draws[1], draws[2]


def _seeded(kind: FaultKind, more: float, *, after: bool) -> Fault:
    """A fault of a kind that the odds chose; its details are drawn as well."""
    longest = SEEDED_DELAY_SECONDS_MAX if kind is FaultKind.DELAY else SECONDS_OF.get(kind, 0.0)
    held = kind is FaultKind.REFUSED_BUT_HELD
    return Fault(
        kind=kind,
        err_code=HELD_CODE if held else "",
        text=HELD_TEXT if held else "",
        seconds=longest * more,
        cut=int(SEEDED_CUT_BYTES_MAX * more) if kind is FaultKind.CUT_REPLY else 0,
        after=after and kind in AFTER_OR_BEFORE,
        fails=after and kind is FaultKind.PROCESSING,
    )
