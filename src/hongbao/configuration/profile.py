"""One merchant's part of hongbao.toml: checked, with its secrets still unread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hongbao.client.settings import account
from hongbao.client.settings.account import AccountSettings, needed, split
from hongbao.client.settings.readers import UNLIMITED, Wrong
from hongbao.client.settings.table import check_needed, read_table
from hongbao.configuration import settings
from hongbao.english import AND, OR, WITH, joined
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.limits import PayerLimits
from hongbao.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.client.settings.problems import Problems
    from hongbao.client.settings.readers import Hours
    from hongbao.client.settings.secret import Secret
    from hongbao.client.settings.table import Setting


def _unless_unlimited(read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: text if text == UNLIMITED else read(text)


_PROVIDERS = ("sub_mch_id", "msgappid")
_CERTIFICATES = (("cert_path", "key_path"), ("cert_pem", "key_pem"), ("p12_path",))
_OF_TRANSFERS = tuple(it.name for it in account.V3)
_OF_RED_PACKETS = ("key", "client_ip", "mini_program_app_id")
_LIMITS = {
    "rate": "rate",
    "burst": "burst",
    "day_yuan_max": "day_amount_max",
    "user_day_count_max": "user_day_count_max",
    "user_day_yuan_max": "user_day_amount_max",
}
"""The settings of limits, and what the books call them."""
_NUMBERS: Mapping[str, Callable[[str], object]] = {
    "rate": _unless_unlimited(float), "user_day_count_max": _unless_unlimited(int), "burst": int,
}  # fmt: skip
"""What makes numbers of texts; the rest stay texts."""
_SHARED = {**{name: (field,) for name, field in _LIMITS.items()}, "hours": ("opens", "closes")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(AccountSettings):
    """A merchant as the file has it.

    Attributes:
        name: the file's name for it; campaigns remember it.
        mch_id: the merchant's number. Several profiles may have one: other appids, other
            sub-merchants, other texts.
        rail: the name of the way in which it pays. A merchant that pays in both has two profiles.
        provides: whether it is a service provider.
        mini_program_app_id: the appid of its mini program, for mini-program packets.
        texts: what a packet says where the list does not.
        limits: how often it may be called, and what it may pay when.
        again_days: for how many days a list must not repeat another campaign unasked.
        bill_accounts: the accounts that it is paid from, as WeChat's bills call them.
    """

    name: str
    mch_id: str
    rail: str
    provides: bool
    mini_program_app_id: str | None
    texts: Mapping[str, str]
    limits: PayerLimits
    again_days: int
    bill_accounts: tuple[str, ...]

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
    transfers = read.get("rail") == settings.TRANSFERS
    if transfers and "rate" not in rest:
        read["rate"] = settings.TRANSFER_RATE
    if transfers and "bill_accounts" not in rest:
        read["bill_accounts"] = settings.TRANSFER_BILL_ACCOUNTS
    for part in parts.keys() - (settings.TRANSFER_TABLES if transfers else settings.TABLES):
        problems.add(f"{where}.{part}", say("is not for transfers"), say("Leave it out."))
    tables = {
        part: read_table(
            f"{where}.{part}", parts.get(part, {}), known, problems, folder, inline=inline
        )
        for part, known in (settings.TRANSFER_TABLES if transfers else settings.TABLES).items()
    }
    _check_whole(where, read, problems)
    if "work" in parts and "work" in tables:
        check_needed(f"{where}.work", tables["work"], account.WORK, problems)
    if len(problems) > before:
        return None
    return _profile(name, read, tables, folder)


def check_agreement(profiles: Mapping[str, Profile], problems: Problems) -> None:
    """Profiles of one merchant number share what WeChat counts by the number."""
    first: dict[tuple[str, str], Profile] = {}
    for profile in profiles.values():
        other = first.setdefault((profile.mch_id, profile.rail), profile)
        differing = [
            setting
            for setting, names in _SHARED.items()
            if any(getattr(profile.limits, it) != getattr(other.limits, it) for it in names)
        ]
        if differing:
            names = joined(differing)
            problems.add(
                f"merchants.{profile.name}",
                say(
                    "has the mch_id of merchants.{name}, but another {names}",
                    name=other.name,
                    names=names,
                ),
                say("WeChat counts these by the mch_id: give both profiles the same."),
            )


def typed_limits(said: Mapping[str, str]) -> PayerLimits:
    """All limits as a person types them: what the file would have, without quotes.

    Args:
        said: by the setting; ``unlimited`` lifts one.

    Raises:
        ConfigurationError: naming the setting that cannot be.
    """
    read: dict[str, Any] = {}
    for setting in settings.PROFILE:
        if setting.name not in _SHARED:
            continue
        text = said.get(setting.name, "").strip().replace(",", "")
        try:
            read[setting.name] = setting.read(_NUMBERS.get(setting.name, str)(text))
        except (Wrong, ValueError) as error:
            problem, remedy = _what_is_wrong(setting, error)
            raise ConfigurationError(setting=setting.name, problem=problem, remedy=remedy) from None
    return _limits(read)


def _what_is_wrong(setting: Setting, error: Exception) -> tuple[str, str]:
    """As the setting's own reader says it, also of what is no number."""
    if not isinstance(error, Wrong):
        try:
            setting.read("")
        except Wrong as wrong:
            error = wrong
    return (error.problem, error.remedy) if isinstance(error, Wrong) else (str(error), "")


def _limits(read: dict[str, Any]) -> PayerLimits:
    """Takes the settings of limits out of all those that were read."""
    hours: Hours = read.pop("hours")
    return PayerLimits(
        **{field: read.pop(setting) for setting, field in _LIMITS.items()},
        opens=hours.opens,
        closes=hours.closes,
    )


def _profile(
    name: str, read: dict[str, Any], tables: dict[str, dict[str, Any]], folder: Path
) -> Profile:
    provides = read.pop("kind") == settings.SERVICE_PROVIDER
    rail: str = read.pop("rail")
    mini_program_app_id = read.pop("mini_program_app_id", None)
    limits = _limits(read)
    again_days: int = read.pop("again_days")
    bill_accounts = tuple(str(read.pop("bill_accounts")).split("+"))
    return Profile(
        name=name,
        mch_id=read["mch_id"],
        rail=rail,
        provides=provides,
        **split(read, tables, folder),
        mini_program_app_id=mini_program_app_id,
        texts=tables["texts"],
        limits=limits,
        again_days=again_days,
        bill_accounts=bill_accounts,
    )


def _check_whole(where: str, read: Mapping[str, Any], problems: Problems) -> None:
    """What is missing, and what does not go together."""
    transfers = read.get("rail") == settings.TRANSFERS
    others = _OF_RED_PACKETS if transfers else _OF_TRANSFERS
    known = [it for it in settings.PROFILE if it.name not in others]
    check_needed(where, read, needed(known), problems)
    for name in others:
        if name in read:
            rails = (settings.RED_PACKETS, settings.TRANSFERS)
            remedy = say('Leave it out, or set rail = "{rail}".', rail=rails[not transfers])
            problems.add(
                f"{where}.{name}", say("is for the rail {rail}", rail=rails[not transfers]), remedy
            )
    if transfers:
        _check_keys(where, read, problems)
    ways = [way for way in _CERTIFICATES if any(name in read for name in way)]
    alone = transfers and "serial_no" in read and "key_path" in read and "cert_path" not in read
    if not alone and (len(ways) != 1 or any(name not in read for name in ways[0])):
        found = joined((name for way in ways for name in way if name in read), AND) or say("none")
        choices = joined((joined(way, WITH) for way in _CERTIFICATES), OR)
        problems.add(
            where,
            say("needs one certificate; found {found}", found=found),
            say("Give {choices}.", choices=choices),
        )
    if transfers and read.get("kind") == settings.SERVICE_PROVIDER:
        remedy = say(
            'Leave it out: partners cannot open transfers yet, so kind is "{kind}".',
            kind=settings.MERCHANT,
        )
        problems.add(f"{where}.kind", say("is not for transfers"), remedy)
    elif read.get("kind") == settings.MERCHANT:
        for name in _PROVIDERS:
            if name in read:
                remedy = say(
                    'Leave it out, or set kind = "{kind}".', kind=settings.SERVICE_PROVIDER
                )
                problems.add(f"{where}.{name}", say("is for service providers"), remedy)


def _check_keys(where: str, read: Mapping[str, Any], problems: Problems) -> None:
    """WeChat's keys, without which no reply to a transfer is believed."""
    public = [name for name in ("public_key_path", "public_key_pem") if name in read]
    if "public_key_id" in read and not public:
        remedy = say("Give public_key_path, which goes with it.")
        problems.add(f"{where}.public_key_id", say("has no key"), remedy)
    elif "public_key_id" not in read and "platform_cert_paths" not in read:
        remedy = say("Give public_key_id with public_key_path, or platform_cert_paths.")
        problems.add(where, say("has no key of WeChat's"), remedy)
