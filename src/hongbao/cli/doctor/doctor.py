"""``hongbao doctor``: proves hongbao.toml, its files and books, then merchant by merchant the rest.

No money moves.
"""

from __future__ import annotations

import os
import secrets
import stat
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hongbao.cli.answer import CommandResult, WrongCommandLine, print_text
from hongbao.cli.doctor.network import (
    check_egress,
    check_name,
    check_query,
    check_tls,
    check_way_out,
)
from hongbao.cli.doctor.settings import (
    Check,
    CheckState,
    check_certificate,
    check_key,
    fail,
    of_error,
    ok,
    warn,
)
from hongbao.cli.doctor.transfers import examine_transfers
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, ConfigPath, MerchantPath
from hongbao.cli.payer import read_merchant, read_settings, settings_are_given
from hongbao.cli.program import typed
from hongbao.client.merchant import AnyMerchant, Merchant, ServiceProvider
from hongbao.client.proxy import Route
from hongbao.client.settings.problems import Problems, WrongSettings
from hongbao.client.sync import RedPack
from hongbao.client.transfer.credentials import V3Credentials
from hongbao.configuration import payers
from hongbao.configuration.database import shown
from hongbao.configuration.file import Configuration, find_configuration, read_configuration
from hongbao.configuration.profile import Profile
from hongbao.configuration.settings import RED_PACKETS, TRANSFERS
from hongbao.engine.rehearsal import rehearsal_clock
from hongbao.english import counted, span
from hongbao.errors import BookUnavailable, ConfigurationError, LedgerError
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.standing import shown_behind
from hongbao.sentences import said, say

if TYPE_CHECKING:
    from hongbao.ledger.queue.heartbeat import WorkerAlive


_NAME_BYTES = 14  # 28 hexadecimal digits: as long as an order number may be, and nobody's


def doctor(
    *, merchant: MerchantPath = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Check key, certificate and connection.

    With --config, check all merchants of hongbao.toml, its files and its books. No money moves.
    """
    checks = []
    for check in _checks(merchant, config):
        checks.append(check)
        if not as_json:
            print_text(check.line())
    code = next((check.code for check in checks if check.state is CheckState.FAIL), ExitCode.DONE)
    warned = any(check.state is CheckState.WARN for check in checks)
    outcome = "unhealthy" if code else "healthy"
    words = {
        (False, False): said("All is well."),
        (False, True): said("It works; look at the warnings."),
    }.get((bool(code), warned), said("Fix what failed, from the top; then run this again."))
    return CommandResult({"checks": checks}, words, outcome=outcome, code=code, as_json=as_json)


def _checks(merchant: Path | None, config: Path | None) -> Iterator[Check]:
    if merchant is not None and config is not None:
        raise WrongCommandLine(say("Give either --merchant or --config"))
    named = merchant is not None or (config is None and settings_are_given())
    if named or find_configuration(config) is None:
        return examine(merchant, clock=time.time, mch_billno=_nobodys())
    return examine_configuration(config, clock=time.time, mch_billno=_nobodys)


def _nobodys() -> str:
    return secrets.token_hex(_NAME_BYTES)


def examine(path: Path | None, *, clock: Callable[[], float], mch_billno: str) -> Iterator[Check]:
    """All checks in their order; the network's only once the settings are right.

    Args:
        path: the merchant's file; None for the environment.
        clock: seconds since the epoch.
        mch_billno: a number that nobody has used.
    """
    try:
        values = read_settings(path)
    except ConfigurationError as error:
        yield of_error(say("settings"), error)
        return
    yield from examine_values(
        values, lambda: read_merchant(path), clock=clock, mch_billno=mch_billno
    )


def examine_values(
    values: Mapping[str, Any],
    make: Callable[[], AnyMerchant],
    *,
    clock: Callable[[], float],
    mch_billno: str,
) -> Iterator[Check]:
    """The same of settings that are read already.

    Args:
        values: the settings as they stand, secrets included.
        make: makes the merchant of them.
        clock: seconds since the epoch.
        mch_billno: a number that nobody has used.
    """
    now = datetime.fromtimestamp(clock(), UTC)
    in_settings = [check_key(values), *check_certificate(values, now)]
    yield from in_settings
    if any(check.state is CheckState.FAIL for check in in_settings):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the certificate's dates have had their line
            merchant = make()
    except ConfigurationError as error:
        yield of_error(say("settings"), error)
        return
    yield ok(
        say("settings"),
        say("mch_id {mch_id}, app_id {app_id}", mch_id=merchant.mch_id, app_id=merchant.app_id),
    )
    yield from _on_the_way(merchant, clock)
    with RedPack(merchant) as red_pack:
        yield check_query(red_pack, mch_billno)


def _on_the_way(merchant: payers.AnyPayer, clock: Callable[[], float]) -> Iterator[Check]:
    routes = [Route(origin, merchant.http_proxy) for origin in merchant.origins]
    yield check_way_out(merchant)
    for first in dict.fromkeys(route.first for route in routes):
        check, addresses = check_name(first, wait_seconds=merchant.connect_seconds)
        yield check
        if addresses and first == merchant.origins[0]:
            yield check_egress(addresses)
        for route in routes if addresses else ():
            if route.first == first:
                yield from check_tls(merchant, route, addresses, clock)


WECHAT_RATES = {RED_PACKETS: 30, TRANSFERS: 100}
"""Calls a second that WeChat takes by default, by the rail."""
BOOKS_SECONDS_MAX = 60.0
"""By the books' clock a day ends, and a lease. With NTP clocks differ by far less than this."""

_SECRET_PATHS = ("key_path", "p12_path")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_configuration(
    path: Path | None, *, clock: Callable[[], float], mch_billno: Callable[[], str]
) -> Iterator[Check]:
    """All checks of a hongbao.toml, merchant by merchant.

    Args:
        path: of the file; None finds it.
        clock: seconds since the epoch.
        mch_billno: gives a number that nobody has used.
    """
    try:
        configuration = read_configuration(path)
    except WrongSettings as error:
        yield from (of_error(say("settings"), it) for it in error.problems)
        return
    except ConfigurationError as error:
        yield of_error(say("settings"), error)
        return
    yield ok(
        say("settings"),
        say(
            "{path}: merchants {names}",
            path=configuration.path,
            names=", ".join(configuration.profiles),
        ),
    )
    yield from _check_files(configuration)
    yield from _check_books(configuration, clock)
    for name, profile in configuration.profiles.items():
        yield _check_rate(name, profile)
        yield from _check_merchant(configuration, profile, clock, mch_billno())


def _check_files(configuration: Configuration) -> Iterator[Check]:
    """Whether others can read what is secret."""
    for path in _secret_files(configuration):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue  # whoever needs it says that it is not there
        if mode & _OTHERS and os.name == "posix":
            found = say("others can read or write it (mode {mode:o})", mode=mode)
            yield warn(say("file {path}", path=path), found, f"chmod 600 {path}")


def _secret_files(configuration: Configuration) -> list[Path]:
    found = [configuration.path]
    secrets = [configuration.database]
    for profile in configuration.profiles.values():
        secrets += profile.secrets.values()
        secrets += [profile.work_secret] if profile.work_secret is not None else []
        found += [Path(profile.values[name]) for name in _SECRET_PATHS if name in profile.values]
    found += [secret.path for secret in secrets if secret.path is not None]
    return list(dict.fromkeys(found))


def _check_books(configuration: Configuration, clock: Callable[[], float]) -> Iterator[Check]:
    from hongbao.ledger.book import Book  # noqa: PLC0415  # SQLAlchemy takes 0.2 s

    name = say("books")
    try:
        url = configuration.database_url()
        version = Book.version(url)
        if version.found is None and not version.kept:
            yield ok(name, say("{books} is made when it is first needed", books=shown(url)))
            return
        if version.found != version.newest:
            found = say(
                "{books} has version {version}, not {newest}",
                books=shown(url),
                version=version.found or say("none"),
                newest=version.newest,
            )
            yield fail(name, found, say("Run `{program} db upgrade`.", program=typed()))
            return
        before = clock()
        with Book.open(url) as book:
            ahead = book.now() / SECOND - (before + clock()) / 2
            workers = book.workers()
            behind = max((it.clock_behind for it in book.channels()), default=0)
    except ConfigurationError as error:
        yield of_error(name, error)
    except BookUnavailable as error:
        yield fail(name, error.problem, error.remedy)
    except LedgerError as error:
        yield fail(name, error.problem, error.remedy)
    else:
        yield ok(name, say("{books}, version {newest}", books=shown(url), newest=version.newest))
        yield _check_clock(ahead)
        if workers:
            yield _check_workers(workers)
        if behind and configuration.rehearsal_clock is None:
            yield warn(
                say("times in the books"),
                say(
                    "{time} ahead of their clock, which is wrong, or was",
                    time=shown_behind(behind),
                ),
                say(
                    "Let NTP run. When the clock is right, the next worker brings forward what "
                    "waits."
                ),
            )


def _check_clock(ahead: float) -> Check:
    name = say("clock of the books")
    if abs(ahead) <= BOOKS_SECONDS_MAX:
        return ok(
            name,
            say("within {seconds:.0f} s of this machine's", seconds=BOOKS_SECONDS_MAX),
        )
    which = (
        say("{seconds:.0f} s ahead of this machine's", seconds=ahead)
        if ahead > 0
        else say("{seconds:.0f} s behind this machine's", seconds=-ahead)
    )
    return warn(
        name,
        which,
        say("Let NTP run on both machines."),
    )


def _check_workers(workers: Sequence[WorkerAlive]) -> Check:
    alive = counted(sum(it.alive for it in workers), "worker")
    silent = [it for it in workers if not it.alive]
    if not silent:
        return ok(say("workers"), say("{alive} at work", alive=alive))
    last = min(silent, key=lambda it: it.quiet)
    found = say(
        "{alive} at work; {count} silent, the last for {time}",
        alive=alive,
        count=len(silent),
        time=span(last.quiet // SECOND),
    )
    todo = say(
        "See whether it has died: process {process} on {host} ({name}).",
        process=last.process,
        host=last.host,
        name=last.name,
    )
    return warn(say("workers"), found, todo)


def _check_rate(name: str, profile: Profile) -> Check:
    what = say("{name}: rate", name=name)
    most = WECHAT_RATES[profile.rail]
    todo = say(
        "Only if WeChat has granted you more than {most} calls a second; else it refuses some.",
        most=most,
    )
    if profile.limits.rate is None:
        return warn(what, say("unlimited"), todo)
    found = say(
        "{calls} a second and {burst} at once",
        calls=counted(profile.limits.rate, "call"),
        burst=profile.limits.burst,
    )
    if profile.limits.rate + profile.limits.burst > most:
        return warn(
            what, say("{found}: more than {most} in a second", found=found, most=most), todo
        )
    return ok(what, found)


def _check_merchant(
    configuration: Configuration,
    profile: Profile,
    clock: Callable[[], float],
    mch_billno: str,
) -> Iterator[Check]:
    problems = Problems(str(configuration.path))
    values = profile.read_secrets(os.environ, problems)
    if values is None:
        yield from (
            of_error(say("{name}: secrets", name=profile.name), it) for it in problems.found
        )
        return
    if profile.rail == TRANSFERS:
        checks = examine_transfers(
            lambda: V3Credentials.from_settings(values),
            lambda credentials: _on_the_way(credentials, clock),
            mch_billno,
            clock=rehearsal_clock(configuration) or clock,
        )
    else:
        kind = ServiceProvider if profile.provides else Merchant
        checks = examine_values(
            values, lambda: kind.from_settings(values), clock=clock, mch_billno=mch_billno
        )
    for check in checks:
        yield replace(check, name=say("{name}: {check}", name=profile.name, check=check.name))
