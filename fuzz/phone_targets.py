"""The phone view: whatever is asked and pressed, it is a page, leads nowhere, and loses no fen."""

from __future__ import annotations

from typing import cast

from hongbao.simulator.money_audit import check
from hongbao.simulator.packet import Packet, Terms
from hongbao.simulator.phone.routes import Phone
from hongbao.simulator.server.connection import Connection
from hongbao.simulator.server.http import Request
from hongbao.simulator.simulation import Simulation
from stage import ALICE
from target import Target, insist
from v3_stage import NUMBER, V3Stage, a_transfer

_BETWEEN, _PARTS = b"\0", b"\n"
_METHODS = ("GET", "POST", "HEAD", "PUT")
_STATUSES = frozenset({200, 303, 400, 403, 404, 405, 409})
_HOST = b"127.0.0.1:8444"
_WORDS = (
    *(_BETWEEN, _PARTS, b"P/phone", b"Q/phone/", ALICE.encode(), b"/packet/A1/open", b"/luck"),
    *(b"/packet/G1", b"/packet/H1/open", b"/transfer/", NUMBER.encode(), b"/confirm", b"/chat/"),
    *(b"/do/clock", b"/do/open-all", b"/do/faults", b"/do/follow", b"/do/risky", b"/do/language"),
    *(b"move=day", b"fault=delay", b"times=1", b"end=1", b"openid=", b"back=/phone", b"lang=en"),
    *(b"?mch_id=", b"&done=open-all", b"&count=", b"%00", b"%0d%0a", b"<script>", b"//", b"\xff"),
)


def press(data: bytes) -> None:
    """Some requests, each behind a byte that says its method: target, cookie and form in lines."""
    stage = V3Stage()
    packets = [_sent(stage, *said) for said in _ORDERS]
    stage.ask(a_transfer(openid=ALICE))
    phone = Phone(cast("Simulation", stage))  # of which it uses what a stage has, too
    for request in data.split(_BETWEEN):
        if request:
            _ask(phone, request)
    for packet in packets:
        takers = [claim.openid for claim in packet.claims]
        insist(len(set(takers)) == len(takers), "nobody opens a packet twice")
    check(stage.world)


_ORDERS = (
    ("A1", "sendredpack", ALICE, "1"),
    ("G1", "sendgroupredpack", ALICE, "3"),
    ("M1", "sendminiprogramhb", ALICE, "1"),
    ("H1", "hbpreorder", "", "1"),
)


def _sent(stage: V3Stage, number: str, call: str, openid: str, people: str) -> Packet:
    appid = next(iter(stage.merchant.appids))
    given = {"wxappid": appid, "total_num": people, "wishing": "<script>", "send_name": "&"}
    packet = stage.world.order(
        stage.merchant,
        mch_billno=number,
        terms=Terms.of(call, given),
        re_openid=openid,
        amount=1000,
    )
    stage.world.pay(packet)
    return packet


def _ask(phone: Phone, request: bytes) -> None:
    target, cookie, form = ([*request[1:].split(_PARTS, 2), b"", b""])[:3]
    path, _, query = target.decode("latin-1").partition("?")
    method = _METHODS[request[0] % len(_METHODS)]
    headers = {b"host": _HOST, b"cookie": cookie}
    answer = phone.answer(
        Request(method, path, query, headers, form, keep_alive=True), cast("Connection", None)
    )
    insist(answer.status in _STATUSES, "it is answered")
    for name, value in answer.headers:
        insist("\r" not in value and "\n" not in value, "a header is one line")
        insist(name != "Location" or value.startswith("/phone"), "nobody is led elsewhere")
    insist(answer.body.count(b"<script") <= 1, "what was sent is shown as text")


TARGETS = {"phone": Target(press, 2048, _WORDS)}
