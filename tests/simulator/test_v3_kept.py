"""Transfers outlive their process, and the control port plays users and WeChat's notifications."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hongbao import MerchantTransfer, TransferFinished, V3Credentials
from hongbao.simulator.kept.keeper import Keeper
from hongbao.simulator.kept.transfer_text import order_text, parse_order
from hongbao.simulator.money_audit import check
from hongbao.simulator.transfer.confirming import confirm_page
from hongbao.testing.control_client import ControlRefused
from hongbao.testing.wechat import SimulatedWeChat
from hongbao.wire.transfer.authorizations import AskAuthorization
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer
from stage import HOUR
from v3_stage import BOB, V3Stage, a_transfer

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.simulator.simulation import Simulation
    from hongbao.simulator.simulator import Simulator
    from hongbao.testing.control_client import ControlClient

MCH_ID = "1999000001"


def _seen(stage: V3Stage) -> dict[str, Any]:
    """All that could differ."""
    book = stage.world.transfers
    return {
        "orders": [
            order_text(it, stage.merchant, book.notices.about(it.serial)) for it in book.orders()
        ],
        "totals": stage.world.totals(),
        "balance": stage.merchant.basic.balance,
        "wallet": stage.world.wallet(BOB),
        "held": book.held,
    }


def _again(path: Path, stage: V3Stage) -> V3Stage:
    """The world of a file, read by another stage at the same time."""
    twin = V3Stage()
    twin.clock.set(stage.clock.now())
    keeper = Keeper.open(path, cast("Simulation", twin))
    keeper.close()
    return twin


_LIFE = st.lists(
    st.tuples(st.sampled_from(["send", "cancel", "confirm", "wait", "ask"]), st.integers(0, 3)),
    max_size=12,
)


@settings(max_examples=25)
@given(_LIFE)
def test_a_world_that_is_kept_is_the_same_in_another_process(
    tmp_path_factory: pytest.TempPathFactory, life: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "world.sqlite"
    stage = V3Stage()
    stage.merchant.basic.top_up(-999_700)
    stage.set(transfer_locking_seconds=1.0)
    keeper = Keeper.open(path, cast("Simulation", stage))
    try:
        for step, index in life:
            number = f"HB2026112300{index}"
            match step:
                case "send":
                    stage.code(a_transfer(number))
                case "cancel":
                    stage.code(CancelTransfer(number))
                case "wait":
                    stage.clock.advance(9 * HOUR)
                    stage.code(QueryTransfer(number))
                case "ask":
                    stage.code(
                        AskAuthorization(
                            out_authorization_no=f"AUTH2026112300{index}",
                            openid=BOB,
                            transfer_scene_id="1005",
                            user_display_name="甲",
                            authorization_notify_url="https://pay.example.test/auth",
                        )
                    )
                case _:
                    found = stage.world.transfers.find(stage.merchant.mch_id, number)
                    if found is not None and stage.world.transfers.may_confirm(found):
                        package = stage.ask(a_transfer(number)).package_info
                        confirm_page(stage.world, stage.params(package), BOB)
        assert keeper.save(everything=True)
    finally:
        keeper.close()
    twin = _again(path, stage)
    assert _seen(twin) == _seen(stage)
    for each in (stage, twin):
        each.world.clock.advance(60 * HOUR)
        check(each.world)
    assert _seen(twin) == _seen(stage)


def test_what_is_no_transfer_is_not_read() -> None:
    stage = V3Stage()
    for text in ("{}", '{"notices": [], "out_bill_no": "A"}', "[]"):
        with pytest.raises(ValueError, match="no transfer"):
            parse_order(text, stage.merchant)


@pytest.fixture
def client(simulator: Simulator) -> MerchantTransfer:
    wechat = SimulatedWeChat(simulator.simulation)
    clock = simulator.simulation.world.clock.now
    return MerchantTransfer(wechat.credentials(), transport=wechat.transport(), clock=clock)


def test_the_control_port_plays_the_user_and_says_what_wechat_tells(
    control: ControlClient, client: MerchantTransfer
) -> None:
    fields: dict[str, Any] = {
        "out_bill_no": "HB20261123001",
        "transfer_scene_id": "1000",
        "openid": BOB,
        "transfer_amount": 100,
        "transfer_remark": "谢谢",
        "transfer_scene_report_infos": {"活动名称": "秋季", "奖励说明": "一等奖"},
        "notify_url": "https://pay.example.test/notify",
        "user_recv_style": "RED_PACKET",
    }
    taken = client.transfer(**fields)
    shown = control.ask("GET", f"transfers/{MCH_ID}/HB20261123001")
    assert (shown["state"], shown["package_info"]) == ("WAIT_USER_CONFIRM", taken.package_info)
    opened = client.front_end_params(taken.package_info).for_h5() | {"openid": BOB}
    assert control.ask("POST", "page", opened)["look"] == "RED_PACKET"
    assert control.ask("POST", "confirm", opened)["state"] == "SUCCESS"
    with pytest.raises(ControlRefused) as caught:
        control.ask("POST", "confirm", opened)
    assert caught.value.status == 409
    (told,) = control.ask("GET", "notifications")["notifications"]
    event = client.notifications.read(told["headers"], told["body"].encode())
    assert isinstance(event, TransferFinished)
    path = f"notifications/{told['serial']}"
    assert control.ask("POST", path, {"status": 500})["again"]
    assert control.ask("GET", "notifications") == {"notifications": []}
    control.ask("POST", "clock", {"advance": 15})
    assert control.ask("POST", path, {"status": 204})["again"] is None
    assert control.totals() == (100, 100, 0, 0)
    assert control.audit() == ""


def test_what_is_not_there_is_reported_by_a_404(control: ControlClient) -> None:
    for method, path, said in (
        ("GET", f"transfers/{MCH_ID}/X", None),
        ("GET", "merchants/1/credentials", None),
        ("POST", "notifications/7", {"status": 200}),
        ("POST", "notifications/x", {"status": 200}),
    ):
        with pytest.raises(ControlRefused) as caught:
            control.ask(method, path, said)
        assert caught.value.status == 404


def test_credentials_can_be_had_by_code_in_any_language(
    control: ControlClient, simulator: Simulator
) -> None:
    said = control.ask("GET", f"merchants/{MCH_ID}/credentials")
    assert said["base_url"] == simulator.base_url
    found = V3Credentials(**{**said, "platform_cert_paths": tuple(said["platform_cert_paths"])})
    side = simulator.simulation.world.wechat_side()
    assert {key.serial for key in found.wechat_keys} == {side.public.serial, side.platform.serial}


def test_what_a_merchant_has_of_v3_is_shown_and_changed(control: ControlClient) -> None:
    changed = {
        "platform_in_use": False,
        "scenes": {"1000": 500},
        "red_packet_scenes": [],
        "day_max": None,
        "user_day_max": 7,
    }
    control.change_merchant(MCH_ID, v3=changed)
    shown = control.merchant(MCH_ID)["v3"]
    assert {name: shown[name] for name in changed} == changed
    assert "api_v3_key" not in json.dumps(control.merchant(MCH_ID))
    with pytest.raises(ControlRefused, match="one of"):
        control.change_merchant(MCH_ID, v3={"api_v3_key": "x"})
