"""Posts a test to an endpoint, signed as the real ones are."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.webhooks.senders import senders_of

if TYPE_CHECKING:
    from hongbao.configuration.file import Configuration
    from hongbao.ledger.model.endpoint import WebhookEndpoint
    from hongbao.webhooks.sender import ReceiverAnswer

TYPE = "webhook.test"
"""The type of a test: no event has it."""


async def trial(configuration: Configuration, endpoint: WebhookEndpoint) -> ReceiverAnswer:
    """Post a test, and give what the receiver answers.

    Raises:
        ConfigurationError: if the settings have no secret for it.
    """
    sender = senders_of(configuration)(endpoint.name, endpoint.url)
    if sender is None:
        raise ConfigurationError(
            setting=f"{configuration.path}: webhooks.{endpoint.name}",
            problem=say("is not there"),
            remedy=say("Add it, with the secret that signs for this endpoint."),
        )
    at = datetime.fromtimestamp(time.time(), UTC).isoformat()
    body = json.dumps({"type": TYPE, "timestamp": at, "data": {"endpoint": endpoint.name}})
    async with sender:
        return await sender.post(f"test_{token_hex(16)}", body.encode())
