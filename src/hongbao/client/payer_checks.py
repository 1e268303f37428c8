"""How the settings of whoever pays are checked, and where its calls go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from hongbao.client.transport import Origin
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.wire.fields import Field

PRODUCTION_URL = "https://api.mch.weixin.qq.com"
BACKUP_URL = "https://api2.mch.weixin.qq.com"
"""WeChat's second access point; it takes the same calls."""

_URL = re.compile(
    r"https://(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::(?P<port>[0-9]{1,5}))?/?"
)


def read_origins(base_url: str, backup_url: str | None) -> tuple[Origin, ...]:
    """The first host, and the second where there is one.

    Raises:
        ConfigurationError: if either is no https URL of a host.
    """
    # Only WeChat's own address has a known second one.
    backup = BACKUP_URL if base_url == PRODUCTION_URL else None
    urls = [("base_url", base_url), ("backup_url", backup_url or backup)]
    return tuple(_origin(setting, url) for setting, url in urls if url)


def split_link(url: str) -> tuple[Origin, str] | None:
    """The host, and the path with its query, of a link that WeChat gives; None if it is none."""
    base, slash, path = url.removeprefix("https://").partition("/")
    match = _URL.fullmatch(f"https://{base}") if url.startswith("https://") and slash else None
    return (_read(match), f"/{path}") if match else None


def check_setting(setting: str, field: Field, value: object) -> None:
    """Check a setting by a field's rule.

    Raises:
        ConfigurationError: naming the setting and the rule.
    """
    if not isinstance(value, str) or field.problem(value) is not None:
        raise wrong_setting(
            setting,
            say("is not {rule}", rule=field.rule),
            say("Copy it from the merchant platform."),
        )


def wrong_setting(setting: str, problem: str, remedy: str) -> ConfigurationError:
    """The error of a setting."""
    return ConfigurationError(setting=setting, problem=problem, remedy=remedy)


def refuse_pickling(value: object) -> NoReturn:
    """Refuse: what holds secrets crosses no process border."""
    name = type(value).__name__
    raise TypeError(f"a {name} holds secrets and is not pickled: make it anew where it is needed")


def _origin(setting: str, url: str) -> Origin:
    match = _URL.fullmatch(url)
    if match is None:
        problem = say("is not https://host or https://host:port")
        raise wrong_setting(setting, problem, say("Leave the path out."))
    return _read(match)


def _read(match: re.Match[str]) -> Origin:
    return Origin(match["host"].strip("[]"), int(match["port"] or 443))
