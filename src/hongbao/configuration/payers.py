"""Who pays, made of a profile: for a list's checks without secrets, for calls with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

from hongbao.campaign.payer import Payer
from hongbao.client.merchant import AnyMerchant, Merchant, ServiceProvider
from hongbao.client.settings.problems import Problems
from hongbao.client.transfer.credentials import V3Credentials
from hongbao.configuration import settings
from hongbao.errors import ConfigurationError
from hongbao.rails.redpack.rules import packet_rules
from hongbao.rails.transfer.rules import transfer_rules
from hongbao.sentences import say
from hongbao.wire.assumptions import Assumptions
from hongbao.wire.transfer.assumptions import TransferAssumptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.configuration.file import Configuration
    from hongbao.configuration.profile import Profile
    from hongbao.rails.port import RowRules

AnyPayer: TypeAlias = AnyMerchant | V3Credentials
"""Who pays red packets, or transfers."""


def payer(profile: Profile) -> Payer:
    """What a list is checked against. No secret is read."""
    return Payer(
        number=profile.mch_id,
        rail=profile.rail,
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
        rules=_rules(profile),
    )


def _rules(profile: Profile) -> Mapping[str, RowRules]:
    if profile.rail == settings.TRANSFERS:
        return transfer_rules(TransferAssumptions(**profile.assumptions))
    return packet_rules(Assumptions(**profile.assumptions))


def check_number(configuration: Configuration, name: str, number: str, rail: str) -> None:
    """Let payouts be paid by the merchant and the rail that they were made for, and by no other.

    Their order numbers are derived from the merchant's: another one would pay them once more, and
    so would another rail.

    Raises:
        ConfigurationError: if the profile is not there, or has another number or rail.
    """
    profile = configuration.profile(name)
    for setting, found, wanted in (
        ("mch_id", profile.mch_id, number),
        ("rail", profile.rail, rail),
    ):
        if found != wanted:
            raise ConfigurationError(
                setting=f"{configuration.path}: merchants.{name}.{setting}",
                problem=say(
                    "is {found}, but the payouts are {wanted}'s", found=found, wanted=wanted
                ),
                remedy=say("Set it back, and give the other merchant another name."),
            )


def open_merchants(
    configuration: Configuration,
    names: Iterable[str],
    environ: Mapping[str, str] | None = None,
) -> tuple[dict[str, AnyPayer], Problems]:
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
    merchants: dict[str, AnyPayer] = {}
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


def make_merchant(profile: Profile, values: Mapping[str, Any]) -> AnyPayer:
    """The merchant of a profile whose secrets are read.

    Raises:
        ConfigurationError: if a key or certificate is not fit.
    """
    if profile.rail == settings.TRANSFERS:
        return V3Credentials.from_settings(values)
    kind = ServiceProvider if profile.provides else Merchant
    return kind.from_settings(values)
