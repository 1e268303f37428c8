"""One merchant's part of hongbao.toml: checked, with its secrets still unread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hongbao.configuration import settings
from hongbao.configuration.table import read_table
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hongbao.configuration.problems import Problems
    from hongbao.configuration.readers import Hours
    from hongbao.configuration.secret import Secret
    from hongbao.configuration.settings import Setting

_PATHS = ("cert_path", "key_path", "p12_path", "ca_path")
_NEEDED = ("app_id", "mch_id", "key")
_PROVIDERS = ("sub_mch_id", "msgappid")
_CERTIFICATES = (("cert_path", "key_path"), ("cert_pem", "key_pem"), ("p12_path",))
_LIMITS = {
    "rate": "rate",
    "burst": "burst",
    "day_yuan_max": "day_amount_max",
    "user_day_count_max": "user_day_count_max",
    "user_day_yuan_max": "user_day_amount_max",
}
"""The settings of limits, and what the books call them."""
_SHARED = {**{name: (field,) for name, field in _LIMITS.items()}, "hours": ("opens", "closes")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A merchant as the file has it.

    Attributes:
        name: the file's name for it; campaigns remember it.
        mch_id: the merchant's number. Several profiles may have one: other appids, other
            sub-merchants, other texts.
        provides: whether it is a service provider.
        values: the arguments of ``Merchant`` or ``ServiceProvider`` that are no secrets; paths are
            absolute.
        secrets: the others, unread.
        work: of ``WorkWx``, the same.
        work_secret: of ``WorkWx``, unread.
        assumptions: of ``Assumptions``.
        mini_program_app_id: the appid of its mini program, for mini-program packets.
        texts: what a packet says where the list does not.
        limits: how often it may be called, and what it may pay when.
        again_days: for how many days a list must not repeat another campaign unasked.
    """

    name: str
    mch_id: str
    provides: bool
    values: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(repr=False)
    work: Mapping[str, Any] | None
    work_secret: Secret | None = field(repr=False)
    assumptions: Mapping[str, Any]
    mini_program_app_id: str | None
    texts: Mapping[str, str]
    limits: PayerLimits
    again_days: int

    def by_way_of(self, proxy: Secret | None) -> Profile:
        """With the proxy of all merchants, unless it names its own."""
        if proxy is None or "proxy" in self.secrets:
            return self
        return replace(self, secrets={**self.secrets, "proxy": proxy})


def read_profile(
    name: str, table: Mapping[str, Any], problems: Problems, folder: Path, *, inline: bool
) -> Profile | None:
    """Read ``[merchants.NAME]``.

    Args:
        name: of the profile.
        table: what TOML has.
        problems: what is wrong is noted there.
        folder: what paths are relative to.
        inline: whether secrets may stand in the file.

    Returns:
        None if anything was wrong with it.
    """
    where = f"merchants.{name}"
    before = len(problems)
    parts = {part: table[part] for part in settings.TABLES if part in table}
    rest = {key: value for key, value in table.items() if key not in parts}
    read = read_table(where, rest, settings.PROFILE, problems, folder, inline=inline)
    tables = {
        part: read_table(
            f"{where}.{part}", parts.get(part, {}), known, problems, folder, inline=inline
        )
        for part, known in settings.TABLES.items()
    }
    _check_whole(where, read, problems)
    if "work" in parts:
        _check_needed(f"{where}.work", tables["work"], settings.WORK, problems)
    if len(problems) > before:
        return None
    return _profile(name, read, tables, folder)


def check_agreement(profiles: Mapping[str, Profile], problems: Problems) -> None:
    """Profiles of one merchant number share what WeChat counts by the number."""
    first: dict[str, Profile] = {}
    for profile in profiles.values():
        other = first.setdefault(profile.mch_id, profile)
        differing = [
            setting
            for setting, names in _SHARED.items()
            if any(getattr(profile.limits, it) != getattr(other.limits, it) for it in names)
        ]
        if differing:
            names = ", ".join(differing)
            problems.add(
                f"merchants.{profile.name}",
                f"has the mch_id of merchants.{other.name}, but another {names}",
                "WeChat counts these by the mch_id: give both profiles the same.",
            )


def _profile(
    name: str, read: dict[str, Any], tables: dict[str, dict[str, Any]], folder: Path
) -> Profile:
    secrets = {
        setting.name: read.pop(setting.name)
        for setting in settings.PROFILE
        if setting.secret is not None and setting.name in read
    }
    provides = read.pop("kind") == settings.SERVICE_PROVIDER
    mini_program_app_id = read.pop("mini_program_app_id", None)
    hours: Hours = read.pop("hours")
    limits = PayerLimits(
        **{field: read.pop(setting) for setting, field in _LIMITS.items()},
        opens=hours.opens,
        closes=hours.closes,
    )
    again_days: int = read.pop("again_days")
    work = tables["work"]
    work_secret = work.pop("secret", None)
    return Profile(
        name=name,
        mch_id=read["mch_id"],
        provides=provides,
        values={
            key: str(folder / value) if key in _PATHS else value for key, value in read.items()
        },
        secrets=secrets,
        work=work or None,
        work_secret=work_secret,
        assumptions=tables["assumptions"],
        mini_program_app_id=mini_program_app_id,
        texts=tables["texts"],
        limits=limits,
        again_days=again_days,
    )


def _check_whole(where: str, read: Mapping[str, Any], problems: Problems) -> None:
    """What is missing, and what does not go together."""
    needed = [it for it in settings.PROFILE if it.name in _NEEDED]
    _check_needed(where, read, needed, problems)
    ways = [way for way in _CERTIFICATES if any(name in read for name in way)]
    if len(ways) != 1 or any(name not in read for name in ways[0]):
        found = " and ".join(name for way in ways for name in way if name in read) or "none"
        choices = ", or ".join(" with ".join(way) for way in _CERTIFICATES)
        problems.add(where, f"needs one certificate; found {found}", f"Give {choices}.")
    if read.get("kind") == settings.MERCHANT:
        for name in _PROVIDERS:
            if name in read:
                remedy = f'Leave it out, or set kind = "{settings.SERVICE_PROVIDER}".'
                problems.add(f"{where}.{name}", "is for service providers", remedy)


def _check_needed(
    where: str, read: Mapping[str, Any], needed: Sequence[Setting], problems: Problems
) -> None:
    for setting in needed:
        # One that is there and wrong has been told.
        places = [f"{where}.{name}" for name in setting.spellings]
        if setting.name not in read and not problems.mention(*places):
            choices = " or ".join(setting.spellings[1:])
            remedy = f"Give {choices}." if choices else "Add it."
            problems.add(places[0], "is missing", remedy)
