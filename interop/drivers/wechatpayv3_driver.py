"""Drives wechatpayv3's own functions: one JSON step a line in, one JSON outcome a line out."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

from wechatpayv3 import utils


def _outcome(step: dict[str, Any]) -> object:
    private = utils.load_private_key(step["private_key"])
    public = utils.load_public_key(step["public_key"])
    match step["call"]:
        case "sign":
            utils.time = SimpleNamespace(time=lambda: step["timestamp"])  # it asks the clock
            header = utils.build_authorization(
                step["path"],
                step["method"],
                step["mch_id"],
                step["serial_no"],
                private,
                step["body"],
                step["nonce"],
            )
            return header.partition('signature="')[2].partition('"')[0]
        case "verify":
            return utils.rsa_verify(
                str(step["timestamp"]), step["nonce"], step["body"], step["signature"], public
            )
        case "open":
            it = step["resource"]
            return utils.aes_decrypt(
                it["nonce"], it["ciphertext"], it["associated_data"], step["api_v3_key"]
            )
        case "seal":
            return utils.rsa_encrypt(step["text"], public)
        case "unseal":
            return utils.rsa_decrypt(step["sealed"], private)
    return None


for line in sys.stdin:
    print(json.dumps({"value": _outcome(json.loads(line))}), flush=True)
