#!/usr/bin/env bash
# wechatpayv3 2.0.4 (Python): the async client sends null as the body of a cancel and signs an empty one; the blocking client is right.
#
# Guess, before it was run: AsyncWeChatPay sends what WeChatPay sends. A cancel of a transfer has no body, and the signature covers that.
# Seen: the body of the async mch_transfer_bills_cancel is the four bytes null, while the signature covers no body at all. A create is
#   signed right by both. (Each POST without data goes through the same line.)
# Whom it hurts: services on asyncio: no transfer can be stopped, each cancel is 401 SIGN_ERROR, which reads like a wrong key, while
#   creates and queries go well with that key. The first cancel may be the one that has to stop a wrong payout.
#
# Needs python3 with venv and PyPI. Exits with 1 if wechatpayv3 does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'wechatpayv3[async]==2.0.4' httpx==0.28.1

cat > cancel.py <<'PYTHON'
import asyncio
import re
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_ import WeChatPayType as AsyncType

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TRANSFER = {"out_bill_no": "HB1", "transfer_scene_id": "1000", "openid": "oUser", "transfer_amount": 30, "transfer_remark": "备注"}
seen = []


def covers(path, header, body):
    parts = dict(re.findall(r'(\w+)="([^"]*)"', header))
    text = "".join(line + "\n" for line in ("POST", path, parts["timestamp"], parts["nonce_str"], body))
    try:
        KEY.public_key().verify(b64decode(parts["signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


class WeChat(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        header = self.headers["Authorization"]
        what = "cancel" if self.path.endswith("/cancel") else "create"
        seen.append((what, body if what == "cancel" else "...", covers(self.path, header, body), covers(self.path, header, "")))
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def settings(kind):
    private = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "wechatpay_type": kind.JSAPI, "mchid": "1999000001", "private_key": private.decode(), "cert_serial_no": "4A1F",
        "apiv3_key": "0123456789abcdef0123456789abcdef", "appid": "wx0000000000de0001", "notify_url": "https://shop.example.test/n",
        "public_key": public.decode(), "public_key_id": "PUB_KEY_ID_1",
    }


async def ask(address):
    async with AsyncWeChatPay(**settings(AsyncType)) as client:
        client._core._gate_way = address  # a constant of the package
        await client.mch_transfer_bills(**TRANSFER)
        await client.mch_transfer_bills_cancel("HB1")


server = HTTPServer(("127.0.0.1", 0), WeChat)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
blocking = WeChatPay(**settings(WeChatPayType))
blocking._core._gate_way = address
blocking.mch_transfer_bills(**TRANSFER)
blocking.mch_transfer_bills_cancel("HB1")
asyncio.run(ask(address))
for client, (what, body, sent, empty) in zip(("blocking", "blocking", "async", "async"), seen, strict=True):
    print(f"{client} {what}: body {body!r}, the signature covers it: {sent}, covers an empty one: {empty}")
right = [("create", "...", True, False), ("cancel", "", True, True)]
raise SystemExit(seen != [*right, right[0], ("cancel", "null", False, True)])
PYTHON
env/bin/python cancel.py
