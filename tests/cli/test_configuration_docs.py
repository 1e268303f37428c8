"""docs/configuration.md tells every setting and every default, and none that is not there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from hongbao import Assumptions, Merchant, ServiceProvider, WorkWx
from hongbao.client.settings import account
from hongbao.configuration import settings
from hongbao.configuration.file import parse

TEXT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
PARTS = {
    "The top of the file": settings.FILE,
    "Approval: `[approval]`": settings.APPROVAL,
    "The console: `[console]`": settings.CONSOLE,
    "A merchant: `[merchants.NAME]`": settings.PROFILE,
    "`[merchants.NAME.texts]`": settings.TEXTS,
    "`[merchants.NAME.work]`": account.WORK,
    "`[merchants.NAME.assumptions]`": account.ASSUMPTIONS,
    "Of transfers: `[merchants.NAME.texts]`": settings.TRANSFER_TEXTS,
    "Of transfers: `[merchants.NAME.assumptions]`": account.TRANSFER_ASSUMPTIONS,
    "An endpoint: `[webhooks.NAME]`": settings.WEBHOOK,
}


def rows(part: str) -> dict[str, str]:
    """The settings that a part of the page has, with the rest of their lines."""
    text = TEXT.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("part", PARTS)
def test_every_setting_is_reported_and_none_that_is_not_there(part: str) -> None:
    assert list(rows(part)) == [setting.name for setting in PARTS[part]]


@pytest.mark.parametrize("part", PARTS)
def test_every_secret_is_marked_as_one(part: str) -> None:
    told = rows(part)
    for setting in PARTS[part]:
        if setting.name != "database":  # that is one only if it holds a password
            assert ("*secret*" in told[setting.name]) is (setting.secret is not None)


@pytest.mark.parametrize("part", PARTS)
def test_every_default_is_reported(part: str) -> None:
    told = rows(part)
    for setting in PARTS[part]:
        if setting.default is None or setting.name == "kind":
            continue
        default = setting.default
        said = f'"{default}"' if isinstance(default, str) else f"{default:g}"
        said = str(default).lower() if isinstance(default, bool) else said
        assert f"`{said}`" in told[setting.name]


def test_the_assumptions_are_those_of_the_client() -> None:
    told = rows("`[merchants.NAME.assumptions]`")
    for field in fields(Assumptions):
        assert f"`{str(field.default).lower()}`" in told[field.name]


def test_the_settings_are_those_of_the_client() -> None:
    """All but what TOML cannot say."""
    known = {setting.name for setting in settings.PROFILE} | settings.TABLES.keys()
    taken = {field.name for cls in (Merchant, ServiceProvider) for field in fields(cls)}
    made = {"origins", "http_proxy", "certificate", "context"}
    assert taken - made - known == {"p12"}
    assert {field.name for field in fields(WorkWx)} == {it.name for it in account.WORK}


def test_the_shown_file_is_one(tmp_path: Path) -> None:
    (shown, *_) = re.findall(r"^```toml\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
    configuration = parse(tomllib.loads(shown), tmp_path / "hongbao.toml")
    assert configuration.profile("shop").texts["wishing"] == "Thank you"
