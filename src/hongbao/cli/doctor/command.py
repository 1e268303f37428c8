"""``hongbao doctor``: proves the settings, the certificate and the connection; moves no money."""

import secrets
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from hongbao.cli.answer import answer, print_text
from hongbao.cli.doctor.network import check_egress, check_name, check_query, check_tls
from hongbao.cli.doctor.settings import (
    Check,
    State,
    check_certificate,
    check_key,
    of_error,
    ok,
)
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, MerchantPath
from hongbao.cli.payer import read_merchant, read_settings
from hongbao.client.merchant import AnyMerchant
from hongbao.client.sync import RedPack
from hongbao.errors import ConfigurationError

_NAME_BYTES = 14  # 28 hexadecimal digits: as long as an order number may be, and nobody's


def doctor(*, merchant: MerchantPath = None, as_json: AsJson = False) -> ExitCode:
    """Check key, certificate and connection."""
    checks = []
    for check in examine(merchant, clock=time.time, mch_billno=secrets.token_hex(_NAME_BYTES)):
        checks.append(check)
        if not as_json:
            print_text(check.line())
    code = next((check.code for check in checks if check.state is State.FAIL), ExitCode.DONE)
    warned = any(check.state is State.WARN for check in checks)
    outcome = "unhealthy" if code else "healthy"
    words = {
        (False, False): "All is well.",
        (False, True): "It works; look at the warnings.",
    }.get((bool(code), warned), "Mend what failed, from the top; then run this again.")
    return answer({"checks": checks}, words, outcome=outcome, code=code, as_json=as_json)


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
        yield of_error("settings", error)
        return
    now = datetime.fromtimestamp(clock(), UTC)
    in_settings = [check_key(values), *check_certificate(values, now)]
    yield from in_settings
    if any(check.state is State.FAIL for check in in_settings):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the certificate's dates have had their line
            merchant = read_merchant(path)
    except ConfigurationError as error:
        yield of_error("settings", error)
        return
    yield ok("settings", f"mch_id {merchant.mch_id}, app_id {merchant.app_id}")
    yield from _on_the_way(merchant, clock, mch_billno)


def _on_the_way(
    merchant: AnyMerchant, clock: Callable[[], float], mch_billno: str
) -> Iterator[Check]:
    for origin in merchant.origins:
        check, addresses = check_name(origin, wait_seconds=merchant.connect_timeout)
        yield check
        if addresses and origin == merchant.origins[0]:
            yield check_egress(addresses)
        if addresses:
            yield from check_tls(merchant, origin, clock)
    with RedPack(merchant) as red_pack:
        yield check_query(red_pack, mch_billno)
