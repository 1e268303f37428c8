"""The settings of whoever pays, wherever they stand: merchant.toml, hongbao.toml, variables."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hongbao.client.proxy import holds_credentials
from hongbao.client.settings import readers as r
from hongbao.client.settings.problems import Problems
from hongbao.client.settings.readers import Wrong
from hongbao.client.settings.secret import IN_FILE, Secret
from hongbao.client.settings.table import Setting, check_needed, read_table, secret
from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.wire import fields as wire
from hongbao.wire.assumptions import TextLimits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


ACCOUNT = (
    Setting("app_id", r.as_wire(wire.WXAPPID)),
    Setting("mch_id", r.as_wire(wire.MCH_ID)),
    Setting("sub_mch_id", r.as_wire(wire.SUB_MCH_ID)),
    Setting("msgappid", r.as_wire(wire.MSGAPPID)),
    secret("key"),
    Setting("cert_path", r.text),
    Setting("key_path", r.text),
    secret("key_password"),
    Setting("cert_pem", r.text),
    secret("key_pem"),
    Setting("p12_path", r.text),
    Setting("p12_password", r.password, secret=bool),
    Setting("ca_path", r.text),
    Setting("ca_pem", r.text),
    Setting("base_url", r.text),
    Setting("backup_url", r.text),
    Setting("connect_seconds", r.seconds, formerly="connect_timeout"),
    Setting("total_seconds", r.seconds, formerly="total_timeout"),
    Setting("proxy", r.proxy, secret=holds_credentials),
    Setting("client_ip", r.client_ip),
)
"""What stands in a merchant.toml, and in ``[merchants.NAME]``."""

V3 = (
    secret("api_v3_key"),
    Setting("serial_no", r.text),
    Setting("public_key_id", r.text),
    Setting("public_key_path", r.text),
    Setting("public_key_pem", r.text),
    Setting("platform_cert_paths", r.texts),
)
"""What stands there besides, of a merchant that pays by V3 transfers."""

WORK = (
    Setting("corp_id", r.as_wire(wire.WXAPPID)),
    secret("secret"),
)
"""What stands in ``[merchants.NAME.work]``."""

ASSUMPTIONS = (
    Setting("amount_min", r.whole(1, 499_900)),
    Setting("amount_max", r.whole(1, 499_900)),
    Setting("group_total_max", r.whole(1, 499_900)),
    Setting("group_people_max", r.whole(3, 1000)),
    Setting("send_listid_required", r.yes_or_no),
    Setting("pay_sign_upper", r.yes_or_no),
    Setting("certificate_names_merchant", r.yes_or_no),
    Setting("text_limits", r.one_of(*TextLimits)),
)
"""What stands in ``[merchants.NAME.assumptions]``: the fields of ``Assumptions``."""

TRANSFER_ASSUMPTIONS = (
    Setting("amount_min", r.whole(1, 10_000_000)),
    Setting("amount_max", r.whole(1, 10_000_000)),
    Setting("name_required_from", r.whole(1, 10_000_000)),
    Setting("name_refused_below", r.whole(1, 10_000_000)),
    Setting("red_packet_max", r.whole(1, 10_000_000)),
    Setting("red_packet_unsure_scenes", r.yes_or_no),
    Setting("authorizations", r.yes_or_no),
)
"""The same where it pays by transfers: fields of ``TransferAssumptions``."""

PARTS = {"work": WORK, "assumptions": ASSUMPTIONS}
"""The tables inside a merchant's."""
TRANSFER_PARTS = {"assumptions": TRANSFER_ASSUMPTIONS}
"""The same where it pays by transfers."""

_CLIENTS = (
    *ACCOUNT,
    *V3,
    secret("p12"),
)  # a merchant.toml, or a variable, may hold the file itself
_PATHS = ("cert_path", "key_path", "p12_path", "ca_path", "public_key_path")
_LISTS_OF_PATHS = ("platform_cert_paths",)
_NEEDED = ("app_id", "mch_id", "key", "api_v3_key")
_OTHERS = {
    True: ("key", "client_ip", "sub_mch_id", "msgappid", "work"),
    False: tuple(it.name for it in V3),
}
"""What the environment may hold beside, for the other rail, by whether it is read for transfers."""
# HONGBAO_DEBUG and the like are the command line's.
_NO_SETTINGS = ("debug", "config", "lang", "operator_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """Who pays, with its secrets still unread.

    Attributes:
        values: the arguments of ``Merchant`` or ``ServiceProvider`` that are no secrets; paths are
            absolute, or relative to where the process is.
        secrets: the others, unread.
        work: of ``WorkWx``, the same.
        work_secret: of ``WorkWx``, unread.
        assumptions: of ``Assumptions``.
    """

    values: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(repr=False)
    work: Mapping[str, Any] | None
    work_secret: Secret | None = field(repr=False)
    assumptions: Mapping[str, Any]

    def read_secrets(self, environ: Mapping[str, str], problems: Problems) -> dict[str, Any] | None:
        """What ``Merchant.from_settings`` takes; None if a secret is missing, which is noted."""
        before = len(problems)
        values: dict[str, Any] = dict(self.values)
        work = dict(self.work) if self.work is not None else None
        wanted = [(values, name, secret) for name, secret in self.secrets.items()]
        if work is not None and self.work_secret is not None:
            wanted.append((work, "secret", self.work_secret))
            values["work"] = work
        for table, name, unread in wanted:
            try:
                table[name] = unread.read(environ)
            except Wrong as wrong:
                problems.add(unread.setting, wrong.problem, wrong.remedy)
        if self.assumptions:
            values["assumptions"] = dict(self.assumptions)
        return values if len(problems) == before else None


def split(
    read: Mapping[str, Any], tables: Mapping[str, dict[str, Any]], folder: Path
) -> dict[str, Any]:
    """The arguments of ``AccountSettings``, of tables that were read.

    Args:
        read: the values of ``ACCOUNT``, and of no others.
        tables: those of ``PARTS``.
        folder: what paths are relative to.
    """
    own = {it.name for it in _CLIENTS if it.secret is not None}
    work = dict(tables.get("work", {}))
    work_secret = work.pop("secret", None)
    return {
        "values": {
            name: _placed(name, value, folder) for name, value in read.items() if name not in own
        },
        "secrets": {name: value for name, value in read.items() if name in own},
        "work": work or None,
        "work_secret": work_secret,
        "assumptions": tables["assumptions"],
    }


def _placed(name: str, value: object, folder: Path) -> object:
    if name in _LISTS_OF_PATHS and isinstance(value, tuple):
        return tuple(str(folder / path) for path in value)
    return str(folder / value) if name in _PATHS and isinstance(value, str) else value


def needed(settings: Sequence[Setting]) -> list[Setting]:
    """Those without which nobody pays."""
    return [it for it in settings if it.name in _NEEDED]


def file_values(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a merchant.toml says, as it stands.

    Raises:
        ConfigurationError: if it cannot be read or is no TOML.
    """
    # These cost 11 ms, and most processes read no file.
    import tomllib  # noqa: PLC0415 - see above
    from pathlib import Path  # noqa: PLC0415 - see above

    file = Path(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            setting=str(file),
            problem=say("cannot be read ({reason})", reason=error.strerror),
            remedy=say("Check the path."),
        ) from error
    except (ValueError, RecursionError):
        pass  # they hold the file's text, and with it the key: ours must not be chained to them
    raise ConfigurationError(
        setting=str(file), problem=say("is no TOML file in UTF-8"), remedy=say("Fix its syntax.")
    )


def environment_values(environ: Mapping[str, str] | None, prefix: str) -> dict[str, Any]:
    """What environment variables say, as they stand; WeCom's are a table."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(prefix).lower()
        if not variable.startswith(prefix) or not text or name in _NO_SETTINGS:
            continue
        if name.startswith("work_"):
            values.setdefault("work", {})[name.removeprefix("work_")] = text
        else:
            values[name] = text
    return values


def as_given(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Settings unchecked, for whoever looks at each by itself: with paths and secrets in place.

    Raises:
        ConfigurationError: if a secret is not where the settings say.
    """
    newer = {it.formerly: it.name for it in _CLIENTS if it.formerly is not None}
    elsewhere = {name: it.name for it in _CLIENTS for name in it.spellings[1:]}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in elsewhere and isinstance(value, str):
            inside = name.endswith(IN_FILE)
            source = Secret(
                setting=name,
                path=folder / value if inside else None,
                variable=None if inside else value,
            )
            try:
                found[elsewhere[name]] = source.read(os.environ)
            except Wrong as wrong:
                raise ConfigurationError(
                    setting=name, problem=wrong.problem, remedy=wrong.remedy
                ) from None
        else:
            is_path = name in _PATHS and isinstance(value, str)
            if name in _LISTS_OF_PATHS and isinstance(value, list):
                found[name] = [folder / path for path in value]
                continue
            found[newer.get(name, name)] = folder / value if is_path else value
    return found


def read_file(
    path: str | os.PathLike[str],
    known: frozenset[str],
    parts: Mapping[str, Sequence[Setting]] = PARTS,
) -> dict[str, Any]:
    """What ``Merchant.from_settings`` takes, of a merchant.toml; secrets may stand in it.

    Args:
        path: of the file; paths in it are relative to it.
        known: the settings that this kind of payer has.
        parts: its tables.

    Raises:
        ConfigurationError: with all problems at once.
    """
    from pathlib import Path  # noqa: PLC0415 - as above

    return _read(file_values(path), str(path), Path(path).parent, known, parts)


def read_environment(
    environ: Mapping[str, str] | None,
    prefix: str,
    known: frozenset[str],
    parts: Mapping[str, Sequence[Setting]] = PARTS,
) -> dict[str, Any]:
    """The same of environment variables such as ``HONGBAO_MCH_ID``."""
    from pathlib import Path  # noqa: PLC0415 - as above

    values = environment_values(environ, prefix)
    for name in _OTHERS["api_v3_key" in known]:
        values.pop(name, None)
    for setting in _CLIENTS:
        for name in (setting.name, setting.formerly or setting.name):
            if setting.read is r.seconds and name in values:
                values[name] = _number(values[name])
    where = f"environment variables {prefix}*"
    return _read(values, where, Path(), known, parts, environ=environ, variables=prefix)


def _read(
    values: Mapping[str, Any],
    where: str,
    folder: Path,
    known: frozenset[str],
    parts: Mapping[str, Sequence[Setting]],
    *,
    environ: Mapping[str, str] | None = None,
    variables: str = "",
) -> dict[str, Any]:
    problems = Problems(where)
    own = [it for it in _CLIENTS if it.name in known]
    rest = {name: value for name, value in values.items() if name not in parts}
    read = read_table("", rest, own, problems, folder, inline=True, variables=variables)
    check_needed("", read, needed(own), problems, variables=variables)
    tables = {}
    for part, settings in parts.items():
        names = f"{variables}{part.upper()}_" if variables else ""
        table = values.get(part, {})
        tables[part] = read_table(
            part, table, settings, problems, folder, inline=True, variables=names
        )
        if part == "work" and part in values and isinstance(table, dict):
            check_needed(part, tables[part], settings, problems, variables=names)
    problems.raise_if_any()
    account = AccountSettings(**split(read, tables, folder))
    found = account.read_secrets(os.environ if environ is None else environ, problems)
    problems.raise_if_any()
    return found or {}


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
