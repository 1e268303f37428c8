"""Webhooks: do the libraries of Standard Webhooks accept what hongbao signs, and nothing else?"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.webhooks.signature import SIGNATURE, SigningSecret, headers
from interop.driver import Driver
from interop.environments import CACHE, install, started
from interop.judge import Disagreement
from interop.sdks import Kind, Sdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WEBHOOK_SDKS = (
    Sdk(
        name="standardwebhooks-python",
        kind=Kind.PYTHON,
        package="standardwebhooks==1.1.0",
        driver="standardwebhooks_driver.py",
        calls=frozenset(),
    ),
    Sdk(
        name="standardwebhooks-node",
        kind=Kind.NODE,
        package="standardwebhooks@1.1.1",
        driver="standardwebhooks_driver.mjs",
        calls=frozenset(),
    ),
    Sdk(
        name="standardwebhooks-go",
        kind=Kind.GO,
        package="github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1",
        driver="standardwebhooks",
        calls=frozenset(),
    ),
)
_BODY = json.dumps({"type": "payout.sent", "data": {"key": "订单-1"}}, ensure_ascii=False)
_NEW, _OLD = SigningSecret(bytes(range(32))), SigningSecret(bytes(range(64, 88)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """A message, and whether it must be accepted.

    Attributes:
        what: about it, in words.
        secret: what the receiver knows.
        sent: the headers.
        right: whether it must be accepted.
        body: what comes with them.
    """

    what: str
    secret: SigningSecret
    sent: Mapping[str, str]
    right: bool
    body: str = _BODY


def messages() -> Iterator[SignedMessage]:
    """All that is tried, signed at this moment."""
    now, body = int(time.time()), _BODY.encode()
    for length in range(24, 65):
        secret = SigningSecret(bytes(range(length)))
        sent = headers([secret], "evt_1", now, body)
        what = f"a secret of {length} bytes"
        yield SignedMessage(what=what, secret=secret, sent=sent, right=True)
    both = headers([_NEW, _OLD], "evt_1", now, body)
    yield SignedMessage(what="two signatures: the new secret", secret=_NEW, sent=both, right=True)
    yield SignedMessage(what="two signatures: the old secret", secret=_OLD, sent=both, right=True)
    one = headers([_NEW], "evt_1", now, body)
    yield SignedMessage(what="another secret", secret=_OLD, sent=one, right=False)
    yield SignedMessage(what="another body", secret=_NEW, sent=one, right=False, body=f"{_BODY} ")
    other = {**one, "webhook-id": "evt_2"}
    yield SignedMessage(what="another id", secret=_NEW, sent=other, right=False)
    late = headers([_NEW], "evt_1", now - 400, body)
    yield SignedMessage(what="an old message", secret=_NEW, sent=late, right=False)
    none = {name: value for name, value in one.items() if name != SIGNATURE}
    yield SignedMessage(what="no signature", secret=_NEW, sent=none, right=False)


def verify_with(sdk: Sdk) -> tuple[int, list[Disagreement]]:
    """Have a library verify them; give how many there were, and what was not as it must be.

    Raises:
        Skipped: if it cannot be had on this machine.
        DriverFailed: if its driver gives no answer.
    """
    installed = install(sdk, CACHE)
    tried, wrong = 0, []
    with Driver(started(installed, None), installed.folder) as driver:
        for it in messages():
            step = {"secret": it.secret.written, "headers": dict(it.sent), "body": it.body}
            accepted = bool(driver.carry_out(step)["accepted"])
            tried += 1
            if accepted is not it.right:
                said = {True: "accepted", False: "refused"}
                wrong.append(Disagreement(sdk.name, it.what, said[it.right], said[accepted]))
    return tried, wrong
