"""Decisions that must be signed: the page shows what to sign, and takes the signature.

The key never comes near the browser. Whoever decides signs the line that is shown by
``hongbao operator sign``, and pastes what that prints; it works without scripts.
"""

from __future__ import annotations

import shlex
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.signature import AskingSigner, GivenSignature, SignatureWanted
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from hongbao.console.visit import Visit

STATEMENT, SIGNATURE = "statement", "signature"
"""The fields that hold what was signed, and the signature, in base64."""
_ITS_OWN = frozenset({STATEMENT, SIGNATURE, "form_token", "form_once"})
_NO_KEY = _(
    "You have no operator key that is known here under your name. Have an operator add it: "
    "hongbao operator add NAME --public FILE"
)


def answered(handler: Callable[[Visit], Response], visit: Visit) -> Response:
    """What a page answers; where it decides what must be signed, first what is to be signed.

    Raises:
        HongbaoError: as the page does.
    """
    if SIGNATURE in visit.form:
        return handler(replace(visit, signer=_given(visit)))
    try:
        return handler(visit)
    except LedgerError as error:
        if error.code is not LedgerCode.UNSIGNED or visit.account is None:
            raise
        public = _public(visit)
        if public is None:
            problem = error.problem
            raise LedgerError(
                code=LedgerCode.UNSIGNED, problem=problem, remedy=visit.say(_NO_KEY)
            ) from None
    try:
        return handler(replace(visit, signer=AskingSigner(public)))
    except SignatureWanted as wanted:
        return _ask(visit, wanted.statement)


def _ask(visit: Visit, statement: str) -> Response:
    return visit.render(
        "signature.html", statement=statement, form=_rest(visit),
        command=f"hongbao operator sign {shlex.quote(statement)}",
    )  # fmt: skip


def _rest(visit: Visit) -> dict[str, str]:
    """What was sent, to be sent again with the signature."""
    return {name: it for name, it in visit.form.items() if name not in _ITS_OWN}


def _given(visit: Visit) -> GivenSignature:
    public = _public(visit)
    if public is None:
        raise LedgerError(
            code=LedgerCode.UNSIGNED,
            problem=visit.say(_("this must be signed by an operator")),
            remedy=visit.say(_NO_KEY),
        )
    try:
        signature = b64decode("".join(visit.form[SIGNATURE].split()), validate=True)
    except ValueError:
        signature = b""
    return GivenSignature(public, visit.form.get(STATEMENT, ""), signature)


def _public(visit: Visit) -> bytes | None:
    """The key of who asks, as the books have it under the account's name."""
    found = (it for it in visit.book.operators() if it.name == visit.by and it.revoked_at is None)
    return next((it.public for it in found), None)
