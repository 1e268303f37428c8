"""Every setting of hongbao.toml: its name, how it is read, what it means, and its default.

One table a TOML table. ``docs/configuration.md`` says the same; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.client.proxy import holds_credentials
from hongbao.configuration import readers as r
from hongbao.configuration.database import holds_password
from hongbao.configuration.secret import IN_ENVIRONMENT, IN_FILE
from hongbao.rails.redpack.kinds import KINDS
from hongbao.wire import fields as wire
from hongbao.wire.assumptions import TextLimits

if TYPE_CHECKING:
    from collections.abc import Callable

MERCHANT, SERVICE_PROVIDER = "merchant", "service-provider"
"""The kinds of profiles."""

RATE, BURST = 25.0, 5
"""Calls a second, and how many more a second may have after a pause.

Together they are 30, so that no second ever has more calls than WeChat grants by default:
https://pay.weixin.qq.com/doc/v2/merchant/4011974053.
"""
DAY_YUAN, USER_DAY_COUNT, USER_DAY_YUAN = "1000000.00", 10, "1000.00"
"""WeChat's own defaults of the product's settings, from the same page."""
ALWAYS = "00:00-24:00"
AGAIN_DAYS, AGAIN_DAYS_MAX = 30, 3_650
BURST_MAX = 10_000
USER_DAY_COUNT_MAX = 1_000_000


class Setting(NamedTuple):
    """One setting.

    Attributes:
        name: as it stands in the file.
        read: takes what TOML has, gives the value or raises ``Wrong``.
        default: what holds if it is left out; None if nothing does.
        secret: whether a value may not stand in the file; None if it never is a secret. What may be
            one can be given by reference, see ``secret``.
        formerly: an older name of it, which is taken with a warning.
    """

    name: str
    read: Callable[[object], Any]
    default: object = None
    secret: Callable[[str], bool] | None = None
    formerly: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which it may stand."""
        if self.secret is None:
            return (self.name,)
        return (self.name, self.name + IN_FILE, self.name + IN_ENVIRONMENT)


def _secret(name: str) -> Setting:
    return Setting(name, r.text, secret=lambda _: True)


FILE = (
    Setting("database", r.text, secret=holds_password),
    Setting("allow_inline_secrets", r.yes_or_no, default=False),
    Setting("proxy", r.proxy, secret=holds_credentials),
    Setting("rehearsal_clock", r.control_url),
    Setting("merchants", r.text),  # tables of their own
)
"""What stands at the top of the file."""

PROFILE = (
    Setting("kind", r.one_of(MERCHANT, SERVICE_PROVIDER), default=MERCHANT),
    Setting("app_id", r.as_wire(wire.WXAPPID)),
    Setting("mch_id", r.as_wire(wire.MCH_ID)),
    Setting("mini_program_app_id", r.as_wire(wire.WXAPPID)),
    Setting("sub_mch_id", r.as_wire(wire.SUB_MCH_ID)),
    Setting("msgappid", r.as_wire(wire.MSGAPPID)),
    _secret("key"),
    Setting("cert_path", r.text),
    Setting("key_path", r.text),
    _secret("key_password"),
    Setting("cert_pem", r.text),
    _secret("key_pem"),
    Setting("p12_path", r.text),
    Setting("p12_password", r.password, secret=bool),
    Setting("ca_path", r.text),
    Setting("ca_pem", r.text),
    Setting("base_url", r.text),
    Setting("backup_url", r.text),
    Setting("connect_seconds", r.seconds, formerly="connect_timeout"),
    Setting("total_seconds", r.seconds, formerly="total_timeout"),
    Setting("proxy", r.proxy, secret=holds_credentials),
    Setting("client_ip", r.as_wire(wire.CLIENT_IP, "Give the IPv4 that WeChat sees.")),
    Setting("rate", r.or_unlimited(r.rate), default=RATE),
    Setting("burst", r.whole(1, BURST_MAX), default=BURST),
    Setting("day_yuan_max", r.or_unlimited(r.yuan), default=DAY_YUAN),
    Setting(
        "user_day_count_max",
        r.or_unlimited(r.whole(1, USER_DAY_COUNT_MAX)),
        default=USER_DAY_COUNT,
    ),
    Setting("user_day_yuan_max", r.or_unlimited(r.yuan), default=USER_DAY_YUAN),
    Setting("hours", r.hours, default=ALWAYS),
    Setting("again_days", r.whole(1, AGAIN_DAYS_MAX), default=AGAIN_DAYS),
)
"""What stands in ``[merchants.NAME]``."""

WORK = (
    Setting("corp_id", r.as_wire(wire.WXAPPID)),
    _secret("secret"),
)
"""What stands in ``[merchants.NAME.work]``."""

_WRITTEN = "Write it, or leave it out: a list may say it in each row."
_OF_A_USER = "risk_info"
_RULES = {rule.name: rule for kind in KINDS.values() for rule in kind.message.ENDPOINT.known}
TEXTS = tuple(
    Setting(
        name,
        r.digits_as_wire(_RULES[name])
        if _RULES[name].high is not None
        else r.as_wire(_RULES[name], _WRITTEN),
    )
    for name in dict.fromkeys(text for kind in KINDS.values() for text in kind.texts)
    if name != _OF_A_USER
)
"""What stands in ``[merchants.NAME.texts]``."""

ASSUMPTIONS = (
    Setting("amount_min", r.whole(1, 499_900)),
    Setting("amount_max", r.whole(1, 499_900)),
    Setting("group_total_max", r.whole(1, 499_900)),
    Setting("group_people_max", r.whole(3, 1000)),
    Setting("send_listid_required", r.yes_or_no),
    Setting("pay_sign_upper", r.yes_or_no),
    Setting("certificate_names_merchant", r.yes_or_no),
    Setting("text_limits", r.one_of(*TextLimits)),
)
"""What stands in ``[merchants.NAME.assumptions]``: the fields of ``Assumptions``."""

TABLES = {"work": WORK, "texts": TEXTS, "assumptions": ASSUMPTIONS}
"""The tables inside a merchant's."""
