"""The control port's calls about V3 transfers: JSON in, JSON out; no HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hongbao.digits import whole_number
from hongbao.simulator.clock import beijing_text
from hongbao.simulator.control.parties import NotThere, find_merchant
from hongbao.simulator.transfer.confirming import confirm_page, look_at_page
from hongbao.simulator.transfer.notices import TAKEN
from hongbao.simulator.transfer.notifying import write_notice
from hongbao.simulator.transfer.order import transfer_bill_no
from hongbao.simulator.transfer.packages import package_of
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from hongbao.simulator.control.json_in import JsonFields
    from hongbao.simulator.simulation import Simulation
    from hongbao.simulator.transfer.order import SimulatedTransfer

Shown = dict[str, Any]

_PAGE = ("mchId", "appId", "package")
_NUMBER_DIGITS_MAX = 12


def show_credentials(simulation: Simulation, mch_id: str, said: JsonFields) -> Shown:
    """What a merchant needs for V3: keys, serials, and where their files are."""
    said.end()
    find_merchant(simulation, mch_id)
    return {name: _plain(value) for name, value in simulation.credentials(mch_id).items()}


def show_transfer(simulation: Simulation, mch_id: str, number: str, said: JsonFields) -> Shown:
    """A transfer with all that WeChat knows of it."""
    said.end()
    world = simulation.world
    world.settle()
    found = world.transfers.find(mch_id, number)
    if found is None:
        raise NotThere("transfer")
    shown = shown_transfer(found)
    if found.state is TransferState.WAIT_USER_CONFIRM:
        shown["package_info"] = package_of(world, found)
    return shown


def look(simulation: Simulation, said: JsonFields) -> Shown:
    """A user opens the page of a transfer or an authorisation; nothing is confirmed."""
    params, openid = _page(said)
    said.end(*_PAGE, "openid")
    return asdict(look_at_page(simulation.world, params, openid))


def confirm(simulation: Simulation, said: JsonFields) -> Shown:
    """A user opens the page and confirms; `ends` is why it fails after all."""
    params, openid = _page(said)
    ends = said.text("ends") if "ends" in said else ""
    agrees = said.flag("agrees") if "agrees" in said else True
    said.end(*_PAGE, "openid", "ends", "agrees")
    page = confirm_page(simulation.world, params, openid, ends=ends, agrees=agrees)
    return asdict(page)


def show_notifications(simulation: Simulation, said: JsonFields) -> Shown:
    """The notifications that are due, as they are sent: hand them to your own server."""
    said.end()
    world = simulation.world
    due = world.transfers.notices.due(world.settle())
    sent = [write_notice(world, notice) for notice in due]
    return {"notifications": [{**it._asdict(), "body": it.body.decode()} for it in sent]}


def answer_notification(simulation: Simulation, serial: str, said: JsonFields) -> Shown:
    """Say what your server answered: 200 and 204 take it, anything else has it come again."""
    status = said.whole("status")
    said.end("status")
    world = simulation.world
    number = whole_number(serial, digits=_NUMBER_DIGITS_MAX)
    notice = None if number is None else world.transfers.notices.find(number)
    if notice is None:
        raise NotThere("notification")
    world.transfers.notices.sent(notice, world.settle(), taken=status in TAKEN)
    world.transfers.touch(notice.about)
    again = None if notice.due_at is None else beijing_text(notice.due_at)
    return {"serial": notice.serial, "attempts": notice.attempts, "again": again}


def _page(said: JsonFields) -> tuple[dict[str, str], str]:
    return {name: said.text(name) for name in _PAGE}, said.text("openid")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def shown_transfer(transfer: SimulatedTransfer) -> Shown:
    """A transfer, with more details than a query gives."""

    def moment(at: float | None) -> str | None:
        return None if at is None else beijing_text(at)

    return {
        "mch_id": transfer.mch_id,
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer_bill_no(transfer),
        "call": transfer.call,
        "state": transfer.state.value,
        "fail_reason": transfer.fail_reason,
        "openid": transfer.openid,
        "transfer_amount": transfer.amount,
        "payments": transfer.payments,
        "paid": transfer.paid,
        "returned": transfer.returned,
        "created": moment(transfer.created_at),
        "locked": moment(transfer.locked_at),
        "updated": moment(transfer.updated_at),
    }
