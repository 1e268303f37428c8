"""Handles a request to the simulated WeChat: reads, decides, answers and records it. No I/O.

It may be called from several threads. One lock serialises them; anything else that touches the
world (the control port, a test) takes the same lock.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Protocol

from hongbao.simulator import answers, rules
from hongbao.simulator.api_request import NOBODY, read_request
from hongbao.simulator.bill_call import answer_bill
from hongbao.simulator.exchange import Answer, Exchange
from hongbao.simulator.fault_injection import RequestOutcome, inject
from hongbao.simulator.faults import OF_SENDS, OF_TRANSFERS, Faults
from hongbao.simulator.journal import Journal
from hongbao.simulator.settings import ExpiredCertificate
from hongbao.simulator.traffic import Traffic
from hongbao.simulator.transfer.desk import PREFIX, handle_v3
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.faults import FaultPlan
    from hongbao.simulator.merchant import Delivery
    from hongbao.simulator.world import World

__all__ = ["Answer", "App", "Exchange"]

_BY_PATH = {endpoint.path: endpoint for endpoint in (*ENDPOINTS, DOWNLOADFUNDFLOW)}
_UNKEPT = Answer(200, b"", cut=0)
_NAME_CHARS_MAX = 32  # no number or merchant is longer; garbage is not kept whole


class Keep(Protocol):
    """Saves the world; see ``kept.keeper``."""

    def __call__(self, *, everything: bool) -> bool:
        """Save what has changed. Set ``everything`` if more may have than a request changes."""
        ...


class App:
    """Answers WeChat's seven calls of V2, the one for fund-flow bills, and those of V3.

    Attributes:
        world: the state. May be replaced by another one.
        faults: the faults to apply; replaced by ``script``.
        journal: the requests that came in.
        traffic: the latest of them as they came, with their replies.
        lock: held while a request is handled.
        keep: saves what has changed, and returns whether it could; None if nothing is saved.
    """

    def __init__(
        self, world: World, *, faults: Faults | None = None, journal: Journal | None = None
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.journal = Journal() if journal is None else journal
        self.traffic = Traffic()
        self.lock = RLock()
        self.keep: Keep | None = None

    def handle(self, exchange: Exchange) -> Answer:
        """Answer one request. It never raises because of a request's content.

        If what it changed cannot be saved, the reply is lost: the connection is closed without it.
        """
        with self.lock:
            answer = self._handle(exchange)
            self.traffic.note(self.journal.last, exchange, answer)
            return answer if self.keep is None or self.keep(everything=False) else _UNKEPT

    def refuses_connection(self) -> bool:
        """Whether to refuse the next connection. Call it once for each connection."""
        with self.lock:
            return self.faults.for_connection()

    def script(self, plan: FaultPlan) -> None:
        """Replace the plan of faults. The new plan counts requests from now on."""
        with self.lock:
            self.faults = Faults(plan)

    def restart(self) -> None:
        """Clear packets, users, totals, the journal and all faults; keep merchants and clock."""
        with self.lock:
            self.world.restart()
            self.journal.clear()
            self.traffic.clear()
            self.faults = Faults()

    def _handle(self, exchange: Exchange) -> Answer:
        now = self.world.settle()
        if exchange.path.startswith(PREFIX):
            handled = handle_v3(self.world, exchange, now, self.faults)
            self.journal.write(handled.entry)
            return handled.answer
        endpoint = _BY_PATH.get(exchange.path)
        call = "" if endpoint is None else endpoint.name
        if exchange.certificate_mch_id is None:
            return self._turned_away(now, call, answers.NO_CERTIFICATE)
        by_page = self.world.settings.expired_certificate is ExpiredCertificate.PAGE
        if exchange.certificate_expired and by_page:
            return self._turned_away(now, call, answers.BAD_CERTIFICATE)
        if endpoint is None:
            return self._turned_away(now, "", answers.NO_SUCH_PATH)
        request = read_request(self.world, endpoint, exchange, now)
        fault = self.faults.for_request(endpoint.name, request.mch_billno, request.openid)
        of_bill = endpoint is DOWNLOADFUNDFLOW
        foreign = OF_SENDS | OF_TRANSFERS if of_bill else OF_TRANSFERS
        if fault is not None and fault.kind in foreign:
            fault = None

        def process(delivery: Delivery) -> RequestOutcome:
            if of_bill:
                return answer_bill(request, self.faults.plan)
            verdict = rules.judge(request, delivery)
            return RequestOutcome(answers.reply(request, verdict), verdict.err_code, verdict.paid)

        outcome = (
            process(request.merchant.delivery) if fault is None else inject(request, fault, process)
        )
        self._write(request, outcome, "" if fault is None else fault.kind.value)
        return outcome.answer

    def _turned_away(self, now: float, call: str, answer: Answer) -> Answer:
        self.journal.write((now, call, "", "", f"HTTP {answer.status}", "", False))
        return answer

    def _write(self, request: ApiRequest, outcome: RequestOutcome, fault: str) -> None:
        # Use the world's own strings where it has them, so that the journal holds no copies.
        packet, merchant = request.packet, request.merchant
        mch_billno = request.mch_billno[:_NAME_CHARS_MAX] if packet is None else packet.mch_billno
        known = merchant is not NOBODY
        mch_id = merchant.mch_id if known else request.given.get("mch_id", "")[:_NAME_CHARS_MAX]
        self.journal.write(
            (
                request.now,
                request.endpoint.name,
                mch_id,
                mch_billno,
                outcome.verdict,
                fault,
                outcome.paid,
            )
        )
