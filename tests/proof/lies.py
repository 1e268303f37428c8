"""What WeChat says in a proof that is not so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hongbao.client.transport import HttpResponse
from hongbao.simulator.faults import FaultKind
from hongbao.wire.document import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.testing.wechat import SimulatedWeChat


class Lies:
    """Refusals that say nothing of the truth: a query that is behind, a repeat judged in haste.

    What is answered so was not processed.
    """

    def __init__(self) -> None:
        self._codes: Callable[[str, int], str | None] = lambda _name, _nth: None
        self._seen: Counter[str] = Counter()

    def set(self, codes: Callable[[str, int], str | None]) -> None:
        """Which err_code to tell from now on, by the call and how often it has come, from 1."""
        self._codes = codes
        self._seen.clear()

    def tell(self, path: str) -> HttpResponse | None:
        """What to answer a request instead of processing it; None for the truth."""
        name = path.rpartition("/")[2]
        self._seen[name] += 1
        code = self._codes(name, self._seen[name])
        if code is None:
            return None
        refusal = {
            "return_code": "SUCCESS",
            "result_code": "FAIL",
            "err_code": code,
            "err_code_des": "?",
        }
        return HttpResponse(200, {}, encode(refusal.items()))


class SignedRefusals(Lies):
    """The same of V3, where only what WeChat has signed says anything: all sends are refused.

    Attributes:
        mute: say nothing, whatever is set: then what is not signed is among the faults.
    """

    def __init__(self, wechat: SimulatedWeChat) -> None:
        super().__init__()
        self.mute = False
        self._wechat = wechat

    def set(self, codes: Callable[[str, int], str | None]) -> None:
        """Refuse each send with the code of the first one from now on, or none."""
        if self.mute:
            return
        code = codes("send", 1)
        self._wechat.recover()
        if code is not None:
            rule = {"fault": FaultKind.ANSWER.value, "endpoint": "transfer", "err_code": code}
            self._wechat.fail({**rule, "text": "?"})
