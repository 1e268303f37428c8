"""Checks a list against the settings and the books, and stores it unless it is but tried."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.compare.bookmark import Purpose, no_campaign
from hongbao.campaign.ports import unwatched
from hongbao.campaign.storing import store_list
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hongbao.campaign.check.checking import CheckedList
    from hongbao.campaign.check.findings import Findings
    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import Progress
    from hongbao.campaign.storing import StoredList
    from hongbao.configuration.file import Configuration
    from hongbao.ledger.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImport:
    """A list to import, and how.

    Attributes:
        file: the list.
        merchant: the profile that pays; None for that of the campaign that there is.
        name: of the campaign.
        meaning: how the list is meant.
        purpose: what it is stored for.
        source: what the list is called in the books; the file's name if left out.
        texts: what is said in rows that do not say it, before what the merchant's settings say.
        policy: how it must be approved, besides what the settings want.
    """

    file: Path
    merchant: str | None
    name: str
    meaning: Meaning
    purpose: Purpose = Purpose.NEW
    source: str | None = None
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    policy: ApprovalPolicy = ANYBODY

    def payer(self, configuration: Configuration, book: Book | None) -> Payer:
        """Who pays it.

        Raises:
            ConfigurationError: if the settings do not have that merchant.
            LedgerError: if there is no such campaign.
        """
        profile = self.merchant
        if profile is None:
            if book is None:
                raise no_campaign(self.name)
            profile = book.standing(self.name).campaign.profile
        found = configuration.payer(profile)
        found = replace(
            found,
            texts={**found.texts, **self.texts},
            approval=found.approval.stricter(self.policy),
        )
        return found if book is None else _with_limits_of(book, found)


def _with_limits_of(book: Book, payer: Payer) -> Payer:
    """The payer with the limits that hold when the list is stored: see ``set_channel``."""
    for it in book.channels():
        if (it.number, it.rail) == (payer.number, payer.rail):
            keeps = it.agreed or payer.approval.strict
            return replace(payer, limits=PayerLimits.of_columns(it.limits)) if keeps else payer
    return payer


@contextmanager
def checked(
    configuration: Configuration,
    wanted: ListImport,
    book: Book | None,
    progress: Progress = unwatched,
) -> Iterator[CheckedList]:
    """Check a list; its rows are there until this is left.

    Args:
        configuration: the settings.
        wanted: what is to be imported.
        book: what it is held against; None if there are no books yet.
        progress: called now and then with how far it is.

    Raises:
        ConfigurationError: if the list cannot be opened, or the settings are wrong.
        LedgerError: if the books do not take it.
    """
    with check_list(
        wanted.file,
        name=wanted.name,
        payer=wanted.payer(configuration, book),
        meaning=wanted.meaning,
        purpose=wanted.purpose,
        books=book,
        source=wanted.source,
        progress=progress,
    ) as found:
        yield found


def import_list(
    configuration: Configuration,
    wanted: ListImport,
    book: Book,
    *,
    by: str,
    progress: Progress = unwatched,
) -> tuple[Findings, StoredList | None]:
    """Check a list, and store it as a draft if it has no problems.

    Args:
        configuration: the settings.
        wanted: what is to be imported.
        book: the books.
        by: who does it.
        progress: called now and then with how far it is.

    Raises:
        ConfigurationError: see ``checked``.
        LedgerError: see ``checked``.
    """
    with checked(configuration, wanted, book, progress) as found:
        if not found.findings.ok:
            return found.findings, None
        return found.findings, store_list(found, book, by=by, progress=progress)
