"""Reads one reply whose body is handed on as it comes, so that it may be of any size. Sans-IO."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.client.framing import FramingError, ReplyReader
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.client.transport import HttpResponse, Limits, Receive


class StreamedReplyReader(ReplyReader):
    """A ``ReplyReader`` whose responses have no body: ``receive`` has taken it.

    Its connection is of no further use behind it.
    """

    __slots__ = ("_receive",)

    def __init__(self, limits: Limits, receive: Receive) -> None:
        super().__init__(replace(limits, body_bytes_max=limits.download_bytes_max))
        self._receive = receive

    def feed(self, data: bytes) -> HttpResponse | None:
        """As ``ReplyReader.feed``.

        Raises:
            FramingError: also if ``receive`` raised.
        """
        response = super().feed(data)
        if response is not None:
            return self._without_body(response)
        if self._parts:
            piece = b"".join(self._parts)
            self._parts.clear()
            self._hand_on(piece)
        return None

    def eof(self) -> HttpResponse:
        """As ``ReplyReader.eof``."""
        return self._without_body(super().eof())

    def _without_body(self, response: HttpResponse) -> HttpResponse:
        if response.body:
            self._hand_on(response.body)
        return response._replace(body=b"")

    def _hand_on(self, piece: bytes) -> None:
        try:
            self._receive(piece)
        except Exception as error:
            raise FramingError(say("what came of the reply could not be taken")) from error
