"""Transfers by either client, over real TLS and in memory: lives, faults, and what proves what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import (
    AsyncMerchantTransfer,
    Bill,
    BillAccount,
    ConfigurationError,
    MerchantTransfer,
    NotificationRefused,
    NotSent,
    OutcomeUnknown,
    Refused,
    Transfer,
    TransferAssumptions,
    TransferFinished,
    TransferNotFound,
    UntrustedReply,
)
from hongbao.simulator.refusal import ClaimRefused
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BillRows
from lines import LINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hongbao import V3Credentials
    from hongbao.testing.wechat import SimulatedWeChat

NUMBER = "HB20261123A001"
BOB = "oBob_0000000000000000000000001"
FIELDS: dict[str, Any] = {
    "out_bill_no": NUMBER,
    "transfer_scene_id": "1000",
    "openid": BOB,
    "transfer_amount": 8800,
    "transfer_remark": "秋季抽奖",
    "transfer_scene_report_infos": {"活动名称": "秋季抽奖", "奖励说明": "一等奖"},
    "notify_url": "https://pay.example.test/notify",
}


class _TransferLine:
    """A way from a client to the simulated WeChat."""

    def __init__(self, wechat: SimulatedWeChat, *, asynchronous: bool, in_memory: bool) -> None:
        self.wechat = wechat
        self.changes: dict[str, Any] = {"total_seconds": 2.0}
        self._asynchronous = asynchronous
        self._in_memory = in_memory
        self._made: tuple[dict[str, Any], V3Credentials] | None = None

    def credentials(self) -> V3Credentials:
        """Made once for the same arguments: to read a private key takes longer than a call."""
        if self._made is None or self._made[0] != self.changes:
            self._made = dict(self.changes), self.wechat.credentials(**self.changes)
        return self._made[1]

    def ask(self, method: Callable[[Any], Any]) -> Any:
        """What a method of the client gives."""
        credentials = self.credentials()
        clock = self.wechat.world.clock.now
        if not self._asynchronous:
            transport = self.wechat.transport() if self._in_memory else None
            with MerchantTransfer(credentials, transport=transport, clock=clock) as client:
                return method(client)

        async def run() -> Any:
            transport = self.wechat.async_transport() if self._in_memory else None
            async with AsyncMerchantTransfer(
                credentials, transport=transport, clock=clock
            ) as client:
                found = method(client)
                return await found if asyncio.iscoroutine(found) else found

        return asyncio.run(run())

    def transfer(self, **changes: Any) -> Any:
        return self.ask(lambda it: it.transfer(**(FIELDS | changes)))

    def query(self) -> Any:
        return self.ask(lambda it: it.query(NUMBER))

    def params(self, package: str) -> dict[str, str]:
        found: dict[str, str] = self.ask(lambda it: it.front_end_params(package)).for_mini_program()
        return found


@pytest.fixture(params=LINES.values(), ids=list(LINES))
def money(request: pytest.FixtureRequest) -> _TransferLine:
    asynchronous, in_memory = request.param
    fixture = "wechat_in_memory" if in_memory else "wechat_simulator"
    wechat = request.getfixturevalue(fixture)
    return _TransferLine(wechat, asynchronous=asynchronous, in_memory=in_memory)


def test_a_whole_life_in_the_look_of_a_red_packet(money: _TransferLine, tmp_path: Path) -> None:
    wechat = money.wechat
    taken = money.transfer(user_recv_style="RED_PACKET", user_name="测试甲")
    params = money.params(taken.package_info)
    assert wechat.look_at_page(params, BOB).look == "RED_PACKET"
    assert wechat.confirm(params, BOB).state == "SUCCESS"
    info = money.query()
    assert (info.state, info.transfer_amount, wechat.wallet(BOB)) == ("SUCCESS", 8800, 8800)
    assert wechat.credentials().open_name(info.user_name) == "测试甲"
    same = money.ask(lambda it: it.query_by_wechats_number(info.transfer_bill_no))
    assert replace(same, user_name="") == replace(info, user_name="")
    assert money.ask(lambda it: it.apply_receipt(NUMBER)).state == "GENERATING"
    wechat.advance(5)
    receipt = money.ask(lambda it: it.query_receipt(NUMBER))
    file = money.ask(lambda it: it.fetch_receipt(receipt, NUMBER, to=tmp_path / "a.pdf"))
    assert file.path.read_bytes().startswith(b"%PDF")
    wechat.advance(86_400)
    bill = money.ask(
        lambda it: it.download_fund_flow(
            date(2026, 11, 23), BillAccount.BASIC, to=tmp_path / "a.csv", compressed=True
        )
    )
    assert isinstance(bill, Bill)
    batches = [it for it in read_bill([bill.path.read_bytes()]) if isinstance(it, BillRows)]
    rows = [row for batch in batches for row in batch]
    assert [(row.voucher, row.business_number, row.amount) for row in rows] == [
        (NUMBER, info.transfer_bill_no, 8800)
    ]
    wechat.audit()


def test_events_come_twice_and_out_of_order_and_tell_the_truth(money: _TransferLine) -> None:
    wechat = money.wechat
    seen: list[tuple[str, str]] = []
    for index, ends in enumerate(("", "OPENID_INVALID")):
        taken = money.transfer(out_bill_no=f"{NUMBER}{index}")
        wechat.confirm(money.params(taken.package_info), BOB, ends=ends)

    def server(headers: dict[str, str], body: bytes) -> int:
        event = money.ask(lambda it: it.notifications.read(headers, body))
        assert isinstance(event, TransferFinished)
        seen.append((event.event_id, event.transfer.state))
        return event.http_status

    assert wechat.notify(server, shuffled=True) == [204] * 4
    assert [state for _, state in seen] == ["FAIL", "SUCCESS", "SUCCESS", "FAIL"]
    assert len(set(seen)) == 2
    assert wechat.notify(server) == []


def test_a_lost_package_comes_back_with_the_same_bytes(money: _TransferLine) -> None:
    money.wechat.fail({"fault": "lose_reply", "endpoint": "transfer", "times": 1})
    prepared = money.ask(lambda it: it.prepare(Transfer(**FIELDS, user_name="测试甲")))
    with pytest.raises(OutcomeUnknown):
        money.ask(lambda it: it.send(prepared))
    kept = prepared.endpoint.name, prepared.body, prepared.wechatpay_serial
    taken = money.ask(lambda it: it.send(it.restore(*kept)))
    money.wechat.confirm(money.params(taken.package_info), BOB)
    money.wechat.audit()
    transfer = money.wechat.transfer(NUMBER)
    assert transfer is not None
    assert transfer.payments == 1


_UNKNOWN: dict[str, type[OutcomeUnknown]] = {
    "lose_request": OutcomeUnknown,
    "lose_reply": OutcomeUnknown,
    "cut_reply": OutcomeUnknown,
    "garble_reply": UntrustedReply,
    "hang": OutcomeUnknown,
    "http_500": OutcomeUnknown,
    "http_502": OutcomeUnknown,
    "html_page": UntrustedReply,
    "unknown_code": OutcomeUnknown,
    "systemerror": OutcomeUnknown,
    "too_soon": OutcomeUnknown,
    "unsigned_reply": UntrustedReply,
    "probe_reply": UntrustedReply,
    "wrong_signature": UntrustedReply,
    "stale_signature": UntrustedReply,
    "foreign_serial": UntrustedReply,
}


@pytest.mark.parametrize(
    "money",
    [pytest.param(LINES[name], id=name) for name in ("blocking-tls", "asyncio-tls")],
    indirect=True,
)
@pytest.mark.parametrize("fault", _UNKNOWN)
def test_after_any_fault_the_outcome_is_unknown_and_the_same_bytes_pay_once(
    money: _TransferLine, fault: str
) -> None:
    money.changes["total_seconds"] = 0.5 if fault == "hang" else 5.0
    money.wechat.fail({"fault": fault, "endpoint": "transfer", "times": 1})
    with pytest.raises(OutcomeUnknown) as caught:
        money.transfer()
    assert type(caught.value) is _UNKNOWN[fault]
    assert caught.value.mch_billno == NUMBER
    assert money.transfer().state == "WAIT_USER_CONFIRM"
    assert money.wechat.totals().debited == 8800
    calls = [it.call for it in money.wechat.journal(NUMBER)]
    assert calls == ["transfer"] * 2, "no transfer is ever sent twice by itself"
    money.wechat.audit()


@pytest.mark.parametrize("fault", ["unsigned_reply", "probe_reply", "stale_signature"])
@pytest.mark.parametrize("call", ["transfer", "query"])
def test_a_refusal_that_is_not_well_signed_refuses_nothing(
    money: _TransferLine, fault: str, call: str
) -> None:
    money.wechat.simulated().forbidden_calls = frozenset({"transfer"})
    money.wechat.fail({"fault": fault})
    method = money.transfer if call == "transfer" else money.query
    with pytest.raises(OutcomeUnknown) as caught:
        method()
    assert not isinstance(caught.value, TransferNotFound)
    money.wechat.recover()
    with pytest.raises(Refused if call == "transfer" else TransferNotFound):
        method()


def test_a_refusal_that_is_held_is_found_by_a_query(money: _TransferLine) -> None:
    held = {"fault": "refused_but_held", "err_code": "NOT_ENOUGH", "text": "x", "times": 1}
    money.wechat.fail(held)
    with pytest.raises(Refused) as caught:
        money.transfer()
    assert caught.value.disposition == "OPEN"
    assert money.query().state == "WAIT_USER_CONFIRM"


def test_a_connection_that_is_refused_sent_nothing(money: _TransferLine) -> None:
    money.wechat.fail("refuse_connect")
    with pytest.raises(NotSent):
        money.transfer()
    assert money.wechat.journal() == []


def test_keys_move_while_money_moves(money: _TransferLine) -> None:
    wechat = money.wechat
    v3 = wechat.simulated().v3
    assert v3 is not None
    v3.public_key_in_use = False
    money.changes |= {"public_key_id": None, "public_key_path": None}
    taken = money.transfer(user_name="测试甲")
    v3.public_key_in_use = True  # the merchant has begun to move
    money.changes = {"total_seconds": 2.0}
    assert money.query().state == "WAIT_USER_CONFIRM"
    wechat.confirm(money.params(taken.package_info), BOB)
    v3.platform_in_use = False  # and is done
    assert money.query().state == "SUCCESS"
    assert money.ask(lambda it: it.platform_certificates()) == ()
    money.changes |= {"platform_cert_paths": (), "public_key_id": None, "public_key_path": None}
    with pytest.raises(ConfigurationError, match="public_key_id"):
        money.query()


def test_the_first_certificates_are_fetched_by_who_has_none(money: _TransferLine) -> None:
    money.changes |= {"platform_cert_paths": (), "public_key_id": None, "public_key_path": None}
    found = money.ask(lambda it: it.platform_certificates())
    assert [key.serial for key in found] == [money.wechat.world.wechat_side().platform.serial]


def test_an_authorisation_is_asked_for_beside_a_transfer(money: _TransferLine) -> None:
    wechat = money.wechat
    money.changes["assumptions"] = TransferAssumptions(authorizations=True)
    v3 = wechat.simulated().v3
    assert v3 is not None
    v3.authorizations_opened = True
    asked = FIELDS | {
        "user_display_name": "骑手甲",
        "out_authorization_no": "AUTH20261123001",
        "authorization_notify_url": "https://pay.example.test/auth",
    }
    taken = money.ask(lambda it: it.transfer_asking_authorization(**asked))
    wechat.confirm(money.params(taken.package_info), BOB)
    found = money.ask(lambda it: it.query_authorization("AUTH20261123001"))
    assert found.is_in_effect
    under = {name: value for name, value in FIELDS.items() if name != "openid"}
    under |= {"out_bill_no": f"{NUMBER}B", "authorization_id": found.authorization_id}
    assert money.ask(lambda it: it.transfer_under_authorization(**under)).state == "SUCCESS"
    assert wechat.wallet(BOB) == 2 * 8800
    assert money.ask(lambda it: it.close_authorization("AUTH20261123001")).state == "CLOSED"
    kinds = []

    def server(headers: dict[str, str], body: bytes) -> int:
        event = money.ask(lambda it: it.notifications.read(headers, body))
        assert not isinstance(event, NotificationRefused)
        kinds.append(event.event_type.partition(".")[2])
        return 204

    wechat.notify(server)
    assert sorted(kinds) == [
        *("AUTHORIZATION.CLOSED", "AUTHORIZATION.CLOSED"),
        *("BILL.FINISHED", "BILL.FINISHED"),
    ]


def test_a_page_that_is_opened_by_somebody_else_pays_nobody(money: _TransferLine) -> None:
    taken = money.transfer()
    with pytest.raises(ClaimRefused):
        money.wechat.confirm(money.params(taken.package_info), "oAnother")
    assert money.wechat.totals().claimed == 0
