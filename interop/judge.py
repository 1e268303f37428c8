"""Compares what was seen of an SDK with what must come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from interop.cases import cases_of
from interop.expectations import NOT_REACHED, Expected, expected
from interop.fixed_inputs import inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interop.recording import Recording, Step
    from interop.sdks import Sdk


class Disagreement(NamedTuple):
    """Something that is not as it must be."""

    sdk: str
    what: str
    wanted: str
    found: str


def seen_in(step: Step) -> Expected:
    """What came of a case: the answer to its only request, and what the SDK handed back.

    More requests than one are an SDK's own repeats, and never expected: they show as answers in a
    row.
    """
    answers = " ".join(exchanged.verdict for exchanged in step.exchanges)
    return Expected(answers or NOT_REACHED, step.made)


def disagreements(sdk: Sdk, recording: Recording) -> Iterator[Disagreement]:
    """All that is not as it must be."""
    steps = {step.name: step for step in recording.steps}
    for case in cases_of(sdk):
        wanted, step = expected(sdk, case), steps.pop(case.name, None)
        found = Expected("no record", "no record") if step is None else seen_in(step)
        if found != wanted:
            yield Disagreement(sdk.name, case.name, " -> ".join(wanted), " -> ".join(found))
    for name in steps:
        yield Disagreement(sdk.name, name, "no such case", "a record")
    fixed = inputs()
    for name, theirs in recording.signatures.items():
        if theirs != fixed[name].ours:
            yield Disagreement(sdk.name, f"signature of {name}", fixed[name].ours, theirs)
    for name, read in recording.readings.items():
        sent = {**fixed[name].fields, "sign": fixed[name].ours}
        if read != sent:
            differing = {
                name for name in sent.keys() | read.keys() if sent.get(name) != read.get(name)
            }
            yield Disagreement(sdk.name, f"reading of {name}", "what we sent", f"other {differing}")
