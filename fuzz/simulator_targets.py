"""The simulated WeChat: whatever comes, it answers, and loses no fen over it."""

from __future__ import annotations

from hongbao.simulator.money_audit import check
from hongbao.wire import document
from hongbao.wire.endpoints import ENDPOINTS
from stage import KEY, Stage
from target import Target, insist
from wire_targets import signed

_SIGN_IT = 0x80
_LATER = 0x40
_HOURS = 3600.0
_BETWEEN = b"\0"  # no document has one
_WORDS = (
    *(b"<xml>", b"</xml>", b"<![CDATA[", b"]]>", b"<mch_billno>", b"</mch_billno>", _BETWEEN),
    *(b"<total_amount>100</total_amount>", b"<total_num>3</total_num>", b"<re_openid>", b"\x80"),
    *(b"<amt_type>ALL_RAND</amt_type>", b"<scene_id>PRODUCT_1</scene_id>", b"</re_openid>"),
)


def ask(data: bytes) -> None:
    """Some requests, one after another, each behind a byte that says which call it is."""
    stage = Stage()
    for request in data.split(_BETWEEN):
        if not request:
            continue
        how, body = request[0], request[1:]
        if how & _LATER:
            stage.clock.advance(len(body) * _HOURS)
        if how & _SIGN_IT:
            body = signed(body, KEY)
        endpoint = ENDPOINTS[how % len(ENDPOINTS)]
        answer = stage.post(endpoint.path, body)
        insist(answer.status == 200, "a call has an answer")
        said = document.decode(answer.body).fields
        insist(said.get("return_code") in {"SUCCESS", "FAIL"}, "an answer says which it is")
        insist(endpoint.moves_money or not stage.last().paid, "a query pays nothing")
    packets = list(stage.world.packets())
    insist(all(packet.payments <= 1 for packet in packets), "a number is paid once")
    insist(len(stage.app.journal) <= len(data), "every request is written down once")
    check(stage.world)


TARGETS = {"simulator": Target(ask, 8192, _WORDS)}
