"""What the doctor finds on the way to WeChat: names, routes, TLS, the clock, one free query.

No money moves: the query asks for a number that nobody has used.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPSConnection
from threading import Event
from time import monotonic

from hongbao.cli.doctor.settings import Check, fail, ok, warn
from hongbao.cli.exit_code import ExitCode
from hongbao.client.blocking_connection import connect_to_any
from hongbao.client.failures import certificate_alert, not_connected
from hongbao.client.proxy import ENVIRONMENT, Route
from hongbao.client.resolver import Address, Resolver, resolve_by_system
from hongbao.client.sync import RedPack
from hongbao.client.transport import Origin
from hongbao.client.tunnel import NoTunnel
from hongbao.configuration.payers import AnyPayer
from hongbao.english import AND, joined
from hongbao.errors import InvalidRequest, NotSent, OutcomeUnknown
from hongbao.sentences import say

CLOCK_SECONDS_MAX = 60.0
"""Claim parameters carry the time; a minute is more than any machine with NTP is ever off."""

_CHECK_DNS = say("Check this machine's DNS, and that the firewall lets it ask.")
_CHECK_WAY = say("Check the firewall and proxies on the way; nothing can be sent like this.")
_RISKY_ROUTES = say(
    "WeChat sees whichever is used, or your router's address. Put every one into the "
    "product's IP list (effective after about 10 minutes), or route this host over "
    "IPv4 alone."
)
_CHECK_PROXY = say("Have the proxy lead on to this host, or set proxy to another way out.")
_KNOW_EGRESS = say("The product's IP list must hold the address that WeChat sees.")
_KNOW_PROXYS_EGRESS = say("WeChat sees its address: the product's IP list must hold that.")

_CODES = {
    "NOT_FOUND": ok(
        say("signed query"), say("NOT_FOUND, as it must be: key and certificate are right")
    ),
    "SIGN_ERROR": fail(
        say("signed query"),
        say("SIGN_ERROR: the key is wrong (the certificate was taken)"),
        say("Set the APIv2 key of this mch_id: not the APIv3 key, not one from before a reset."),
    ),
    "CA_ERROR": fail(
        say("signed query"),
        say("CA_ERROR: the certificate is not this mch_id's"),
        say("Use the API certificate of this mch_id, or fix mch_id."),
    ),
    "HTTP_400_NO_CERTIFICATE": fail(
        say("signed query"),
        say("HTTP 400: WeChat saw no client certificate"),
        say("Set cert_path and key_path, or p12_path; look for a proxy that ends TLS on the way."),
    ),
    "HTTP_400_BAD_CERTIFICATE": fail(
        say("signed query"),
        say("HTTP 400: WeChat refused the client certificate (expired, revoked, or self-issued)"),
        say("Get a new API certificate in the merchant platform."),
    ),
    "TLS_CERTIFICATE_ALERT": fail(
        say("signed query"),
        say("the server refused the client certificate in the TLS handshake"),
        say(
            "Use the certificate that was issued for this server: WeChat's with WeChat, the "
            "simulator's with the simulator."
        ),
    ),
    "PARAM_ERROR": fail(
        say("signed query"),
        say("PARAM_ERROR: mch_id is unknown, or app_id is not bound to it"),
        say("Check both; bind the appid in the merchant platform."),
    ),
    "NO_AUTH": warn(
        say("signed query"),
        say("NO_AUTH: key and certificate are right, but the product is not opened for this call"),
        say("Open the red packet product in the merchant platform."),
    ),
}
"""What each answer to a query of an unused number says about the secrets."""


def check_way_out(merchant: AnyPayer) -> Check:
    """Which way the calls take out of this network."""
    name, proxy = say("way out"), merchant.http_proxy
    if proxy is not None:
        who = "" if proxy.authorization is None else say(", with a user and password")
        return ok(
            name,
            say(
                "the proxy {proxy}{who}, which looks names up. {hint}",
                proxy=proxy,
                who=who,
                hint=_KNOW_PROXYS_EGRESS,
            ),
        )
    if merchant.proxy == ENVIRONMENT:
        return ok(name, say("direct: HTTPS_PROXY is not set, or NO_PROXY has the host"))
    return ok(name, say("direct"))


def check_name(origin: Origin, *, wait_seconds: float) -> tuple[Check, list[Address]]:
    """Whether a host's name has addresses."""
    name = say("DNS of {host}", host=origin.host)
    lookup = Resolver(resolve_by_system).look_up(origin)
    done = Event()
    lookup.when_done(done.set)
    if not done.wait(wait_seconds):
        found = say("no answer within {wait_seconds:g} s", wait_seconds=wait_seconds)
        return fail(name, found, _CHECK_DNS, ExitCode.NOT_SENT), []
    try:
        addresses = list(lookup.addresses())
    except OSError as error:
        return fail(name, error.strerror or say("no address"), _CHECK_DNS, ExitCode.NOT_SENT), []
    kinds = [("IPv4", socket.AF_INET), ("IPv6", socket.AF_INET6)]
    counts = [
        f"{number} {kind}"
        for kind, family in kinds
        if (number := len({it.sockaddr for it in addresses if it.family == family}))
    ]
    return ok(name, joined(counts, AND)), addresses


def check_egress(addresses: list[Address]) -> Check:
    """From which of this machine's addresses the host is reached. Nothing is sent for this."""
    name, local = say("own address"), []
    for family in (socket.AF_INET, socket.AF_INET6):
        target = next((it.sockaddr for it in addresses if it.family == family), None)
        own = _own_address(family, target) if target else None
        if own:
            local.append(own)
    if not local:
        return fail(name, say("no route to the host"), _CHECK_WAY, ExitCode.NOT_SENT)
    found = joined(local, AND)
    if len(local) > 1:
        return warn(name, found, _RISKY_ROUTES)
    address = ipaddress.ip_address(local[0].partition("%")[0])
    if address.is_loopback:
        return ok(name, say("{found} (this machine itself: a simulator)", found=found))
    if address.is_private:
        return warn(name, say("{found}, behind a router or proxy", found=found), _KNOW_EGRESS)
    return ok(name, say("{found}. {hint}", found=found, hint=_KNOW_EGRESS))


def check_tls(
    merchant: AnyPayer, route: Route, addresses: list[Address], clock: Callable[[], float]
) -> Iterator[Check]:
    """TLS to the host with the client's own context, and the clock against the server's.

    Args:
        merchant: whose context it is.
        route: to the host.
        addresses: of the host, or of the proxy on the route.
        clock: seconds since the epoch.
    """
    name = say("TLS to {route}", route=route)
    connection = HTTPSConnection(*route.origin, context=merchant.context)
    try:
        until = monotonic() + merchant.connect_seconds
        connection.sock = tls = connect_to_any(addresses, route, merchant.context, until)
        yield ok(name, say("{version}; the server's certificate is trusted", version=tls.version()))
        tls.settimeout(merchant.connect_seconds)
        connection.request("HEAD", "/")
        date = connection.getresponse().getheader("Date")
        yield _check_clock(date, clock())
    except OSError as error:
        yield _no_connection(name, route, error)
    except HTTPException as error:
        yield fail(
            name, say("no HTTP ({name})", name=type(error).__name__), _CHECK_WAY, ExitCode.NOT_SENT
        )
    finally:
        connection.close()


def check_query(red_pack: RedPack, mch_billno: str) -> Check:
    """One free signed query of an unused number: the answer tells the secrets apart."""
    name = say("signed query")
    try:
        red_pack.query(mch_billno)
    except OutcomeUnknown as error:
        known = _CODES.get(error.err_code or "")
        return known or fail(name, error.why, error.advice, ExitCode.UNKNOWN)
    except NotSent as error:
        return fail(name, error.why, _CHECK_WAY, ExitCode.NOT_SENT)
    except InvalidRequest as error:
        return fail(
            name,
            say("{field} must be {rule}", field=error.field, rule=error.rule),
            say("Fix the setting."),
        )
    return ok(name, say("answered: key and certificate are right"))


def _no_connection(name: str, route: Route, error: OSError) -> Check:
    why = not_connected(route, error).why
    if certificate_alert(error):
        return replace(_CODES["TLS_CERTIFICATE_ALERT"], name=name, found=why)
    if isinstance(error, NoTunnel):
        return fail(
            name, say("the way ends there: {error}", error=error), _CHECK_PROXY, ExitCode.NOT_SENT
        )
    return fail(name, why, _CHECK_WAY, ExitCode.NOT_SENT)


def _check_clock(date: str | None, now: float) -> Check:
    name = say("clock")
    try:
        ahead = now - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return warn(
            name, say("the server sent no date"), say("Check that NTP runs on this machine.")
        )
    if abs(ahead) <= CLOCK_SECONDS_MAX:
        return ok(
            name,
            say("within {seconds:.0f} s of the server's", seconds=CLOCK_SECONDS_MAX),
        )
    found = (
        say("{seconds:.0f} s ahead of the server's", seconds=ahead)
        if ahead > 0
        else say("{seconds:.0f} s behind the server's", seconds=-ahead)
    )
    return fail(name, found, say("Set the clock; run NTP on this machine."))


def _own_address(family: int, target: tuple[object, ...]) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(target)  # of UDP: chooses a route and sends nothing
            return str(probe.getsockname()[0])
    except OSError:
        return None
