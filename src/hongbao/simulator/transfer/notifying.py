"""The notifications of a world as they go over the line: headers and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator.faults import OF_TRANSFERS, FaultKind
from hongbao.simulator.transfer.calls import shown_authorization, shown_transfer
from hongbao.simulator.transfer.moments import written
from hongbao.simulator.transfer.order import SimulatedTransfer
from hongbao.simulator.transfer.wechat_side import notification, signed, signed_badly
from hongbao.wire.transfer.notification import (
    AUTHORIZATION_CLOSED,
    AUTHORIZATION_CONFIRMED,
    TRANSFER_FINISHED,
)
from hongbao.wire.transfer.wechat_keys import AGE_SECONDS_MAX

if TYPE_CHECKING:
    from hongbao.simulator.transfer.notices import Notice
    from hongbao.simulator.world import World


class SentNotice(NamedTuple):
    """One notification on its way.

    Attributes:
        serial: which.
        url: where it goes.
        headers: names and values.
        body: the bytes.
        attempt: from 1.
    """

    serial: int
    url: str
    headers: dict[str, str]
    body: bytes
    attempt: int


def write_notice(
    world: World, notice: Notice, *, platform: bool = False, fault: FaultKind | None = None
) -> SentNotice:
    """What is sent of a notification now; its event is the same each time.

    Args:
        world: the world.
        notice: which.
        platform: sign it by the platform certificate, as WeChat may while a merchant moves.
        fault: what is wrong with its signature or its body; None for nothing.
    """
    merchant, side = world.merchants[notice.mch_id], world.wechat_side()
    about = notice.about
    if isinstance(about, SimulatedTransfer):
        said, event_type = shown_transfer(about, full=False), TRANSFER_FINISHED
        said.pop("appid")
        if world.settings.transfer_both_spellings:
            said["mchid"] = said["mch_id"]
        url = str(about.document["notify_url"])
    else:
        said = shown_authorization(world, about)
        closed = about.state == "CLOSED"
        event_type = AUTHORIZATION_CLOSED if closed else AUTHORIZATION_CONFIRMED
        url = str(about.document["authorization_notify_url"])
    v3 = merchant.v3
    if v3 is None:
        raise AssertionError(f"{notice.mch_id} has nothing of V3")
    event_id = f"EV-{int(notice.moment)}{notice.serial:09d}"
    created = written(notice.moment)
    body = notification(
        said, v3.api_v3_key, event_id=event_id, event_type=event_type, created=created
    )
    by_platform = v3.platform_in_use and (platform or not v3.public_key_in_use)
    key = side.platform if by_platform else side.public
    salt = f"{event_id}/{notice.attempts}"
    now = world.clock.now()
    headers = dict(signed(key, body, now=now, salt=salt))
    if fault in OF_TRANSFERS:
        stale = signed(key, body, now=now - AGE_SECONDS_MAX - 1.0, salt=salt)
        headers = signed_badly(headers, fault, stale=dict(stale))
    if fault is FaultKind.GARBLE_REPLY:
        half = len(body) // 2
        body = body[:half] + b"\x00" + body[half + 1 :]
    headers |= {"Content-Type": "application/json", "Request-ID": f"{event_id}-{notice.attempts}"}
    return SentNotice(notice.serial, url, headers, body, notice.attempts + 1)
