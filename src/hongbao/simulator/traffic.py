"""The latest requests and replies as they came and went, and how they are shown: without secrets.

They are kept in memory alone, and only as many as a person looks at.
"""

from __future__ import annotations

import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hongbao.simulator.exchange import Answer, Exchange
    from hongbao.simulator.journal import RecordedRequest

EXCHANGES_MAX = 500
BODY_CHARS_MAX = 4_000
"""A bill has many megabytes."""
_KEPT_BYTES_MAX = 64 * 1024
HIDDEN = "(hidden)"

_SECRET = frozenset(
    {
        "sign",
        "paysign",
        "workwx_sign",
        "key",
        "package",
        "package_info",
        "sp_ticket",
        "user_name",
        "user_display_name",
        "signature",
        "wechatpay-signature",
        "ciphertext",
        "encrypt_certificate",
    }
)
_OPENIDS = frozenset({"openid", "re_openid"})
_HEADERS = frozenset({"authorization", "wechatpay-serial", "content-type"})
_ELEMENT = re.compile(r"<([A-Za-z0-9_]+)>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</\1>", re.DOTALL)
_SIGNATURE = re.compile(r'signature="[^"]*"')


class SeenExchange(NamedTuple):
    """One request and its reply.

    Attributes:
        entry: what the journal has of it.
        asked: the request.
        answer: the reply.
    """

    entry: RecordedRequest
    asked: Exchange
    answer: Answer


class ShownExchange(NamedTuple):
    """One request and its reply as texts, without secrets.

    Attributes:
        entry: what the journal has of it.
        request: the request: its line, some headers, its body.
        reply: the same of the reply; empty if nothing arrived.
    """

    entry: RecordedRequest
    request: str
    reply: str


class Traffic:
    """The latest exchanges, at most ``EXCHANGES_MAX``."""

    def __init__(self) -> None:
        self._seen: deque[SeenExchange] = deque(maxlen=EXCHANGES_MAX)

    def note(self, entry: RecordedRequest, asked: Exchange, answer: Answer) -> None:
        """Keep one, of a long reply only what is shown."""
        answer = answer._replace(body=answer.body[:_KEPT_BYTES_MAX])
        self._seen.append(SeenExchange(entry, asked, answer))

    def clear(self) -> None:
        """Forget all."""
        self._seen.clear()

    def about(self, mch_id: str, number: str) -> Iterator[ShownExchange]:
        """Those about one order number, the latest first."""
        for seen in reversed(self._seen):
            if (seen.entry.mch_id, seen.entry.mch_billno) == (mch_id, number):
                yield ShownExchange(seen.entry, _request(seen.asked), _reply(seen.answer))


def masked(openid: str) -> str:
    """An openid of which both ends are left: enough to tell users apart."""
    return f"{openid[:2]}…{openid[-4:]}" if len(openid) > 8 else openid  # noqa: PLR2004  # nothing to hide


def _request(asked: Exchange) -> str:
    target = f"{asked.path}?{asked.query}" if asked.query else asked.path
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in asked.headers.items()
    }
    return _message(f"{asked.method} {target}", headers, asked.body)


def _reply(answer: Answer) -> str:
    if answer.cut == 0 or answer.hang:
        return ""
    headers = {name.lower(): value for name, value in answer.headers}
    return _message(f"HTTP {answer.status}", headers, answer.body)


def _message(line: str, headers: Mapping[str, str], body: bytes) -> str:
    shown = [
        f"{name}: {HIDDEN if name in _SECRET else _SIGNATURE.sub(_hidden_signature, value)}"
        for name, value in headers.items()
        if name in _HEADERS or name.startswith("wechatpay-")
    ]
    return "\n".join([line, *shown, "", _body(body)]).strip()


def _hidden_signature(_found: re.Match[str]) -> str:
    return f'signature="{HIDDEN}"'


def _body(body: bytes) -> str:
    text = body[: 4 * BODY_CHARS_MAX].decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            text = json.dumps(_without_secrets(json.loads(body)), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            text = f"({len(body)} bytes that are no JSON)"
    else:
        text = _ELEMENT.sub(_element, text.replace("\x00", "\N{REPLACEMENT CHARACTER}"))
    return text if len(text) <= BODY_CHARS_MAX else f"{text[:BODY_CHARS_MAX]}…"


def _element(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if name == "xml":
        return f"<xml>{_ELEMENT.sub(_element, value)}</xml>"
    if name.lower() in _SECRET:
        value = HIDDEN
    elif name in _OPENIDS:
        value = masked(value)
    return f"<{name}>{value}</{name}>"


def _without_secrets(said: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    if isinstance(said, list):
        return [_without_secrets(item) for item in said]
    if not isinstance(said, dict):
        return said
    shown = {}
    for name, value in said.items():
        if name in _SECRET:
            shown[name] = HIDDEN
        elif name in _OPENIDS and isinstance(value, str):
            shown[name] = masked(value)
        else:
            shown[name] = _without_secrets(value)
    return shown
