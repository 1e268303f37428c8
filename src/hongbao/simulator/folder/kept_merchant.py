"""What the simulator remembers of a merchant between starts, and the text of its files.

It knows the format of the files and opens none.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn

from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.simulator.folder.certificates import MARK
from hongbao.wire import fields as wire_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.wire.fields import Field

VERSION = 1
"""The version of the marker's format."""

SETTINGS_HEAD = "# Written by the hongbao simulator at each start. Not a real merchant.\n"
"""The first line of every settings file."""

_KEY = re.compile("[0-9A-Za-z]{32}")
_API_V3_KEY_CHARS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMerchant:
    """What the folder keeps of a merchant, under the names that ``hongbao.Merchant`` uses.

    Attributes:
        mch_id: the merchant number, and the common name of its certificate.
        key: the APIv2 key, 32 letters and digits.
        app_id: the appid of its official account.
        mini_program_app_id: the appid of its mini program, if it has one.
        corp_id: the ID of its WeCom corporation, if it has one.
        work_secret: the secret of the WeCom application.
    """

    mch_id: str
    key: str = field(repr=False)
    app_id: str
    mini_program_app_id: str | None = None
    corp_id: str | None = None
    work_secret: str | None = field(default=None, repr=False)

    @property
    def api_v3_key(self) -> str:
        """The APIv3 key: 32 letters and digits, derived from the other."""
        return sha256(f"{self.mch_id}/{self.key}/v3".encode()).hexdigest()[:_API_V3_KEY_CHARS]

    def __post_init__(self) -> None:
        _check("mch_id", wire_fields.MCH_ID, self.mch_id)
        _check("app_id", wire_fields.WXAPPID, self.app_id)
        if self.mini_program_app_id is not None:
            _check("mini_program_app_id", wire_fields.WXAPPID, self.mini_program_app_id)
        if self.corp_id is not None:
            _check("corp_id", wire_fields.WXAPPID, self.corp_id)
        if _KEY.fullmatch(str(self.key)) is None:
            _wrong("key", say("is not 32 letters and digits"))
        if (self.corp_id is None) is not (self.work_secret is None):
            _wrong("work_secret", say("goes with corp_id: give both or neither"))


def marker_text(merchants: Iterable[KeptMerchant]) -> str:
    """The content of the marker file."""
    kept = [asdict(merchant) for merchant in merchants]
    content = {"what": MARK, "version": VERSION, "merchants": kept}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def parse_marker(text: bytes) -> dict[str, KeptMerchant]:
    """The merchants of a marker file, by ``mch_id``.

    Raises:
        ValueError: if ``marker_text`` did not write it. It quotes nothing, since there are secrets.
    """
    try:
        content = json.loads(text)
        ours = content["what"] == MARK and content["version"] == VERSION
        known = {known.name for known in fields(KeptMerchant)}
        kept = [
            KeptMerchant(**{name: value for name, value in values.items() if name in known})
            for values in content["merchants"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError, ConfigurationError):
        ours, kept = False, []
    if not ours:
        raise ValueError(say("not what this version of the simulator writes"))
    return {merchant.mch_id: merchant for merchant in kept}


def settings_text(settings: dict[str, Any]) -> str:
    """The keyword arguments of ``hongbao.Merchant`` as TOML; a dict becomes a table at the end."""
    lines = [SETTINGS_HEAD.rstrip("\n")]
    tables: list[str] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            tables += [
                "",
                f"[{name}]",
                *(f"{key} = {_quoted(text)}" for key, text in value.items()),
            ]
        else:
            lines.append(f"{name} = {_quoted(value)}")
    return "\n".join([*lines, *tables, ""])


def _quoted(text: str) -> str:
    # JSON's strings are TOML's basic strings, except for DEL, which no setting may contain.
    return json.dumps(text, ensure_ascii=False)


def _check(setting: str, rule: Field, value: object) -> None:
    if not isinstance(value, str) or rule.problem(value) is not None:
        _wrong(setting, say("is not {rule}", rule=rule.rule))


def _wrong(setting: str, problem: str) -> NoReturn:
    raise ConfigurationError(setting=setting, problem=problem, remedy=say("Give another value."))
