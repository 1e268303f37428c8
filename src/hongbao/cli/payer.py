"""Who pays, as the command line learns it: a TOML file or environment variables; never an argument.

Arguments show in the process list and in the shell's history, and a key must not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hongbao.client.merchant import AnyMerchant, Merchant, ServiceProvider
from hongbao.client.settings import account
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

PREFIX = "HONGBAO_"
_PROVIDERS_OWN = ("sub_mch_id", "msgappid")


def settings_are_given() -> bool:
    """Whether the environment names a merchant."""
    return bool(account.environment_values(None, PREFIX))


def read_settings(path: Path | None) -> dict[str, Any]:
    """The settings as they stand, unchecked.

    Raises:
        ConfigurationError: if the file cannot be read, or no file is named and no variable is set.
    """
    if path is not None:
        return account.as_given(account.file_values(path), path.parent)
    values = account.as_given(account.environment_values(None, PREFIX), Path())
    if not values:
        raise ConfigurationError(
            setting="merchant",
            problem=say("none is named"),
            remedy=say(
                "Give --merchant PATH to its merchant.toml, or set {prefix}MCH_ID, {prefix}KEY and "
                "so on.",
                prefix=PREFIX,
            ),
        )
    return values


def read_merchant(
    path: Path | None, *, sub_mch_id: str | None = None, msgappid: str | None = None
) -> AnyMerchant:
    """The merchant of a file or of the environment.

    It is a service provider if the settings, or the arguments, name a sub-merchant.

    Raises:
        ConfigurationError: naming the setting.
    """
    values = read_settings(path)
    chosen = sub_mch_id is not None or msgappid is not None
    provides = chosen or any(name in values for name in _PROVIDERS_OWN)
    kind = ServiceProvider if provides else Merchant
    merchant: AnyMerchant = kind.from_toml(path) if path else kind.from_env(prefix=PREFIX)
    if chosen and isinstance(merchant, ServiceProvider):
        return merchant.sub_merchant(
            sub_mch_id or merchant.sub_mch_id or "", msgappid=msgappid or merchant.msgappid or ""
        )
    return merchant
