"""Takes checkpoints, and compares books with one. Both begin with an audit of the whole books.

Files are written under temporary names and then moved, the heads before the note, so that an
interruption leaves the old checkpoint intact.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

from hongbao.checkpoint.text import Checkpoint, Money
from hongbao.checkpoint.verified_checkpoint import heads_path, open_checkpoint
from hongbao.checkpoint.watching import HeadsComparer, HeadsWriter, Watches
from hongbao.errors import ConfigurationError
from hongbao.ledger.audits.audit_report import FINDINGS_MAX
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self, TypeAlias

    from hongbao.checkpoint.note import SigningKey, VerifyingKey
    from hongbao.checkpoint.verified_checkpoint import VerifiedCheckpoint
    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_report import AuditReport
    from hongbao.ledger.book import Book

    Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenCheckpoint:
    """The result of taking a checkpoint.

    Attributes:
        report: of the audit, and of the comparison with the previous checkpoint.
        checkpoint: what was signed; None if there are findings, so that nothing was written.
    """

    report: AuditReport
    checkpoint: Checkpoint | None


def take(
    book: Book,
    path: Path,
    key: SigningKey,
    *,
    previous: Path | None = None,
    progress: Progress | None = None,
) -> TakenCheckpoint:
    """Take a checkpoint of sound books that continue the previous checkpoint.

    Args:
        book: the books.
        path: where to write it. A checkpoint that is already there is the previous one.
        key: signs it.
        previous: the previous checkpoint, if it is elsewhere.
        progress: called with the number of payouts done and of all payouts.

    Raises:
        ConfigurationError: if a file cannot be written, or the previous checkpoint cannot be
            trusted.
        BookUnavailable: if the books cannot be read.
    """
    before = previous or (path if path.exists() else None)
    try:
        with ExitStack() as stack:
            kept = (
                None
                if before is None
                else stack.enter_context(open_checkpoint(before, key.verifying))
            )
            beside = stack.enter_context(_Beside(path))
            return _take(book, path, key, kept=kept, beside=beside, progress=progress)
    except OSError as error:
        raise ConfigurationError(
            setting=str(path),
            problem=say("cannot be written ({reason})", reason=error.strerror),
            remedy=say("Check that its folder is there, may be written and has room."),
        ) from None


def _take(
    book: Book,
    path: Path,
    key: SigningKey,
    *,
    kept: VerifiedCheckpoint | None,
    beside: _Beside,
    progress: Progress | None,
) -> TakenCheckpoint:
    writer = HeadsWriter(beside.file)
    report = _audit(book, kept, [writer], progress)
    if report.findings:
        return TakenCheckpoint(report=report, checkpoint=None)
    checkpoint = Checkpoint(
        origin=key.name,
        size=writer.tree.size,
        root=writer.tree.root(),
        at=report.at,
        payouts=report.payouts,
        campaigns=report.campaigns,
        bills=writer.bills,
        money=Money.of(report.totals),
        previous=None if kept is None else kept.digest,
    )
    beside.become(heads_path(path, checkpoint.root))
    with _Beside(path) as note:
        note.file.write(key.sign(checkpoint.text()).encode())
        note.become(path)
    if kept is not None and kept.path == path and kept.checkpoint.root != checkpoint.root:
        heads_path(path, kept.checkpoint.root).unlink(missing_ok=True)
    return TakenCheckpoint(report=report, checkpoint=checkpoint)


def verify(
    book: Book, path: Path, key: VerifyingKey, *, progress: Progress | None = None
) -> tuple[Checkpoint, AuditReport]:
    """Audit books, and find every change to what they held when a checkpoint was taken.

    Args:
        book: the books.
        path: the path of the checkpoint.
        key: the key that signed it.
        progress: called with the number of payouts done and of all payouts.

    Raises:
        ConfigurationError: if the checkpoint cannot be trusted.
        BookUnavailable: if the books cannot be read.
    """
    with open_checkpoint(path, key) as kept:
        return kept.checkpoint, _audit(book, kept, [], progress)


def _audit(
    book: Book, kept: VerifiedCheckpoint | None, watches: list[Watch], progress: Progress | None
) -> AuditReport:
    if kept is None:
        return book.audit(progress=progress, watch=Watches(watches))
    comparer = HeadsComparer(kept)
    report = book.audit(progress=progress, watch=Watches([comparer, *watches]))
    comparer.finish()
    found = comparer.findings
    return replace(
        report,
        findings=(*found.first, *report.findings)[:FINDINGS_MAX],
        findings_count=found.count + report.findings_count,
    )


class _Beside:
    """A temporary file that is deleted unless it is moved to its final path.

    Args:
        path: its final path, or one in the same folder.

    Attributes:
        file: the file to write to.
    """

    def __init__(self, path: Path) -> None:
        self._written = NamedTemporaryFile(  # noqa: SIM115 - closed by ``__exit__``
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        )
        self._path = path.with_name(self._written.name.rpartition(os.sep)[2])

    @property
    def file(self) -> IO[bytes]:
        """The file to write to."""
        return self._written.file

    def become(self, path: Path) -> None:
        """Move it to its final path, safe from a power cut."""
        self._written.flush()
        os.fsync(self._written.fileno())
        self._path.replace(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._written.close()
        self._path.unlink(missing_ok=True)
