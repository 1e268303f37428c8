"""A reply as a document, without what was said twice: openids masked, unknown fields kept."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hongbao.cli.answer import plain

if TYPE_CHECKING:
    from hongbao.wire.replies import Accepted, PacketInfo, Preordered

_ENVELOPE = frozenset(
    {"return_code", "return_msg", "result_code", "err_code", "err_code_des", "sign", "nonce_str"}
)
_OTHER_NAMES = frozenset({"openid", "amount", "rcv_time"})  # of a WeCom packet's claim


def reply_document(reply: Accepted | Preordered | PacketInfo) -> dict[str, object]:
    """The reply's values, and as ``extra`` the fields that hongbao does not know."""
    values = {
        field.name: getattr(reply, field.name)
        for field in dataclasses.fields(reply)
        if field.name != "fields"
    }
    known = values.keys() | _ENVELOPE | _OTHER_NAMES
    extra = {name: text for name, text in reply.fields.items() if name not in known}
    shown = plain({**values, "extra": extra})
    return shown if isinstance(shown, dict) else {}


def reply_lines(reply: Accepted | Preordered) -> list[str]:
    """One a line, without empty ones; packages and tickets are shown, for they are needed."""
    values = {name: value for name, value in reply_document(reply).items() if value}
    extra = values.pop("extra", {})
    more = extra if isinstance(extra, dict) else {}
    return [f"  {name}: {value}" for name, value in {**values, **more}.items()]
