"""Checks what people did in the console, and that accounts stand as it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger.accounts.account_rows import all_accounts
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.event import GENESIS, Event
from hongbao.ledger.model.replay import broken
from hongbao.ledger.store.console_schema import CONSOLE_ACT, CONSOLE_RECORD
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_AT_ONCE = 10_000
_NAME = say("acts in the console")


def account_problems(connection: Connection) -> Iterator[tuple[FindingCode, str, str]]:
    """What is wrong with acts and accounts: the kind, the subject and the words."""
    last, count = GENESIS, 0
    digests: dict[int, str] = {}
    ordered = select(CONSOLE_ACT).order_by(CONSOLE_ACT.c.record_id, CONSOLE_ACT.c.seq)
    with connection.execute(ordered.execution_options(yield_per=_AT_ONCE)) as rows:
        for page in rows.partitions():
            events = [Event._make((*row[:6], bytes(row[6]))) for row in page]
            words = broken(events, last, begun=count)
            if words is not None:
                yield FindingCode.CHAIN, _NAME, words
                return
            for said in (json.loads(event.body) for event in events):
                if "account" in said:
                    digests[said["account"]] = said["sha256"]
            last, count = events[-1].hash, count + len(events)
    due = [row.seq for row in connection.execute(select(CONSOLE_RECORD))]
    if (due or [0]) != [count]:
        yield (
            FindingCode.CHAIN,
            _NAME,
            say("there are {count}, and should be {due}", count=count, due=sum(due)),
        )
    for account in all_accounts(connection):
        if digests.pop(account.id, None) != account.digest:
            words = say("it is not what the acts in the console say")
            yield FindingCode.REPLAY, say("account {number}", number=account.id), words
    for number in digests:
        words = say("it is missing, but acts in the console are about it")
        yield FindingCode.REFERENCE, say("account {number}", number=number), words
