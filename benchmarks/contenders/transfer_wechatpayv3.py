"""wechatpayv3's own V3 transfer. Of it, the address alone is changed, which cannot be set."""

from __future__ import annotations

import json

from wechatpayv3 import WeChatPay, WeChatPayType

from task import asked, blocking


def main() -> None:
    """Transfer; the CA is trusted by the environment's ``REQUESTS_CA_BUNDLE``."""
    task, _ = asked()
    said = json.loads((task.folder / "transfer.json").read_text(encoding="utf-8"))
    payer = said["payer"]
    pay = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=payer["mch_id"],
        private_key=(task.folder / "merchant_key.pem").read_text(encoding="utf-8"),
        cert_serial_no=payer["serial_no"],
        apiv3_key=payer["api_v3_key"],
        appid=payer["app_id"],
        notify_url="https://pay.example.test/notify",
        public_key=(task.folder / "wechat_public.pem").read_text(encoding="utf-8"),
        public_key_id=payer["public_key_id"],
    )
    pay._core._gate_way = f"https://{task.host}:{task.port}"  # noqa: SLF001  # see above

    def call() -> None:
        status, text = pay.mch_transfer_bills(**said["transfer"])
        if status != 200:
            raise SystemExit(text)

    blocking(task, call, "wechatpayv3", "requests", "cryptography")


if __name__ == "__main__":
    main()
