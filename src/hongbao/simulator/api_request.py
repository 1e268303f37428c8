"""A request under judgement: what it says, who says it, and what is known of its number.

It decides nothing; ``rules`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.simulator.merchant import SimulatedMerchant
from hongbao.simulator.packet import Terms
from hongbao.wire import document, endpoints

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.world import World
    from hongbao.wire.endpoints import Endpoint

NOBODY = SimulatedMerchant(mch_id="", key="")
"""Stands for the merchant of a request that names none, or one that is not known."""

_AMOUNT_DIGITS_MAX = 12
# EasyWeChat has always signed one, and none of its users reports a SIGN_ERROR:
# https://github.com/w7corp/easywechat/pull/2154 and 2270.
_WITH_CLIENT_IP = (*endpoints.SENDMINIPROGRAMHB.signed_order, "client_ip")


@dataclass(slots=True, kw_only=True, repr=False)
class ApiRequest:
    """One request.

    Attributes:
        world: where it came in.
        endpoint: the call.
        now: when it came, in seconds since the epoch.
        remote_ip: where from.
        certificate_mch_id: whose certificate came with it.
        certificate_expired: whether that has run out.
        well_formed: whether the body is a document of this protocol.
        said: every field as it was sent, empty ones too.
        given: the fields that the call knows and that are not empty, but for ``sign``. Whatever
            else was sent is ignored.
        sign: as sent; empty if it was not.
        merchant: by ``mch_id``, or ``NOBODY``.
        amount: ``total_amount`` in fen; 0 if there is no readable one.
        terms: what a repeat must say again.
        packet: the order that is already held under this number.
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
        """The merchant's number, or nothing."""
        return self.given.get("mch_billno", "")

    @property
    def openid(self) -> str:
        """The receiver, or nothing."""
        return self.given.get("re_openid", "")

    @property
    def appid(self) -> str:
        """As this call spells it, or nothing."""
        return self.given.get(self.endpoint.appid_field, "")

    @property
    def people(self) -> int:
        """Among how many it is split; 1 where the call does not say."""
        return int(self.given.get("total_num", "1"))


def read_request(world: World, endpoint: Endpoint, exchange: Exchange, now: float) -> ApiRequest:
    """Read a request, whatever its bytes are."""
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
    readable = text.isascii() and text.isdigit() and len(text) <= _AMOUNT_DIGITS_MAX
    return int(text) if readable else 0
