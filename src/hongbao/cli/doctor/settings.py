"""What the doctor finds in a merchant's settings, before anything touches the network.

The key is looked at and never printed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from hongbao.cli.exit_code import ExitCode
from hongbao.client.certificate import (
    EXPIRY_WARNING,
    MerchantCertificate,
    client_context,
    read_certificate,
)
from hongbao.english import counted
from hongbao.errors import ConfigurationError
from hongbao.sentences import said, say

_KEY_SHAPE = re.compile("[0-9A-Za-z]{32}")
_TAKE_KEY = say("Take the APIv2 key of the merchant platform (账户中心 > API安全 > APIv2密钥).")
_RENEW = say("Get a new one in the merchant platform (账户中心 > API安全 > 申请API证书).")
_CERTIFICATE_SETTINGS = frozenset(field.name for field in fields(MerchantCertificate))


class CheckState(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor's.

    Attributes:
        name: what was looked at.
        state: what it came to.
        found: what was seen.
        todo: what to do, unless it is all right.
        code: what the program exits with if this is the first that failed.
    """

    name: str
    state: CheckState
    found: str
    todo: str = ""
    code: ExitCode = ExitCode.DONE

    def line(self) -> str:
        """The check as one line of text."""
        todo = f" -> {said(self.todo)}" if self.todo else ""
        found = said("{name}: {found}", name=said(self.name), found=said(self.found))
        return f"{self.state.value:5} {found}{todo}"


def ok(name: str, found: str) -> Check:
    """A check that found nothing wrong."""
    return Check(name=name, state=CheckState.OK, found=found)


def warn(name: str, found: str, todo: str) -> Check:
    """A check that found something to look at, which works all the same."""
    return Check(name=name, state=CheckState.WARN, found=found, todo=todo)


def fail(name: str, found: str, todo: str, code: ExitCode = ExitCode.CONFIGURATION) -> Check:
    """A check that found what does not work."""
    return Check(name=name, state=CheckState.FAIL, found=found, todo=todo, code=code)


def of_error(name: str, error: ConfigurationError) -> Check:
    """What the library itself says is wrong."""
    return fail(
        name,
        say("{setting}: {problem}", setting=error.setting, problem=error.problem),
        error.remedy,
    )


def check_key(values: Mapping[str, Any]) -> Check:
    """The key's shape, as far as it tells which key it is."""
    name, key = say("key"), str(values.get("key") or "")
    if not key:
        return fail(name, say("is not set"), _TAKE_KEY)
    if key == str(values.get("mch_id")):
        return fail(name, say("is the mch_id, which is the .p12's password"), _TAKE_KEY)
    if _KEY_SHAPE.fullmatch(key) is None:
        stripped = say(" (white space around it)") if _KEY_SHAPE.fullmatch(key.strip()) else ""
        found = say(
            "has {characters}{stripped}, not 32 letters and digits",
            characters=counted(len(key), "character"),
            stripped=stripped,
        )
        return fail(name, found, _TAKE_KEY)
    return ok(name, say("32 letters and digits (as APIv3 keys too: the query below tells)"))


def check_certificate(values: Mapping[str, Any], now: datetime) -> Iterator[Check]:
    """Dates, owner, and whether key and certificate belong together: one line each."""
    mch_id = str(values.get("mch_id", ""))
    given = {name: value for name, value in values.items() if name in _CERTIFICATE_SETTINGS}
    try:
        certificate = MerchantCertificate(**given)
        facts = read_certificate(certificate, mch_id=mch_id)
    except ConfigurationError as error:
        yield of_error(say("certificate"), error)
        return
    yield _check_dates(facts.not_before, facts.not_after, now)
    yield _check_owner(facts.common_names, mch_id, must_match=_names_merchant(values))
    yield _check_pair(certificate, mch_id, facts.not_before)


def _names_merchant(values: Mapping[str, Any]) -> bool:
    """Whether the certificate's name must be the merchant's: an assumption that can be given up."""
    assumptions = values.get("assumptions")
    given = assumptions if isinstance(assumptions, dict) else {}
    return given.get("certificate_names_merchant", True) is not False


def _check_owner(names: tuple[str, ...], mch_id: str, *, must_match: bool) -> Check:
    name = say("certificate owner")
    if mch_id in names:
        return ok(name, mch_id)
    found = say(
        "it is {value}'s, the settings say {mch_id}",
        value=" ".join(names) or say("nobody"),
        mch_id=mch_id,
    )
    todo = say("Use the certificate of this merchant, or fix mch_id.")
    return fail(name, found, todo) if must_match else warn(name, found, todo)


def _check_dates(begins: datetime, ends: datetime, now: datetime) -> Check:
    name, dates = (
        say("certificate dates"),
        say("{begins:%Y-%m-%d} to {ends:%Y-%m-%d}", begins=begins, ends=ends),
    )
    if now < begins:
        return fail(
            name, say("{dates}: not valid yet", dates=dates), say("Check this machine's clock.")
        )
    if now > ends:
        return fail(name, say("{dates}: expired", dates=dates), _RENEW)
    left = say("{dates}: {days} left", dates=dates, days=counted((ends - now).days, "day"))
    return warn(name, left, _RENEW) if now > ends - EXPIRY_WARNING else ok(name, left)


def _check_pair(certificate: MerchantCertificate, mch_id: str, now: datetime) -> Check:
    name = say("certificate and private key")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the dates have a line of their own
            # Judged within its dates, and of whomever: this line is about the key alone.
            client_context(certificate, mch_id=mch_id, now=now, check_common_name=False)
    except ConfigurationError as error:
        return of_error(name, error)
    return ok(name, say("belong together"))
