"""The same packet to the same server from one client after another, each in its own process.

They take turns, so that a machine that changes its speed changes it for all, and each is compared
with the floor of the same round. What cannot be had here is left out, and is told as left out.
"""

from __future__ import annotations

import json
import subprocess
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from client_peers import CONTENDERS, SITUATIONS
from hongbao import SendNormal
from hongbao.wire.codec import encode
from interop.environments import Skipped, environment
from responder import PACKET, responder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from client_peers import Contender, Ready, Situation
    from hongbao import Merchant
    from responder import Responder

_SECONDS_MAX = 120.0


class Told(NamedTuple):
    """What a contender's process told of one round.

    Attributes:
        seconds: by the clock.
        cpu_seconds: user and system, of all its threads.
        versions: of what it is made of.
        connections: that the server saw, those of the warm-up too.
    """

    seconds: float
    cpu_seconds: float
    versions: dict[str, str]
    connections: int


class Figure(NamedTuple):
    """A contender in a situation: medians of the rounds.

    Attributes:
        contender: its name.
        situation: its name.
        calls: of a round, the warm-up's too.
        connections: that it opened for them.
        cpu_microseconds: for each call, of its whole process.
        microseconds: for each call, by the clock.
        ratio: of its CPU to the floor's: the median of the rounds' ratios.
    """

    contender: str
    situation: str
    calls: int
    connections: int
    cpu_microseconds: float
    microseconds: float
    ratio: float


class Report(NamedTuple):
    """What came of all.

    Attributes:
        figures: by situation, in the order of the contenders.
        left_out: why, by the name of what could not be had.
        versions: of what took part.
    """

    figures: list[Figure]
    left_out: dict[str, str]
    versions: dict[str, str]

    def ratio(self, situation: Situation, one: Contender, other: Contender) -> float | None:
        """How many times the CPU of another one takes, if both took part."""
        figures = [figure for figure in self.figures if figure.situation == situation.name]
        ratios = {figure.contender: figure.ratio for figure in figures}
        if one.name not in ratios or other.name not in ratios:
            return None
        return ratios[one.name] / ratios[other.name]


def side_by_side(folder: Path, console: Console, rounds: int) -> Report:
    """Measure all that can be had here, situation by situation, so many rounds each."""
    left_out: dict[str, str] = {}
    ready: dict[Contender, Ready] = {}
    for contender in CONTENDERS:
        try:
            ready[contender] = contender.prepare()
        except Skipped as why:
            left_out[contender.name] = str(why)
            console.print(f"{contender.name} is left out: {why}", markup=False)
    figures: list[Figure] = []
    versions: dict[str, str] = {}
    for situation in SITUATIONS:
        taking_part = [contender for contender in situation.calls if contender in ready]
        told: dict[Contender, list[Told]] = {contender: [] for contender in taking_part}
        with (
            responder(folder, delay_seconds=situation.delay_seconds) as server,
            console.status(situation.name) as status,
        ):
            _put_task(folder, server.merchant)
            for turn in range(rounds):
                for contender in taking_part:
                    status.update(f"{situation.name}, {turn + 1} of {rounds}: {contender.name}")
                    one = _one_round(contender, ready[contender], situation, server, folder)
                    told[contender].append(one)
        for contender, rows in told.items():
            versions |= rows[0].versions
            figures.append(_typical(contender, situation, rows, told[situation.floor]))
    return Report(figures, left_out, versions)


def _put_task(folder: Path, merchant: Merchant) -> None:
    """What is to be sent, for those who build it and for those who only send it."""
    names = ("app_id", "mch_id", "key", "client_ip")
    payer = {name: getattr(merchant, name) for name in names}
    (folder / "packet.json").write_text(json.dumps({"payer": payer, "packet": PACKET}))
    message = SendNormal(**PACKET)
    body = encode(message, merchant, nonce="0123456789abcdef0123456789abcdef")
    head = (
        f"POST {message.ENDPOINT.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    (folder / "request.bin").write_bytes(head.encode() + body)


def _one_round(
    contender: Contender, ready: Ready, situation: Situation, server: Responder, folder: Path
) -> Told:
    calls, origin = situation.calls[contender], server.merchant.origins[0]
    numbers = (_warm_up(situation, contender), calls, situation.at_once)
    task = (origin.host, origin.port, folder, *numbers)
    before = server.handshakes.value
    done = subprocess.run(
        [*ready.command, *map(str, task), *contender.own],
        cwd=ready.folder,
        env=environment(folder / "ca.pem"),
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
    )
    if done.returncode:
        raise RuntimeError(f"{contender.name} failed: {(done.stderr or done.stdout)[-2000:]}")
    return Told(**json.loads(done.stdout), connections=server.handshakes.value - before)


def _warm_up(situation: Situation, contender: Contender) -> int:
    """Half as many calls come first and do not count: they open connections and warm up a JIT."""
    turns = max(1, situation.calls[contender] // 2 // situation.at_once)
    return turns * situation.at_once


def _typical(
    contender: Contender, situation: Situation, rows: Sequence[Told], floors: Sequence[Told]
) -> Figure:
    calls = situation.calls[contender]
    least = situation.calls[situation.floor]
    ratios = [
        (row.cpu_seconds / calls) / (floor.cpu_seconds / least)
        for row, floor in zip(rows, floors, strict=True)
    ]
    return Figure(
        contender.name,
        situation.name,
        calls + _warm_up(situation, contender),
        round(median(row.connections for row in rows)),
        median(row.cpu_seconds for row in rows) / calls * 1e6,
        median(row.seconds for row in rows) / calls * 1e6,
        median(ratios),
    )
