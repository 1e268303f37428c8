"""An event for other programs: as the body of a webhook, and as a line of ``hongbao events``."""

from __future__ import annotations

from hongbao import beijing
from hongbao.ledger.model.outgoing import OutgoingEvent


def body(event: OutgoingEvent) -> dict[str, object]:
    """The event as a webhook tells it; its id stands in a header."""
    return {
        "type": event.type.value,
        "timestamp": beijing.iso(event.at),
        "data": dict(event.data),
    }


def line(event: OutgoingEvent) -> dict[str, object]:
    """The event with its id and its position, for whoever reads events from the books."""
    return {"position": event.position, "id": event.id, **body(event)}
