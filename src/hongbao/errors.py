"""Everything that hongbao raises, by what it means for the money.

```
HongbaoError
├── InvalidRequest        you asked for what the protocol forbids; nothing was sent
├── ConfigurationError    key, certificate or merchant is wrong: found before any money moves
├── NotSent               no byte reached WeChat; trying again is safe
├── Refused               WeChat refused this attempt, for good (NO) or for now (OPEN)
├── OutcomeUnknown        may or may not be paid: query, or send again with the SAME mch_billno
│   ├── PacketNotFound    a query of a number that WeChat does not know, or not yet
│   ├── TransferNotFound  the same of a transfer, by WeChat's signature
│   └── UntrustedReply    unreadable, wrongly signed, or about another packet
└── LedgerError           the books say no
    ├── KeyReused         the same business key with other content; nothing was changed
    ├── IllegalTransition a step that the table of states does not have; nothing was changed
    ├── CursorRefused     where a page is to begin cannot be read; ask without a cursor
    ├── BookUnavailable   the database is away or busy: try again
    │   └── BookLocked    another transaction keeps it: see which process that is
    └── BookCorrupt       the books disagree with themselves: stop, do not pay
```

Facts ride as attributes; the message is for people and no branch may read it. No error holds a key,
a certificate or a full openid. Every error survives pickling, so that it can cross a process
border.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from hongbao.english import changed, counted, joined, sentence
from hongbao.sentences import marked, say


class Disposition(StrEnum):
    """What a refusal means for its order number.

    A join of several keeps the worst (NO < OPEN < UNKNOWN).
    """

    NO = "NO"
    """This attempt can never pay."""
    OPEN = "OPEN"
    """Not paid now, but the number lives and may still pay when it comes again."""
    UNKNOWN = "UNKNOWN"
    """May or may not have paid."""


class HongbaoError(Exception):
    """The root: catch it to catch everything that hongbao raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)

    @property
    def message(self) -> str:
        """All of it, with what to do; ``sentences.said`` says it in the reader's language."""
        return self.args[0] if self.args else ""


def _restore(cls: type[HongbaoError], args: tuple[Any, ...], facts: dict[str, Any]) -> HongbaoError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(facts)
    return error


class InvalidRequest(HongbaoError, ValueError):
    """You asked for what the protocol forbids. Nothing was sent: fix the field and call again.

    Attributes:
        field: the argument, in WeChat's spelling.
        rule: what it must be.
        found: the shape of what it was (never a secret, never a whole openid).
        mch_billno: the order number, where one was given.
    """

    def __init__(self, *, field: str, rule: str, found: str, mch_billno: str | None = None) -> None:
        problem = say("{field} must be {rule}; found {found}", field=field, rule=rule, found=found)
        super().__init__(say("{problem} Nothing was sent.", problem=sentence(problem)))
        self.field, self.rule, self.found, self.mch_billno = field, rule, found, mch_billno


class ConfigurationError(HongbaoError):
    """A key, certificate, file or setting is wrong. No money moved: fix it and start again.

    Attributes:
        setting: which setting or file it is about.
        problem: what is wrong with it.
        remedy: what to do.
    """

    def __init__(self, *, setting: str, problem: str, remedy: str) -> None:
        what = sentence(say("{setting}: {problem}", setting=setting, problem=problem))
        super().__init__(say("{problem} {remedy}", problem=what, remedy=remedy))
        self.setting, self.problem, self.remedy = setting, problem, remedy


class NotSent(HongbaoError):
    """No byte of the request reached WeChat. Trying again, with the same number, is safe.

    Attributes:
        mch_billno: the order number of the call.
        endpoint: the call, such as ``"sendredpack"``.
        why: what went wrong before the first byte.
    """

    def __init__(self, *, mch_billno: str, endpoint: str, why: str) -> None:
        super().__init__(
            say(
                "{call} {number}: nothing was sent ({why}). Trying again with the same number is "
                "safe.", call=endpoint, number=mch_billno, why=why,
            )
        )  # fmt: skip
        self.mch_billno, self.endpoint, self.why = mch_billno, endpoint, why


class Refused(HongbaoError):
    """WeChat refused this attempt.

    A refusal speaks of this attempt alone: if an earlier call with the same ``mch_billno`` ended
    unknown, it still may have paid, and only a query settles it.

    Attributes:
        mch_billno: the order number of the call.
        endpoint: the call, such as ``"sendredpack"``.
        err_code: WeChat's code, blanks removed.
        err_code_des: WeChat's text, for people only.
        disposition: ``NO`` (can never pay) or ``OPEN`` (may pay when the same number comes again).
        advice: what to do next, in English; ``hongbao explain CODE`` has it in Chinese too.
    """

    def __init__(
        self,
        *,
        mch_billno: str,
        endpoint: str,
        err_code: str,
        err_code_des: str,
        disposition: Disposition,
        advice: str,
    ) -> None:
        super().__init__(
            say(
                "{call} {number}: refused with {code} ({text}). {advice}", call=endpoint,
                number=mch_billno, code=err_code, text=err_code_des, advice=advice,
            )
        )  # fmt: skip
        self.mch_billno, self.endpoint, self.err_code = mch_billno, endpoint, err_code
        self.err_code_des, self.disposition, self.advice = err_code_des, disposition, advice


QUERY_IT = say("Query it, or send again with the same mch_billno; never make a new number.")


class OutcomeUnknown(HongbaoError):
    """The packet may or may not be paid. Query it, or send again with the SAME ``mch_billno``.

    Never make a new number for it: that is how people are paid twice. A failed query raises this
    too, whatever its code, because a query that fails says nothing about the packet.

    Attributes:
        mch_billno: the order number of the call.
        endpoint: the call, such as ``"sendredpack"``.
        why: what was seen.
        err_code: WeChat's code, where a readable reply had one.
        err_code_des: WeChat's text, for people only.
        advice: what to do next.
    """

    def __init__(
        self,
        *,
        mch_billno: str,
        endpoint: str,
        why: str,
        err_code: str | None = None,
        err_code_des: str = "",
        advice: str = QUERY_IT,
    ) -> None:
        super().__init__(
            say(
                "{call} {number}: outcome unknown ({why}). {advice}",
                call=endpoint, number=mch_billno, why=why, advice=advice,
            )
        )  # fmt: skip
        self.mch_billno, self.endpoint, self.why = mch_billno, endpoint, why
        self.err_code, self.err_code_des, self.advice = err_code, err_code_des, advice


class PacketNotFound(OutcomeUnknown):
    """WeChat does not know the number that was queried, or not yet. Its ``err_code`` is NOT_FOUND.

    That is not a failure: the order may still be on its way, and pays a moment later. Query again
    after some minutes, or send again with the SAME ``mch_billno``.
    """


class TransferNotFound(OutcomeUnknown):
    """WeChat, by its signature, does not know the number that was queried, or not yet.

    That is not a failure: the transfer may be on its way, or older than 30 days. Query again after
    some minutes, then send the same bytes again with the same number.
    """


class UntrustedReply(OutcomeUnknown):
    """A reply came, but unreadable, wrongly signed, or about another number, person or amount."""


class LedgerCode(StrEnum):
    """Why the books cannot do what was asked, for programs.

    In parentheses, what a face over HTTP would answer.
    """

    NOT_FOUND = "not_found"
    """There is no such campaign, payout or merchant (404)."""
    AMBIGUOUS = "ambiguous"
    """Several payouts are called so (409)."""
    GONE = "gone"
    """What comes after that position is no longer available (410)."""
    INVALID = "invalid"
    """A value cannot stand in the books: a name, a reason, a list with problems (422)."""
    WRONG_STATE = "wrong_state"
    """The payout or campaign stands where this cannot be done (409)."""
    CHANGED = "changed"
    """Somebody has changed it meanwhile: look again, then decide (409)."""
    LEASED = "leased"
    """A worker has it in its hands: wait (423)."""
    NOT_PROVEN = "not_proven"
    """Nothing proves yet that it would not be paid twice (409)."""
    KEY_REUSED = "key_reused"
    """The same business key with other content (409)."""
    OTHER_PAYER = "other_payer"
    """The campaign of this name is paid by another merchant (409)."""
    OVER_BUDGET = "over_budget"
    """It would cost more than the campaign may (409)."""
    SAME_PERSON = "same_person"
    """Another person has to do it: the approver has stored the list, or approved it (403)."""
    UNSIGNED = "unsigned"
    """An operator has to sign it, and the signature is missing or does not fit (401)."""
    LOCKED = "locked"
    """Another transaction keeps the books (503)."""
    UNAVAILABLE = "unavailable"
    """The database is away or busy: try again (503)."""
    DATABASE = "database"
    """The database refuses, and would again: rights, room, a damaged file (500)."""
    CORRUPT = "corrupt"
    """The books disagree with themselves: stop, do not pay (500)."""
    BUG = "bug"
    """A fault of the program (500)."""


class LedgerError(HongbaoError):
    """The books cannot do what was asked. Nothing was changed.

    Attributes:
        code: why not, for programs.
        problem: what stands against it.
        remedy: what to do.
    """

    def __init__(self, *, code: LedgerCode, problem: str, remedy: str) -> None:
        super().__init__(say("{problem} {remedy}", problem=sentence(problem), remedy=remedy))
        self.code, self.problem, self.remedy = code, problem, remedy


_OTHER_CONTENT = marked("the key {key!r} is in the books already with other content: {changes}")
_SAME_PAYMENT = say(
    "If it is the same payment, ask for what the books have: under another key it would be paid a "
    "second time. Only another payment takes another key."
)


class KeyReused(LedgerError):
    """A business key came again with other content. Nothing was changed, nothing will be sent.

    Attributes:
        key: the business key, its receiver masked.
        differences: ``(field, in the books, now)`` for each field that differs; receivers masked.
    """

    def __init__(self, *, key: str, differences: tuple[tuple[str, str, str], ...]) -> None:
        problem = say(_OTHER_CONTENT, key=key, changes=joined(map(changed, differences)))
        super().__init__(code=LedgerCode.KEY_REUSED, problem=problem, remedy=_SAME_PAYMENT)
        self.key, self.differences = key, differences


class BudgetExceeded(LedgerError):
    """A payout would take a standing campaign past what was approved. Nothing was stored.

    Attributes:
        campaign: its name.
        limit: which of the mandate: "total", "day_amount", "day_count" or "largest".
        most: what that allows: fen, or payouts.
        found: what it would have come to.
    """

    def __init__(self, *, campaign: str, limit: str, most: int, found: int, problem: str) -> None:
        super().__init__(
            code=LedgerCode.OVER_BUDGET,
            problem=problem,
            remedy=say(
                "Wait for the next day in Beijing, if the limit is a day's; else have somebody "
                "approve another standing campaign."
            ),
        )
        self.campaign, self.limit, self.most, self.found = campaign, limit, most, found


class IllegalTransition(LedgerError):
    """A payout or campaign was asked to take a step that its table of states does not have.

    Attributes:
        billno: the payout's order number, or the campaign's name.
        earlier: where it stands.
        later: where it was to go.
    """

    def __init__(self, *, billno: str, earlier: str, later: str) -> None:
        states = {"was": earlier, "wanted": later}
        said = {name: say(state.replace("_", " ")) for name, state in states.items()}
        super().__init__(
            code=LedgerCode.WRONG_STATE,
            problem=say("{name!r} is {was} and cannot become {wanted}", name=billno, **said),
            remedy=say("Look at where it stands first."),
        )
        self.billno, self.earlier, self.later = billno, earlier, later


class CursorRefused(LedgerError):
    """A cursor is damaged, of a newer version, or was given for another filter."""

    def __init__(self, *, problem: str) -> None:
        remedy = say("Begin again without it.")
        super().__init__(code=LedgerCode.INVALID, problem=problem, remedy=remedy)


class BookUnavailable(LedgerError):
    """The database of the books cannot be reached, is too busy, or broke off. It may pass.

    Whether the last change was kept is not known, unless ``undone`` says so; doing it again is
    safe with every method of the books.

    Attributes:
        undone: whether it is sure that nothing was changed.
    """

    def __init__(
        self,
        *,
        problem: str,
        undone: bool,
        remedy: str = say("Try again; if it stays, look at the database."),
        code: LedgerCode = LedgerCode.UNAVAILABLE,
    ) -> None:
        super().__init__(code=code, problem=problem, remedy=remedy)
        self.undone = undone


class BookLocked(BookUnavailable):
    """Another transaction keeps the books, and has kept them for longer than any should.

    Nothing was changed. A worker that was stopped in the middle of a transaction does that.

    Attributes:
        process: which, if that was found out: of this machine with SQLite, of the server with
            PostgreSQL.
        since: when it began, in microseconds since the epoch, or before; None if not found out.
    """

    def __init__(
        self, *, problem: str, remedy: str, process: int | None = None, since: int | None = None
    ) -> None:
        super().__init__(problem=problem, remedy=remedy, undone=True, code=LedgerCode.LOCKED)
        self.process, self.since = process, since


class BookCorrupt(LedgerError):
    """The books disagree with themselves. Stop the workers; pay nothing until it is explained.

    Attributes:
        findings: what disagrees, a line each.
    """

    def __init__(self, *, findings: tuple[str, ...]) -> None:
        super().__init__(
            code=LedgerCode.CORRUPT,
            problem=say(
                "the books disagree with themselves in {places}: {finding}",
                places=counted(len(findings), "place"), finding=findings[0],
            ),
            remedy=say("Stop all workers, keep a copy, and compare with the last backup."),
        )  # fmt: skip
        self.findings = findings
