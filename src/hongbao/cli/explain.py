"""``hongbao explain``: what a code or status means, offline, in English and Chinese."""

from typing import Annotated

import typer

from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, optional
from hongbao.sentences import tongue
from hongbao.views import explanation
from hongbao.views.explanation import Language


def explain(
    *,
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE", help="An err_code, or the status of a packet. Default: all of them."
        ),
    ] = None,
    lang: Annotated[
        Language | None,
        optional("--lang", "Language of the explanation. Default: that of what is printed."),
    ] = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Say what a code means and what to do."""
    language = Language(tongue()) if lang is None else lang
    entries = explanation.every_entry() if code is None else explanation.look_up(code)
    document = {"entries": [explanation.document(entry, language) for entry in entries]}
    if code is None:
        text = "\n".join(explanation.line(entry, language) for entry in entries)
    else:
        text = "\n\n".join(explanation.paragraph(entry, language) for entry in entries)
    return CommandResult(document, text, as_json=as_json)
