"""One example a command: what the end of its ``--help`` shows."""

from __future__ import annotations

import shlex

from hongbao.sentences import said

_PACKET = "--key spring/u4711 --yuan 1.00 --wishing 'Happy spring' --act-name Spring --remark 2026"
_TO_USER = f"{_PACKET} --re-openid oUser4711"

EXAMPLES = {
    "demo": "demo --verbose",
    "simulator": "simulator --dir sandbox",
    "init": "init --merchant sandbox/merchants/1999000001/merchant.toml",
    "doctor": "doctor --config hongbao.toml",
    "campaign": "campaign new spring.csv --merchant shop --name spring --unit yuan --dry-run",
    "campaign template": "campaign template spring.xlsx --headers zh",
    "campaign new": "campaign new spring.csv --merchant shop --name spring --unit yuan",
    "campaign extend": "campaign extend spring late.csv --unit yuan",
    "campaign replace": "campaign replace spring right.csv --unit yuan",
    "campaign stand": "campaign stand refunds --merchant shop --budget 50000.00 "
    "--per-day 2000.00 --payouts-per-day 200 --largest 200.00",
    "campaign end": "campaign end refunds --reason 'the shop has moved'",
    "campaign approve": "campaign approve spring --by anna",
    "campaign reject": "campaign reject spring --reason 'wrong amounts'",
    "campaign withdraw-approval": "campaign withdraw-approval spring --reason 'wrong amounts'",
    "campaign schedule": "campaign schedule spring --at '2027-02-06 00:00'",
    "campaign run": "campaign run spring",
    "campaign status": "campaign status spring --check",
    "campaign list": "campaign list --phase paused --phase 'in doubt'",
    "campaign history": "campaign history spring",
    "campaign pause": "campaign pause spring --reason 'wrong greeting'",
    "campaign resume": "campaign resume spring",
    "campaign retry": "campaign retry spring --refused --code NO_AUTH",
    "campaign cancel": "campaign cancel spring --reason 'wrong list'",
    "campaign report": "campaign report spring --output spring.xlsx",
    "campaign remind": "campaign remind spring --output spring-unclaimed.xlsx",
    "worker": "worker --merchant shop",
    "workers": "workers",
    "stop-all": "stop-all --reason 'wrong amounts'",
    "resume-all": "resume-all",
    "payout": "payout show spring/u4711",
    "payout find": "payout find oUser4711",
    "payout list": "payout list --campaign spring --state refused --code NO_AUTH --csv",
    "payout show": "payout show spring/u4711",
    "payout query": "payout query spring/u4711",
    "payout send": "payout send spring/u4711",
    "payout cancel": "payout cancel spring/u4711 --reason 'has left the company'",
    "payout note": "payout note spring/u4711 'called on Monday: will claim it'",
    "payout declare-dead": "payout declare-dead spring/u4711 --reason 'not in the bills'",
    "payout reopen": "payout reopen spring/u4711 --reason 'she follows the account now'",
    "operator": "operator list",
    "operator key": "operator key",
    "operator add": "operator add anna --public anna.pub",
    "operator list": "operator list",
    "operator sign": "operator sign -",
    "operator revoke": "operator revoke anna --reason 'has left the company'",
    "events": "events --follow --after 1234",
    "webhook": "webhook list",
    "webhook add": "webhook add shop https://shop.example/hooks --event payout.received",
    "webhook secret": "webhook secret",
    "webhook list": "webhook list",
    "webhook test": "webhook test shop",
    "webhook replay": "webhook replay shop --after 1234",
    "webhook disable": "webhook disable shop --reason 'the shop is moving'",
    "webhook enable": "webhook enable shop",
    "webhooks": "webhooks run",
    "webhooks run": "webhooks run",
    "metrics": "metrics --port 9464",
    "notify": "notify --port 8446",
    "console": "console --config hongbao.toml",
    "console demo": "console demo --port 8080",
    "console user": "console user list",
    "console user add": "console user add anna --role maker",
    "console user list": "console user list",
    "console user reset": "console user reset anna",
    "console user disable": "console user disable anna",
    "console user enable": "console user enable anna",
    "audit": "audit --config hongbao.toml",
    "audit key": "audit key sign.key --new shop.example/books",
    "audit checkpoint": "audit checkpoint --key sign.key --output books.note",
    "audit verify": "audit verify --key sign.key --against books.note",
    "audit prove": "audit prove spring/u4711 --key sign.key --against books.note --json",
    "reconcile": "reconcile fetch",
    "reconcile fetch": "reconcile fetch --merchant shop",
    "reconcile import": "reconcile import bill.csv --merchant shop",
    "reconcile run": "reconcile run",
    "reconcile status": "reconcile status",
    "reconcile breaks": "reconcile breaks --json",
    "reconcile explain": "reconcile explain 4711 --lang zh",
    "reconcile close": "reconcile close 4711 --reason 'WeChat has corrected it'",
    "reconcile report": "reconcile report --since 2026-11-01 --until 2026-11-30",
    "reconcile period": "reconcile period list",
    "reconcile period close": "reconcile period close --merchant shop --since 2026-11-01 "
    "--until 2026-11-30",
    "reconcile period list": "reconcile period list --merchant shop",
    "reconcile period reopen": "reconcile period reopen 3 --reason 'WeChat has corrected a bill'",
    "merchant": "merchant list",
    "merchant list": "merchant list",
    "merchant set": "merchant set shop --rate 50",
    "merchant ask": 'merchant ask shop --reason "a busy day"',
    "merchant accept": "merchant accept shop --request 1",
    "merchant decline": 'merchant decline shop --request 1 --reason "too fast"',
    "db": "db version",
    "db prune": "db prune --keep 180d",
    "db upgrade": "db upgrade",
    "db version": "db version",
    "send": f"send normal {_TO_USER} --send-name Shop",
    "send normal": f"send normal {_TO_USER} --send-name Shop",
    "send mini-program": f"send mini-program {_TO_USER} --send-name Shop",
    "send group": f"send group {_TO_USER} --send-name Shop --total-num 3",
    "send work": f"send work {_TO_USER} --sender-name Anna",
    "send preorder": f"send preorder {_PACKET} --send-name Shop",
    "query": "query 10000098201411111234567890",
    "claim-params": "claim-params - --merchant merchant.toml",
    "explain": "explain NOTENOUGH --lang both",
    "explain-sign": "explain-sign request.xml --merchant merchant.toml",
}
"""By the words of the command; of a group it is what one begins with."""
_MORE = {
    "campaign new": "campaign new autumn.csv --merchant till --name autumn --unit yuan "
    "--kind transfer-red-packet",
}
"""Another one, of those that are used in two ways."""


_COLUMNS = 74


def example(name: str) -> str | None:
    """The end of a command's help: its example, in lines that a shell joins; None if it has none.

    Args:
        name: the words of the command.
    """
    if name not in EXAMPLES:
        return None
    lines = _lines(EXAMPLES[name])
    if name in _MORE:
        lines += _lines(_MORE[name])
    return "\n".join([said("Example:"), "", "\b", *lines])  # \b: what follows is not filled up


def _lines(command: str) -> list[str]:
    lines = ["hongbao"]
    for word in map(shlex.quote, shlex.split(command)):
        if len(lines[-1]) + len(word) > _COLUMNS:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}"
    return lines
