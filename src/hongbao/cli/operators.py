"""``hongbao operator``: whose keys sign decisions."""

from __future__ import annotations

import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao import beijing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine, print_text
from hongbao.cli.group import command_group
from hongbao.cli.operator_file import key_path
from hongbao.cli.options import AsJson, By, ConfigPath, Reason, argument, optional
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import read_configuration
from hongbao.ledger.model.signature import read_statement
from hongbao.sentences import said, say

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.model.signature import KnownOperator

app = command_group("Say whose keys sign decisions.")

_Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the operator, in all histories.")
]
_KeyFile: TypeAlias = Annotated[
    Path | None,
    optional(
        "--key",
        "File of the private key. Default: HONGBAO_OPERATOR_KEY, else the user's own folder.",
        "FILE",
    ),
]
_Public: TypeAlias = Annotated[
    Path | None,
    optional("--public", "Somebody else's public key, as PEM. Default: this user's.", "FILE"),
]


@app.command("key")
def show_key(*, key: _KeyFile = None, as_json: AsJson = False) -> CommandResult:
    """Show this user's public key, and make the key if there is none.

    The private key stays in a file that nobody else may read. Give what is printed to an operator
    who adds it.
    """
    # cryptography takes 0.1 s to import.
    from hongbao.engine.operator_key import OperatorKey  # noqa: PLC0415  # see above

    path = key_path(key)
    made = not path.exists()
    found = OperatorKey.make(path) if made else OperatorKey.read(path)
    document = {"key": str(path), "made": made, "public": found.public_pem()}
    return CommandResult(document, found.public_pem().strip(), outcome="done", as_json=as_json)


@app.command("add")
def add(
    *,
    name: _Name,
    public: _Public = None,
    key: _KeyFile = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Let somebody sign decisions.

    The first one needs no signature; an operator signs each other one. Without --public it is this
    user, whose key is made if there is none.
    """
    from hongbao.engine.operator_key import OperatorKey, read_public  # noqa: PLC0415  # as above

    if public is not None and key is not None:
        raise WrongCommandLine(say("Give --public, or --key, or neither"))
    path = key_path(key)
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        if public is not None:
            found = read_public(public)
        else:
            found = (OperatorKey.read(path) if path.exists() else OperatorKey.make(path)).public
        first = not any(it.revoked_at is None for it in book.operators())
        who = person.person(by) if first else person.deciding(by, book)
        operator = book.add_operator(name, found, by=who)
    return _answer([operator], as_json=as_json, outcome="done")


@app.command("list")
def list_operators(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List whose keys sign decisions, and whose did."""
    with books.opened(config) as book:
        found = book.operators()
    return _answer(found, as_json=as_json)


@app.command("sign")
def sign(
    *,
    statement: Annotated[
        str, argument("STATEMENT", "The line that the console shows, in quotes; - for stdin.")
    ],
    key: _KeyFile = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Sign a decision that somebody begins in the console.

    It says on stderr what is decided, and prints the signature, which is to be pasted there. It
    signs nothing but such a line.
    """
    from hongbao.engine.operator_key import OperatorKey  # noqa: PLC0415  # as above

    text = sys.stdin.read().strip() if statement == "-" else statement.strip()
    decision = read_statement(text)
    if not decision:
        raise WrongCommandLine(say("This is no decision that can be signed: copy the whole line"))
    signature = b64encode(OperatorKey.read(key_path(key)).sign(text.encode())).decode()
    facts = ", ".join(f"{name} {it}" for name, it in sorted(decision.items()) if name not in _FORM)
    if not as_json:
        line = said(
            "{name} decides: {what}; {facts}",
            name=decision.get("by"),
            what=decision.get("what"),
            facts=facts,
        )
        print_text(line, error=True)
    found = {"statement": text, "signature": signature}
    return CommandResult(found, signature, outcome="done", as_json=as_json)


_FORM = frozenset({"form", "what", "by", "nonce", "at", "until"})
"""What a line says of itself, and not of what is decided."""


@app.command("revoke")
@takes_key
def revoke(
    *,
    name: _Name,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Let an operator sign nothing more.

    An operator signs that. What was signed before stays good.
    """
    with books.opened(config) as book:
        operator = book.revoke_operator(name, by=person.deciding(by, book), reason=reason)
    return _answer([operator], as_json=as_json, outcome="done")


def _answer(
    operators: list[KnownOperator], *, as_json: bool, outcome: str = "answered"
) -> CommandResult:
    found = {
        "operators": [
            {
                "name": it.name, "fingerprint": it.fingerprint,
                "added_at": beijing.iso(it.added_at), "added_by": it.added_by,
                "revoked_at": beijing.iso(it.revoked_at), "revoked_by": it.revoked_by,
                "reason": it.revoked_for,
            }
            for it in operators
        ]
    }  # fmt: skip
    text = "\n".join(map(_line, operators)) or said(
        "Nobody signs decisions: hongbao operator add NAME"
    )
    return CommandResult(found, text, outcome=outcome, as_json=as_json)


def _line(operator: KnownOperator) -> str:
    line = said(
        "{name}  SHA-256 {fingerprint}, added {time} by {by}",
        name=operator.name,
        fingerprint=operator.fingerprint,
        time=beijing.text(operator.added_at),
        by=operator.added_by,
    )
    if operator.revoked_at is not None:
        line += "\n  " + said(
            "revoked {time} by {name}: {reason}",
            time=beijing.text(operator.revoked_at),
            name=operator.revoked_by,
            reason=operator.revoked_for,
        )
    return line
