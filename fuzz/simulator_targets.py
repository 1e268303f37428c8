"""The simulated WeChat: whatever comes, it answers, and loses no fen over it."""

from __future__ import annotations

from transfer_samples import getter

from hongbao.simulator.money_audit import check
from hongbao.wire import document, signature
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.bill.rows import BillEnd
from hongbao.wire.endpoints import ENDPOINTS
from hongbao.wire.transfer import json_body
from hongbao.wire.transfer.endpoints import TRANSFER_ENDPOINTS
from hongbao.wire.transfer.wechat_keys import Provenance
from stage import KEY, Stage
from target import Target, insist
from transfer_targets import JSON_WORDS
from v3_stage import NUMBER, V3Stage
from wire_targets import signed

_SIGN_IT = 0x80
_LATER = 0x40
_BILL = 0x20
_HOURS = 3600.0
_BETWEEN = b"\0"  # no document has one
_WORDS = (
    *(b"<xml>", b"</xml>", b"<![CDATA[", b"]]>", b"<mch_billno>", b"</mch_billno>", _BETWEEN),
    *(b"<total_amount>100</total_amount>", b"<total_num>3</total_num>", b"<re_openid>", b"\x80"),
    *(b"<bill_date>20261123</bill_date>", b"<account_type>Basic</account_type>", b"\xa0"),
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
            body = (_signed_for_bill if how & _BILL else signed)(body, KEY)
        if how & _BILL:
            _ask_for_bill(stage, body)
            continue
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


def _signed_for_bill(body: bytes, key: str) -> bytes:
    try:
        said = document.decode(body).fields
    except document.MalformedDocument:
        return body
    said.pop("sign", None)
    sign = signature.sign_hmac_sha256(said, key)
    return document.encode([*said.items(), ("sign", sign)])


def _ask_for_bill(stage: Stage, body: bytes) -> None:
    """A bill that is whole, or a refusal."""
    answer = stage.post(DOWNLOADFUNDFLOW.path, body)
    insist(answer.status == 200, "a call has an answer")
    if answer.body.startswith(b"<xml>"):
        insist(document.decode(answer.body).fields.get("err_code"), "a refusal says why")
    elif not answer.body.startswith(b"\x1f\x8b"):
        *_, end = read_bill([answer.body])
        insist(isinstance(end, BillEnd) and end.whole, "a bill is whole")


def ask_v3(data: bytes) -> None:
    """The same of V3, where each answer is signed, but for a wrong signature's."""
    stage = V3Stage()
    for request in data.split(_BETWEEN):
        if not request:
            continue
        how, body = request[0], request[1:]
        if how & _LATER:
            stage.clock.advance(len(body) * _HOURS)
        endpoint = TRANSFER_ENDPOINTS[how % len(TRANSFER_ENDPOINTS)]
        path = endpoint.template.format(**dict.fromkeys(endpoint.gaps, NUMBER))
        sent = body if endpoint.method == "POST" else b""
        right = how & _SIGN_IT
        answer = stage.say(endpoint.method, path, sent, signed_body=sent if right else b"other")
        said = json_body.decode(answer.body)
        insist(answer.status == 200 or said["code"], "a refusal says why")
        insist(right or answer.status == 401, "nothing happens without a signature")
        headers = getter(dict(answer.headers))
        found = stage.payer.wechat_keys.judge(headers, answer.body, now=stage.clock.now())
        signed_well = found.provenance is Provenance.SIGNED
        insist(signed_well is (answer.status != 401), "an answer is signed")
    transfers = list(stage.world.transfers.transfers())
    insist(all(transfer.payments <= 1 for transfer in transfers), "a number is paid once")
    check(stage.world)


TARGETS = {
    "simulator": Target(ask, 8192, _WORDS),
    "simulator_v3": Target(ask_v3, 8192, (*JSON_WORDS, _BETWEEN, b"\x80", b"\xc0")),
}
