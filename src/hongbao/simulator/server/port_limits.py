"""The phases of a connection, and the bounds of a port and of its connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

from hongbao.simulator.server.http import HttpLimits


class ConnectionPhase(Enum):
    """What a connection is doing; each phase has its own time-out."""

    HANDSHAKE = auto()
    IDLE = auto()
    """Between requests."""
    RECEIVING = auto()
    """In the middle of a request."""
    ANSWERING = auto()
    """An answer is due, or being sent."""
    HANGING = auto()
    """The request will never be answered; the phase ends when the client disconnects."""
    LINGERING = auto()
    """The last reply is sent. Until the client disconnects, data from it is dropped."""
    CLOSED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortLimits:
    """The bounds of a port.

    Attributes:
        http: the bounds of one request.
        connections_max: further connections are reset; less if the process may open fewer files.
        pipelined_max: how many requests of one connection may wait; then reading stops.
        handshake_seconds: from accepting to the end of the handshake.
        request_seconds: for a whole request, once it has begun; nginx's default.
        idle_seconds: between requests; nginx's default.
        linger_seconds: for a client to receive the last reply; nginx's default.
        stop_seconds: for answers that are in progress when the port stops.
    """

    http: HttpLimits = field(default_factory=HttpLimits)
    connections_max: int = 10_000
    pipelined_max: int = 16
    handshake_seconds: float = 10.0
    request_seconds: float = 60.0
    idle_seconds: float = 75.0
    linger_seconds: float = 5.0
    stop_seconds: float = 5.0

    def seconds_of(self, phase: ConnectionPhase) -> float:
        """How long a connection may stay in a phase."""
        match phase:
            case ConnectionPhase.HANDSHAKE:
                return self.handshake_seconds
            case ConnectionPhase.IDLE:
                return self.idle_seconds
            case ConnectionPhase.RECEIVING:
                return self.request_seconds
            case ConnectionPhase.LINGERING | ConnectionPhase.CLOSED:
                return self.linger_seconds
            case ConnectionPhase.ANSWERING | ConnectionPhase.HANGING:
                return inf  # the script says how long
