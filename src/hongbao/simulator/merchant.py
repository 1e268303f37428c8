"""A merchant as WeChat keeps it: key, appids, accounts, switches, limits and their usage.

It knows nothing of requests, replies or packets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from hongbao.errors import InvalidRequest
from hongbao.simulator.clock import beijing_day
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.simulator.transfer.wechat_side import MerchantV3


class AppKind(StrEnum):
    """What an appid stands for; each kind of packet needs a certain one."""

    OFFICIAL_ACCOUNT = "official_account"
    MINI_PROGRAM = "mini_program"
    MOBILE_APP = "mobile_app"
    CORP = "corp"
    """A WeCom corporation."""


@dataclass(slots=True)
class FundAccount:
    """A merchant's account. Amounts are fen.

    ``topped_up + refunded == balance + debited`` holds at any moment.

    Attributes:
        topped_up: the sum of all top-ups, less what was taken out by hand.
        balance: what can be spent.
        debited: what all packets so far have cost.
        refunded: what has come back from them.
    """

    topped_up: int = 0
    balance: int = 0
    debited: int = 0
    refunded: int = 0

    @classmethod
    def holding(cls, amount: int) -> FundAccount:
        """An account that was topped up with an amount."""
        return cls(topped_up=amount, balance=amount)

    def top_up(self, amount: int) -> None:
        """Put money in; a negative amount takes it out."""
        self.topped_up += amount
        self.balance += amount

    def debit(self, amount: int) -> None:
        """Pay for a packet."""
        if amount > self.balance:
            raise AssertionError(f"debit of {amount} from {self.balance}")
        self.balance -= amount
        self.debited += amount

    def refund(self, amount: int) -> None:
        """Take unclaimed money back."""
        self.balance += amount
        self.refunded += amount

    def recall(self, *, debited: int, refunded: int) -> None:
        """Count a packet that was restored from an earlier run."""
        self.debited += debited
        self.refunded += refunded
        self.balance = self.topped_up - self.debited + self.refunded

    def restart(self) -> None:
        """Forget all packets; the balance is what was topped up."""
        self.balance, self.debited, self.refunded = self.topped_up, 0, 0


class TopUp(NamedTuple):
    """Money that was put on an account, or taken off it, at a known time.

    Attributes:
        operating: whether on the operating account, else the basic one.
        moment: seconds since the epoch.
        amount: fen; negative if it was taken off.
    """

    operating: bool
    moment: float
    amount: int


DELIVERY_SECONDS_MAX = 30 * 86_400.0
"""Queries answer for 30 days, so nobody could see a longer delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an accepted order goes on.

    Attributes:
        seconds: how long it stays SENDING.
        told: whether the reply meanwhile is PROCESSING rather than success.
        ends: SENT, and the money moves at once; or FAILED, and no money ever moves. FAILED needs
            ``told``: an order that is not paid for cannot be answered with success.

    A preorder is never answered PROCESSING: only ``seconds`` applies to it.

    Raises:
        InvalidRequest: if ``seconds`` is negative or not a number, or ``ends`` is another status.
    """

    seconds: float = 0.0
    told: bool = False
    ends: Status = Status.SENT

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= DELIVERY_SECONDS_MAX:
            rule = f"0 to {DELIVERY_SECONDS_MAX:.0f}"
            raise InvalidRequest(field="seconds", rule=rule, found=str(self.seconds))
        if self.ends is not Status.SENT and not (self.ends is Status.FAILED and self.told):
            rule = "SENT, or FAILED if the caller gets PROCESSING"
            raise InvalidRequest(field="ends", rule=rule, found=str(self.ends))


AT_ONCE = Delivery()


@dataclass(slots=True, kw_only=True)
class MerchantLimits:
    """How much a merchant may do in a given time. None switches a limit off. Amounts are fen.

    Daily limits count what was paid on a Beijing day.
    """

    calls_per_second: int | None = 30
    calls_per_minute: int | None = None
    """Historic: 1800. Off by default."""
    packets_per_day: int | None = None
    """Historic: 10000. Off by default."""
    amount_per_day: int | None = 100_000_000
    user_packets_per_day: int | None = 10
    user_amount_per_day: int | None = 100_000
    night_rule: bool = False
    """Historic: nothing is sent from 0:00 to 8:00 Beijing time. Off by default."""


class RateWindow:
    """Counts calls in windows of a fixed length."""

    __slots__ = ("_calls", "_number", "_seconds")

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._number = -1
        self._calls = 0

    def take(self, now: float, limit: int | None) -> bool:
        """Count one more call if the limit allows it, and return whether it did."""
        number = int(now) // self._seconds
        if number != self._number:
            self._number, self._calls = number, 0
        if limit is not None and self._calls >= limit:
            return False
        self._calls += 1
        return True


class DayUsage:
    """What a merchant has paid on the present Beijing day.

    Counts end with the day: call ``turn`` before reading or counting.
    """

    __slots__ = ("_day", "_users", "amount", "packets")

    def __init__(self) -> None:
        self._day = -1
        self._users: dict[str, tuple[int, int]] = {}
        self.packets = 0
        self.amount = 0

    def turn(self, now: float) -> None:
        """Start from zero if a new day has begun."""
        day = beijing_day(now)
        if day != self._day:
            self._day, self.packets, self.amount = day, 0, 0
            self._users.clear()

    def count(self, amount: int) -> None:
        """Count one more packet of the merchant."""
        self.packets += 1
        self.amount += amount

    def count_for(self, openid: str, amount: int) -> None:
        """Count one more packet for a user."""
        packets, had = self.of_user(openid)
        self._users[openid] = (packets + 1, had + amount)

    def of_user(self, openid: str) -> tuple[int, int]:
        """How many packets and how many fen a user has had."""
        return self._users.get(openid, (0, 0))


@dataclass(slots=True)
class Tally:
    """Running totals of money, in fen."""

    debited: int = 0
    claimed: int = 0
    refunded: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class SimulatedMerchant:
    """One merchant. Any attribute may be changed at any time and counts from the next request on.

    Attributes:
        mch_id: the merchant number.
        key: the APIv2 key.
        appids: the appids bound to it, with the kind of each.
        provider: whether it is a service provider, which sends only for its sub-merchants.
        sub_merchants: a provider's sub-merchants, with the msgappids bound to each.
        msgappids: the msgappids bound to the provider itself, besides its appids.
        work_secrets: the secret of the WeCom application by corp_id.
        basic: the basic account.
        operating: the operating account.
        operating_opened: whether it has an operating account; then only that pays for packets.
        product_opened: whether it has enabled the red packet product.
        api_method_on: whether sending by API is switched on in the product's settings.
        wecom_competence: whether WeCom payments are configured.
        group_allowed: whether group packets may be sent.
        forbidden_calls: the names of calls that it has no permission for.
        frozen: whether WeChat has frozen it as a penalty.
        scenes: the enabled scenes, each with its least and greatest amount in fen.
        amount_min: the least amount without a scene, in fen; for a group packet, of the average.
        amount_max: the greatest such amount.
        allowed_ips: the addresses that may send; empty means any.
        limits: see ``MerchantLimits``.
        anti_abuse_level: 0 to 3.
        risky_openids: the users whom risk control refuses, each with the lowest level at which it
            does.
        delivery: how its accepted orders go on, unless a fault says otherwise.
        v3: what it has of V3; None for a merchant that has nothing of it.
    """

    mch_id: str
    key: str = field(repr=False)
    appids: dict[str, AppKind] = field(default_factory=dict)
    provider: bool = False
    sub_merchants: dict[str, frozenset[str]] = field(default_factory=dict)
    msgappids: frozenset[str] = frozenset()
    work_secrets: dict[str, str] = field(default_factory=dict, repr=False)
    basic: FundAccount = field(default_factory=FundAccount)
    operating: FundAccount = field(default_factory=FundAccount)
    operating_opened: bool = False
    product_opened: bool = True
    api_method_on: bool = True
    wecom_competence: bool = True
    group_allowed: bool = True
    forbidden_calls: frozenset[str] = frozenset()
    frozen: bool = False
    scenes: dict[str, tuple[int, int]] = field(default_factory=dict)
    amount_min: int = 100
    amount_max: int = 20_000
    allowed_ips: frozenset[str] = frozenset()
    limits: MerchantLimits = field(default_factory=MerchantLimits)
    anti_abuse_level: int = 1
    risky_openids: dict[str, int] = field(default_factory=dict, repr=False)
    delivery: Delivery = AT_ONCE
    v3: MerchantV3 | None = None

    today: DayUsage = field(default_factory=DayUsage, init=False, repr=False)
    second: RateWindow = field(default_factory=lambda: RateWindow(1), init=False, repr=False)
    minute: RateWindow = field(default_factory=lambda: RateWindow(60), init=False, repr=False)
    tally: Tally = field(default_factory=Tally, init=False, repr=False)
    top_ups: list[TopUp] = field(default_factory=list, init=False, repr=False)
    _v3_windows: dict[str, RateWindow] = field(default_factory=dict, init=False, repr=False)

    def v3_window(self, call: str) -> RateWindow:
        """The window of a V3 call: each call has one of its own."""
        return self._v3_windows.setdefault(call, RateWindow(1))

    @property
    def paying_account(self) -> FundAccount:
        """The account that packets are paid from now."""
        return self.operating if self.operating_opened else self.basic

    def top_up(self, account: FundAccount, amount: int, moment: float) -> None:
        """Put money on one of its accounts, so that its bill of that day has it."""
        account.top_up(amount)
        self.top_ups.append(TopUp(account is self.operating, moment, amount))

    def refuses(self, openid: str) -> bool:
        """Whether risk control refuses a user at the present level."""
        return self.risky_openids.get(openid, self.anti_abuse_level + 1) <= self.anti_abuse_level

    def restart(self) -> None:
        """Forget all packets and their usage of the limits; keep the settings."""
        self.basic.restart()
        self.operating.restart()
        self.today, self.tally = DayUsage(), Tally()
        self.top_ups.clear()
        self.second, self.minute = RateWindow(1), RateWindow(60)
        self._v3_windows.clear()
