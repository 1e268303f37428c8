"""The world of a proof in which transfers pay, and the laws of their money."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from enum import Enum
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from hongbao import AsyncMerchantTransfer
from hongbao.billno import new_billno
from hongbao.ledger.model.payout import PAID, State
from hongbao.rails.port import Rails
from hongbao.rails.transfer.caller import TransferCaller
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.rail import TRANSFER_RAIL
from hongbao.sealing import Keyring
from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.transfer.confirming import confirm_page
from hongbao.simulator.transfer.packages import package_of
from hongbao.wire.transfer.state import TransferState
from laws import ENDS, of_the_books
from lies import SignedRefusals
from proof_stage import DAY, HOUR, MERCHANTS, Line, Stage
from transfer_server import NOTIFY_URL, TransferServer

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any

    from hongbao import V3Credentials
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.port import Caller
    from hongbao.simulator.folder.kept_merchant import KeptMerchant
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from proof_stage import Gate

_RAIL = replace(
    TRANSFER_RAIL,
    retry=replace(
        TRANSFER_RAIL.retry, looks=(int(HOUR), int(6 * HOUR), int(DAY + 2 * HOUR)),
        look_seconds=int(6 * HOUR), not_found_seconds_max=int(6 * HOUR),
    ),
)  # fmt: skip
_TEXTS = {
    "transfer_scene_id": "1000",
    "transfer_remark": "抽奖",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
    "notify_url": NOTIFY_URL,
}
KEYRING = Keyring([bytes(range(32))])
_LIVE = frozenset(TransferState) - {TransferState.FAIL, TransferState.CANCELLED}
_CREDENTIALS: dict[tuple[str, WechatKeysKnown], V3Credentials] = {}


class WechatKeysKnown(Enum):
    """Which of WeChat's keys a worker has in its settings."""

    BOTH = "both"
    PLATFORM = "platform certificates"
    PUBLIC = "public key"


_LEFT_OUT: dict[WechatKeysKnown, dict[str, object]] = {
    WechatKeysKnown.BOTH: {},
    WechatKeysKnown.PLATFORM: {"public_key_id": None, "public_key_path": None},
    WechatKeysKnown.PUBLIC: {"platform_cert_paths": ()},
}


class TransferStage(Stage):
    """A stage on which merchants pay by transfers.

    Attributes:
        lies: what WeChat signs that is not so.
        dice: decide what users and strangers do to the merchants' server.
        keys_known: what the settings of a worker that starts now have.
    """

    rail, rails = "transfer", Rails(_RAIL)
    opens_anew = 0.0
    """How often a user comes by a page that the merchants' server opens."""

    def __init__(self, *args: Any, dice: Random | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.lies: SignedRefusals = SignedRefusals(self.wechat)
        self.dice = dice or Random(0)
        self.keys_known = WechatKeysKnown.BOTH
        self._nonces = count(1)
        self._server: TransferServer | None = None

    @property
    def mch_ids(self) -> list[str]:
        """The numbers of all merchants."""
        return [kept.mch_id for kept in MERCHANTS]

    @property
    def server(self) -> TransferServer:
        """The merchants' own."""
        if self._server is None:
            self._server = TransferServer(self, Path(self._payers.folder.path).parent, self.dice)
        return self._server

    def caller(self, gate: Gate, book: Book) -> Caller:
        """As ``Stage.caller``."""
        return TransferCaller(
            lambda profile: self._transfer_client(profile, gate),
            terms=book.terms_body,
            carrier=gate.books,
            timeout_seconds=30.0,
            requests=book,
            keyring=lambda: KEYRING,
        )

    def terms_of(self, kept: KeptMerchant) -> dict[str, dict[str, object]]:
        """As ``Stage.terms_of``."""
        app_id = kept.mini_program_app_id or kept.app_id
        return {kind: {"profile": kept.mch_id, "app_id": app_id, **_TEXTS} for kind in KINDS}

    def claim(self, name: str, payees: Container[str]) -> None:
        """Let users confirm what waits for them."""
        world = self.wechat.world
        for payout in self.payouts(name):
            transfer = self.wechat.transfer(payout.billno, mch_id=self.number_of(payout))
            if transfer is None or payout.payee not in payees:
                continue
            params: dict[str, str] | None = {
                "mchId": transfer.mch_id,
                "appId": transfer.appid,
                "package": package_of(world, transfer),
            }
            if self.dice.random() < self.opens_anew:
                params = self.server.params(payout)
            if params is not None:
                with suppress(ClaimRefused):
                    confirm_page(world, params, payout.payee)

    def _transfer_client(self, profile: str, gate: Gate) -> AsyncMerchantTransfer:
        known = profile, self.keys_known
        if known not in _CREDENTIALS:  # making keys takes a while, and they stay in the folder
            _CREDENTIALS[known] = self.wechat.credentials(profile, **_LEFT_OUT[self.keys_known])
        return AsyncMerchantTransfer(
            _CREDENTIALS[known],
            transport=Line(self, profile, gate),
            clock=self.time.now,
            nonce=lambda: f"nonce{next(self._nonces)}",
        )


def check_transfers(stage: Stage, *, ended: bool) -> None:
    """Hold everything against the laws; see ``laws.check``."""
    broken = [*_of_payouts(stage, ended=ended), *of_the_books(stage), *_of_wechat(stage)]
    if ended:
        broken += _of_totals(stage)
    assert not broken, "\n".join(broken)


def transfers_of(stage: Stage, payout: Payout) -> list[SimulatedTransfer]:
    """What WeChat has of a payout: a transfer an attempt, at most."""
    number = stage.number_of(payout)
    billnos = [new_billno(number, payout.key, n) for n in range(1, payout.attempt + 1)]
    found = [stage.wechat.transfer(billno, mch_id=number) for billno in billnos]
    return [transfer for transfer in found if transfer is not None]


def _of_payouts(stage: Stage, *, ended: bool) -> Iterator[str]:
    for payout in stage.payouts():
        transfers = transfers_of(stage, payout)
        name = f"{payout.key} ({payout.state}, {payout.billno})"
        paid = [it for it in transfers if it.paid]
        if len(paid) > 1 or any(it.payments > 1 for it in transfers):
            yield f"{name} is paid twice"
        if sum(it.state in _LIVE for it in transfers) > 1:
            yield f"{name} has two live numbers"
        if payout.state in PAID and [it.out_bill_no for it in paid] != [payout.billno]:
            yield f"{name} is not paid"
        if payout.state is State.AWAITING_USER and not transfers:
            yield f"{name} awaits its user, and WeChat has nothing of it"
        if payout.state in {State.REFUSED, State.CANCELLED} and (
            any(it.state in _LIVE for it in transfers)
        ):
            yield f"{name} may be paid all the same"
        for it in transfers:
            if (it.amount, it.openid) != (payout.amount, payout.payee):
                yield f"{name} is paid to somebody else, or with another amount"
        if ended:
            yield from _of_ends(payout, sum(it.paid for it in paid), name)


def _of_ends(payout: Payout, paid: int, name: str) -> Iterator[str]:
    if payout.state not in ENDS:
        yield f"{name} has come to no end: {payout.task=} {payout.code=} {payout.reason=}"
    if (payout.claimed, payout.refunded) != (paid, 0):
        yield f"{name}: {payout.claimed=}, but WeChat has paid {paid}"


def _of_wechat(stage: Stage) -> Iterator[str]:
    known = {
        (it.mch_id, it.out_bill_no)
        for payout in stage.payouts()
        for it in transfers_of(stage, payout)
    }
    for transfer in stage.wechat.world.transfers.transfers():
        if (transfer.mch_id, transfer.out_bill_no) not in known:
            yield f"{transfer.out_bill_no} is in no books"
    stage.wechat.audit()


def _of_totals(stage: Stage) -> Iterator[str]:
    """Nothing is locked any more: all of it was paid, or has come back."""
    for number in {stage.number_of(payout) for payout in stage.payouts()}:
        own = [payout for payout in stage.payouts() if stage.number_of(payout) == number]
        books = sum(payout.amount for payout in own if payout.state in PAID)
        wechat = stage.wechat.world.totals(number)
        if (books, wechat.in_flight) != (wechat.claimed, 0):
            yield f"{number}: the books have paid {books}, WeChat has {wechat}"
