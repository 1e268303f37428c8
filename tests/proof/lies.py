"""What WeChat says in a proof that is not so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hongbao.client.transport import HttpResponse
from hongbao.wire.document import encode

if TYPE_CHECKING:
    from collections.abc import Callable


class Lies:
    """Refusals that say nothing of the truth: a query that is behind, a repeat judged in haste.

    What is answered so was not processed.
    """

    def __init__(self) -> None:
        self._codes: Callable[[str, int], str | None] = lambda _name, _nth: None
        self._seen: Counter[str] = Counter()
        self._silent = False

    def set(self, codes: Callable[[str, int], str | None]) -> None:
        """Which err_code to tell from now on, by the call and how often it has come, from 1."""
        self._codes = codes
        self._seen.clear()

    def silence(self) -> None:
        """Say nothing but the truth, whatever is set later."""
        self._silent = True

    def tell(self, path: str) -> HttpResponse | None:
        """What to answer a request instead of processing it; None for the truth."""
        if self._silent:
            return None
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
