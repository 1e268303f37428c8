"""Every setting of hongbao.toml: its name, how it is read, what it means, and its default.

One table a TOML table. ``docs/configuration.md`` says the same; a test compares the two.
"""

from __future__ import annotations

from hongbao.client.proxy import holds_credentials
from hongbao.client.settings import readers as r
from hongbao.client.settings.account import (
    ACCOUNT,
    ASSUMPTIONS,
    TRANSFER_ASSUMPTIONS,
    V3,
    WORK,
)
from hongbao.client.settings.table import Setting, secret
from hongbao.configuration.database import holds_password
from hongbao.rails.redpack.kinds import KINDS
from hongbao.rails.redpack.looks import EARLY, LOOKS
from hongbao.rails.transfer.report_infos import parse_report_infos
from hongbao.sentences import say
from hongbao.wire import fields as wire
from hongbao.wire.transfer import fields as transfer

MERCHANT, SERVICE_PROVIDER = "merchant", "service-provider"
"""The kinds of profiles."""

RED_PACKETS, TRANSFERS = "redpack", "transfer"
"""The rails by which a profile pays."""

TRANSFER_RATE = 95.0
"""Calls a second of transfers: with the burst 100, which WeChat grants. Of these 20 may be cancels.

https://pay.weixin.qq.com/doc/v3/merchant/4012716434.
"""
RATE, BURST = 25.0, 5
"""Calls a second, and how many more a second may have after a pause.

Together they are 30, so that no second ever has more calls than WeChat grants by default:
https://pay.weixin.qq.com/doc/v2/merchant/4011974053.
"""
DAY_YUAN, USER_DAY_COUNT, USER_DAY_YUAN = "1000000.00", 10, "1000.00"
"""WeChat's own defaults of the product's settings, from the same page."""
ALWAYS = "00:00-24:00"
OFF, DAILY = "off", "daily"
"""Whether workers fetch bills and hold the books against them each day."""
BILL_ACCOUNTS = ("Basic", "Operation", "Basic+Operation")
"""The accounts that packets may be paid from: the second, once it is opened."""
TRANSFER_BILL_ACCOUNTS = BILL_ACCOUNTS[2]
"""Transfers are paid from the operating account of whoever has one."""
AGAIN_DAYS, AGAIN_DAYS_MAX = 30, 3_650
BURST_MAX = 10_000
USER_DAY_COUNT_MAX = 1_000_000


CONSOLE_HOST, CONSOLE_PORT = "127.0.0.1", 8080
SESSION_HOURS, SESSION_HOURS_MAX = 12, 168
"""A working day, and a week."""

FILE = (
    Setting("database", r.text, secret=holds_password),
    Setting("allow_inline_secrets", r.yes_or_no, default=False),
    Setting("proxy", r.proxy, secret=holds_credentials),
    Setting("rehearsal_clock", r.control_url),
    Setting("looks", r.one_of(*LOOKS), default=EARLY),
    Setting("reconcile", r.one_of(OFF, DAILY), default=OFF),
    Setting("reconcile_stops", r.yes_or_no, default=True),
    Setting("merchants", r.text),  # tables of their own
    Setting("webhooks", r.text),  # the same
    Setting("approval", r.text),  # and so is this
    Setting("console", r.text),  # and this
    Setting("books", r.text),  # and this
)
"""What stands at the top of the file."""

APPROVAL = (
    Setting("approvers", r.whole(1, 2), default=1),
    Setting("two_from_yuan", r.yuan),
    Setting("apart", r.yes_or_no, default=False),
    Setting("signed", r.yes_or_no, default=False),
)
"""What stands in ``[approval]``: who must approve a campaign."""

BOOKS = (secret("keep_key"),)
"""What stands in ``[books]``: the keys that seal what is kept of people."""

CONSOLE = (
    Setting("host", r.address, default=CONSOLE_HOST),
    Setting("port", r.whole(0, 65_535), default=CONSOLE_PORT),
    Setting("proxies", r.addresses),
    Setting("session_hours", r.whole(1, SESSION_HOURS_MAX), default=SESSION_HOURS),
    Setting("checkpoints", r.text),
    Setting("checkpoint_key", r.text),
)
"""What stands in ``[console]``: the pages for people."""

PROFILE = (
    Setting("kind", r.one_of(MERCHANT, SERVICE_PROVIDER), default=MERCHANT),
    Setting("rail", r.one_of(RED_PACKETS, TRANSFERS), default=RED_PACKETS),
    *ACCOUNT,
    *V3,
    Setting("mini_program_app_id", r.as_wire(wire.WXAPPID)),
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
    Setting("bill_accounts", r.one_of(*BILL_ACCOUNTS), default=BILL_ACCOUNTS[0]),
)
"""What stands in ``[merchants.NAME]``."""

WEBHOOK = (
    secret("secret"),
    secret("previous_secret"),
    Setting("allow_private", r.yes_or_no, default=False),
    Setting("ca_path", r.text),
)
"""What stands in ``[webhooks.NAME]``."""

_WRITTEN = say("Write it, or leave it out: a list may say it in each row.")
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


def _report_infos(value: object) -> str:
    said = r.text(value)
    try:
        parse_report_infos(said)
    except ValueError as error:
        raise r.Wrong(say("is not made of {rule}", rule=error.args[0]), _WRITTEN) from None
    return said


TRANSFER_TEXTS = (
    Setting("transfer_scene_id", r.as_wire(transfer.TRANSFER_SCENE_ID, _WRITTEN)),
    Setting("transfer_remark", r.as_wire(transfer.TRANSFER_REMARK, _WRITTEN)),
    Setting("transfer_scene_report_infos", _report_infos),
    Setting("user_recv_perception", r.as_wire(transfer.USER_RECV_PERCEPTION, _WRITTEN)),
    Setting("notify_url", r.as_wire(transfer.NOTIFY_URL, _WRITTEN)),
)
"""The same where it pays by transfers."""

TABLES = {"work": WORK, "texts": TEXTS, "assumptions": ASSUMPTIONS}
"""The tables inside a merchant's."""
TRANSFER_TABLES = {"texts": TRANSFER_TEXTS, "assumptions": TRANSFER_ASSUMPTIONS}
"""The same where it pays by transfers."""
