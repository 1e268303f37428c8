"""What the program's exit code says. Nothing else in the program names one by its number."""

from __future__ import annotations

from enum import IntEnum

from hongbao.sentences import marked, said


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
    ExitCode.DONE: marked("accepted, answered or done"),
    ExitCode.UNEXPECTED: marked(
        "something unexpected: a bug, totals that do not agree, or an answer that cannot be written"
    ),
    ExitCode.USAGE: marked("the command line is wrong; nothing was sent"),
    ExitCode.REFUSED: marked("WeChat refused the packet"),
    ExitCode.UNKNOWN: marked(
        "the outcome is unknown: query, or send again with the SAME mch_billno"
    ),
    ExitCode.NOT_SENT: marked("nothing was sent; trying again is safe"),
    ExitCode.CONFIGURATION: marked(
        "a setting, key, certificate or request is wrong; nothing was sent"
    ),
    ExitCode.LIST: marked("the list has problems; nothing was stored, nothing was sent"),
    ExitCode.BOOKS: marked(
        "the books said no, or cannot be reached; nothing was sent, but for what a worker says it "
        "sent"
    ),
    ExitCode.REFUSALS: marked("the campaign is complete, but some of its payouts were refused"),
    ExitCode.STOPPED: marked(
        "the campaign is not done, and nothing of it goes out now: see its status"
    ),
    ExitCode.IN_DOUBT: marked("the campaign is in doubt: some payouts may or may not be paid"),
    ExitCode.FINDINGS: marked("the books disagree with themselves: stop all workers, pay nothing"),
    ExitCode.BREAKS: marked("WeChat's bills and the books differ: see hongbao reconcile breaks"),
    ExitCode.INTERRUPTED: marked(
        "stopped with Ctrl-C or SIGTERM; a packet that was on its way is unknown"
    ),
}
"""What the epilog of ``--help`` and docs/cli.md say of each."""


def epilog() -> str:
    """The exit codes, one a line, for ``--help``."""
    lines = [f"{code:>3}  {said(MEANINGS[code])}" for code in ExitCode]
    return "\n".join([said("Exit codes:"), "", "\b", *lines])  # \b: what follows is not filled up
