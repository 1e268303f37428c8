"""The rows of a day's fund-flow bill, out of what moved on an account. It knows no faults.

A row is dated by the moment at which the balance changed. That returned money is one row, also of a
group, is a guess, and so are all names.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from hongbao.beijing import BEIJING
from hongbao.simulator.clock import beijing_date, beijing_day
from hongbao.simulator.settings import BillNumber
from hongbao.simulator.tokens import listid_of
from hongbao.simulator.transfer.order import transfer_bill_no
from hongbao.wire.bill.columns import Direction
from hongbao.wire.bill.request import BillAccount
from hongbao.wire.bill.rows import BillRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.simulator.merchant import FundAccount, SimulatedMerchant
    from hongbao.simulator.settings import Settings
    from hongbao.simulator.world import World


class Movement(NamedTuple):
    """Money that moved; sorted by when.

    Attributes:
        moment: seconds since the epoch.
        number: what tells those of one moment apart.
        amount: fen; negative if it went away.
        name: 业务名称.
        kind: 业务类型.
        business_number: 微信支付业务单号.
        applicant: 资金变更提交申请人.
        remark: 备注.
        voucher: 业务凭证号.
    """

    moment: float
    number: str
    amount: int
    name: str
    kind: str
    business_number: str
    applicant: str
    remark: str
    voucher: str


def rows_of_day(
    world: World, merchant: SimulatedMerchant, account: BillAccount, day: int
) -> list[BillRow]:
    """The rows of a Beijing day; the world is settled."""
    held = {BillAccount.BASIC: merchant.basic, BillAccount.OPERATION: merchant.operating}
    fund = held.get(account)
    if fund is None:
        return []  # nothing here costs a fee
    movements = sorted(_movements(world, merchant, fund))
    # What was put in without a date was there from the beginning.
    balance = fund.balance - sum(movement.amount for movement in movements)
    if not world.settings.transfer_unpaid_in_bill:
        # What is locked has not left yet, by such bills.
        locked = (it for it in world.transfers.transfers() if it.account is fund and it.is_locked)
        balance += sum(it.amount for it in locked)
    rows = []
    for movement in movements:
        balance += movement.amount
        if beijing_day(movement.moment) == day:
            rows.append(_row(movement, balance))
    return rows


def _row(movement: Movement, balance: int) -> BillRow:
    return BillRow(
        line=0,
        booked_at=datetime.fromtimestamp(int(movement.moment), BEIJING),
        business_number=movement.business_number,
        flow_number=movement.number,
        name=movement.name,
        kind=movement.kind,
        direction=Direction.IN if movement.amount > 0 else Direction.OUT,
        amount=abs(movement.amount),
        balance=balance,
        applicant=movement.applicant,
        remark=movement.remark,
        voucher=movement.voucher,
    )


def _movements(world: World, merchant: SimulatedMerchant, fund: FundAccount) -> Iterator[Movement]:
    yield from _top_ups(merchant, fund)
    yield from _of_packets(world, merchant, fund)
    yield from _of_transfers(world, merchant, fund)


def _of_transfers(
    world: World, merchant: SimulatedMerchant, fund: FundAccount
) -> Iterator[Movement]:
    """Dated by the lock, and by the return of what was not paid; or by the payment alone."""
    settings, unpaid_too = world.settings, world.settings.transfer_unpaid_in_bill
    for transfer in world.transfers.transfers():
        ours = transfer.mch_id == merchant.mch_id and transfer.account is fund
        moved_at = transfer.locked_at if unpaid_too else transfer.paid_at
        if not ours or moved_at is None:
            continue
        head = f"8{beijing_date(transfer.created_at)}{transfer.serial:012d}"
        remark, name = transfer.document["transfer_remark"], settings.transfer_bill_name
        number, business = transfer.out_bill_no, transfer_bill_no(transfer)
        said = (business, f"{merchant.mch_id}API", remark, number)
        yield Movement(moved_at, f"{head}1", -transfer.amount, name, name, *said)
        if transfer.returned_at is not None:
            name, said = settings.transfer_bill_returned_name, (business, "system", "", number)
            yield Movement(transfer.returned_at, f"{head}2", transfer.amount, name, name, *said)


def _top_ups(merchant: SimulatedMerchant, fund: FundAccount) -> Iterator[Movement]:
    for index, top_up in enumerate(merchant.top_ups):
        if (merchant.operating if top_up.operating else merchant.basic) is not fund:
            continue
        number = f"9{beijing_date(top_up.moment)}{index:012d}0"
        kind = "充值" if top_up.amount > 0 else "提现"
        yield Movement(
            top_up.moment, number, top_up.amount, "充值/提现", kind, number, "system", "", number
        )


def _of_packets(world: World, merchant: SimulatedMerchant, fund: FundAccount) -> Iterator[Movement]:
    settings = world.settings
    for packet in world.packets_of(merchant.mch_id):
        if packet.account is not fund or packet.paid_at is None:
            continue
        head = f"{beijing_date(packet.created_at)}{packet.serial:012d}"
        business = listid_of(packet)
        if settings.bill_business_number is BillNumber.OWN:
            business = f"4{head}000"
        said = (business, f"{merchant.mch_id}API", packet.terms.remark, packet.mch_billno)
        yield Movement(
            packet.paid_at, f"7{head}1", -packet.total_amount, *_sent_names(settings), *said
        )
        if packet.refunded_at is not None and packet.refunded:
            said = (business, "system", "", packet.mch_billno)
            yield Movement(
                packet.refunded_at, f"7{head}2", packet.refunded, *_returned_names(settings), *said
            )


def _sent_names(settings: Settings) -> tuple[str, str]:
    return settings.bill_sent_name, settings.bill_sent_kind


def _returned_names(settings: Settings) -> tuple[str, str]:
    return settings.bill_returned_name, settings.bill_returned_kind
