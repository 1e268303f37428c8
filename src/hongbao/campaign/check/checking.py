"""Checks a whole list before anything of it is stored; all its problems are reported at once."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hongbao.business_key import KeyMaker
from hongbao.campaign.check.findings import LOOKED_AT, Findings, sample_texts
from hongbao.campaign.check.meaning import check_meaning
from hongbao.campaign.check.reading import ListReader
from hongbao.campaign.check.whole_list import WholeCheck
from hongbao.campaign.compare.bookmark import Bookmark, Purpose, look_up, no_campaign
from hongbao.campaign.notes import Notebook, Sum
from hongbao.campaign.ports import unwatched
from hongbao.campaign.staging.staging import open_staging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.check.reading import ReadList
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.staging.staging import Staging
    from hongbao.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedList:
    """A list that was checked, ready to be stored as it was checked.

    Attributes:
        findings: what was found.
        payer: who pays.
        budget: what it may come to at most, in fen.
        mark: where the books stood.
        purpose: what it is stored for.
        pay_again: why it pays again what other campaigns pay; None if it does not.
        staging: its rows.
    """

    findings: Findings
    payer: Payer
    budget: Fen | None
    mark: Bookmark
    purpose: Purpose
    pay_again: str | None
    staging: Staging = field(repr=False)


@contextmanager
def check_list(
    path: Path,
    *,
    name: str,
    payer: Payer,
    meaning: Meaning,
    purpose: Purpose = Purpose.NEW,
    books: CampaignLedger | None = None,
    source: str | None = None,
    progress: Progress = unwatched,
) -> Iterator[CheckedList]:
    """Check a list as a whole. Its rows stay on disk, for ``store_list``, until this is left.

    Args:
        path: of a CSV or XLSX file.
        name: of the campaign that it is to become, or to extend, or to replace.
        payer: who pays.
        meaning: how the list is meant.
        purpose: what it is stored for.
        books: what it is held against, and which are only read; None if there are none yet.
        source: what the list is called in the books; the file's name if left out.
        progress: called now and then with how far it is.

    Raises:
        ConfigurationError: if the file may not be opened, or the name or meaning is not understood.
        LedgerError: if the books cannot be read, or the campaign cannot be extended or replaced.
    """
    mark = Bookmark(name=name)
    if books is not None:
        mark = look_up(books, payer, name, purpose)
    elif purpose is not Purpose.NEW:
        raise no_campaign(name)
    # Afterwards, for a supplement has a name that no list may give, and is more than a wrong name.
    check_meaning(name, meaning, payer)
    budget = mark.budget_left if meaning.budget is None else meaning.budget
    with open_staging() as staging:
        notebook, keys = Notebook(), KeyMaker(name)
        reader = ListReader(
            meaning, payer, keys, staging=staging, notebook=notebook, progress=progress
        )
        read = reader.read(path)
        whole = WholeCheck(staging, notebook, payer, mark, purpose, keys, meaning)
        if read.layout is not None:
            whole.run(books, read.layout, read.digest, budget, progress)
        yield CheckedList(
            findings=_findings(source or path.name, read, whole, staging, notebook), payer=payer,
            budget=budget, mark=mark, purpose=whole.purpose, pay_again=meaning.pay_again,
            staging=staging,
        )  # fmt: skip


def _findings(
    source: str, read: ReadList, whole: WholeCheck, staging: Staging, notebook: Notebook
) -> Findings:
    sums = {kind: Sum(*it) for kind, it in sorted(staging.sums.items())}
    sound = read.layout is not None and not notebook.problem_count
    return Findings(
        campaign=whole.mark.name,
        source=source,
        read_as=read.words,
        source_digest=read.digest,
        total=Sum(sum(it.rows for it in sums.values()), sum(it.amount for it in sums.values())),
        kinds=sums,
        new=whole.new,
        known=whole.known,
        elsewhere=whole.elsewhere,
        owners=whole.owners,
        left_out=tuple(whole.left_out),
        again=whole.again,
        again_with_keys=whole.again_with_keys,
        digest=whole.digest if sound else None,
        problems=tuple(notebook.problems),
        problem_count=notebook.problem_count,
        cautions=notebook.cautions,
        keeps=() if read.layout is None else tuple(read.layout.kept),
        texts=sample_texts(map(json.loads, staging.first_terms(LOOKED_AT))),
    )
