"""What the check of a list advises, as a page has it: fields of a form in place of options."""

from __future__ import annotations

from types import MappingProxyType

from hongbao.sentences import Sentence
from hongbao.sentences import marked as _

ON_PAGES = MappingProxyType({
    "{payee} stands in row {first} already; --allow-repeats permits it": _(
        "{payee} stands in row {first} already; if that is meant, change the parameters: one "
        "person may stand in several rows"
    ),
    "{payee} is in campaign {campaign} already, with another amount, kind or key; --allow-repeats "
    "permits a further payment": _(
        "{payee} is in campaign {campaign} already, with another amount, kind or key; if a further "
        "payment is meant, change the parameters: one person may stand in several rows"
    ),
    "row {number} looks like a total: --skip-last {count} leaves it out": _(
        "row {number} looks like a total: change the parameters, {count} as the rows at the end "
        "that are no part of the list"
    ),
    "row {number} looks like the header: --header-row {number}": _(
        "row {number} looks like the header: change the parameters, {number} as the row that names "
        "the columns"
    ),
    "the workbook has other sheets: {names}; --sheet NAME reads one of them": _(
        "the workbook has other sheets: {names}; change the parameters to read one of them"
    ),
    "{what}; say what it holds with --map {field}, keep it for reports with --keep {name}, or "
    "leave it out with --map {ignored}": _(
        "{what}; change the parameters: say what it holds in a line {field}, or leave it out with "
        "{ignored}"
    ),
    "its cell {number} stands under no header: name its column, or leave all such out with --map "
    "'=-'": _(
        "its cell {number} stands under no header: name its column, or change the parameters and "
        "leave all such out with a line =-"
    ),
    "{repeats}, such as {examples}. Other campaigns of the last {days} days paid this, or are "
    "about to. Leave out who is in one of them (--except CAMPAIGN), or pay them once more "
    "(--pay-again, with a --reason)": _(
        "{repeats}, such as {examples}. Other campaigns of the last {days} days paid this, or are "
        "about to. Change the parameters: leave out who is in one of them, or say why they are "
        "paid again"
    ),
    "Say --encoding big5, or gb18030 if that is right. Else: save it as CSV in UTF-8 (in Excel: "
    "CSV UTF-8), or as XLSX.": _(
        "Change the parameters: the encoding big5, or gb18030 if that is right. Else: save it as "
        "CSV in UTF-8 (in Excel: CSV UTF-8), or as XLSX."
    ),
    "Say --encoding utf-16, or leave it out.": _("Choose the encoding utf-16, or none."),
})  # fmt: skip
"""By what the command line says, options in it: what a page says."""


def on_pages(text: str) -> str:
    """What was found, with the advice for who has a form in place of a command line."""
    return text.with_templates(ON_PAGES) if isinstance(text, Sentence) else text
