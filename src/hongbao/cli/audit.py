"""``hongbao audit``: proves that the books agree with themselves, or says where they do not.

With checkpoints, also that they still hold what they held.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao.cli import books
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.books import find_one
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.options import AsJson, ConfigPath, argument, optional
from hongbao.cli.payout.one import MchId, Which
from hongbao.ledger.audits.audit_report import AuditReport
from hongbao.sentences import said, say
from hongbao.views import audit as views

if TYPE_CHECKING:
    from hongbao.checkpoint.note import VerifyingKey


app = typer.Typer(
    cls=HongbaoGroup,
    help="""Prove that the books agree with themselves.

    It reads everything and changes nothing; workers may go on meanwhile. Checkpoints show later
    whether the books still hold what they held.
    """,
    invoke_without_command=True,
    rich_markup_mode=None,
)

KeyFile: TypeAlias = Annotated[
    Path | None,
    optional("--key", "File of the signing key. Give this or --public-key.", "PATH"),
]
PublicKey: TypeAlias = Annotated[
    str | None,
    optional("--public-key", "Public key, as `hongbao audit key` prints it.", "KEY"),
]  # fmt: skip
Against: TypeAlias = Annotated[
    Path,
    optional("--against", "File of the checkpoint.", "FILE"),
]


@app.callback()
def audit(
    context: typer.Context, *, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult | None:
    """Prove that the books agree with themselves."""
    if context.invoked_subcommand is not None:
        return None
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # only this command and two others

    with books.opened(config) as book, Steps(quiet=as_json) as steps:
        report = book.audit(
            progress=lambda done, total: steps.tell(said("auditing"), done, total),
            processes=books.processes(),
        )
    return _result(report, {}, good=views.AGREES, as_json=as_json)


@app.command("key")
def key(
    *,
    path: Annotated[Path, argument("FILE", "File of the key.")],
    new: Annotated[
        str | None,
        optional("--new", "Make a new key of this name, such as shop.example/books.", "NAME"),
    ] = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Make the key of checkpoints, or show it.

    With --new it makes the key that signs checkpoints. It prints the public part of the key.
    """
    from hongbao.checkpoint.key_files import make_key, read_key  # noqa: PLC0415  # cryptography: 50 ms

    public = str((read_key(path) if new is None else make_key(path, new)).verifying)
    found = {"file": str(path), "public_key": public}
    return CommandResult(
        found, public, outcome="answered" if new is None else "done", as_json=as_json
    )


@app.command("checkpoint")
def checkpoint(
    *,
    output: Annotated[
        Path,
        optional("--output", "File to write the checkpoint to.", "FILE"),
    ],
    key_file: Annotated[
        Path,
        optional("--key", "File of the signing key.", "PATH"),
    ],
    previous: Annotated[
        Path | None,
        optional(
            "--previous", "The previous checkpoint. Default: what is at --output now.", "FILE"
        ),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Sign what the books hold now.

    They must agree with themselves and with the previous checkpoint. Keep both files that it writes
    where nobody who can change the books can change them.
    """
    from hongbao.checkpoint.key_files import read_key  # noqa: PLC0415  # cryptography: 50 ms
    from hongbao.checkpoint.taking import take  # noqa: PLC0415  # as above
    from hongbao.checkpoint.verified_checkpoint import heads_path  # noqa: PLC0415  # as above
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # only for long work

    signing = read_key(key_file)
    with books.opened(config) as book, Steps(quiet=as_json) as steps:
        taken = take(
            book, output, signing, previous=previous,
            progress=lambda done, total: steps.tell(said("auditing"), done, total),
        )  # fmt: skip
    if taken.checkpoint is None:
        return _result(taken.report, {"files": []}, good="", as_json=as_json)
    files = [str(output), str(heads_path(output, taken.checkpoint.root))]
    good = said("Written: {path}", path=", ".join(files))
    return _result(taken.report, {"files": files}, good=good, as_json=as_json)


@app.command("verify")
def verify(
    *,
    against: Against,
    key_file: KeyFile = None,
    public_key: PublicKey = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Audit the books against a checkpoint.

    It finds every change to what the books held when the checkpoint was signed.
    """
    from hongbao.checkpoint.taking import verify as held  # noqa: PLC0415  # cryptography: 50 ms
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # only for long work

    verifying = _verifying(key_file, public_key)
    with books.opened(config) as book, Steps(quiet=as_json) as steps:
        signed, report = held(
            book, against, verifying,
            progress=lambda done, total: steps.tell(said("auditing"), done, total),
        )  # fmt: skip
    good = said(
        "{agrees}\nThey hold all that the checkpoint has: payouts {payouts}, campaigns "
        "{campaigns}.",
        agrees=said(views.AGREES),
        payouts=signed.payouts,
        campaigns=signed.campaigns,
    )
    return _result(report, {"checkpoint": signed.text()}, good=good, as_json=as_json)


@app.command("prove")
def prove(
    *,
    which: Which,
    against: Against,
    mch_id: MchId = None,
    key_file: KeyFile = None,
    public_key: PublicKey = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Prove the history of one payout.

    The proof is for somebody who has neither the books nor this program: with --json it has all
    that they need, and examples/check_proof.py checks it.
    """
    from hongbao.checkpoint.payout_proof import prove as proven  # noqa: PLC0415  # cryptography: 50 ms
    from hongbao.checkpoint.verified_checkpoint import open_checkpoint  # noqa: PLC0415  # as above

    with (
        books.opened(config) as book,
        open_checkpoint(against, _verifying(key_file, public_key)) as kept,
    ):
        payout = find_one(book, which, mch_id=mch_id)
        proof = proven(kept, payout, book.history(payout.id))
        return CommandResult(proof.document(), views.proven(proof), as_json=as_json)


def _verifying(key_file: Path | None, public_key: str | None) -> VerifyingKey:
    from hongbao.checkpoint.key_files import read_key, read_public  # noqa: PLC0415  # as above

    if public_key is not None and key_file is None:
        return read_public(public_key)
    if key_file is None or public_key is not None:
        raise WrongCommandLine(say("Give either --key or --public-key"))
    return read_key(key_file).verifying


def _result(
    report: AuditReport, more: dict[str, object], *, good: str, as_json: bool
) -> CommandResult:
    sound = not report.findings_count
    return CommandResult(
        views.document(report) | more,
        views.text(report, good=good),
        outcome="sound" if sound else "findings",
        code=ExitCode.DONE if sound else ExitCode.FINDINGS,
        as_json=as_json,
    )
