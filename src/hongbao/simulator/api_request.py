"""Reads an API request: its fields, its merchant, and the order already held under its number.

It decides nothing; ``rules`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.digits import whole_number
from hongbao.simulator.merchant import SimulatedMerchant
from hongbao.simulator.packet import Terms
from hongbao.wire import document, endpoints
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.world import World
    from hongbao.wire.endpoints import Endpoint

NOBODY = SimulatedMerchant(mch_id="", key="")
"""The merchant of a request that names none, or an unknown one."""

_AMOUNT_DIGITS_MAX = 12
# EasyWeChat has always signed one, and none of its users reports a SIGN_ERROR:
# https://github.com/w7corp/easywechat/pull/2154 and 2270.
_WITH_CLIENT_IP = (*endpoints.SENDMINIPROGRAMHB.signed_order, "client_ip")


@dataclass(slots=True, kw_only=True, repr=False)
class ApiRequest:
    """One API request.

    Attributes:
        world: the world that received it.
        endpoint: the call.
        now: when it came, in seconds since the epoch.
        remote_ip: the caller's address.
        certificate_mch_id: the merchant of the client certificate.
        certificate_expired: whether that certificate has expired.
        well_formed: whether the body is a document of this protocol.
        said: every field as it was sent, including empty ones.
        given: the non-empty fields that the call knows, except ``sign``. All others are ignored.
        sign: as sent; empty if it was not.
        merchant: looked up by ``mch_id``, or ``NOBODY``.
        amount: ``total_amount`` in fen; 0 if it is missing or unreadable.
        terms: the fields that a repeat must have unchanged.
        packet: the order already held under this number.
    """

    world: World
    endpoint: Endpoint
    now: float
    remote_ip: str
    certificate_mch_id: str | None
    certificate_expired: bool
    well_formed: bool
    said: dict[str, str]
    given: dict[str, str]
    sign: str
    merchant: SimulatedMerchant
    amount: int
    terms: Terms
    packet: Packet | None

    @property
    def mch_billno(self) -> str:
        """The merchant's order number, or an empty text; of a bill ``20261129/Basic``."""
        if self.endpoint is DOWNLOADFUNDFLOW:
            return f"{self.given.get('bill_date', '')}/{self.given.get('account_type', '')}"
        return self.given.get("mch_billno", "")

    @property
    def openid(self) -> str:
        """The receiver, or an empty text."""
        return self.given.get("re_openid", "")

    @property
    def appid(self) -> str:
        """The appid, under the name that this call gives it, or an empty text."""
        return self.given.get(self.endpoint.appid_field, "")

    @property
    def people(self) -> int:
        """How many people share the packet; 1 unless the call says otherwise."""
        return int(self.given.get("total_num", "1"))


def read_request(world: World, endpoint: Endpoint, exchange: Exchange, now: float) -> ApiRequest:
    """Read a request. Any bytes are accepted."""
    fields, well_formed = _read(exchange.body)
    given = {name: fields[name] for name in _known(world, endpoint) if fields.get(name)}
    mch_id = given.get("mch_id", "")
    return ApiRequest(
        world=world,
        endpoint=endpoint,
        now=now,
        remote_ip=exchange.remote_ip,
        certificate_mch_id=exchange.certificate_mch_id,
        certificate_expired=exchange.certificate_expired,
        well_formed=well_formed,
        said=fields,
        given=given,
        sign=fields.get("sign", ""),
        merchant=world.merchants.get(mch_id, NOBODY),
        amount=_amount(given.get("total_amount", "")),
        terms=Terms.of(endpoint.name, given),
        packet=world.find(mch_id, given.get("mch_billno", "")),
    )


def _known(world: World, endpoint: Endpoint) -> tuple[str, ...]:
    tolerant = world.settings.mini_program_client_ip
    if tolerant and endpoint is endpoints.SENDMINIPROGRAMHB:
        return _WITH_CLIENT_IP
    return endpoint.signed_order


def _read(body: bytes) -> tuple[dict[str, str], bool]:
    try:
        fields, lists = document.decode(body)
    except document.OtherRoot:
        # WeChat then says that mch_id is wrong: https://github.com/silenceper/wechat/pull/277
        return {}, True
    except document.MalformedDocument:
        return {}, False
    return fields, not lists


def _amount(text: str) -> int:
    return whole_number(text, digits=_AMOUNT_DIGITS_MAX) or 0
