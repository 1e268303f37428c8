"""Who may ask the control port, and how: what is asked wrongly is told why."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.simulator.simulator import Simulator
from hongbao.testing.control_client import ControlRefused

if TYPE_CHECKING:
    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.testing.control_client import ControlClient

ALICE = "oTEST_alice_000000000000001"


def raw(
    simulator: Simulator,
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.control.number, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        with connection.getresponse() as response:
            return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "packets/1999000001/NONE",
        "merchants/1",
        "merchants/1/settings",
        "users/oNOBODY",
        "totals?mch_id=1",
    ],
)
def test_what_is_not_there_is_404(control: ControlClient, path: str) -> None:
    with pytest.raises(ControlRefused) as raised:
        control.ask("GET", path)
    assert raised.value.status == 404


@pytest.mark.parametrize("path", ["/", "/_sim", "/_sim/nothing", "/_sim//", "/_sim/packets//a"])
def test_unknown_paths_are_404(simulator: Simulator, path: str) -> None:
    status, answer = raw(simulator, "GET", path)
    assert (status, answer["error"]["field"]) == (404, "path")


def test_wechats_own_paths_are_not_served_here(simulator: Simulator) -> None:
    assert raw(simulator, "POST", "/mmpaymkttransfers/sendredpack", "<xml/>")[0] == 404


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "clock"), ("GET", "reset"), ("POST", "journal")]
)
def test_a_wrong_method_is_405(simulator: Simulator, method: str, path: str) -> None:
    status, answer = raw(simulator, method, f"/_sim/{path}")
    assert (status, answer["error"]["field"]) == (405, "method")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"a"', "NaN", '{"advance": NaN}', "[" * 100_000, b"\xff", '{"advance": "1"}'],
)
def test_what_is_no_json_object_is_400(simulator: Simulator, body: str | bytes) -> None:
    status, answer = raw(simulator, "POST", "/_sim/clock", body)
    assert status == 400
    assert set(answer["error"]) == {"field", "rule", "found"}


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("reset", {"everything": 1}, "everything"),
        ("reset", {"what": True}, "what"),
        ("clock", {"kind": "slow"}, "kind"),
        ("clock", {"set": "yesterday"}, "set"),
        ("clock", {"set": True}, "set"),
        ("clock", {"advance": 1, "speed": 2}, "speed"),
        ("claim", {"mch_billno": "A1"}, "openid"),
        ("claim", {"openid": ALICE}, "mch_billno"),
        ("claim", {"openid": ALICE, "params": []}, "params"),
        ("claim", {"openid": ALICE, "mch_billno": ""}, "mch_billno"),
        ("users", {"openid": "a b", "appid": "wx1"}, "openid"),
        ("faults", {"rules": [{"fault": "fire"}]}, "rules[0].fault"),
        ("faults", {"rule": []}, "faults.rule"),
        ("merchants", {"mch_id": "5", "app_id": "wx1", "key": "short"}, "key"),
        ("merchants", {"mch_id": "5", "app_id": "wx1", "corp_id": "ww1"}, "work_secret"),
    ],
)
def test_the_error_names_the_field(
    simulator: Simulator, path: str, said: object, field: str
) -> None:
    status, answer = raw(simulator, "POST", f"/_sim/{path}", json.dumps(said))
    assert (status, answer["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=1.5", "what=1", "&".join("a" * 20)]
)
def test_a_query_is_checked(simulator: Simulator, query: str) -> None:
    assert raw(simulator, "GET", f"/_sim/journal?{query}")[0] == 400


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8444", "127.0.0.1.evil.example", ""]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(
    simulator: Simulator, host: str
) -> None:
    status, answer = raw(simulator, "GET", "/_sim/totals", headers={"Host": host})
    assert (status, answer["error"]["field"]) == (403, "Host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8444", "[::1]:8444"])
def test_this_machines_own_names_are_good(simulator: Simulator, host: str) -> None:
    assert raw(simulator, "GET", "/_sim/totals", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8444"])
def test_no_web_page_may_ask(simulator: Simulator, origin: str) -> None:
    status, answer = raw(simulator, "POST", "/_sim/reset", headers={"Origin": origin})
    assert (status, answer["error"]["field"]) == (403, "Origin")


def test_it_listens_on_the_loopback_alone(wechat_folder: SimulatorFolder) -> None:
    """Even if WeChat's port can be reached from elsewhere."""
    with Simulator.start(wechat_folder, host="0.0.0.0") as running:
        assert running.base_url.startswith("https://localhost:")
        (server,) = running.control._servers
        assert [line.getsockname()[0] for line in server.sockets] == ["127.0.0.1"]
