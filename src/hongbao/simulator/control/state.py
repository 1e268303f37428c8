"""The control port's calls about the whole simulation: JSON in, JSON out; no HTTP.

Each takes the simulation, the variable parts of the path, and the request's fields. The caller
holds the lock.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from hongbao.beijing import BEIJING
from hongbao.digits import whole_number
from hongbao.simulator import money_audit
from hongbao.simulator.clock import ManualClock, RealClock
from hongbao.simulator.control.json_in import INT_MAX, wrong
from hongbao.simulator.control.json_out import (
    shown_clock,
    shown_entry,
    shown_packet,
    shown_plan,
    shown_totals,
)
from hongbao.simulator.control.parties import NotThere, find_merchant
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import FaultPlan
from hongbao.simulator.settings import RefusalShape
from hongbao.wire.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hongbao.simulator.control.json_in import JsonFields
    from hongbao.simulator.simulation import Simulation

Shown = dict[str, Any]

_SHAPES, _HELD = "refusal_shapes", "refusals_held"
_ERR_CODES = frozenset(row.err_code for row in CODES)

PAGE_ENTRIES = 1000
"""How many journal entries an answer has by default."""
PAGE_ENTRIES_MAX = 10_000


def reset(simulation: Simulation, said: JsonFields) -> Shown:
    """Forget packets, users, totals, the journal and faults; with ``everything``, settings too."""
    everything = said.flag("everything") if "everything" in said else False
    said.end("everything")
    if everything:
        simulation.start_over()
    else:
        simulation.app.restart()
    return {"reset": "everything" if everything else "packets"}


def show_clock(simulation: Simulation, said: JsonFields) -> Shown:
    """The simulated time."""
    said.end()
    return shown_clock(simulation.world.clock)


def move_clock(simulation: Simulation, said: JsonFields) -> Shown:
    """Let the clock run, stop it, or put it forward."""
    world = simulation.world
    kind = said.text("kind") if "kind" in said else None
    if kind not in {None, "real", "manual"}:
        wrong("kind", "real or manual", kind)
    advance = said.seconds("advance") if "advance" in said else None
    moment = _moment(said) if "set" in said else None
    said.end("kind", "advance", "set")
    clock, now = world.clock, world.clock.now()
    if kind == "manual":
        clock = ManualClock(now)
    elif kind == "real":
        clock = RealClock()
        clock.advance(max(0.0, now - clock.now()))
    if moment is not None:
        clock.set(moment)
    if advance is not None:
        clock.advance(advance)
    world.clock = clock
    world.settle()
    return shown_clock(clock)


def _moment(said: JsonFields) -> float:
    if not isinstance(value := said.raw("set"), str):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        wrong("set", "seconds since the epoch, or yyyy-MM-dd HH:mm:ss in Beijing", value)
    try:
        found = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        wrong("set", "seconds since the epoch, or yyyy-MM-dd HH:mm:ss in Beijing", value)
    return found.timestamp()


def show_settings(simulation: Simulation, said: JsonFields) -> Shown:
    """How WeChat behaves where no source settles it."""
    said.end()
    settings = simulation.world.settings
    return {known.name: getattr(settings, known.name) for known in fields(settings)}


def change_settings(simulation: Simulation, said: JsonFields) -> Shown:
    """Change some settings from the next request on."""
    settings = simulation.world.settings
    known = {known.name: getattr(settings, known.name) for known in fields(settings)}
    changes: dict[str, Any] = {name: read(said) for name, read in _MAPPINGS.items() if name in said}
    changes |= {name: said.like(name, known[name]) for name in said.names() if name in known}
    said.end(*known)
    simulation.world.settings = replace(settings, **changes)
    return {name: getattr(simulation.world.settings, name) for name in known}


def _shapes(said: JsonFields) -> dict[str, RefusalShape]:
    shapes = said.choices(_SHAPES, RefusalShape)
    _check_codes(_SHAPES, shapes)
    return shapes


def _held(said: JsonFields) -> dict[str, bool]:
    inner = said.inside(_HELD)
    held = {err_code: inner.flag(err_code) for err_code in inner.names()}
    _check_codes(_HELD, held)
    return held


def _check_codes(name: str, said: Iterable[str]) -> None:
    for err_code in said:
        if err_code not in _ERR_CODES:
            wrong(f"{name}.{err_code}", "a documented err_code", err_code)


_MAPPINGS: dict[str, Callable[[JsonFields], dict[str, Any]]] = {_SHAPES: _shapes, _HELD: _held}
"""The settings that are objects by err_code; each call replaces the whole object."""


def show_faults(simulation: Simulation, said: JsonFields) -> Shown:
    """The present plan of faults."""
    said.end()
    return shown_plan(simulation.app.faults.plan)


def script_faults(simulation: Simulation, said: JsonFields) -> Shown:
    """Replace the plan of faults."""
    plan = parse_plan({name: said.raw(name) for name in said.names()})
    simulation.app.script(plan)
    return shown_plan(plan)


def end_faults(simulation: Simulation, said: JsonFields) -> Shown:
    """End all faults."""
    said.end()
    simulation.app.script(FaultPlan())
    return shown_plan(FaultPlan())


def show_journal(simulation: Simulation, said: JsonFields) -> Shown:
    """The requests and their verdicts, a page at a time; of one number, if it is given."""
    journal = simulation.app.journal
    after = _query_number(said, "after", 0, INT_MAX)
    limit = _query_number(said, "limit", PAGE_ENTRIES, PAGE_ENTRIES_MAX)
    wanted = {name: said.text(name) for name in ("mch_id", "mch_billno") if name in said}
    said.end("after", "limit", "mch_id", "mch_billno")
    start = max(after, journal.dropped)
    numbered = enumerate(islice(iter(journal), start - journal.dropped, None), start)
    matching = (
        (number, entry)
        for number, entry in numbered
        if all(getattr(entry, name) == value for name, value in wanted.items())
    )
    entries = [shown_entry(number, entry) for number, entry in islice(matching, limit)]
    last = entries[-1]["number"] + 1 if len(entries) == limit else journal.dropped + len(journal)
    return {"entries": entries, "next": max(after, last), "dropped": journal.dropped}


def _query_number(said: JsonFields, name: str, default: int, high: int) -> int:
    text = said.maybe_text(name)
    if text is None:
        return default
    number = whole_number(text, digits=len(str(INT_MAX)))
    if number is None:
        wrong(name, f"a whole number from 0 to {high}", text)
    return min(number, high)


def show_totals(simulation: Simulation, said: JsonFields) -> Shown:
    """Where the money is, of one merchant or of all."""
    mch_id = said.maybe_text("mch_id")
    said.end("mch_id")
    if mch_id is not None:
        find_merchant(simulation, mch_id)
    return shown_totals(simulation.world.totals(mch_id))


def audit_books(simulation: Simulation, said: JsonFields) -> Shown:
    """Check that all packets, accounts and wallets add up to the totals; slow with many packets."""
    said.end()
    try:
        money_audit.check(simulation.world)
    except money_audit.BooksDisagree as error:
        return {"agrees": False, "why": str(error)}
    return {"agrees": True, "why": ""}


def show_packet(simulation: Simulation, mch_id: str, mch_billno: str, said: JsonFields) -> Shown:
    """One packet."""
    said.end()
    simulation.world.settle()
    packet = simulation.world.find(mch_id, mch_billno)
    if packet is None:
        raise NotThere("mch_billno")
    return shown_packet(packet)
