"""``hongbao campaign template``: an empty list to fill in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hongbao.cli.answer import CommandResult
from hongbao.cli.campaign.report import Force, check_free
from hongbao.cli.options import AsJson
from hongbao.cli.program import typed
from hongbao.sentences import said


class Headers(StrEnum):
    """What the columns are named in."""

    EN = "en"
    ZH = "zh"


def template(
    *,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The .xlsx or .csv file to write.", show_default=True),
    ] = Path("list.xlsx"),
    headers: Annotated[
        Headers, typer.Option("--headers", help="What the columns are named in.")
    ] = Headers.EN,
    transfers: Annotated[
        bool, typer.Option("--transfers", help="A list of transfers; else of red packets.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> CommandResult:
    """Write an empty list to fill in.

    It has the columns, the kinds, and an example row. Columns that you do not need may go. A list
    with the example row in it is refused.
    """
    from hongbao.campaign.template import write_template  # noqa: PLC0415  # only this command

    check_free([file], force=force)
    write_template(file, chinese=headers is Headers.ZH, transfers=transfers)
    text = said(
        "Written: {file}. Fill it in, delete the example row, then: {program} campaign "
        "new {file} --help",
        file=file,
        program=typed(),
    )
    return CommandResult({"written": str(file)}, text, outcome="done", as_json=as_json)
