"""wechatpy's own ``send``. It blocks: several calls at once are as many threads with one client."""

from __future__ import annotations

from wechatpy.pay import WeChatPay

from task import asked, blocking


def main() -> None:
    """Send the packet; the CA is trusted by the environment's ``REQUESTS_CA_BUNDLE``."""
    task, _ = asked()
    payer, packet = task.payer, task.packet
    pay = WeChatPay(
        payer["app_id"],
        payer["key"],
        payer["mch_id"],
        mch_cert=str(task.folder / "cert.pem"),
        mch_key=str(task.folder / "key.pem"),
    )
    pay.API_BASE_URL = f"https://{task.host}:{task.port}/"
    said = {name: packet[name] for name in ("send_name", "act_name", "wishing", "remark")}

    def call() -> object:
        return pay.redpack.send(
            packet["re_openid"],
            packet["total_amount"],
            client_ip=payer["client_ip"],
            out_trade_no=packet["mch_billno"],
            **said,
        )

    blocking(task, call, "wechatpy", "requests", "urllib3", "xmltodict")


if __name__ == "__main__":
    main()
