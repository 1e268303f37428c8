"""``hongbao explain-sign``: what was signed, field by field, and which mistake made a wrong sign.

The key is read, used and never printed, wherever it may stand in the request.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from hongbao.cli.answer import CommandResult
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.explain_sign.fields import (
    GOOD,
    Finding,
    guess_endpoint,
    judge_fields,
    signed_fields,
)
from hongbao.cli.explain_sign.recipes import (
    Mistake,
    Recipe,
    Secrets,
    find_mistakes,
    mistakes_of_sign,
    mistakes_of_workwx_sign,
    right_sign,
    right_workwx_sign,
)
from hongbao.cli.options import AsJson, MerchantPath
from hongbao.cli.payer import read_settings, settings_are_given
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.sentences import marked, said, say
from hongbao.views.document import plain
from hongbao.wire import document
from hongbao.wire.endpoints import ENDPOINTS, Endpoint
from hongbao.wire.signature import WORKWX_SIGNED, signing_string

_CALLS = {endpoint.name: endpoint for endpoint in ENDPOINTS}
if TYPE_CHECKING:
    EndpointName: TypeAlias = str
else:  # Typer reads the choices from it
    EndpointName = Literal[tuple(_CALLS)]

_KEY_SHAPE = re.compile("[0-9A-Za-z]{32}")
_OTHERWISE = say(
    "no usual mistake makes this signature, so another secret was used. Is it the "
    "APIv2 key (the APIv3 key has 32 characters too), of this mch_id, and not one "
    "from before a reset?"
)
_OTHERWISE_WORK = say(
    "no usual mistake makes this signature, so another secret was used: which "
    "application's secret counts is for WeCom to say (with agentid: perhaps that "
    "application's)"
)

_VERDICTS = {
    True: marked("{name} is right."),
    False: marked("{name} is wrong."),
    None: marked("{name} is not judged."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """The verdict on one signature.

    Attributes:
        name: ``sign`` or ``workwx_sign``.
        base: what is signed, the secret masked.
        right: whether it is right; None if that cannot be known.
        should_be: the right signature, if the secret is at hand.
        notes: the mistakes, or why it cannot be known.
    """

    name: str
    base: str
    right: bool | None
    should_be: str | None
    notes: tuple[str, ...]


def explain_sign(
    *,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-", help="File with the request's XML; - reads it from stdin."
        ),
    ],
    endpoint: Annotated[
        EndpointName | None,
        typer.Option(
            help="Name of the call. Default: guessed from the fields.", show_default=False
        ),
    ] = None,
    merchant: MerchantPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Show what was signed and what is wrong.

    The key of the settings is used and never printed.
    """
    fields = read_request(file)
    call = _CALLS[endpoint] if endpoint else guess_endpoint(fields)
    secrets = _read_secrets(merchant)
    findings = judge_fields(fields, call)
    verdicts = _judge_signs(fields, call, secrets, merchant)
    good = all(finding.state in GOOD for finding in findings)
    good = good and all(verdict.right is not False for verdict in verdicts)
    text = _text(call, findings, verdicts, guessed=endpoint is None)
    found = {
        "endpoint": call.name,
        "guessed": endpoint is None,
        "fields": findings,
        "signatures": verdicts,
    }
    return CommandResult(
        _without_secrets(found, secrets),
        _scrub(text, secrets),
        outcome="right" if good else "wrong",
        code=ExitCode.DONE if good else ExitCode.CONFIGURATION,
        as_json=as_json,
    )


def read_request(file: str) -> dict[str, str]:
    """The fields of a request in a file or, for ``-``, on stdin.

    Raises:
        ConfigurationError: if it cannot be read.
        InvalidRequest: if it is no flat ``<xml>``.
    """
    limit = document.DOCUMENT_BYTES_MAX + 1
    try:
        if file == "-":
            body = sys.stdin.buffer.read(limit)
        else:
            with Path(file).open("rb") as stream:
                body = stream.read(limit)
        request = document.decode(body)
    except OSError as error:
        raise ConfigurationError(
            setting=file,
            problem=say("cannot be read ({strerror})", strerror=error.strerror),
            remedy=say("Check the path."),
        ) from error
    except document.MalformedDocument as error:
        raise _unreadable(say("something else: {error}", error=error)) from error
    if request.lists:
        raise _unreadable(say("nested elements"))
    return request.fields


def _unreadable(found: str) -> InvalidRequest:
    return InvalidRequest(field="request", rule=say("one flat <xml> document"), found=found)


def _read_secrets(path: Path | None) -> Secrets | None:
    """The keys, if a file is named or the environment has them. No certificate is needed here."""
    if path is None and not settings_are_given():
        return None
    values = read_settings(path)
    work = values.get("work")
    secret = work.get("secret") if isinstance(work, dict) else None
    return Secrets(key=str(values.get("key") or ""), work_secret=str(secret) if secret else None)


def _judge_signs(
    fields: Mapping[str, str], call: Endpoint, secrets: Secrets | None, path: Path | None
) -> tuple[SignatureReport, ...]:
    sign = _judge(
        "sign",
        f"{signing_string(signed_fields(fields, call))}&key=***",
        fields,
        right=right_sign(call, secrets) if secrets and secrets.key else None,
        mistakes=mistakes_of_sign(fields, call, secrets) if secrets else (),
        otherwise=_OTHERWISE,
    )
    notes = _key_notes(fields, secrets, path) if sign.right is False else ()
    verdicts = [replace(sign, notes=sign.notes + notes)]
    if call.of_wecom and call.moves_money:
        secret = secrets.work_secret if secrets else None
        seven = {name: fields[name] for name in WORKWX_SIGNED if name in fields}
        inner = _judge(
            "workwx_sign",
            f"{signing_string(seven)}&secret=***",
            fields,
            right=right_workwx_sign(secret) if secret else None,
            mistakes=mistakes_of_workwx_sign(fields, call, secrets) if secrets else (),
            otherwise=_OTHERWISE_WORK,
        )
        verdicts.insert(0, inner)
    return tuple(verdicts)


def _judge(
    name: str,
    base: str,
    fields: Mapping[str, str],
    *,
    right: Recipe | None,
    mistakes: tuple[Mistake, ...],
    otherwise: str,
) -> SignatureReport:
    claimed = fields.get(name, "")
    if right is None:
        note = say("without its secret (--merchant, HONGBAO_*) nobody can say whether it is right")
        return SignatureReport(name=name, base=base, right=None, should_be=None, notes=(note,))
    should_be = right.sign(fields)
    if not claimed:
        return SignatureReport(
            name=name, base=base, right=False, should_be=should_be, notes=(say("missing"),)
        )
    made = find_mistakes(claimed, fields, right, mistakes)
    notes = (otherwise,) if made is None else made
    if made == () and claimed != should_be:
        notes = (say("it is in lower case: WeChat writes upper case, and may not take lower"),)
    return SignatureReport(
        name=name, base=base, right=claimed == should_be, should_be=should_be, notes=notes
    )


def _key_notes(
    fields: Mapping[str, str], secrets: Secrets | None, path: Path | None
) -> tuple[str, ...]:
    """What the settings themselves say about a wrong signature."""
    notes = []
    if secrets and _KEY_SHAPE.fullmatch(secrets.key) is None:
        notes.append(
            say("the key in the settings is not 32 letters and digits, as an APIv2 key is")
        )
    mch_id = str(read_settings(path).get("mch_id", ""))
    if mch_id and fields.get("mch_id") not in {None, mch_id}:
        notes.append(say("the request's mch_id is another than the settings', and so is its key"))
    return tuple(notes)


def _text(
    call: Endpoint,
    findings: tuple[Finding, ...],
    verdicts: tuple[SignatureReport, ...],
    *,
    guessed: bool,
) -> str:
    how = say("guessed from its fields; --endpoint names another") if guessed else say("as given")
    lines = [said("Call: {name} ({how})", name=call.name, how=said(how)), "", said("Fields:")]
    lines += [f"  {it.state.value:8} {it.name:24} {said(it.note)}".rstrip() for it in findings]
    for verdict in verdicts:
        lines += ["", said("{name} is made of:", name=verdict.name), f"  {verdict.base}"]
        lines.append(said(_VERDICTS[verdict.right], name=verdict.name))
        lines += [f"  - {said(note)}" for note in verdict.notes]
        if verdict.right is False and verdict.should_be:
            lines.append("  " + said("It should be {should_be}.", should_be=verdict.should_be))
    return "\n".join(lines)


def _without_secrets(found: Mapping[str, object], secrets: Secrets | None) -> dict[str, object]:
    scrubbed = _scrub_tree(plain(found), secrets)
    return scrubbed if isinstance(scrubbed, dict) else {}


def _scrub_tree(value: object, secrets: Secrets | None) -> object:
    if isinstance(value, dict):
        return {_scrub(name, secrets): _scrub_tree(part, secrets) for name, part in value.items()}
    if isinstance(value, list):
        return [_scrub_tree(part, secrets) for part in value]
    return _scrub(value, secrets) if isinstance(value, str) else value


def _scrub(text: str, secrets: Secrets | None) -> str:
    """The text without the secrets, in case that somebody has sent one as a field."""
    for secret in (secrets.key, secrets.work_secret) if secrets else ():
        if secret:
            text = text.replace(secret, "***")
    return text
