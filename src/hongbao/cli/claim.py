"""``hongbao claim-params``: what a mini program needs to let its user claim a packet."""

import json
import sys
from typing import Annotated

import typer

from hongbao.cli.answer import Answer, answer
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, MerchantPath
from hongbao.cli.payer import read_merchant
from hongbao.client.signer import ClaimSigner
from hongbao.english import counted
from hongbao.errors import InvalidRequest

PACKAGE_CHARS_MAX = 4096
"""WeChat's example measures 251 characters; more than this is something else."""


def claim_params(
    *,
    package: Annotated[
        str,
        typer.Argument(metavar="PACKAGE|-", help="Of the accepted packet; - reads stdin."),
    ],
    merchant: MerchantPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Sign a mini-program packet's claim."""
    text = sys.stdin.read(PACKAGE_CHARS_MAX + 1).strip() if package == "-" else package
    if not 0 < len(text) <= PACKAGE_CHARS_MAX:
        raise InvalidRequest(
            field="package",
            rule=f"1 to {PACKAGE_CHARS_MAX} characters, as the reply of sendminiprogramhb has it",
            found=counted(len(text), "character"),
        )
    params = ClaimSigner(read_merchant(merchant)).claim_params(text).as_dict()
    shown = json.dumps(params, indent=2)
    return answer(
        {"params": params}, shown, outcome="answered", code=ExitCode.DONE, as_json=as_json
    )
