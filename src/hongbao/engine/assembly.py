"""What a worker is made of: merchants with their secrets, their limits, their clients."""

from __future__ import annotations

import os
import re
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.configuration.payers import open_merchants
from hongbao.configuration.settings import RED_PACKETS, TRANSFERS
from hongbao.dispatch.ports import Bounds
from hongbao.engine.clients import ChannelClients, RedPackClients, TransferClients
from hongbao.english import counted
from hongbao.errors import ConfigurationError
from hongbao.rails.redpack.caller import RedPackCaller
from hongbao.rails.transfer.caller import TransferCaller
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AsyncExitStack
    from typing import Any

    from hongbao.configuration.file import Configuration
    from hongbao.configuration.payers import AnyPayer
    from hongbao.configuration.profile import Profile
    from hongbao.dispatch.offload import Threads
    from hongbao.ledger.book import Book
    from hongbao.rails.port import Caller

_CLASSES: dict[str, tuple[type[ChannelClients], Callable[..., RedPackCaller | TransferCaller]]] = {
    RED_PACKETS: (RedPackClients, RedPackCaller),
    TRANSFERS: (TransferClients, TransferCaller),
}
RECORDING_SECONDS = 0.5
"""How much longer than a call a lease must be, so that its result can be recorded."""
LEASE_SECONDS_MAX = 86_400
"""A worker that is gone must not keep its payouts for longer than a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a worker is made of.

    Attributes:
        configuration: the settings.
        book: the books, open.
        merchants: by profile, with their secrets.
        channels: the books' numbers of their channels, by the merchants' own numbers and the rails.
        name: of the worker.
        bounds: what it may take at once.
    """

    configuration: Configuration
    book: Book
    merchants: Mapping[str, AnyPayer]
    channels: Mapping[tuple[str, str], int]
    name: str
    bounds: Bounds

    @property
    def timeout_seconds(self) -> float:
        """The longest that a call may take."""
        return max(merchant.total_seconds for merchant in self.merchants.values())


def prepare(
    configuration: Configuration,
    book: Book,
    profiles: Collection[str],
    *,
    name: str | None = None,
    lease_seconds: float | None = None,
    left_out: Callable[[ConfigurationError], None] | None = None,
) -> Engine:
    """Read the secrets of some profiles, and give the books their limits.

    Args:
        configuration: the settings.
        book: the books, open.
        profiles: for whom it works; and for those that have the same merchant numbers.
        name: of the worker: no other one's, now or later; made up if left out.
        lease_seconds: None for the usual ones.
        left_out: called with what is wrong with merchants that are not fit to pay, so that the
            others are worked for all the same; without it that is an error.

    Raises:
        ConfigurationError: with all that is wrong with them; or if a lease would be too short.
    """
    _check_asked(profiles, lease_seconds)
    merchants = _merchants(configuration, profiles, left_out)
    name = worker_name() if name is None else name
    bounds = Bounds() if lease_seconds is None else Bounds(lease_seconds=lease_seconds)
    engine = Engine(
        configuration=configuration,
        book=book,
        merchants=merchants,
        channels=_channels(configuration, book, merchants, by=name),
        name=name,
        bounds=bounds,
    )
    _check_lease(engine)
    return engine


def _check_lease(engine: Engine) -> None:
    lease_seconds = engine.bounds.lease_seconds
    if lease_seconds < engine.timeout_seconds + RECORDING_SECONDS:
        raise ConfigurationError(
            setting="lease",
            problem=say(
                "is {seconds}, and a call may take {timeout:g}: no call could begin",
                seconds=counted(lease_seconds, "second"),
                timeout=engine.timeout_seconds,
            ),
            remedy=say("Give a longer lease, or a shorter total_seconds."),
        )


def _channels(
    configuration: Configuration, book: Book, names: Iterable[str], *, by: str
) -> dict[tuple[str, str], int]:
    """Give the books the limits of some profiles, where one person may; their channels."""
    keep = configuration.approval.strict
    return {
        (it.mch_id, it.rail): book.set_channel(it.mch_id, it.rail, it.limits, by=by, keep=keep)
        for it in map(configuration.profile, names)
    }


def _check_asked(profiles: Collection[str], lease_seconds: float | None) -> None:
    if not profiles:
        raise ConfigurationError(
            setting="merchants",
            problem=say("a worker needs one merchant at least"),
            remedy=say("Name one, or add it to the settings: hongbao init"),
        )
    # Also false for what is no number.
    if lease_seconds is not None and not 0 < lease_seconds <= LEASE_SECONDS_MAX:
        raise ConfigurationError(
            setting="lease",
            problem=say("is {seconds} seconds", seconds=lease_seconds),
            remedy=say(
                "Give more than 0 and at most {most}: after a lease others "
                "take over from a worker that is gone.",
                most=LEASE_SECONDS_MAX,
            ),
        )


def worker_name() -> str:
    """A name that no other worker has, now or later."""
    machine = re.sub(r"[\x00-\x20\x7f]+", "-", socket.gethostname())[:64] or "somewhere"
    return f"worker {machine}:{os.getpid()}:{secrets.token_hex(4)}"


def make_callers(engine: Engine, carrier: Threads, stack: AsyncExitStack) -> dict[int, Caller]:
    """Who calls for each channel, by its number in the books; what is opened the stack closes."""
    callers: dict[int, Caller] = {}
    for (number, rail), channel_id in engine.channels.items():
        clients_class, caller_class = _CLASSES[rail]
        clients = clients_class(
            engine.configuration, engine.merchants, number, connections_max=engine.bounds.share
        )
        stack.push_async_callback(clients.aclose)
        # What one rail's caller needs besides.
        more: dict[str, Any] = {}
        if caller_class is TransferCaller:
            more = {"requests": engine.book, "keyring": engine.configuration.keyring}
        caller = caller_class(
            clients,
            terms=engine.book.terms_body,
            carrier=carrier,
            timeout_seconds=engine.timeout_seconds,
            **more,
        )
        stack.push_async_callback(caller.aclose)
        callers[channel_id] = caller
    return callers


def _merchants(
    configuration: Configuration,
    profiles: Collection[str],
    left_out: Callable[[ConfigurationError], None] | None,
) -> dict[str, AnyPayer]:
    wanted = {_channel(configuration.profile(profile)) for profile in profiles}
    # A channel's payouts are claimed whichever of its profiles pays them.
    sharing = [it for it in configuration.profiles.values() if _channel(it) in wanted]
    merchants, problems = open_merchants(configuration, [it.name for it in sharing])
    unfit = {_channel(it) for it in sharing if it.name not in merchants}
    fit = {
        name: it
        for name, it in merchants.items()
        if _channel(configuration.profile(name)) not in unfit
    }
    if left_out is None or not fit:
        problems.raise_if_any()
    for problem in problems.found:
        if left_out is not None:
            left_out(problem)
    return fit


def _channel(profile: Profile) -> tuple[str, str]:
    return profile.mch_id, profile.rail
