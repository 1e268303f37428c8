"""What an error means to the person at the terminal: what happened, the money, what to do next.

One place maps errors to exit codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hongbao import beijing
from hongbao.cli.answer import Unwritable, WrongCommandLine
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import Interrupted, LeftAtOnce, SendInterrupted, WorkBroken
from hongbao.english import counted, sentence
from hongbao.errors import (
    BookCorrupt,
    BookLocked,
    BookUnavailable,
    ConfigurationError,
    Disposition,
    IllegalTransition,
    InvalidRequest,
    KeyReused,
    LedgerError,
    NotSent,
    OutcomeUnknown,
    Refused,
)
from hongbao.money import Fen, parse_yuan
from hongbao.sentences import said, say
from hongbao.state_words import MONEY

_NOTHING = say("no: nothing was sent")
_AGAIN = say("Run the command again when you like.")
_ANSWERED = ("endpoint", "mch_billno", "err_code", "err_code_des")
_EXTRAS = {
    "sqlalchemy": "engine",
    "alembic": "engine",
    "prometheus_client": "metrics",
    "starlette": "console",
    "argon2": "console",
    "uvicorn": "console",
}
"""Which extra brings a package; ``hongbao[cli]`` brings the first along."""


def read_yuan(option: str, text: str) -> Fen:
    """The amount of an option in fen.

    Raises:
        WrongCommandLine: if it is no amount in yuan.
    """
    try:
        return parse_yuan(text)
    except InvalidRequest as error:
        problem = say(
            "{option} must be {rule}; found {found}",
            option=option, rule=error.rule, found=error.found,
        )  # fmt: skip
        raise WrongCommandLine(problem) from None


class Declined(Exception):
    """The person at the terminal said no. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One error, as it is reported.

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
            happened = said(sentence(self.happened))
            return said("{happened} Nothing was sent; --help tells more.", happened=happened)
        money = said("May money have moved?  {money}", money=said(self.money))
        todo = said("What to do:  {todo}", todo=said(self.todo))
        return f"{said(self.happened)}\n  {money}\n  {todo}"

    def document(self) -> dict[str, object]:
        """The failure as a document."""
        return {
            "error": {
                "happened": self.happened,
                "money": self.money,
                "todo": self.todo,
                **self.facts,
            }
        }


def explain(error: BaseException) -> Failure:
    """Explain an error. One that is not hongbao's own is a bug, and its text may hold anything."""
    match error:
        case WorkBroken(__cause__=BaseException() as cause):
            explained = replace(explain(cause), money=error.money)
        case LeftAtOnce():
            explained = _left_at_once(error)
        case SendInterrupted():
            explained = interrupted(error.mch_billno)
        case KeyboardInterrupt() | Interrupted():
            explained = interrupted()
        case Declined():
            explained = _declined()
        case Unwritable():
            explained = _unwritable(error)
        case _:
            explained = _of_the_library(error)
    return explained


def _of_the_library(error: BaseException) -> Failure:
    match error:
        case Refused():
            explained = _refused(error)
        case OutcomeUnknown():
            explained = _unknown(error)
        case NotSent():
            explained = _not_sent(error)
        case InvalidRequest():
            explained = _invalid(error)
        case ConfigurationError():
            explained = _configuration(error)
        case LedgerError():
            explained = _ledger(error)
        case ModuleNotFoundError(name=str(name)) if name in _EXTRAS:
            explained = _configuration(_extra_missing(name))
        case _:
            explained = _unexpected(error)
    return explained


def _facts(error: BaseException, *names: str, **more: object) -> dict[str, object]:
    """What an error is, and some of its attributes."""
    found = {name: getattr(error, name) for name in names}
    return {"kind": type(error).__name__, **found, **more}


def interrupted(mch_billno: str | None = None) -> Failure:
    """The user's Ctrl-C, while a packet was on its way or not."""
    sent = mch_billno is not None
    return Failure(
        code=ExitCode.INTERRUPTED,
        outcome="interrupted",
        happened=(
            say("Interrupted while {number} was on its way.", number=mch_billno)
            if sent
            else say("Interrupted.")
        ),
        money=MONEY[Disposition.UNKNOWN].sentence if sent else _NOTHING,
        todo=say("Query it, or send again with the same mch_billno.") if sent else _AGAIN,
        facts={"kind": "Interrupted", "mch_billno": mch_billno},
    )


def run_cut_short(money: str, program: str) -> Failure:
    """A signal had a run leave before its campaign was done: all that was on its way is recorded.

    Args:
        money: may money have moved, by what its worker did?
        program: how this program is called.
    """
    return Failure(
        code=ExitCode.INTERRUPTED,
        outcome="interrupted",
        happened=say("Interrupted before the campaign was done."),
        money=money,
        todo=say(
            "Run the command again, or start `{program} worker`: it goes on where this stopped.",
            program=program,
        ),
        facts={"kind": "Interrupted"},
    )


def _unwritable(error: Unwritable) -> Failure:
    """The command has done its work, and stdout does not take the answer."""
    return Failure(
        code=error.code or ExitCode.UNEXPECTED,
        outcome="unexpected",
        happened=sentence(
            say("The command ended, but its answer cannot be written: {why}", why=error.why)
        ),
        money=say("as the command's exit code says; it was done to its end"),
        todo=say(
            "Make room, or give another place for the answer; then look at what was done: "
            "`campaign status`, `payout show` or `query`."
        ),
        facts={"kind": "Unwritable", "problem": error.why},
    )


def usage(message: str) -> Failure:
    """A command line that cannot be understood."""
    return Failure(
        code=ExitCode.USAGE,
        outcome="usage",
        happened=message,
        money=_NOTHING,
        todo=say("See --help."),
        facts={"kind": WrongCommandLine.__name__},
    )


def _left_at_once(error: LeftAtOnce) -> Failure:
    return Failure(
        code=ExitCode.INTERRUPTED,
        outcome="interrupted",
        happened=say("Stopped immediately, with calls still in flight."),
        money=say(
            "maybe, for those; they are recorded as in doubt, and nobody is paid twice or lost"
        ),
        todo=say(
            "Start a worker again. When their leases end (within {seconds}) it asks what became of "
            "them.",
            seconds=counted(error.lease_seconds, "second"),
        ),
        facts=_facts(error, "lease_seconds"),
    )


def _declined() -> Failure:
    return Failure(
        code=ExitCode.NOT_SENT,
        outcome="declined",
        happened=say("You said no."),
        money=say("no: nothing was changed, nothing was sent"),
        todo=_AGAIN,
        facts={"kind": "Declined"},
    )


def _refused(error: Refused) -> Failure:
    return Failure(
        code=ExitCode.REFUSED,
        outcome="refused",
        happened=say(
            "WeChat refused {call} {number}: {code} ({text}).",
            call=error.endpoint,
            number=error.mch_billno,
            code=error.err_code,
            text=error.err_code_des,
        ),
        money=MONEY[error.disposition].sentence,
        todo=error.advice,
        facts=_facts(error, *_ANSWERED, "disposition"),
    )


def _unknown(error: OutcomeUnknown) -> Failure:
    queried = error.endpoint in {"gethbinfo", "queryworkwxredpack"}
    money = say("this was a query, which moves none; it says nothing about the packet")
    return Failure(
        code=ExitCode.UNKNOWN,
        outcome="unknown",
        happened=say(
            "{call} {number}: no certain answer ({why}).",
            call=error.endpoint,
            number=error.mch_billno,
            why=error.why,
        ),
        money=money if queried else MONEY[Disposition.UNKNOWN].sentence,
        todo=error.advice,
        facts=_facts(error, *_ANSWERED, disposition=Disposition.UNKNOWN),
    )


def _not_sent(error: NotSent) -> Failure:
    return Failure(
        code=ExitCode.NOT_SENT,
        outcome="not sent",
        happened=sentence(
            say(
                "{call} {number} was not sent: {why}",
                call=error.endpoint,
                number=error.mch_billno,
                why=error.why,
            )
        ),
        money=_NOTHING,
        todo=say(
            "Fix the connection, then send again with the same mch_billno; "
            "`hongbao doctor` looks at the connection."
        ),
        facts=_facts(error, "endpoint", "mch_billno"),
    )


def _invalid(error: InvalidRequest) -> Failure:
    return Failure(
        code=ExitCode.CONFIGURATION,
        outcome="invalid request",
        happened=sentence(
            say(
                "{field} must be {rule}; found {found}",
                field=error.field,
                rule=error.rule,
                found=error.found,
            )
        ),
        money=_NOTHING,
        todo=say("Fix {field} and run the command again.", field=error.field),
        facts=_facts(error, "field", "rule", "found", "mch_billno"),
    )


def _configuration(error: ConfigurationError) -> Failure:
    return Failure(
        code=ExitCode.CONFIGURATION,
        outcome="configuration",
        happened=sentence(
            say("{setting}: {problem}", setting=error.setting, problem=error.problem)
        ),
        money=_NOTHING,
        todo=error.remedy,
        facts=_facts(error, "setting", "problem", kind="ConfigurationError", **_each(error)),
    )


def _each(error: ConfigurationError) -> dict[str, object]:
    """The several problems of one error, where it has several."""
    problems: Sequence[ConfigurationError] = getattr(error, "problems", ())
    each = [{"setting": it.setting, "problem": it.problem, "todo": it.remedy} for it in problems]
    return {"problems": each} if each else {}


def _extra_missing(name: str) -> ConfigurationError:
    return ConfigurationError(
        setting=name,
        problem=say("is not installed"),
        remedy=say(
            "Install the extra: pip install '.[{extra}]' in a clone of hongbao.",
            extra=_EXTRAS[name],
        ),
    )


def _ledger(error: LedgerError) -> Failure:
    facts = _facts(error, code=error.code.value, problem=error.problem)
    code, todo = ExitCode.BOOKS, error.remedy
    money = say("no: nothing was changed, nothing was sent")
    match error:
        case BookCorrupt():
            code = ExitCode.FINDINGS
            money = say("not by this command; the books are not to be trusted")
            facts["findings"] = error.findings
        case BookLocked():
            facts |= {"process": error.process, "since": beijing.iso(error.since)}
            todo = say(
                "{todo} Then run the command again; pause, resume and cancel can --wait for it.",
                todo=todo,
            )
        case BookUnavailable(undone=False):
            money = say("not by this command; whether the books kept the change is not known")
        case KeyReused():
            facts |= {"key": error.key, "differences": error.differences}
        case IllegalTransition():
            facts |= {"name": error.billno, "earlier": error.earlier, "later": error.later}
        case _:
            pass
    return Failure(
        code=code,
        outcome="books",
        happened=sentence(error.problem, begins=True),
        money=money,
        todo=todo,
        facts=facts,
    )


def _unexpected(error: BaseException) -> Failure:
    return Failure(
        code=ExitCode.UNEXPECTED,
        outcome="unexpected",
        happened=say("Unexpected {kind}: this is a bug in hongbao.", kind=type(error).__name__),
        money=say("maybe, if a packet was on its way: query it"),
        todo=say(
            "Run the command again with HONGBAO_DEBUG=1 and report what it prints; "
            "read it first, it may show what you typed."
        ),
        facts=_facts(error),
    )
