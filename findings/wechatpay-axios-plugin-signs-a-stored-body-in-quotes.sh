#!/usr/bin/env bash
# wechatpay-axios-plugin 0.9.6 (Node): a body given as text or bytes goes out as it is, and is signed as its JSON in quotes.
#
# Guess, before it was run: the signature covers the bytes that are sent, whether the body is given as an object, a text or a Buffer.
# Seen: for the text {"a": 1} that text is sent, and "{\"a\": 1}" with its quotes is signed; a Buffer is sent as its bytes, and signed as
#   {"type":"Buffer","data":[...]}. Only an object is signed as it is sent. An object cannot stand for a text that was stored: the blank is gone.
# Whom it hurts: whoever stores the bytes of a transfer to send the same ones again after a time-out (built anew they differ, for a name
#   is sealed into other bytes each time): just that sending is 401 SIGN_ERROR, and what became of the first stays unknown.
#
# Needs node and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund wechatpay-axios-plugin@0.9.6 > npm.log 2>&1 || { cat npm.log; exit 2; }

cat > send.js <<'JS'
const crypto = require("node:crypto");
const http = require("node:http");
const { Wechatpay } = require("wechatpay-axios-plugin");

const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const stored = '{"out_bill_no": "HB1", "transfer_amount": 30}';
const seen = [];
const server = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece)).on("end", () => {
    const body = Buffer.concat(pieces).toString();
    const parts = Object.fromEntries([...request.headers.authorization.matchAll(/(\w+)="([^"]*)"/g)].map((found) => found.slice(1)));
    const signs = (text) =>
      crypto.verify(
        "sha256", Buffer.from([request.method, request.url, parts.timestamp, parts.nonce_str, text, ""].join("\n")),
        publicKey, Buffer.from(parts.signature, "base64"),
      );
    const [quoted, listed] = [body, Buffer.from(body)].map((given) => signs(JSON.stringify(given)));
    seen.push({ asStored: body === stored, sent: signs(body), quoted, listed });
    response.writeHead(400, { "Content-Type": "application/json" }).end("{}");
  });
});

server.listen(0, "127.0.0.1", async () => {
  const client = new Wechatpay({
    baseURL: `http://127.0.0.1:${server.address().port}/`, mchid: "1999000001", serial: "4A1F", privateKey,
    certs: { PUB_KEY_ID_1: publicKey },
  });
  for (const body of [JSON.parse(stored), stored, Buffer.from(stored)]) {
    await client.v3.fundApp.mchTransfer.transferBills.post(body).catch((error) => error.response.status);
  }
  server.close();
  ["object", "text", "Buffer"].forEach((kind, place) => console.log(kind, JSON.stringify(seen[place])));
  const wanted = [
    { asStored: false, sent: true, quoted: false, listed: false },
    { asStored: true, sent: false, quoted: true, listed: false },
    { asStored: true, sent: false, quoted: false, listed: true },
  ];
  process.exit(JSON.stringify(seen) === JSON.stringify(wanted) ? 0 : 1);
});
JS
node send.js
