"""The person at the terminal: what is asked before money moves, and who stands in the histories."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
from typing import TYPE_CHECKING

from hongbao.cli.answer import WrongCommandLine, at_terminal
from hongbao.cli.failure import Declined
from hongbao.errors import LedgerError
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.sentences import said, say

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.operations.deciding import Deciding


def ask(question: str, *, yes: bool, instead: str) -> None:
    """Go on only if somebody says yes.

    Args:
        question: what is asked.
        yes: it was said beforehand.
        instead: the options that say it where nobody can be asked.

    Raises:
        WrongCommandLine: if nobody can be asked.
        Declined: if they say no.
    """
    if yes:
        return
    if sys.stderr is None or not at_terminal(sys.stdin):
        raise WrongCommandLine(say("Not an interactive terminal: give {instead}", instead=instead))
    if not says_yes(question):
        raise Declined


def type_again(question: str, expected: str, *, given: str | None, option: str) -> None:
    """Go on only if somebody types a certain word, here or in an option.

    Args:
        question: what is asked.
        expected: the word.
        given: what the option has.
        option: its name, for where nobody can be asked.

    Raises:
        WrongCommandLine: if nobody can be asked, or the option has another word.
        Declined: if they type another.
    """
    if given is not None:
        if given != expected:
            raise WrongCommandLine(
                say(
                    "{option} has another word than is asked for: {question}",
                    option=option,
                    question=question,
                )
            )
    elif sys.stderr is None or not at_terminal(sys.stdin):
        raise WrongCommandLine(say("Not an interactive terminal: give {option}", option=option))
    else:
        print(said("{question}: ", question=said(question)), end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() != expected:
            raise Declined


def says_yes(question: str) -> bool:
    """Ask on stderr, for stdout belongs to the answer; no answer is a no."""
    print(said("{question} [y/N] ", question=question), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "是"}


def person(by: str | None) -> str:
    """The name that was given, else the operating system's user and machine.

    Raises:
        WrongCommandLine: if the name cannot stand in one line.
    """
    if by is None:
        return f"{_user()}@{_machine()}"
    try:
        return check_actor(by.strip())
    except LedgerError as error:
        raise WrongCommandLine(
            say("--by: {problem}. {remedy}", problem=error.problem, remedy=error.remedy)
        ) from None


def deciding(by: str | None, book: Deciding) -> str:
    """Who decides: the operator who signs, where somebody does; else as ``person``.

    Args:
        by: the name that was typed.
        book: the books, which know the signer.

    Raises:
        WrongCommandLine: if a name was typed where an operator signs, or it cannot stand in a line.
        LedgerError: if nobody has the signer's key, or it was revoked.
    """
    operator = book.operator()
    if operator is None:
        return person(by)
    if by is not None:
        raise WrongCommandLine(
            say("--by: the operator {name} signs this, and nobody else", name=operator.name)
        )
    return operator.name


def who_decides(by: str | None, policy: ApprovalPolicy, book: Deciding | None) -> str:
    """Who stores, approves or withdraws a list: where others must approve it, the system's word.

    Args:
        by: the name that was typed.
        policy: who must approve a campaign.
        book: the books, which know the operator who signs; None where there are none yet.

    Raises:
        WrongCommandLine: if a name was typed where anybody could type another's.
        LedgerError: if nobody has the signer's key, or it was revoked.
    """
    if book is not None and book.operator() is not None:
        return deciding(by, book)
    if by is not None and policy.strict:
        raise WrongCommandLine(
            say(
                "--by is a name that anybody may type: with [approval] in the settings, who "
                "decides is the user that the system knows, {person}",
                person=person(None),
            )
        )
    return person(by)


def _user() -> str:
    try:
        # What the system says, not what the environment says.
        import pwd  # noqa: PLC0415  # Windows has none

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return "somebody"  # a container may run under a number that has no name


def _machine() -> str:
    return _line(socket.gethostname()) or "somewhere"


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f]+", "-", text)[:64]
