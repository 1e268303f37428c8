"""In a rehearsal a payout's page leads to its receiver's phone in the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hongbao.billno import derive_billno
from hongbao.engine import parse_configuration
from hongbao.ledger.model.account import Role
from hongbao.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console_stage import ConsoleStage
    from hongbao.configuration.file import Configuration

BILLNO = derive_billno("1900012345", "spring/0")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """WeChat, simulated."""
    with Simulator.start(tmp_path / "wechat") as simulator:
        yield simulator


@pytest.fixture
def configuration(
    sqlite_url: str, tmp_path: Path, console_settings: dict[str, Any], simulator: Simulator
) -> Configuration:
    """Settings of a rehearsal: the books go by the simulator's clock."""
    values = {
        "database": sqlite_url, "console": console_settings,
        "rehearsal_clock": simulator.control_url,
        "merchants": {
            "demo": {
                "app_id": "wx00aa11bb22cc33dd", "mch_id": "1900012345", "key_env": "NOBODY_HAS_IT",
                "cert_path": "cert.pem", "key_path": "key.pem", "client_ip": "203.0.113.7",
                "base_url": simulator.base_url,
            }
        },
    }  # fmt: skip
    return parse_configuration(values, tmp_path / "hongbao.toml")


def test_the_link_leads_to_the_phone_and_the_page_has_no_receiver(
    console: ConsoleStage, simulator: Simulator
) -> None:
    console.campaign()
    assert "/phone" not in console.client(Role.VIEWER).get(f"/payouts/{BILLNO}").text
    client = console.client(Role.FINANCE)
    page = client.get(f"/payouts/{BILLNO}").text
    assert f'href="/payouts/{BILLNO}/phone"' in page
    assert "oUSER_spring_0" not in page
    answer = client.get(f"/payouts/{BILLNO}/phone")
    phone = f"{simulator.phone_url}/oUSER_spring_0/packet/{BILLNO}"
    assert (answer.status_code, answer.headers["location"]) == (303, phone)
    assert BILLNO in console.site.accounts.acts(limit=1)[0].body
    assert httpx.get(f"{simulator.phone_url}").status_code == 200
