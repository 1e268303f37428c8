"""What a maker says beside a list, read from the fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.table.encoding import Encoding
from hongbao.campaign.table.table import Reading
from hongbao.digits import whole_number
from hongbao.engine.list_import import ListImport
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.money import parse_yuan
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_Choice = TypeVar("_Choice", Unit, Encoding)
TEXTS = ("send_name", "wishing", "act_name", "remark")
"""What receivers see in rows that do not say it, in the order of the form."""
FIELDS = (
    "purpose", "name", "merchant", "unit", "kind", "budget", "allow_repeats", "header_row",
    "skip_last", "sheet", "encoding", "delimiter", "columns", "leave_out", "pay_again", *TEXTS,
)  # fmt: skip
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_APART = ApprovalPolicy(apart=True)
"""Of what is submitted here nobody approves their own, elsewhere either: the books keep it."""
_ROWS_MAX = 1000
_LENGTH_MAX = 2_000


def fields_of(given: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form, each of them, as they were sent or empty."""
    found = {name: given.get(name, "").strip()[:_LENGTH_MAX] for name in FIELDS}
    if found["purpose"] not in set(Purpose):
        found["purpose"] = Purpose.NEW.value
    return found


def list_import(
    fields: Mapping[str, str], path: Path, source: str, *, campaigns: Sequence[str]
) -> ListImport:
    """The list that the fields of a form describe.

    Args:
        fields: as ``fields_of`` gives them.
        path: of the file.
        source: what the person calls it.
        campaigns: the names of those that the books have. Only they can be left out: a path in
            that field would be read.

    Raises:
        InvalidRequest: naming the field that cannot be understood.
    """
    purpose = Purpose(fields["purpose"])
    left_out = fields["leave_out"]
    if left_out and left_out not in campaigns:
        raise InvalidRequest(
            field="leave_out", rule=say("the name of a campaign"), found=repr(left_out[:64])
        )
    meaning = Meaning(
        unit=_one_of(Unit, fields, "unit"),
        kind=fields["kind"] or None,
        allow_repeats=fields["allow_repeats"] == "on",
        budget=parse_yuan(fields["budget"]) if fields["budget"] else None,
        columns=_columns(fields["columns"]),
        reading=Reading(
            encoding=_one_of(Encoding, fields, "encoding") if fields["encoding"] else None,
            delimiter=DELIMITERS.get(fields["delimiter"]),
            sheet=fields["sheet"] or None,
            header_row=_row(fields, "header_row", 1) if fields["header_row"] else None,
            skip_last=_row(fields, "skip_last", 0) if fields["skip_last"] else 0,
        ),
        leave_out=(left_out,) if left_out else (),
        pay_again=fields["pay_again"] or None,
    )
    return ListImport(
        file=path,
        merchant=fields["merchant"] if purpose is Purpose.NEW else None,
        name=fields["name"],
        meaning=meaning,
        purpose=purpose,
        source=source,
        texts={name: fields[name] for name in TEXTS if fields[name]},
        policy=_APART,
    )


def _one_of(kind: type[_Choice], fields: Mapping[str, str], name: str) -> _Choice:
    try:
        return kind(fields[name])
    except ValueError:
        rule = say("one of {names}", names=", ".join(kind))
        raise InvalidRequest(field=name, rule=rule, found=repr(fields[name][:64])) from None


def _row(fields: Mapping[str, str], name: str, low: int) -> int:
    row = whole_number(fields[name], digits=len(str(_ROWS_MAX)))
    if row is None or not low <= row <= _ROWS_MAX:
        rule = say("a whole number from {low} to {high}", low=low, high=_ROWS_MAX)
        raise InvalidRequest(field=name, rule=rule, found=repr(fields[name][:64]))
    return row


def _columns(text: str) -> dict[str, str]:
    """A line for each column: ``COLUMN=FIELD``; the last ``=`` counts."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        column, separator, field = line.rpartition("=")
        if not separator or not field.strip():
            raise InvalidRequest(
                field="columns", rule=say("COLUMN=FIELD in each line"), found=repr(line[:64])
            )
        found[column.strip()] = field.strip()
    return found
