"""Who pays, made of a profile: for a list's checks without secrets, for calls with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hongbao.campaign.payer import Payer
from hongbao.client.merchant import Merchant, ServiceProvider
from hongbao.client.settings.problems import Problems
from hongbao.errors import ConfigurationError
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.rails.redpack.rules import packet_rules
from hongbao.wire.assumptions import Assumptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.client.merchant import AnyMerchant
    from hongbao.configuration.file import Configuration
    from hongbao.configuration.profile import Profile


def payer(profile: Profile) -> Payer:
    """What a list is checked against. No secret is read."""
    return Payer(
        number=profile.mch_id,
        rail=RED_PACK.name,
        profile=profile.name,
        app_id=profile.values["app_id"],
        mini_program_app_id=profile.mini_program_app_id,
        corp_id=profile.work["corp_id"] if profile.work else None,
        sub_mch_id=profile.values.get("sub_mch_id"),
        msgappid=profile.values.get("msgappid"),
        client_ip=profile.values.get("client_ip"),
        texts=profile.texts,
        limits=profile.limits,
        again_days=profile.again_days,
        rules=packet_rules(Assumptions(**profile.assumptions)),
    )


def check_number(configuration: Configuration, name: str, number: str) -> None:
    """Let payouts be paid by the merchant number that they were made for, and by no other.

    Their order numbers are derived from it: another merchant would pay them once more.

    Raises:
        ConfigurationError: if the profile is not there, or has another number.
    """
    found = configuration.profile(name).mch_id
    if found != number:
        raise ConfigurationError(
            setting=f"{configuration.path}: merchants.{name}.mch_id",
            problem=f"is {found}, but the payouts are {number}'s",
            remedy="Set it back, and give the other merchant another name.",
        )


def open_merchants(
    configuration: Configuration,
    names: Iterable[str],
    environ: Mapping[str, str] | None = None,
) -> tuple[dict[str, AnyMerchant], Problems]:
    """The merchants of some profiles, with their secrets and certificates.

    Args:
        configuration: where they are.
        names: which.
        environ: the environment's variables; the process's if left out.

    Returns:
        Those that are fit to pay, and what is wrong with the others.

    Raises:
        ConfigurationError: if there is no profile of a name.
    """
    problems = Problems(str(configuration.path))
    merchants: dict[str, AnyMerchant] = {}
    for name in names:
        profile = configuration.profile(name)
        values = profile.read_secrets(os.environ if environ is None else environ, problems)
        if values is None:
            continue
        try:
            merchants[name] = make_merchant(profile, values)
        except ConfigurationError as error:
            problems.take(error, f"merchants.{name}")
    return merchants, problems


def make_merchant(profile: Profile, values: Mapping[str, Any]) -> AnyMerchant:
    """The merchant of a profile whose secrets are read.

    Raises:
        ConfigurationError: if a key or certificate is not fit.
    """
    kind = ServiceProvider if profile.provides else Merchant
    return kind.from_settings(values)
