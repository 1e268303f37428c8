"""The two ends of a V3 call on WeChat's side, as values."""

from __future__ import annotations

from typing import Any, NamedTuple


class V3Refusal(NamedTuple):
    """A refusal.

    Attributes:
        status: of HTTP.
        code: WeChat's.
        message: for people.
        detail: where it is, and what was signed.
    """

    status: int
    code: str
    message: str
    detail: dict[str, Any] | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The body."""
        said = {"code": self.code, "message": self.message}
        return said if self.detail is None else {**said, "detail": self.detail}


class V3Success(NamedTuple):
    """A success.

    Attributes:
        document: the body.
        paid: whether this very request locked money.
    """

    document: dict[str, Any]
    paid: bool = False


def parameter(pointer: str, value: object, issue: str, message: str) -> V3Refusal:
    """A PARAM_ERROR about a field."""
    detail = {"field": pointer, "value": value, "issue": issue, "location": "body"}
    return V3Refusal(400, "PARAM_ERROR", message, detail)


def invalid(message: str) -> V3Refusal:
    """An INVALID_REQUEST: one code with many texts."""
    return V3Refusal(400, "INVALID_REQUEST", message)
