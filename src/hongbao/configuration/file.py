"""hongbao.toml: where it is found, and what it holds. All its problems are reported at once."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hongbao.client.settings.problems import Problems
from hongbao.client.settings.readers import Wrong
from hongbao.client.settings.table import read_table
from hongbao.configuration import settings
from hongbao.configuration.console import ConsoleSettings, read_console
from hongbao.configuration.database import read_database
from hongbao.configuration.profile import check_agreement, read_profile
from hongbao.configuration.webhooks import read_webhooks
from hongbao.english import joined
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.rails.redpack.looks import EARLY
from hongbao.sealing import Keyring
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.campaign.payer import Payer
    from hongbao.client.settings.secret import Secret
    from hongbao.configuration.profile import Profile
    from hongbao.configuration.webhooks import WebhookSettings

VARIABLE = "HONGBAO_CONFIG"
NAME = "hongbao.toml"
_TWICE = re.compile("Cannot (?:overwrite|declare|mutate)")
_PLACE = re.compile(r"at line [0-9]+, column [0-9]+|at end of document")
_LOOPBACK = re.compile(r"https://(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)")
PROFILE_NAME = re.compile("[0-9A-Za-z_-]{1,64}")
PROFILE_NAME_RULE = say("1 to 64 letters, digits, '-' and '_'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What hongbao.toml says.

    Attributes:
        path: of the file.
        profiles: the merchants, by the file's names for them.
        database: where the books are, unread: it may hold a password.
        rehearsal_clock: the control port of the simulator whose time is the books'; None is real.
        looks: the schedule of looks at packets that are sent, by its name.
        webhooks: what signs the webhooks of endpoints, by the books' names for them.
        approval: who must approve a campaign.
        reconciles_daily: whether workers fetch bills and hold the books against them each day.
        reconcile_stops: whether a payment in a bill that the books call unpaid stops the merchant.
        console: where the console listens, and for whom.
        keep_key: the keys that seal what is kept of people, unread; None if there are none.
    """

    path: Path
    profiles: Mapping[str, Profile]
    database: Secret = field(repr=False)
    rehearsal_clock: str | None = None
    looks: str = EARLY
    webhooks: Mapping[str, WebhookSettings] = field(default_factory=dict)
    approval: ApprovalPolicy = ANYBODY
    reconciles_daily: bool = False
    reconcile_stops: bool = True
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    keep_key: Secret | None = field(default=None, repr=False)

    @property
    def is_sandbox(self) -> bool:
        """Whether every merchant pays at a simulator on this machine."""
        return all(_pays_on_this_machine(it) for it in self.profiles.values())

    def profile(self, name: str) -> Profile:
        """A merchant by its name.

        Raises:
            ConfigurationError: if the file has none of this name.
        """
        if name in self.profiles:
            return self.profiles[name]
        raise ConfigurationError(
            setting=f"{self.path}: merchants.{name}",
            problem=say("is not there"),
            remedy=say("Known merchants: {names}.", names=joined(self.profiles)),
        )

    def payer(self, name: str) -> Payer:
        """Who pays by the settings of this name: no secret is read.

        Raises:
            ConfigurationError: if the file has none of this name.
        """
        # The client, which most who read the settings do not need.
        from hongbao.configuration.payers import payer  # noqa: PLC0415  # see above

        return replace(payer(self.profile(name)), approval=self.approval, keyring=self.keyring)

    def keyring(self, environ: Mapping[str, str] | None = None) -> Keyring:
        """The keys that seal what is kept of people; read when they are needed.

        Raises:
            ConfigurationError: if they are not where the file says, or are none. Where it says
                nothing, there are none.
        """
        if self.keep_key is None:
            return Keyring()
        try:
            return Keyring.read(self.keep_key.read(os.environ if environ is None else environ))
        except Wrong as wrong:
            raise ConfigurationError(
                setting=f"{self.path}: {self.keep_key.setting}",
                problem=wrong.problem,
                remedy=wrong.remedy,
            ) from None

    def database_url(self, environ: Mapping[str, str] | None = None) -> str:
        """The books' path or URL, as ``Book.open`` takes it. It may hold a password.

        Raises:
            ConfigurationError: if it is not where the file says.
        """
        try:
            found = self.database.read(os.environ if environ is None else environ)
            return read_database(found, self.path.parent)
        except Wrong as wrong:
            raise ConfigurationError(
                setting=f"{self.path}: {self.database.setting}",
                problem=wrong.problem,
                remedy=wrong.remedy,
            ) from None


def find_configuration(given: Path | None, environ: Mapping[str, str] | None = None) -> Path | None:
    """The file to read: as given, else of ``HONGBAO_CONFIG``, else ./hongbao.toml if there."""
    if given is not None:
        return given
    named = (os.environ if environ is None else environ).get(VARIABLE)
    if named:
        return Path(named)
    here = Path(NAME)
    return here if here.exists() else None


def read_configuration(given: Path | None) -> Configuration:
    """Find, read and check hongbao.toml. No secret is read.

    Raises:
        ConfigurationError: if there is none or it cannot be read; with all problems at once if its
            settings are wrong.
    """
    path = find_configuration(given)
    if path is None:
        raise ConfigurationError(
            setting=NAME,
            problem=say("is not here"),
            remedy=say(
                "Give --config PATH, set {variable}, or write one with `hongbao init`.",
                variable=VARIABLE,
            ),
        )
    return parse(_toml(path), path)


def parse(values: Mapping[str, Any], path: Path) -> Configuration:
    """What a file's values mean.

    Raises:
        ConfigurationError: with all problems at once.
    """
    problems, folder = Problems(str(path)), path.absolute().parent
    inline = values.get("allow_inline_secrets") is True
    tables_of_their_own = {"merchants", "webhooks", "approval", "console", "books"}
    top = {name: it for name, it in values.items() if name not in tables_of_their_own}
    read = read_table("", top, settings.FILE, problems, folder, inline=inline)
    _check_database(read.get("database"), problems, folder)
    tables = values.get("merchants", {})
    if not isinstance(tables, dict) or not tables:
        problems.add(
            "merchants", say("has no merchant"), say("Add [merchants.NAME] with its settings.")
        )
        tables = {}
    profiles: dict[str, Profile] = {}
    for name, table in tables.items():
        profile = _profile(name, table, problems, folder, inline=inline)
        if profile is not None:
            profiles[name] = profile.by_way_of(read.get("proxy"))
    check_agreement(profiles, problems)
    webhooks = _webhooks(values.get("webhooks", {}), problems, folder, inline=inline)
    approval = _approval(values.get("approval", {}), problems, folder)
    console = read_console(values.get("console", {}), problems, folder)
    books = read_table(
        "books", values.get("books", {}), settings.BOOKS, problems, folder, inline=inline
    )
    rehearsal = read.get("rehearsal_clock")
    if rehearsal is not None:
        _check_rehearsal(profiles, problems)
    problems.raise_if_any()
    return Configuration(
        path=path,
        profiles=profiles,
        database=read["database"],
        rehearsal_clock=rehearsal,
        looks=read["looks"],
        webhooks=webhooks,
        approval=approval,
        reconciles_daily=read["reconcile"] == settings.DAILY,
        reconcile_stops=read["reconcile_stops"],
        console=console,
        keep_key=books.get("keep_key"),
    )


def _approval(table: object, problems: Problems, folder: Path) -> ApprovalPolicy:
    """Who must approve a campaign."""
    read = read_table("approval", table, settings.APPROVAL, problems, folder, inline=False)
    return ApprovalPolicy(
        approvers=read.get("approvers", 1),
        two_from=read.get("two_from_yuan"),
        apart=read.get("apart", False),
        signed=read.get("signed", False),
    )


def _check_rehearsal(profiles: Mapping[str, Profile], problems: Problems) -> None:
    """Simulated time never meets real money."""
    for profile in profiles.values():
        if not _pays_on_this_machine(profile):
            problems.add(
                "rehearsal_clock",
                say("is for the simulator, and merchants.{name} pays elsewhere", name=profile.name),
                say("Leave it out, or set base_url to the simulator's."),
            )


def _pays_on_this_machine(profile: Profile) -> bool:
    return _LOOPBACK.match(str(profile.values.get("base_url"))) is not None


def _check_database(database: Secret | None, problems: Problems, folder: Path) -> None:
    if database is None:
        if not problems.mention("database", "database_file", "database_env"):
            problems.add("database", say("is missing"), say('Add database = "books.db", or a URL.'))
    elif database.inline is not None:
        try:
            read_database(database.inline, folder)
        except Wrong as wrong:
            problems.add("database", wrong.problem, wrong.remedy)


def _profile(
    name: str, table: object, problems: Problems, folder: Path, *, inline: bool
) -> Profile | None:
    where = f"merchants.{name}"
    if PROFILE_NAME.fullmatch(name) is None:
        problems.add(where, say("is not a valid name"), say("Take {rule}.", rule=PROFILE_NAME_RULE))
        return None
    if not isinstance(table, dict):
        problems.add(where, say("is not a table"), say("Write it as [{where}].", where=where))
        return None
    return read_profile(name, table, problems, folder, inline=inline)


def _webhooks(
    tables: object, problems: Problems, folder: Path, *, inline: bool
) -> dict[str, WebhookSettings]:
    if not isinstance(tables, dict):
        problems.add(
            "webhooks", say("is not a table"), say("Write one table an endpoint: [webhooks.NAME].")
        )
        return {}
    found = {}
    for name, table in tables.items():
        if PROFILE_NAME.fullmatch(name) is None:
            problems.add(
                f"webhooks.{name}",
                say("is not a valid name"),
                say("Take {rule}.", rule=PROFILE_NAME_RULE),
            )
        elif (read := read_webhooks(name, table, problems, folder, inline=inline)) is not None:
            found[name] = read
    return found


def _toml(path: Path) -> dict[str, Any]:
    # 5 ms, and most commands read no file.
    import tomllib  # noqa: PLC0415  # see above

    twice = False
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            setting=str(path),
            problem=say("cannot be read ({strerror})", strerror=error.strerror),
            remedy=say("Check the path; `hongbao init` writes a new one."),
        ) from error
    except UnicodeDecodeError:
        place = ""
    # Also a number that Python does not read, and brackets in brackets, as deep as it goes.
    except (ValueError, RecursionError) as error:
        found = _PLACE.search(str(error))
        place = found.group() if found else ""
        twice = _TWICE.search(str(error)) is not None
    if twice:
        raise ConfigurationError(
            setting=str(path),
            problem=_at(say("has a setting or a table twice"), place),
            remedy=say("Keep one of the two."),
        )
    # Those errors hold the file's text, and with it perhaps a key: ours is not chained to them.
    raise ConfigurationError(
        setting=str(path),
        problem=_at(say("is no TOML file in UTF-8"), place),
        remedy=say("Fix its syntax."),
    )


def _at(problem: str, place: str) -> str:
    return say("{problem} ({place})", problem=problem, place=place) if place else problem
