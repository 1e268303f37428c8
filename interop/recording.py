"""What was seen of an SDK, as it is kept: requests, replies, and what the SDK made of them.

Keys in it are the simulator's demo keys, and the openids are made up.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from interop.stage import Seen

FOLDER = Path(__file__).parent.parent / "tests" / "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """One request that reached WeChat's side, and its answer.

    Attributes:
        path: of the URL.
        certificate: whether a client certificate came with it.
        body: as the SDK wrote it.
        status: of HTTP.
        reply: the body of the answer, which was not always delivered.
        verdict: the err_code, as the simulator's journal has it.
        fault: what went wrong on purpose.
        paid: whether this request took money.
    """

    path: str
    certificate: bool
    body: str
    status: int
    reply: str
    verdict: str
    fault: str
    paid: bool

    @classmethod
    def of(cls, seen: Seen) -> Exchanged:
        """What is kept of a request."""
        return cls(
            path=seen.exchange.path,
            certificate=seen.exchange.certificate_mch_id is not None,
            body=seen.exchange.body.decode(),
            status=seen.answer.status,
            reply=seen.answer.body.decode(),
            verdict=seen.entry.verdict,
            fault=seen.entry.fault,
            paid=seen.entry.paid,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One case.

    Attributes:
        name: of the case.
        exchanges: what reached WeChat's side.
        made: what the SDK handed back, in few words.
    """

    name: str
    exchanges: list[Exchanged]
    made: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One SDK.

    Attributes:
        sdk: its name.
        package: with its version.
        steps: the cases, in their order.
        signatures: how it signs the fixed inputs, by their names.
        readings: what it reads in our documents of them.
        manual: the compiler's word on the calls of its manual; empty if they compile.
    """

    sdk: str
    package: str
    steps: list[Step]
    signatures: dict[str, str]
    readings: dict[str, dict[str, str]]
    manual: dict[str, str]


def write(recording: Recording, folder: Path = FOLDER) -> None:
    """Keep a recording in place of the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(recording), ensure_ascii=False, indent=1)
    (folder / f"{recording.sdk}.json").write_text(text + "\n", encoding="utf-8")


def read_all(folder: Path = FOLDER) -> dict[str, Recording]:
    """Every recording, by the name of its SDK."""
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return {recording.sdk: recording for recording in found}


def _read(path: Path) -> Recording:
    said: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    steps = [
        Step(
            name=step["name"],
            exchanges=[Exchanged(**one) for one in step["exchanges"]],
            made=step["made"],
        )
        for step in said["steps"]
    ]
    return Recording(**{**said, "steps": steps})
