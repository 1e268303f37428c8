"""Reads what WeChat sends to a ``notify_url``, in whatever server it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire.transfer.notification import read_notification

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.wire.transfer.notification import Notification

Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""Of a request: a mapping, as most frameworks have it; or pairs, as ASGI has them."""


class NotificationReader:
    """Reads notifications for one merchant. It stores nothing, answers nothing and asks nobody.

    Args:
        credentials: whose.
        clock: seconds since the epoch.
    """

    def __init__(self, credentials: V3Credentials, *, clock: Callable[[], float]) -> None:
        self._credentials = credentials
        self._clock = clock

    def read(self, headers: Headers, body: bytes) -> Notification:
        """The event that WeChat tells, or why it is refused. Any bytes give one or the other.

        Answer its ``http_status`` within five seconds, an event once it is stored. It is a hint:
        query the transfer before anything is decided by it. The same event comes again until it is
        taken, and may come after a later one.

        Args:
            headers: of the request; names in any case.
            body: the bytes as they came, before any framework has read them as JSON.

        Raises:
            InvalidRequest: ``body`` is no bytes, so that nothing could be verified.
        """
        given: object = body
        if not isinstance(given, bytes):
            found = f"a {type(given).__name__}"
            raise InvalidRequest(field="body", rule=say("the bytes as they came"), found=found)
        return read_notification(
            _getter(headers),
            body,
            keys=self._credentials.wechat_keys,
            api_v3_key=self._credentials.api_v3_key,
            mch_id=self._credentials.mch_id,
            now=self._clock(),
        )


def _getter(headers: Headers) -> Callable[[str], str | None]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: dict[str, str | None] = {}
    for name, value in pairs:
        key, text = _text(name).lower(), _text(value).strip()
        # Two that differ say nothing: another reader might take the other one.
        found[key] = text if found.get(key, text) == text else None
    return lambda name: found.get(name.lower())


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
