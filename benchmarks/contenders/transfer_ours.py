"""hongbao's own client for V3 transfers, which blocks; and what of its call is RSA signing."""

from __future__ import annotations

import json
import time

from hongbao import MerchantTransfer, V3Credentials
from hongbao.wire.transfer import signing
from task import asked, blocking

_SIGNATURES = 200


def main() -> None:
    """Transfer, and tell on a line of its own what a signature alone takes."""
    task, _ = asked()
    said = json.loads((task.folder / "transfer.json").read_text(encoding="utf-8"))
    credentials = V3Credentials(
        **said["payer"],
        key_path=task.folder / "merchant_key.pem",
        public_key_path=task.folder / "wechat_public.pem",
        ca_path=task.folder / "ca.pem",
        base_url=f"https://{task.host}:{task.port}",
    )
    transfer = said["transfer"]
    infos = {it["info_type"]: it["info_content"] for it in transfer["transfer_scene_report_infos"]}
    transfer["transfer_scene_report_infos"] = infos
    with MerchantTransfer(credentials) as client:
        blocking(task, lambda: client.transfer(**transfer), "hongbao", "cryptography")
    text = signing.request_text("POST", "/v3/transfer", "1795910400", "0" * 32, b"x" * 500)
    began = time.process_time()
    for _ in range(_SIGNATURES):
        signing.sign(credentials.private_key, text)
    print((time.process_time() - began) / _SIGNATURES)


if __name__ == "__main__":
    main()
