"""All that the doctor looks at for one merchant, from its settings outwards."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hongbao.cli.doctor.network import (
    check_egress,
    check_name,
    check_query,
    check_tls,
    check_way_out,
)
from hongbao.cli.doctor.settings import State, check_certificate, check_key, of_error, ok
from hongbao.cli.payer import read_merchant, read_settings
from hongbao.client.proxy import Route
from hongbao.client.sync import RedPack
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hongbao.cli.doctor.settings import Check
    from hongbao.client.merchant import AnyMerchant


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
    if any(check.state is State.FAIL for check in in_settings):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the certificate's dates have had their line
            merchant = make()
    except ConfigurationError as error:
        yield of_error("settings", error)
        return
    yield ok("settings", f"mch_id {merchant.mch_id}, app_id {merchant.app_id}")
    yield from _on_the_way(merchant, clock, mch_billno)


def _on_the_way(
    merchant: AnyMerchant, clock: Callable[[], float], mch_billno: str
) -> Iterator[Check]:
    routes = [Route(origin, merchant.http_proxy) for origin in merchant.origins]
    yield check_way_out(merchant)
    for first in dict.fromkeys(route.first for route in routes):
        check, addresses = check_name(first, wait_seconds=merchant.connect_timeout)
        yield check
        if addresses and first == merchant.origins[0]:
            yield check_egress(addresses)
        for route in routes if addresses else ():
            if route.first == first:
                yield from check_tls(merchant, route, addresses, clock)
    with RedPack(merchant) as red_pack:
        yield check_query(red_pack, mch_billno)
