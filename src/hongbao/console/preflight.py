"""Checks an uploaded list, and keeps what a person looks at before it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.campaign.check.samples import sample_rows
from hongbao.engine.list_import import checked

if TYPE_CHECKING:
    from hongbao.campaign.check.findings import Findings
    from hongbao.campaign.check.samples import ListSamples
    from hongbao.campaign.payer import Payer
    from hongbao.console.site import ConsoleSite
    from hongbao.engine.list_import import ListImport


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What is to be known of a list before it is stored.

    Attributes:
        findings: of the check.
        samples: some rows that are right by themselves.
        payer: who would pay.
        seconds: how long its calls take at least, by the merchant's rate; 0 without a rate.
        days: how many days it takes at least, by the merchant's limit of a day.
    """

    findings: Findings
    samples: ListSamples
    payer: Payer
    seconds: int
    days: int

    @classmethod
    def of(cls, site: ConsoleSite, wanted: ListImport) -> Preflight:
        """Check a list.

        Raises:
            ConfigurationError: if the settings, the name or the meaning are wrong.
            LedgerError: if the campaign cannot be extended or replaced.
        """
        with checked(site.configuration, wanted, site.book) as found:
            new, limits = found.findings.new, found.payer.limits
            most = limits.day_amount_max
            return cls(
                findings=found.findings,
                samples=sample_rows(found.staging),
                payer=found.payer,
                seconds=-(-new.rows * limits.interval // 1_000_000),
                days=1 if not most else max(1, -(-new.amount // most)),
            )
