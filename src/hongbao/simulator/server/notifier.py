"""Posts V3 notifications to the merchant's server, as WeChat does: signed, and again until taken.

A merchant's ``notify_url`` is an address of the real world. Nothing is ever posted there: only its
path is used, on the server that the simulator was given.
"""

from __future__ import annotations

import http.client
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hongbao.errors import ConfigurationError
from hongbao.simulator.exchange import Answer, Exchange
from hongbao.simulator.faults import NOTIFICATION, FaultKind
from hongbao.simulator.transfer.notices import TAKEN
from hongbao.simulator.transfer.notifying import write_notice
from hongbao.simulator.transfer.order import SimulatedTransfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.faults import Fault
    from hongbao.simulator.simulation import Simulation
    from hongbao.simulator.transfer.notices import Notice
    from hongbao.simulator.transfer.notifying import SentNotice

ANSWER_SECONDS = 5.0
"""How long WeChat waits for the merchant's answer. Source: page 4012712115."""
LOOK_EVERY_SECONDS = 0.2
"""How often, in real time, it looks whether a notification is due."""
_ANSWER_BYTES_MAX = 4096


class Notifier:
    """Posts what is due, in a thread of its own; ``start`` and ``stop`` it.

    Args:
        simulation: whose notifications are posted.
        server: the merchant's, such as ``http://127.0.0.1:9000``; paths are those of the
            ``notify_url``.

    Raises:
        ConfigurationError: if ``server`` is no such address.
    """

    def __init__(self, simulation: Simulation, server: str) -> None:
        self._simulation = simulation
        self._connect = _connection_to(server)
        self._ends = Event()
        self._thread = Thread(target=self._run, name="hongbao notifications", daemon=True)

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the post in progress, and end."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join()

    def post_due(self) -> int:
        """Post what is due now, in the order in which it is due.

        Returns:
            How many were due, those among them that a fault kept from arriving.
        """
        app = self._simulation.app
        with app.lock:
            due = app.world.transfers.notices.due(app.world.settle())
        for notice in due:
            if self._ends.is_set():
                break
            self._post(notice)
        return len(due)

    def _post(self, notice: Notice) -> None:
        app = self._simulation.app
        with app.lock:
            world = app.world
            if world.transfers.notices.find(notice.serial) is not notice:
                return  # the world was reset meanwhile
            fault = app.faults.for_notification(_number(notice), notice.about.openid)
            if fault is not None and fault.kind is FaultKind.DELAY:
                world.transfers.notices.put_off(notice, world.clock.now() + fault.seconds)
                self._note(notice, None, "", fault)
                return
            sent = write_notice(world, notice, fault=None if fault is None else fault.kind)
        answer = None
        if fault is None or fault.kind is not FaultKind.LOSE_REQUEST:
            answer = self._say(sent)
        lost = fault is not None and fault.kind is FaultKind.LOSE_REPLY
        taken = answer is not None and answer.status in TAKEN and not lost
        with app.lock:
            if app.world.transfers.notices.find(notice.serial) is not notice:
                return
            notices = app.world.transfers.notices
            notices.sent(notice, app.world.clock.now(), taken=taken)
            verdict = "unreachable" if answer is None else f"HTTP {answer.status}"
            self._note(notice, (sent, answer), verdict, fault)

    def _note(
        self,
        notice: Notice,
        exchange: tuple[SentNotice, Answer | None] | None,
        verdict: str,
        fault: Fault | None,
    ) -> None:
        """Write it down, and keep it if the world is kept."""
        app = self._simulation.app
        kind = "" if fault is None else fault.kind.value
        now, number = app.world.clock.now(), _number(notice)
        app.journal.write((now, NOTIFICATION, notice.mch_id, number, verdict, kind, False))
        if exchange is not None:
            sent, answer = exchange
            headers = {name.lower().encode(): it.encode() for name, it in sent.headers.items()}
            asked = Exchange(_target(sent.url), sent.body, None, "", headers=headers)
            app.traffic.note(app.journal.last, asked, answer or Answer(0, b"", cut=0))
        app.world.transfers.touch(notice.about)
        if app.keep is not None:
            app.keep(everything=False)

    def _say(self, sent: SentNotice) -> Answer | None:
        """Post one; None if no answer came."""
        line = self._connect()
        try:
            line.request("POST", _target(sent.url), sent.body, sent.headers)
            reply = line.getresponse()
            return Answer(reply.status, reply.read(_ANSWER_BYTES_MAX))
        except (OSError, http.client.HTTPException):
            return None
        finally:
            line.close()

    def _run(self) -> None:
        while not self._ends.wait(LOOK_EVERY_SECONDS):
            self.post_due()


def _number(notice: Notice) -> str:
    about = notice.about
    if isinstance(about, SimulatedTransfer):
        return about.out_bill_no
    return about.out_authorization_no


def _target(url: str) -> str:
    return urlsplit(url).path or "/"


def _connection_to(server: str) -> Callable[[], http.client.HTTPConnection]:
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    known = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if host is None or parts.scheme not in known or parts.path.strip("/") or parts.query:
        raise ConfigurationError(
            setting="notify_to",
            problem="is not the address of a server",
            remedy="Write http:// or https://, a host and a port, without a path: the path is that "
            "of each notify_url.",
        )
    return partial(known[parts.scheme], host, port, timeout=ANSWER_SECONDS)
