"""The control port: plain HTTP and JSON for this machine only, under ``/_sim/``.

It knows paths and methods, and refuses web pages, whatever they make a browser do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.simulator.control import parties, state, transfers
from hongbao.simulator.control.callers import is_local_host
from hongbao.simulator.control.json_in import JsonFields, parse_object
from hongbao.simulator.exchange import Answer
from hongbao.simulator.refusal import ClaimRefused
from hongbao.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.server.connection import Connection
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.simulation import Simulation

PREFIX = "/_sim/"
CONTROL_HOST = "127.0.0.1"
"""Local only: nobody on another machine may move money here."""

_OK, _BAD, _FORBIDDEN, _NO_PATH, _NO_METHOD, _CONFLICT = 200, 400, 403, 404, 405, 409
_UNKEPT = 507
_QUERY_FIELDS_MAX = 16


class ControlRoute(NamedTuple):
    """One call of the control port.

    Attributes:
        method: the HTTP method.
        path: the path after the prefix; ``*`` stands for a variable part.
        call: the function that handles it.
    """

    method: str
    path: str
    call: Callable[..., dict[str, Any]]


ROUTES = (
    ControlRoute("POST", "reset", state.reset),
    ControlRoute("GET", "clock", state.show_clock),
    ControlRoute("POST", "clock", state.move_clock),
    ControlRoute("GET", "settings", state.show_settings),
    ControlRoute("POST", "settings", state.change_settings),
    ControlRoute("GET", "merchants", parties.show_merchants),
    ControlRoute("POST", "merchants", parties.add_merchant),
    ControlRoute("GET", "merchants/*", parties.show_merchant),
    ControlRoute("POST", "merchants/*", parties.alter_merchant),
    ControlRoute("GET", "merchants/*/settings", parties.show_client_settings),
    ControlRoute("POST", "merchants/*/top_up", parties.top_up),
    ControlRoute("GET", "users", parties.show_users),
    ControlRoute("POST", "users", parties.add_user),
    ControlRoute("GET", "users/*", parties.show_user),
    ControlRoute("POST", "claim", parties.claim),
    ControlRoute("GET", "faults", state.show_faults),
    ControlRoute("POST", "faults", state.script_faults),
    ControlRoute("DELETE", "faults", state.end_faults),
    ControlRoute("GET", "journal", state.show_journal),
    ControlRoute("GET", "totals", state.show_totals),
    ControlRoute("GET", "audit", state.audit_books),
    ControlRoute("GET", "packets/*/*", state.show_packet),
    ControlRoute("GET", "merchants/*/credentials", transfers.show_credentials),
    ControlRoute("GET", "transfers/*/*", transfers.show_transfer),
    ControlRoute("POST", "page", transfers.look),
    ControlRoute("POST", "confirm", transfers.confirm),
    ControlRoute("GET", "notifications", transfers.show_notifications),
    ControlRoute("POST", "notifications/*", transfers.answer_notification),
)
"""All calls; ``GET /_sim/`` lists them."""


class Control:
    """Answers the control port's requests.

    Args:
        simulation: the simulation to control.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def answer(self, request: Request, _connection: Connection) -> Answer:
        """Answer one request."""
        try:
            return _answer(_OK, self._do(request))
        except _Rejected as turned:
            return _error(turned.status, turned.field, turned.rule, turned.found)
        except InvalidRequest as error:
            return _error(_BAD, error.field, error.rule, error.found)
        except ConfigurationError as error:
            return _error(_BAD, error.setting, error.remedy, error.problem)
        except parties.NotThere as error:
            return _error(_NO_PATH, error.args[0], "one that is there", "one that is not")
        except ClaimRefused as refused:
            return _error(_CONFLICT, refused.field, refused.reason, "")

    def _do(self, request: Request) -> dict[str, Any]:
        _check_caller(request)
        parts = _parts(request.path)
        if parts == [""] and request.method == "GET":
            return self._index()
        route = _route(request.method, parts)
        varying = [
            part
            for part, pattern in zip(parts, route.path.split("/"), strict=True)
            if pattern == "*"
        ]
        with self._simulation.app.lock:
            result = route.call(self._simulation, *varying, JsonFields(_said(request)))
            keep = self._simulation.app.keep
            if keep is not None and not keep(everything=True):
                raise _Rejected(_UNKEPT, "world", "written to its file", "an error")
            return result

    def _index(self) -> dict[str, Any]:
        return {
            "what": "hongbao simulator - not WeChat",
            "version": __version__,
            "base_url": self._simulation.base_url,
            "phone_path": "/phone",
            "ca_path": str(self._simulation.folder.ca_path),
            "merchants": list(self._simulation.world.merchants),
            "calls": [
                {
                    "method": route.method,
                    "path": PREFIX + route.path,
                    "does": (route.call.__doc__ or "").splitlines()[0],
                }
                for route in ROUTES
            ],
        }


class _Rejected(Exception):
    def __init__(self, status: int, field: str, rule: str, found: str) -> None:
        super().__init__(status)
        self.status = status
        self.field = field
        self.rule = rule
        self.found = found


def _check_caller(request: Request) -> None:
    host = request.headers.get(b"host", b"")
    if not is_local_host(host):
        found = repr(host.decode("latin-1"))[:64]
        raise _Rejected(_FORBIDDEN, "Host", "localhost, 127.0.0.1 or [::1]", found)
    if b"origin" in request.headers:
        raise _Rejected(_FORBIDDEN, "Origin", "left out: web pages may not ask here", "one")


def _parts(path: str) -> list[str]:
    if not path.startswith(PREFIX):
        raise _Rejected(_NO_PATH, "path", f"one that GET {PREFIX} lists", repr(path)[:64])
    return [unquote(part) for part in path.removeprefix(PREFIX).split("/")]


def _route(method: str, parts: list[str]) -> ControlRoute:
    fitting = [route for route in ROUTES if _fits(route.path.split("/"), parts)]
    if not fitting:
        found = repr("/".join(parts))[:64]
        raise _Rejected(_NO_PATH, "path", f"one that GET {PREFIX} lists", found)
    for route in fitting:
        if route.method == method:
            return route
    rule = " or ".join(route.method for route in fitting)
    raise _Rejected(_NO_METHOD, "method", rule, method)


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        (part if wanted == "*" else part == wanted)
        for wanted, part in zip(pattern, parts, strict=True)
    )


def _said(request: Request) -> dict[str, Any]:
    if request.method != "GET":
        return parse_object(request.body)
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=_QUERY_FIELDS_MAX)
    except ValueError:
        raise _Rejected(_BAD, "query", f"at most {_QUERY_FIELDS_MAX} fields", "more") from None
    return dict(pairs)


def _error(status: int, field: str, rule: str, found: str) -> Answer:
    return _answer(status, {"error": {"field": field, "rule": rule, "found": found}})


def _answer(status: int, content: dict[str, Any]) -> Answer:
    text = json.dumps(content, ensure_ascii=False) + "\n"
    return Answer(status, text.encode(), "application/json; charset=utf-8")
