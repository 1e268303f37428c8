"""Values as a JSON document has them: openids masked, times in ISO 8601."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import Enum

from hongbao.ledger.model.campaign import mask


def plain(value: object) -> object:
    """A value as JSON has it: openids masked, times in ISO 8601, sets of values as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return plain({name: getattr(value, name) for name in names})
    if isinstance(value, dict):
        return {
            name: mask_openid(part) if _is_openid(name, part) else plain(part)
            for name, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _is_openid(name: str, value: object) -> bool:
    return name.endswith("openid") and isinstance(value, str)


def mask_openid(openid: str) -> str:
    """``oABCDEFGHIJKL1234`` as ``oABC…1234``; a short one not at all."""
    return mask(openid) if openid else ""
