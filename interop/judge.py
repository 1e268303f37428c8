"""Compares what was seen of an SDK with what must come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from interop.cases import cases_of
from interop.expectations import NOT_REACHED, Ending, expected
from interop.fixed_inputs import inputs
from interop.manual import COMPILES, EXPECTED

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


def seen_in(step: Step) -> Ending:
    """How a case ended.

    More requests than one are an SDK's own repeats, and never expected: they show as answers in a
    row.
    """
    answers = " ".join(exchanged.verdict for exchanged in step.exchanges)
    paid = any(exchanged.paid for exchanged in step.exchanges)
    return Ending(answers or NOT_REACHED, paid=paid, made=step.made)


def disagreements(sdk: Sdk, recording: Recording) -> Iterator[Disagreement]:
    """All that is not as it must be."""
    steps = {step.name: step for step in recording.steps}
    for case in cases_of(sdk):
        wanted, step = expected(sdk, case), steps.pop(case.name, None)
        found = None if step is None else seen_in(step)
        if found != wanted:
            words = "no record" if found is None else found.words
            yield Disagreement(sdk.name, case.name, wanted.words, words)
    for name in steps:
        yield Disagreement(sdk.name, name, "no such case", "a record")
    yield from _of_manual(sdk, recording)
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


def _of_manual(sdk: Sdk, recording: Recording) -> Iterator[Disagreement]:
    for name, wanted in EXPECTED.get(sdk.name, {}).items():
        found = recording.manual.get(name, "no record")
        if found != wanted if wanted == COMPILES else not found.startswith(wanted):
            yield Disagreement(sdk.name, f"manual's {name}", wanted or "compiles", found)
