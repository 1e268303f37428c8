"""What the program's exit code says. Nothing else in the program names one by its number."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The end of a command, by what it means for the money."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    UNKNOWN = 4
    NOT_SENT = 5
    CONFIGURATION = 6
    LIST = 7
    BOOKS = 8
    REFUSALS = 9
    STOPPED = 10
    IN_DOUBT = 11
    FINDINGS = 12
    BREAKS = 13
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "accepted, answered or done",
    ExitCode.UNEXPECTED: (
        "something unexpected: a bug, totals that do not agree, or an answer that cannot be written"
    ),
    ExitCode.USAGE: "the command line is wrong; nothing was sent",
    ExitCode.REFUSED: "WeChat refused the packet",
    ExitCode.UNKNOWN: "the outcome is unknown: query, or send again with the SAME mch_billno",
    ExitCode.NOT_SENT: "nothing was sent; trying again is safe",
    ExitCode.CONFIGURATION: "a setting, key, certificate or request is wrong; nothing was sent",
    ExitCode.LIST: "the list has problems; nothing was stored, nothing was sent",
    ExitCode.BOOKS: (
        "the books said no, or cannot be reached; nothing was sent, but for what a worker says it "
        "sent"
    ),
    ExitCode.REFUSALS: "the campaign is complete, but some of its payouts were refused",
    ExitCode.STOPPED: "the campaign is not done, and nothing of it goes out now: see its status",
    ExitCode.IN_DOUBT: "the campaign is in doubt: some payouts may or may not be paid",
    ExitCode.FINDINGS: "the books disagree with themselves: stop all workers, pay nothing",
    ExitCode.BREAKS: "WeChat's bills and the books differ: see hongbao reconcile breaks",
    ExitCode.INTERRUPTED: "stopped with Ctrl-C or SIGTERM; a packet that was on its way is unknown",
}
"""What the epilog of ``--help`` and docs/cli.md say of each."""


def epilog() -> str:
    """The exit codes, one a line, for ``--help``."""
    lines = [f"{code:>3}  {MEANINGS[code]}" for code in ExitCode]
    return "\n".join(["Exit codes:", "", "\b", *lines])  # \b: what follows is not filled up
