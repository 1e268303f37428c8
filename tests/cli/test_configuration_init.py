"""``hongbao init`` writes a hongbao.toml that its owner alone can read, and overwrites nothing."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from hongbao.client.settings.problems import WrongSettings
from hongbao.configuration.file import read_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from shop import Run, Shop


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def owner_alone(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_to_be_filled_in_is_all_that_is_wrong_with_it(run: Run, tmp_path: Path) -> None:
    ran = run("init", "--json")
    assert (ran.code, ran.json["written"]) == (0, ["hongbao.toml"])
    assert owner_alone(tmp_path / "hongbao.toml")
    with pytest.raises(WrongSettings) as caught:
        read_configuration(tmp_path / "hongbao.toml")
    wrong = {problem.setting.rpartition(".")[2] for problem in caught.value.problems}
    assert wrong == {"app_id", "mch_id", "send_name", "wishing", "act_name", "remark"}


def test_nothing_is_overwritten(run: Run, tmp_path: Path, shop: Shop) -> None:
    for name in ("hongbao.toml", "shop.key"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
        ran = run("init", "--merchant", shop.toml, "--json")
        assert ran.code == 6
        assert ran.json["error"]["setting"].endswith(name)
        assert (tmp_path / name).read_text(encoding="utf-8") == "mine"
        (tmp_path / name).unlink()
    assert list(tmp_path.glob("shop.*")) == []


def test_a_merchants_file_becomes_a_profile_with_its_secrets_beside_it(
    run: Run, shop: Shop, tmp_path: Path
) -> None:
    ran = run("init", "--merchant", shop.toml, "--name", "shop")
    assert ran.code == 0
    for name in ("hongbao.toml", "shop.key", "shop.work.secret"):
        assert owner_alone(tmp_path / name)
    text = (tmp_path / "hongbao.toml").read_text(encoding="utf-8")
    assert shop.settings["key"] not in text + ran.everything
    profile = read_configuration(None).profile("shop")
    assert profile.secrets["key"].read({}) == shop.settings["key"]
    assert profile.work_secret is not None
    assert profile.work_secret.read({}) == shop.settings["work"]["secret"]
    assert profile.mini_program_app_id == "wx0000000000de0002"
    assert profile.values["base_url"] == shop.wechat.base_url
