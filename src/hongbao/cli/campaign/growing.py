"""``hongbao campaign extend`` and ``replace``: another list for a campaign that there is."""

from hongbao.cli.answer import Answer
from hongbao.cli.campaign import options as o
from hongbao.cli.campaign.new import import_list, meaning_of, reading_of, reason_of
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath


def extend(
    *,
    name: CampaignName,
    file: o.ListFile,
    unit: o.ListUnit,
    column: o.Columns = None,
    kind: o.Kind = o.ListKind.NORMAL,
    budget: o.SupplementBudget = None,
    allow_repeats: o.AllowRepeats = False,
    sheet: o.Sheet = None,
    encoding: o.Encoded = None,
    delimiter: o.Delimiter = None,
    header_row: o.HeaderRow = None,
    skip_last: o.SkipLast = 0,
    leave_out: o.Except = None,
    pay_again: o.PayAgain = False,
    reason: o.WhyAgain = None,
    dry_run: o.DryRun = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Add to a campaign the rows of a list that it does not have.

    A draft grows. Of any other campaign they become a supplement, which is approved by itself; what
    is approved already goes on meanwhile.
    """
    meaning = meaning_of(
        unit=unit, column=column, kind=kind, budget=budget, allow_repeats=allow_repeats,
        reading=reading_of(encoding, delimiter, sheet, header_row, skip_last), leave_out=leave_out,
        pay_again=reason_of(reason, pay_again=pay_again),
    )  # fmt: skip
    return import_list(
        "extend", file, name, meaning, merchant=None, dry=dry_run, by=by, config=config,
        as_json=as_json,
    )  # fmt: skip


def replace(
    *,
    name: CampaignName,
    file: o.ListFile,
    unit: o.ListUnit,
    column: o.Columns = None,
    kind: o.Kind = o.ListKind.NORMAL,
    budget: o.Budget = None,
    allow_repeats: o.AllowRepeats = False,
    sheet: o.Sheet = None,
    encoding: o.Encoded = None,
    delimiter: o.Delimiter = None,
    header_row: o.HeaderRow = None,
    skip_last: o.SkipLast = 0,
    leave_out: o.Except = None,
    pay_again: o.PayAgain = False,
    reason: o.WhyAgain = None,
    dry_run: o.DryRun = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Put a list in the place of another one of which nothing was ever sent.

    The old one is kept, cancelled, as NAME~1; its keys are free for the new one.
    """
    meaning = meaning_of(
        unit=unit, column=column, kind=kind, budget=budget, allow_repeats=allow_repeats,
        reading=reading_of(encoding, delimiter, sheet, header_row, skip_last), leave_out=leave_out,
        pay_again=reason_of(reason, pay_again=pay_again),
    )  # fmt: skip
    return import_list(
        "replace", file, name, meaning, merchant=None, dry=dry_run, by=by, config=config,
        as_json=as_json,
    )  # fmt: skip
