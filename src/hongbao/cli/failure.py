"""What an error means to the person at the terminal: what happened, the money, what to do next.

One place maps errors to exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hongbao.cli.exit_code import ExitCode
from hongbao.errors import (
    ConfigurationError,
    Disposition,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MONEY: dict[Disposition, tuple[str, str]] = {
    Disposition.NO: (
        "no: this attempt can never pay",
        "没有：本次请求不会付款",
    ),
    Disposition.OPEN: (
        "not now, but the number lives and may still pay when it is sent again",
        "目前没有；但单号仍然有效，用原单号重发时可能付款",
    ),
    Disposition.UNKNOWN: (
        "maybe: it may or may not have been paid",
        "可能：也许已付款，也许没有",
    ),
}
"""May money have moved? In English and Chinese, by disposition."""

_NOTHING = "no: nothing was sent"


class SendInterrupted(Exception):
    """Ctrl-C while a packet was on its way.

    Attributes:
        mch_billno: its number.
    """

    def __init__(self, mch_billno: str) -> None:
        super().__init__(mch_billno)
        self.mch_billno = mch_billno


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One error, told.

    Attributes:
        code: what the program exits with.
        outcome: in a word, for programs.
        happened: what happened.
        money: may money have moved?
        todo: what to do next.
        facts: of the error, for programs.
    """

    code: ExitCode
    outcome: str
    happened: str
    money: str
    todo: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """Three lines for a person; a wrong command line needs but one."""
        if self.code is ExitCode.USAGE:
            return f"{self.happened.rstrip('.')}. Nothing was sent; --help tells more."
        money = f"  May money have moved?  {self.money}"
        return f"{self.happened}\n{money}\n  What to do:  {self.todo}"

    def document(self) -> dict[str, object]:
        """The same for a program."""
        return {
            "error": {
                "happened": self.happened,
                "money": self.money,
                "todo": self.todo,
                **self.facts,
            }
        }


def explain(error: BaseException) -> Failure:
    """Tell an error. One that is not hongbao's own is a bug, and its text may hold anything."""
    match error:
        case Refused():
            return _refused(error)
        case OutcomeUnknown():
            return _unknown(error)
        case NotSent():
            return _not_sent(error)
        case InvalidRequest():
            return _invalid(error)
        case ConfigurationError():
            return _configuration(error)
        case _:
            return _unexpected(error)


def interrupted(mch_billno: str | None = None) -> Failure:
    """The user's Ctrl-C, while a packet was on its way or not."""
    sent = mch_billno is not None
    return Failure(
        code=ExitCode.INTERRUPTED,
        outcome="interrupted",
        happened=f"Interrupted while {mch_billno} was on its way." if sent else "Interrupted.",
        money=MONEY[Disposition.UNKNOWN][0] if sent else _NOTHING,
        todo=(
            "Query it, or send again with the same mch_billno."
            if sent
            else "Run the command again when you like."
        ),
        facts={"kind": "Interrupted", "mch_billno": mch_billno},
    )


def usage(message: str) -> Failure:
    """A command line that cannot be understood."""
    return Failure(
        code=ExitCode.USAGE,
        outcome="usage",
        happened=message,
        money=_NOTHING,
        todo="See --help.",
    )


def _refused(error: Refused) -> Failure:
    return Failure(
        code=ExitCode.REFUSED,
        outcome="refused",
        happened=f"WeChat refused {error.endpoint} {error.mch_billno}: "
        f"{error.err_code} ({error.err_code_des}).",
        money=MONEY[error.disposition][0],
        todo=error.advice,
        facts={
            "kind": "Refused",
            "endpoint": error.endpoint,
            "mch_billno": error.mch_billno,
            "err_code": error.err_code,
            "err_code_des": error.err_code_des,
            "disposition": error.disposition,
        },
    )


def _unknown(error: OutcomeUnknown) -> Failure:
    queried = error.endpoint in {"gethbinfo", "queryworkwxredpack"}
    money = "this was a query, which moves none; it says nothing about the packet"
    return Failure(
        code=ExitCode.UNKNOWN,
        outcome="unknown",
        happened=f"{error.endpoint} {error.mch_billno}: no certain answer ({error.why}).",
        money=money if queried else MONEY[Disposition.UNKNOWN][0],
        todo=error.advice,
        facts={
            "kind": type(error).__name__,
            "endpoint": error.endpoint,
            "mch_billno": error.mch_billno,
            "err_code": error.err_code,
            "err_code_des": error.err_code_des,
            "disposition": Disposition.UNKNOWN,
        },
    )


def _not_sent(error: NotSent) -> Failure:
    return Failure(
        code=ExitCode.NOT_SENT,
        outcome="not sent",
        happened=f"{error.endpoint} {error.mch_billno} was not sent: {error.why}.",
        money=_NOTHING,
        todo="Mend the connection, then send again with the same mch_billno; "
        "`hongbao doctor` looks at the connection.",
        facts={
            "kind": "NotSent",
            "endpoint": error.endpoint,
            "mch_billno": error.mch_billno,
        },
    )


def _invalid(error: InvalidRequest) -> Failure:
    return Failure(
        code=ExitCode.CONFIGURATION,
        outcome="invalid request",
        happened=f"{error.field} must be {error.rule}; found {error.found}.",
        money=_NOTHING,
        todo=f"Mend {error.field} and run the command again.",
        facts={
            "kind": "InvalidRequest",
            "field": error.field,
            "rule": error.rule,
            "found": error.found,
            "mch_billno": error.mch_billno,
        },
    )


def _configuration(error: ConfigurationError) -> Failure:
    return Failure(
        code=ExitCode.CONFIGURATION,
        outcome="configuration",
        happened=f"{error.setting}: {error.problem}.",
        money=_NOTHING,
        todo=error.remedy,
        facts={
            "kind": "ConfigurationError",
            "setting": error.setting,
            "problem": error.problem,
        },
    )


def _unexpected(error: BaseException) -> Failure:
    return Failure(
        code=ExitCode.UNEXPECTED,
        outcome="unexpected",
        happened=f"Unexpected {type(error).__name__}: this is a bug in hongbao.",
        money="maybe, if a packet was on its way: query it",
        todo="Run the command again with HONGBAO_DEBUG=1 and report what it prints; "
        "read it first, it may show what you typed.",
        facts={"kind": type(error).__name__},
    )
