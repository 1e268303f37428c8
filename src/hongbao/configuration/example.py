"""The hongbao.toml that ``hongbao init`` writes: commented, or made of a merchant's file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hongbao.configuration import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = """\
# The payout engine's settings. All settings are described in docs/configuration.md.
# Paths are relative to this file. `hongbao doctor --config hongbao.toml` checks all of it.

database = "books.db"
# database = "postgresql://hongbao@db.example/hongbao"   # any number of workers on any machines
# database_env = "PAYOUT_DATABASE"                       # a URL that holds a password
"""

_LIMITS = f"""\
rate = {settings.RATE:g}                           # calls a second; WeChat takes 30 ...
burst = {settings.BURST}                           # ... so never more than 30 in any second
day_yuan_max = "{settings.DAY_YUAN}"          # in all, a Beijing day
user_day_count_max = {settings.USER_DAY_COUNT}             # a user, a Beijing day
user_day_yuan_max = "{settings.USER_DAY_YUAN}"
hours = "{settings.ALWAYS}"               # Beijing time; such as "08:00-23:30"
"""

_TRANSFER_LIMITS = _LIMITS.replace(
    f"""\
rate = {settings.RATE:g}                           # calls a second; WeChat takes 30 ...
burst = {settings.BURST}                           # ... so never more than 30 in any second
""",
    f"""\
rate = {settings.TRANSFER_RATE:g}                           # calls a second; WeChat takes 100 ...
burst = {settings.BURST}                           # ... so never more than 100 in any second
""",
)

_TRANSFER_TEXTS = """
[merchants.{name}.texts]              # for rows that do not say their own
transfer_scene_id = "1000"
transfer_remark = ""
transfer_scene_report_infos = "活动名称=；奖励说明="
"""

_TEXTS = """
[merchants.{name}.texts]              # for rows that do not say their own
send_name = ""
wishing = ""
act_name = ""
remark = ""
"""

_MERCHANT = f"""
[merchants.{{name}}]
app_id = "wx..."                    # under which the openids were issued
mch_id = "19..."
key_file = "apiv2.key"              # the APIv2 key alone, in a file of mode 600 ...
# key_env = "PAYOUT_KEY"            # ... or in a variable
cert_path = "apiclient_cert.pem"
key_path = "apiclient_key.pem"
# p12_path = "apiclient_cert.p12"   # instead of both
client_ip = "203.0.113.7"
# mini_program_app_id = "wx..."     # for mini-program packets
{_LIMITS}"""

_OTHERS = f"""
# [merchants.{{name}}.work]             # only for WeCom
# corp_id = "ww..."
# secret_file = "wecom.secret"

# [merchants.branch]                # a service provider's, one for each sub-merchant
# kind = "{settings.SERVICE_PROVIDER}"
# sub_mch_id = "19..."
# msgappid = "wx..."
"""


def commented(name: str) -> str:
    """A file to be filled in, with one merchant."""
    return _HEAD + (_MERCHANT + _TEXTS + _OTHERS).format(name=name)


def filled(name: str, values: Mapping[str, Any]) -> str:
    """A file of settings that are known.

    Args:
        name: of the merchant.
        values: its settings as they stand in ``[merchants.NAME]``; a dict becomes a table.
    """
    tables = {part: value for part, value in values.items() if isinstance(value, dict)}
    lines = [_HEAD, f"[merchants.{name}]"]
    lines += [_line(key, value) for key, value in values.items() if key not in tables]
    transfers = values.get("rail") == settings.TRANSFERS
    lines += [(_TRANSFER_LIMITS if transfers else _LIMITS).rstrip("\n")]
    for part, table in tables.items():
        lines += ["", f"[merchants.{name}.{part}]"]
        lines += [_line(key, value) for key, value in table.items()]
    # It is right as it is; lists that say all texts themselves need no others.
    shown = _TRANSFER_TEXTS if transfers else _TEXTS
    texts = shown.format(name=name).strip().splitlines()
    return "\n".join([*lines, "", *(f"# {line}" for line in texts), ""])


def _line(key: str, value: object) -> str:
    # JSON's strings, numbers, true and false are TOML's, but for DEL, which no setting may hold.
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
