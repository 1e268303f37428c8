"""Every fault on every call ends as it must, with one request at most, and nobody is paid twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import NotSent, OutcomeUnknown, UntrustedReply
from lines import LINES, QUERIES, SENDS, normal, work

if TYPE_CHECKING:
    from lines import Line

# Short, since the faults that hang use it up, but long enough for a busy machine's handshake.
PATIENCE = {"total_seconds": 0.5, "connect_seconds": 0.5}

_TELLS_PROCESSING = {"sendredpack", "sendgroupredpack", "sendminiprogramhb", "sendworkwxredpack"}


@dataclass(frozen=True)
class Case:
    """A fault, and what the caller must be told; None is success."""

    name: str
    ends: type[Exception] | None
    options: dict[str, Any] = field(default_factory=dict)
    requests: int = 1
    only: frozenset[str] | None = None

    @property
    def label(self) -> str:
        """Its name in reports."""
        return "-".join([self.name, *(f"{key}={value}" for key, value in self.options.items())])

    def on(self, call: str) -> type[Exception] | None:
        """What it must end as on one call."""
        return self.ends if self.only is None or call in self.only else None


CASES = [
    Case("refuse_connect", NotSent, requests=0),
    Case("lose_request", OutcomeUnknown),
    Case("lose_reply", OutcomeUnknown),
    *[Case("cut_reply", OutcomeUnknown, {"bytes": size}) for size in (1, 20, 250, 600)],
    Case("garble_reply", UntrustedReply),
    Case("html_page", UntrustedReply),
    Case("html_page", UntrustedReply, {"after": True}),
    Case("unknown_code", OutcomeUnknown),
    Case("unknown_code", OutcomeUnknown, {"after": True}),
    Case("systemerror", OutcomeUnknown),
    Case("systemerror", OutcomeUnknown, {"after": True}),
    *[Case(f"http_{status}", OutcomeUnknown) for status in (500, 502, 503)],
    Case("http_502", OutcomeUnknown, {"after": True}),
    Case("delay", None, {"seconds": 0.01}),
    Case("processing", OutcomeUnknown, only=frozenset(_TELLS_PROCESSING)),
    Case("slow_sending", None),
]
SLOW_CASES = [
    Case("hang", OutcomeUnknown),
    Case("hang", OutcomeUnknown, {"after": True}),
    Case("delay", OutcomeUnknown, {"seconds": 1.0}),
]


# Three hundred handshakes and more are no inner loop; there, the faults come in memory.
EVERY_LINE = [
    pytest.param(line, id=name, marks=[pytest.mark.long] if name.endswith("-tls") else [])
    for name, line in LINES.items()
]


@pytest.mark.parametrize("line", EVERY_LINE, indirect=True)
@pytest.mark.parametrize("call", [*SENDS, *QUERIES])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_fault_ends_as_it_must_and_is_never_repeated(line: Line, call: str, case: Case) -> None:
    _hold(line, call, case, {})


@pytest.mark.long
@pytest.mark.parametrize("call", ["sendredpack", "gethbinfo"])
@pytest.mark.parametrize("case", SLOW_CASES, ids=lambda case: case.label)
def test_silence_ends_when_the_time_is_up(line: Line, call: str, case: Case) -> None:
    _hold(line, call, case, PATIENCE)


def _hold(line: Line, call: str, case: Case, changes: dict[str, Any]) -> None:
    wechat = line.wechat
    if call in QUERIES:
        line.call(normal("B1") if call == "gethbinfo" else work("B1"))
        message = QUERIES[call]("B1")
    else:
        message = SENDS[call]("B1")
    before = len(wechat.journal())
    wechat.fail({"fault": case.name, **case.options})
    expected = case.on(call)
    if expected is None:
        assert line.call(message, **changes).mch_billno == "B1"
    else:
        with pytest.raises(expected) as caught:
            line.call(message, **changes)
        assert vars(caught.value)["mch_billno"] == "B1"
    assert len(wechat.journal()) - before == case.requests

    wechat.recover()
    if call in SENDS and case.name != "processing":
        # The same number again is what a caller does about an unknown outcome.
        assert line.call(message).mch_billno == "B1"
    if call in SENDS:
        assert wechat.payments("B1") == 1
    wechat.audit()
