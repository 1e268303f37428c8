#!/usr/bin/env bash
# wechatpay-axios-plugin 0.9.6 (Node): a number with capital letters in the chain of names is another number in the address.
#
# Guess, before it was run: transferBills.outBillNo[number].get() asks for that number, as the names before it become the address, and as
#   it does with a number of digits.
# Seen: HB20261129A1 is asked for as h-b20261129-a1: each part of the chain is turned from camelCase, also one that is data. HB1 and hB1
#   become one; a number of digits alone stays. The signature is right for the changed address, so nothing is refused: the answer is
#   that there is no such number. (Given as _out_bill_no_, with the value beside it, the number is kept.)
# Whom it hurts: whoever asks for a transfer after a time-out. It works in a test with digits; with letters, NOT_FOUND is the answer for
#   a transfer that was made, and a program that believes it pays again under a new number.
#
# Needs node and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund wechatpay-axios-plugin@0.9.6 > npm.log 2>&1 || { cat npm.log; exit 2; }

cat > ask.js <<'JS'
const crypto = require("node:crypto");
const http = require("node:http");
const { Wechatpay } = require("wechatpay-axios-plugin");

const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const asked = [];
const server = http.createServer((request, response) => {
  const parts = Object.fromEntries([...request.headers.authorization.matchAll(/(\w+)="([^"]*)"/g)].map((found) => found.slice(1)));
  const text = ["GET", request.url, parts.timestamp, parts.nonce_str, "", ""].join("\n");
  const signed = crypto.verify("sha256", Buffer.from(text), publicKey, Buffer.from(parts.signature, "base64"));
  asked.push([request.url.split("/").pop(), signed]);
  response.writeHead(404, { "Content-Type": "application/json" }).end('{"code":"NOT_FOUND"}');
});

server.listen(0, "127.0.0.1", async () => {
  const client = new Wechatpay({
    baseURL: `http://127.0.0.1:${server.address().port}/`, mchid: "1999000001", serial: "4A1F", privateKey,
    certs: { PUB_KEY_ID_1: publicKey },
  });
  const bills = client.v3.fundApp.mchTransfer.transferBills.outBillNo;
  const calls = [
    () => bills["20261129001"].get(),
    () => bills.HB20261129A1.get(),
    () => bills.HB1.get(),
    () => bills.hB1.get(),
    () => bills._out_bill_no_.get({ out_bill_no: "HB20261129A1" }),
  ];
  for (const call of calls) await call().catch((error) => error.response.status);
  server.close();
  console.log(JSON.stringify(asked));
  const wanted = [
    ["20261129001", true], ["h-b20261129-a1", true], ["h-b1", true], ["h-b1", true], ["HB20261129A1", true],
  ];
  process.exit(JSON.stringify(asked) === JSON.stringify(wanted) ? 0 : 1);
});
JS
node ask.js
