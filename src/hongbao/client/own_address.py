"""This machine's own address on the way to a host, for whoever lets it be declared as client_ip."""

from __future__ import annotations

import socket

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

MACHINE = "machine"
"""The word that the setting ``client_ip`` may have in place of an address."""


def own_address(host: str, port: int) -> str:
    """The IPv4 from which this machine would reach a host. Nothing is sent to it.

    Behind a router that translates addresses, WeChat sees another one.

    Raises:
        ConfigurationError: if there is no way to it.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((host, port))  # chooses a route, and the address that goes with it
            address: str = probe.getsockname()[0]
    except OSError as error:
        raise ConfigurationError(
            setting="client_ip",
            problem=say(
                "is {machine}, and this machine has no IPv4 on the way to {host} ({error})",
                machine=MACHINE,
                host=host,
                error=error,
            ),
            remedy=say("Give the IPv4 that WeChat sees."),
        ) from error
    return address
