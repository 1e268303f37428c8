"""A client of the simulator's control port, which uses only the standard library.

It knows paths and JSON, and neither the client of WeChat's calls nor the simulator's internals.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_SECONDS = 30.0
"""An audit of a hundred thousand packets takes seconds."""

_OK = 200


class ControlRefused(Exception):
    """The control port refused a request; nothing has changed.

    Attributes:
        status: the HTTP status: 409 if a user does not get a packet, 400 or 404 if the request is
            wrong.
        field: the field that is wrong.
        rule: what it must be, or why the user does not get the packet.
        found: what it was.
    """

    def __init__(self, status: int, *, field: str, rule: str, found: str) -> None:
        super().__init__(f"{field}: {rule}" + (f"; found {found}" if found else ""))
        self.status = status
        self.field = field
        self.rule = rule
        self.found = found


class Totals(NamedTuple):
    """Where the money is, in fen. ``debited == claimed + refunded + in_flight``."""

    debited: int
    claimed: int
    refunded: int
    in_flight: int


class Claimed(NamedTuple):
    """The money that a user got.

    Attributes:
        mch_id: the merchant who sent the packet.
        mch_billno: the packet's number.
        openid: the user.
        amount: fen.
        beijing: when, as ``yyyy-MM-dd HH:mm:ss``.
    """

    mch_id: str
    mch_billno: str
    openid: str
    amount: int
    beijing: str

    def __repr__(self) -> str:
        return f"Claimed(mch_billno={self.mch_billno!r}, amount={self.amount})"


class JournalEntry(NamedTuple):
    """One request that the simulator saw.

    Attributes:
        number: counted from 0.
        beijing: when, as ``yyyy-MM-dd HH:mm:ss``.
        moment: when, in seconds since the epoch.
        call: the name of the call; empty if the path belongs to none.
        mch_id: as in the request.
        mch_billno: as in the request.
        verdict: the err_code, or such as ``HTTP 400``; empty if the request was lost.
        fault: the fault that was applied; empty if none was.
        paid: whether this very request took money.
    """

    number: int
    beijing: str
    moment: float
    call: str
    mch_id: str
    mch_billno: str
    verdict: str
    fault: str
    paid: bool


class ControlClient:
    """A client of one simulator. Any number of threads may use it.

    Args:
        url: such as ``http://127.0.0.1:8444/_sim/``.
        timeout_seconds: for each answer.

    Each method raises ``ControlRefused`` if the simulator refuses the request, and ``OSError`` if
    it cannot be reached.
    """

    def __init__(self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        self._prefix = parts.path.rstrip("/") + "/"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._timeout = timeout_seconds

    def index(self) -> dict[str, Any]:
        """The version, the address, the merchants, and all calls of the control port."""
        return self.ask("GET", "")

    def reset(self, *, everything: bool = False) -> None:
        """Clear packets, users, totals, journal and faults; with ``everything`` settings too."""
        self.ask("POST", "reset", {"everything": everything})

    def now(self) -> float:
        """The simulated time in seconds since the epoch."""
        return float(self.ask("GET", "clock")["now"])

    def advance(self, seconds: float) -> float:
        """Put the clock forward, and return the new time."""
        return float(self.ask("POST", "clock", {"advance": seconds})["now"])

    def set_clock(self, moment: float | str) -> float:
        """Put the clock forward to a moment; a text, ``yyyy-MM-dd HH:mm:ss``, is Beijing time."""
        return float(self.ask("POST", "clock", {"set": moment})["now"])

    def stop_clock(self) -> None:
        """Stop the clock until it is put forward."""
        self.ask("POST", "clock", {"kind": "manual"})

    def run_clock(self) -> None:
        """Let the clock run; if it is behind the real time, it jumps there."""
        self.ask("POST", "clock", {"kind": "real"})

    def change_settings(self, **changes: object) -> dict[str, Any]:
        """Change how WeChat behaves where no source settles it, and return all settings."""
        return self.ask("POST", "settings", changes)

    def add_merchant(self, mch_id: str, app_id: str, **more: object) -> dict[str, Any]:
        """Add a merchant with a certificate; its ``settings`` are a client's arguments."""
        return self.ask("POST", "merchants", {"mch_id": mch_id, "app_id": app_id, **more})

    def merchant(self, mch_id: str) -> dict[str, Any]:
        """A merchant's accounts, switches, limits, scenes and bindings."""
        return self.ask("GET", f"merchants/{_part(mch_id)}")

    def change_merchant(self, mch_id: str, **changes: object) -> dict[str, Any]:
        """Change a merchant's switches, limits, scenes and bindings."""
        return self.ask("POST", f"merchants/{_part(mch_id)}", changes)

    def merchant_settings(self, mch_id: str, *, mini_program: bool = False) -> dict[str, Any]:
        """The keyword arguments of ``hongbao.Merchant``; ``work`` is a dict, as in TOML."""
        query = "?mini_program=1" if mini_program else ""
        return self.ask("GET", f"merchants/{_part(mch_id)}/settings{query}")

    def top_up(self, mch_id: str, amount: int, *, account: str = "basic") -> int:
        """Add fen to an account, or take them away, and return its new balance."""
        said = {"amount": amount, "account": account}
        return int(self.ask("POST", f"merchants/{_part(mch_id)}/top_up", said)["balance"])

    def add_user(self, openid: str, appid: str) -> None:
        """Register an openid under an appid."""
        self.ask("POST", "users", {"openid": openid, "appid": appid})

    def wallet(self, openid: str) -> int:
        """The fen that a user has claimed; 0 for an unknown user."""
        try:
            return int(self.ask("GET", f"users/{_part(openid)}")["wallet"])
        except ControlRefused as refused:
            if refused.field == "openid":
                return 0
            raise

    def claim(self, mch_billno: str, openid: str, *, mch_id: str | None = None) -> Claimed:
        """A user opens a normal, WeCom or group packet."""
        said = {"mch_billno": mch_billno, "openid": openid}
        return self._claim(said if mch_id is None else {**said, "mch_id": mch_id})

    def claim_mini_program(
        self, params: Mapping[str, str], openid: str, *, scene: int | None = None
    ) -> Claimed:
        """A user's mini program calls ``wx.sendBizRedPacket`` with these parameters."""
        said: dict[str, object] = {"params": dict(params), "openid": openid}
        return self._claim(said if scene is None else {**said, "scene": scene})

    def draw(self, sp_ticket: str, openid: str) -> Claimed:
        """A user wins a preordered packet and opens it."""
        return self._claim({"sp_ticket": sp_ticket, "openid": openid})

    def script_faults(
        self,
        *rules: Mapping[str, object],
        seed: int = 0,
        odds: Mapping[str, float] | None = None,
    ) -> None:
        """Replace the plan of faults."""
        said = {"rules": [dict(rule) for rule in rules], "seed": seed, "odds": dict(odds or {})}
        self.ask("POST", "faults", said)

    def end_faults(self) -> None:
        """End all faults."""
        self.ask("DELETE", "faults")

    def journal(
        self, *, mch_id: str | None = None, mch_billno: str | None = None, after: int = 0
    ) -> Sequence[JournalEntry]:
        """All requests from number ``after`` on."""
        wanted = {"mch_id": mch_id, "mch_billno": mch_billno}
        query = {name: value for name, value in wanted.items() if value is not None}
        entries: list[JournalEntry] = []
        while True:
            page = self.ask("GET", "journal?" + urlencode({**query, "after": after}))
            entries += [JournalEntry(**entry) for entry in page["entries"]]
            if not page["entries"]:
                return entries
            after = page["next"]

    def totals(self, mch_id: str | None = None) -> Totals:
        """Where the money is, of one merchant or of all."""
        query = "" if mch_id is None else "?" + urlencode({"mch_id": mch_id})
        return Totals(**self.ask("GET", f"totals{query}"))

    def audit(self) -> str:
        """What does not add up in the simulator's books; empty if everything does."""
        return str(self.ask("GET", "audit")["why"])

    def packet(self, mch_id: str, mch_billno: str) -> dict[str, Any]:
        """A packet, with more details than a query gives."""
        return self.ask("GET", f"packets/{_part(mch_id)}/{_part(mch_billno)}")

    def ask(self, method: str, path: str, said: object = None) -> dict[str, Any]:
        """Send one request to the control port.

        Args:
            method: the HTTP method.
            path: the path after ``/_sim/``.
            said: the body, which is sent as JSON.
        """
        body = None if said is None else json.dumps(said)
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._prefix + path, body)
            with connection.getresponse() as response:
                status, text = response.status, response.read()
        finally:
            connection.close()
        answer: dict[str, Any] = json.loads(text)
        if status != _OK:
            raise ControlRefused(status, **answer["error"])
        return answer

    def _claim(self, said: object) -> Claimed:
        return Claimed(**self.ask("POST", "claim", said))


def _part(text: str) -> str:
    return quote(text, safe="")
