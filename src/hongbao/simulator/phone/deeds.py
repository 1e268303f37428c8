"""What the operator does by the buttons beside the phone: each an operation of the control port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.digits import whole_number
from hongbao.simulator.control import state
from hongbao.simulator.control.json_in import JsonFields, wrong
from hongbao.simulator.control.parties import alter_merchant
from hongbao.simulator.phone.taps import Stance, open_for_all, stance
from hongbao.simulator.phone.threads import arrived
from hongbao.wire import endpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.simulator.packet import Packet
    from hongbao.simulator.phone.inbox import Inbox
    from hongbao.simulator.simulation import Simulation

OPENED_AT_ONCE_MAX = 1000
_HOUR, _DAY, _MORNING = 3600.0, 86_400.0, 8 * 3600.0
_BEIJING_AHEAD = 8 * 3600.0
_RISKY_LEVEL = 1  # refused at every level of protection


class Operator:
    """The operator of a simulation.

    Args:
        simulation: what is operated; the caller holds its lock.
        inbox: kept up with its world.
    """

    def __init__(self, simulation: Simulation, inbox: Inbox) -> None:
        self._simulation = simulation
        self._inbox = inbox
        self._unfollowed: set[str] = set()
        self._deeds: dict[str, Callable[[Mapping[str, str]], int]] = {
            "clock": self._move_clock,
            "follow": self._follow,
            "risky": self._make_risky,
            "open-all": self._open_all,
            "faults": self._script_faults,
        }

    def follows(self, openid: str) -> bool:
        """Whether a user follows the merchants' accounts; at first everybody does."""
        return openid not in self._unfollowed

    def knows(self, deed: str) -> bool:
        """Whether there is such a deed."""
        return deed in self._deeds

    def do(self, deed: str, said: Mapping[str, str]) -> int:
        """Do one of the deeds.

        Args:
            deed: its name, as the form's action has it.
            said: the form's fields.

        Returns:
            How many were affected, where that is to be said; otherwise 0.

        Raises:
            InvalidRequest: naming the field that is wrong.
        """
        return self._deeds[deed](said)

    def _move_clock(self, said: Mapping[str, str]) -> int:
        now = self._simulation.world.clock.now()
        since_midnight = (now + _BEIJING_AHEAD) % _DAY
        spans = {
            "hour": _HOUR,
            "day": _DAY,
            "morning": (_MORNING - since_midnight) % _DAY or _DAY,
        }
        move = said.get("move", "")
        if move not in spans:
            wrong("move", f"one of {', '.join(spans)}", move)
        self._ask(state.move_clock, {"advance": spans[move]})
        return 0

    def _follow(self, said: Mapping[str, str]) -> int:
        self._unfollowed ^= {_openid(said)}
        return 0

    def _make_risky(self, said: Mapping[str, str]) -> int:
        openid = _openid(said)
        merchants = self._simulation.world.merchants
        risky = any(openid in merchant.risky_openids for merchant in merchants.values())
        for mch_id, merchant in list(merchants.items()):
            others = {it: level for it, level in merchant.risky_openids.items() if it != openid}
            changed = others if risky else {**others, openid: _RISKY_LEVEL}
            alter_merchant(self._simulation, mch_id, JsonFields({"risky_openids": changed}))
        return 0

    def _open_all(self, said: Mapping[str, str]) -> int:
        """Open one packet if the form names it, otherwise the latest that wait, of everybody."""
        world, people = self._simulation.world, self._inbox.people(self._simulation.world)
        opened = 0
        for packet in self._latest_waiting(said):
            opened += open_for_all(world, packet, people)
        return opened

    def _latest_waiting(self, said: Mapping[str, str]) -> list[Packet]:
        world = self._simulation.world
        if "mch_billno" in said:
            found = world.find(said.get("mch_id", ""), said["mch_billno"])
            return [] if found is None else [found]
        waiting = [
            packet
            for openid in self._inbox.everybody()
            for packet in self._inbox.packets(openid)
            if packet.endpoint is not endpoints.SENDMINIPROGRAMHB
            and stance(packet, packet.re_openid) in (Stance.CLOSED, Stance.OPENED)
            and packet.claimed < packet.total_amount
        ]
        return sorted(waiting, key=arrived)[-OPENED_AT_ONCE_MAX:]

    def _script_faults(self, said: Mapping[str, str]) -> int:
        if "end" in said:
            self._ask(state.end_faults, {})
            return 0
        rule: dict[str, Any] = {"fault": said.get("fault", "")}
        if said.get("times") != "always":
            times = said.get("times", "")
            rule["times"] = whole_number(times, digits=4)
            if rule["times"] is None:
                wrong("times", "a whole number, or always", times)
        self._ask(state.script_faults, {"rules": [rule]})
        return 0

    def _ask(
        self, call: Callable[[Simulation, JsonFields], dict[str, Any]], said: dict[str, Any]
    ) -> None:
        call(self._simulation, JsonFields(said))


def _openid(said: Mapping[str, str]) -> str:
    openid = said.get("openid", "")
    if not openid:
        wrong("openid", "a user's", openid)
    return openid
