"""``make interop``: install the SDKs, let each do all it can, judge, record, and write pages.

The pages are ``docs/interop.md``, and a table in both READMEs.

An SDK that cannot be had on this machine is skipped, and told as skipped; its recording stays as
it was. The exit code is 1 if anything is not as it must be, or if nothing was tried at all.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NamedTuple

from interop import migration, page, transfer_situations, transfers, webhooks
from interop.driver import DriverFailed
from interop.environments import CACHE, Skipped, install
from interop.judge import Disagreement, disagreements
from interop.play import play
from interop.recording import read_all, write
from interop.sdks import SDKS
from interop.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interop.sdks import Sdk
    from interop.stage import Stage


class Report(NamedTuple):
    """What came of one SDK.

    Attributes:
        sdk: which.
        cases: how many were tried.
        skipped: why it was not tried, if it was not.
        wrong: what is not as it must be.
    """

    sdk: str
    cases: int = 0
    skipped: str = ""
    wrong: Sequence[Disagreement] = ()


def main() -> int:
    """Run, record, write the page, tell; gives the exit code."""
    parser = argparse.ArgumentParser(description="Try other SDKs against the simulator.")
    everything = (*SDKS, *transfer_situations.SITUATION_SDKS, *webhooks.WEBHOOK_SDKS)
    names = [sdk.name for sdk in everything]
    parser.add_argument("--only", action="append", choices=names, metavar="SDK", help="one of them")
    asked = parser.parse_args()
    with open_stage(CACHE / "wechat") as stage:
        reports = [_try(sdk, stage) for sdk in SDKS if sdk.name in (asked.only or names)]
    reports += _try_transfers(asked.only or names)
    reports += _try_situations(asked.only or names)
    reports += _try_webhooks(asked.only or names)
    for report in reports:
        _print(report)
    recordings = read_all()
    page.write(recordings)
    migration.write(recordings[migration.SDK])
    return int(any(report.wrong for report in reports) or not any(one.cases for one in reports))


def _try(sdk: Sdk, stage: Stage) -> Report:
    try:
        _progress(f"{sdk.name}: installing {sdk.package}")
        installed = install(sdk, CACHE)
        _progress(f"{sdk.name}: running")
        recording = play(sdk, installed, stage)
    except (Skipped, DriverFailed) as why:
        return _without(sdk.name, why)
    write(recording)
    return Report(sdk.name, len(recording.steps), wrong=list(disagreements(sdk, recording)))


def _without(sdk: str, why: Skipped | DriverFailed) -> Report:
    """The report of an SDK that cannot be had here, or of which no answer came."""
    if isinstance(why, Skipped):
        return Report(sdk, skipped=str(why))
    return Report(sdk, wrong=[Disagreement(sdk, "driver", "an answer", str(why))])


def _try_transfers(names: Sequence[str]) -> list[Report]:
    """Do others sign V3 transfers as hongbao does? Only a run of all of them is kept."""
    reports, found = [], []
    for sdk in transfers.TRANSFER_SDKS:
        if sdk.name not in names:
            continue
        _progress(f"{sdk.name}: V3 signatures")
        try:
            agreements = transfers.compare(sdk)
        except (Skipped, DriverFailed) as why:
            reports.append(_without(sdk.name, why))
            continue
        found += agreements
        wrong_ones = [
            Disagreement(sdk.name, one.what, "as hongbao does", "otherwise")
            for one in agreements
            if not one.agree
        ]
        reports.append(Report(sdk.name, len(agreements), wrong=wrong_ones))
    if len({one.sdk for one in found}) == len(transfers.TRANSFER_SDKS):
        transfers.write(found)
    return reports


def _try_situations(names: Sequence[str]) -> list[Report]:
    """What V3's SDKs do when it matters. What was seen of one that was tried replaces the older."""
    reports = []
    kept = {(one.sdk, one.situation): one for one in transfer_situations.read()}
    for sdk in transfer_situations.SITUATION_SDKS:
        if sdk.name not in names:
            continue
        _progress(f"{sdk.name}: V3 transfers")
        try:
            seen = transfer_situations.play_all(sdk)
        except (Skipped, DriverFailed) as why:
            reports.append(_without(sdk.name, why))
            continue
        kept |= {(one.sdk, one.situation): one for one in seen}
        wrong_ones = [
            Disagreement(sdk.name, one.situation, transfer_situations.wanted(one), one.words)
            for one in seen
            if one.words != transfer_situations.wanted(one)
        ]
        reports.append(Report(sdk.name, len(seen), wrong=wrong_ones))
    transfer_situations.write(list(kept.values()))
    return reports


def _try_webhooks(names: Sequence[str]) -> list[Report]:
    """Do the libraries of Standard Webhooks accept what hongbao signs?"""
    reports = []
    for sdk in webhooks.WEBHOOK_SDKS:
        if sdk.name not in names:
            continue
        _progress(f"{sdk.name}: webhooks")
        try:
            tried, wrong = webhooks.verify_with(sdk)
        except (Skipped, DriverFailed) as why:
            reports.append(_without(sdk.name, why))
        else:
            reports.append(Report(sdk.name, tried, wrong=wrong))
    return reports


def _progress(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _print(report: Report) -> None:
    if report.skipped:
        print(f"{report.sdk:24} SKIPPED: {report.skipped}")
        return
    count = len(report.wrong)
    print(f"{report.sdk:24} {report.cases} cases, {count or 'all'} {'WRONG' if count else 'right'}")
    for one in report.wrong:
        print(f"  {one.what}: wanted {one.wanted!r}, found {one.found!r}")


if __name__ == "__main__":
    sys.exit(main())
