"""The examples run as they stand, against a simulated WeChat."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shop import write_toml

if TYPE_CHECKING:
    from shop import Run, Shop

EXAMPLES = Path(__file__).parents[2] / "examples"
READMES = ("README.md", "README.zh-CN.md")


def example(name: str, *args: str) -> str:
    """What an example prints."""
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *args], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_example_is_run_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if path.suffix == ".py"}
    text = Path(__file__).read_text(encoding="utf-8")
    text += Path(__file__).with_name("test_audit_command.py").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f'"{name}"' not in text] == []


def test_a_normal_packet_is_paid_once_however_often_it_runs(shop: Shop) -> None:
    for _ in range(2):
        assert example("send_normal.py", shop.toml).startswith("Accepted as ")
    assert shop.wechat.totals().debited == 100


def test_a_refusal_and_a_doubt_are_reported(shop: Shop) -> None:
    shop.wechat.fail({"fault": "systemerror", "times": 1})
    assert example("send_normal.py", shop.toml).startswith("It may have been paid")
    shop.wechat.simulated().product_opened = False
    assert example("send_normal.py", shop.toml).startswith("Refused: PRODUCT_AUTHORITY_UNOPEN")


def test_many_packets_at_once(shop: Shop) -> None:
    assert example("async_send.py", shop.toml) == "Accepted: 20\n"
    assert shop.wechat.totals().debited == 2000


def test_a_mini_program_packet_can_be_claimed(shop: Shop) -> None:
    params = json.loads(example("mini_program.py", shop.mini_toml))
    assert shop.wechat.claim_mini_program(params, "oDEMOmini0000000000000000001").amount == 188


def test_a_program_has_refunds_paid_once_however_often_it_runs(
    run: Run, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what ``hongbao init`` writes, as it is."""
    monkeypatch.chdir(tmp_path)
    assert run("init", "--merchant", shop.toml).code == 0
    # Each is said when it is paid, and either may be first.
    first, again = (
        sorted(example("pay_from_a_program.py", "hongbao.toml").splitlines()) for _ in range(2)
    )
    assert first == again
    assert [line.partition(":")[0] for line in first] == ["order-1001", "order-1002"]
    assert shop.wechat.totals().debited == 350


def test_packets_are_preordered_once_however_often_it_runs(shop: Shop) -> None:
    first, again = example("preorder.py", shop.toml), example("preorder.py", shop.toml)
    assert first == again
    assert [line.split(",")[0] for line in first.splitlines()] == [
        "first: ordered",
        "second: ordered",
        "third: ordered",
    ]
    assert shop.wechat.totals().debited == 888 + 188 + 100


def test_a_provider_sends_for_a_sub_merchant(shop: Shop, tmp_path: Path) -> None:
    provider = shop.wechat.simulated()
    provider.provider = True
    provider.sub_merchants = {"1900000999": frozenset({"wxshop"})}
    path = write_toml(tmp_path / "provider.toml", shop.settings)
    assert example("provider.py", str(path), "1900000999", "wxshop").strip().isdigit()


@pytest.mark.parametrize("name", ["test_with_fixture.py"])
def test_the_tests_among_the_examples_pass(name: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / name)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout


def test_the_list_of_the_readme_is_a_campaigns_and_imports_as_it_is(
    run: Run, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what ``hongbao init`` writes, as it is."""
    monkeypatch.chdir(tmp_path)
    assert run("init", "--merchant", shop.toml).code == 0
    readmes = [(EXAMPLES.parent / name).read_text("utf-8") for name in READMES]
    line = "hongbao campaign new recipients.csv --merchant shop --name spring --unit yuan"
    assert all(text.count(line) == 2 for text in readmes)
    _, *arguments = line.replace("recipients.csv", f"{EXAMPLES}/recipients.csv").split()
    checked = run(*arguments, "--dry-run", "--json")
    imported = run(*arguments, "--json")
    assert (checked.code, imported.code) == (0, 0), imported.everything
    assert "5 payouts" in run("campaign", "approve", "spring", "--yes").stdout
