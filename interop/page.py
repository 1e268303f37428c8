"""``docs/interop.md``: all that the recordings show, as one page for people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hongbao.wire.endpoints import ENDPOINTS
from interop import transfer_situations, transfers
from interop.cases import (
    CALLS,
    ODDITIES,
    QUERY_SITUATIONS,
    SEND_SITUATIONS,
    SITUATIONS,
)
from interop.faults import FAULTS
from interop.fixed_inputs import inputs
from interop.judge import seen_in
from interop.quirks import QUIRKS
from interop.sdks import SDKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from interop.fixed_inputs import Input
    from interop.recording import Recording, Step
    from interop.sdks import Sdk

PATH = Path(__file__).parent.parent / "docs" / "interop.md"

_ENDPOINTS = {endpoint.path: endpoint for endpoint in ENDPOINTS}

_HEAD = """\
# Other people's SDKs

Client and simulator share one implementation of the protocol, so a mistake in it would look right
from both sides. `make interop` therefore lets SDKs that others wrote, unmodified and each in an
environment of its own, talk to the simulator over real TLS with the merchant's certificate, and
compares what happens with what WeChat's documentation and these SDKs' users report. This page is
written by it. What went over the wire is kept under `tests/recorded`, and `make test` plays those
requests to the simulator again: the replies must be the same, to the byte.

A "no" below is what WeChat would answer too, as far as anybody knows, with the reason. The code is
that of WeChat's side; what the SDK hands its caller follows the arrow. "paid" means that money left
the merchant's account.

    make interop                                   # needs network; node, go, maven for theirs
    .venv/bin/python -m interop.run --only gopay   # one of them

SDKs in PHP and C# were not tried.
"""


def write(recordings: Mapping[str, Recording]) -> None:
    """Write the page."""
    PATH.write_text(render(recordings), encoding="utf-8")


def render(recordings: Mapping[str, Recording]) -> str:
    """The whole page."""
    known = [(sdk, recordings[sdk.name]) for sdk in SDKS if sdk.name in recordings]
    parts = [_HEAD, _overview(known), _faults(), _situations()]
    parts += [_one(*each) for each in known]
    return "\n".join([*parts, _signatures(known), _transfers()])


def _overview(known: Sequence[tuple[Sdk, Recording]]) -> str:
    rows = [
        [f"{sdk.name} ({sdk.package})", *[_whether(sdk, recording, call) for call in CALLS]]
        for sdk, recording in known
    ]
    return f"## Does it work?\n\n{_table(['SDK', *CALLS.values()], rows)}"


def _whether(sdk: Sdk, recording: Recording, call: str) -> str:
    if call not in sdk.calls:
        return "has none"
    seen = seen_in(_step(recording, _plain(call)))
    if seen.answer != "SUCCESS":
        return f"no: {seen.answer}"
    return "yes" if seen.made.startswith("result") else "paid, but told as an error"


def _situations() -> str:
    table = _table(["situation", "what it is"], list(SITUATIONS.items()))
    return (
        "## The situations\n\nEvery call is made in the usual ones, as far as they go with it; the "
        f"others are single cases.\n\n{table}"
    )


def _plain(call: str) -> str:
    """The case of a call in which nothing is in the way."""
    return f"{call}.one claim" if call.startswith("query") else f"{call}.accepted"


def _faults() -> str:
    rows = [
        [", ".join(fault.sdks), fault.what, ", ".join(map(_where, fault.cases)), fault.source]
        for fault in FAULTS
    ]
    return f"## What to know\n\n{_table(['SDK', 'what it does', 'shows in', 'source'], rows)}"


def _where(name: str) -> str:
    """A case by its call's own name."""
    call, _, situation = name.partition(".")
    return f"{CALLS[call]}: {'whatever is judged' if situation == '*' else situation}"


def _one(sdk: Sdk, recording: Recording) -> str:
    parts = [f"## {sdk.name}\n", f"`{recording.package}`. {QUIRKS[sdk.name].words}\n"]
    for situations, queries in ((SEND_SITUATIONS, False), (QUERY_SITUATIONS, True)):
        calls = [
            call for call in CALLS if call in sdk.calls and call.startswith("query") is queries
        ]
        rows = [[CALLS[call], *_cells(recording, call, situations)] for call in calls]
        if rows:
            parts.append(_table(["", *situations], rows))
    rows = [
        [CALLS[call], *_sent(_step(recording, _plain(call)))] for call in CALLS if call in sdk.calls
    ]
    parts.append(_table(["", "fields that it sends", "of them unknown to the call"], rows))
    if recording.manual:
        parts.append(_manual(recording))
    recorded = {step.name for step in recording.steps}
    odd = [case for case in ODDITIES if case.name in recorded]
    rows = [[CALLS[case.call], case.situation, _cell(recording, case.name)] for case in odd]
    return "\n".join([*parts, _table(["", "beside that", ""], rows)])


def _manual(recording: Recording) -> str:
    words = {name: word or "compiles" for name, word in recording.manual.items()}
    rows = [[CALLS.get(name, name), word] for name, word in words.items()]
    return _table(["", "the call as its manual prints it: the compiler's word"], rows)


def _sent(step: Step) -> tuple[str, str]:
    """The names in a request, read without a parser: not each is a document that we know."""
    (exchanged,) = step.exchanges
    *names, root = re.findall(r"</(\w+)>", exchanged.body)
    known = {rule.name for rule in _ENDPOINTS[exchanged.path].known}
    words = [name for name in sorted(names) if name not in known]
    words += [] if root == "xml" else [f"all, since they stand under `<{root}>`"]
    return ", ".join(sorted(names)), ", ".join(words)


def _cells(recording: Recording, call: str, situations: Iterable[str]) -> Iterator[str]:
    names = {step.name for step in recording.steps}
    for situation in situations:
        name = f"{call}.{situation}"
        yield _cell(recording, name) if name in names else ""


def _cell(recording: Recording, name: str) -> str:
    return seen_in(_step(recording, name)).words


def _signatures(known: Sequence[tuple[Sdk, Recording]]) -> str:
    rows = [
        [name, *[_agreement(recording, name, one) for _, recording in known]]
        for name, one in inputs().items()
    ]
    table = _table(["fixed input", *[sdk.name for sdk, _ in known]], rows)
    return (
        "## Signatures\n\nWhat hongbao sends for fixed inputs, signed by each SDK's own signer: is "
        "it hongbao's signature? And does the SDK's own reader of XML find in hongbao's document "
        "what was written? (The replies that WeChat signs, to the calls of WeCom and to "
        "hbpreorder, are checked by the SDKs above that have these calls.)\n\n"
        f"{table}"
    )


def _transfers() -> str:
    found = transfers.read()
    sdks = list(dict.fromkeys(one.sdk for one in found))
    said = {(one.sdk, one.what): "yes" if one.agree else "NO" for one in found}
    rows = [
        [what, *[said.get((sdk, what), "") for sdk in sdks]]
        for what in dict.fromkeys(one.what for one in found)
    ]
    return (
        "## V3 transfers: signatures\n\nWhat hongbao signs, seals and opens in the V3 protocol, "
        "done by each SDK's own functions with the same keys: does it agree, to the byte?\n\n"
        f"{_table(['', *sdks], rows)}\n{_transfer_situations()}"
    )


def _transfer_situations() -> str:
    seen = transfer_situations.read()
    sdks = list(dict.fromkeys(one.sdk for one in seen))
    said = {(one.sdk, one.situation): one.words for one in seen}
    rows = [
        [name, it.what, it.wanted, *[said.get((sdk, name), "") for sdk in sdks]]
        for name, it in transfer_situations.SITUATIONS.items()
    ]
    head = ["situation", "what it is", "what a payer needs", *sdks]
    return (
        "## V3 transfers: what an SDK makes of a reply\n\nA transfer, query or cancel by each "
        "SDK's own calls, verified by WeChat's public key: what it hands its caller, how often it "
        "calls. Of wechatpay-go, wechatpay-java and wechatpay-node-v3 these are raw calls, since "
        "they do not have the product. After a lost reply the money may have moved: whoever takes "
        "it for a failure pays twice.\n\n"
        f"{_table(head, rows)}"
    )


def _agreement(recording: Recording, name: str, one: Input) -> str:
    theirs, read = recording.signatures.get(name), recording.readings.get(name)
    words = []
    if theirs is not None:
        words.append("signs alike" if theirs == one.ours else "SIGNS OTHERWISE")
    if read is not None:
        sent = {**one.fields, "sign": one.ours}
        words.append("reads alike" if read == sent else "READS OTHERWISE")
    return ", ".join(words) or "has none"


def _step(recording: Recording, name: str) -> Step:
    return next(step for step in recording.steps if step.name == name)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in lines)
