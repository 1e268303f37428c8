"""Makes the sender of each endpoint that the settings have: its secrets are read here alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hongbao.client.settings.problems import Problems
from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.webhooks.sender import TIMEOUT_SECONDS, Sender
from hongbao.webhooks.signature import SecretMalformed, SigningSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.configuration.file import Configuration


def senders_of(
    configuration: Configuration,
    environ: Mapping[str, str] | None = None,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Callable[[str, str], Sender | None]:
    """What makes the sender of an endpoint, by its name and its URL; see ``Deliverer``.

    Args:
        configuration: the settings.
        environ: the environment's variables; the process's if left out.
        timeout_seconds: see ``Sender``.

    Raises:
        ConfigurationError: if a secret is missing or no secret, or the settings have none at all.
    """
    problems = Problems(str(configuration.path))
    secrets: dict[str, list[SigningSecret]] = {}
    for name, it in configuration.webhooks.items():
        written = it.read_secrets(os.environ if environ is None else environ, problems)
        try:
            secrets[name] = list(map(SigningSecret.read, written))
        except SecretMalformed as error:
            remedy = say("Make one: hongbao webhook secret")
            problems.add(
                f"webhooks.{name}", say("has a secret that {why}", why=error.args[0]), remedy
            )
    problems.raise_if_any()
    if not secrets:
        raise ConfigurationError(
            setting=str(configuration.path),
            problem=say("has no [webhooks.NAME]"),
            remedy=say("Add one for each endpoint, with the secret that signs for it."),
        )

    def make(name: str, url: str) -> Sender | None:
        settings = configuration.webhooks.get(name)
        if settings is None:
            return None
        return Sender(
            url,
            secrets[name],
            allow_private=settings.allow_private,
            ca_path=settings.ca_path,
            timeout_seconds=timeout_seconds,
        )

    return make
