"""The options that ``campaign new``, ``extend`` and ``replace`` have in common, written once."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from hongbao.cli.answer import Answer
from hongbao.cli.campaign import options as o
from hongbao.cli.options import AsJson, By, ConfigPath
from hongbao.rails.redpack.kinds import NORMAL

_NAME = "given"


class ListOptions(NamedTuple):
    """What is given to a command that takes a list, besides its own: as ``--help`` says of each."""

    file: o.ListFile
    unit: o.ListUnit
    column: o.Columns = None
    kind: o.Kind = NORMAL.option
    allow_repeats: o.AllowRepeats = False
    sheet: o.Sheet = None
    encoding: o.Encoded = None
    delimiter: o.Delimiter = None
    header_row: o.HeaderRow = None
    skip_last: o.SkipLast = 0
    leave_out: o.Except = None
    pay_again: o.PayAgain = False
    reason: o.WhyAgain = None
    dry_run: o.DryRun = False
    by: By = None
    config: ConfigPath = None
    as_json: AsJson = False


def takes_list(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a command's parameter ``given``, its last, come as these options: Typer reads them so."""

    @wraps(command)
    def taking(**all_given: Any) -> Answer:  # noqa: ANN401  # what Typer has read of each option
        given = ListOptions(**{name: all_given.pop(name) for name in ListOptions._fields})
        return command(**all_given, given=given)

    own = [it for it in _parameters(command) if it.name != _NAME]
    shared = [it.replace(kind=it.KEYWORD_ONLY) for it in _parameters(ListOptions)]
    taking.__dict__["__signature__"] = inspect.Signature([*own, *shared])
    taking.__annotations__ = {it.name: it.annotation for it in [*own, *shared]}
    return taking


def _parameters(of: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(of).parameters.values())
