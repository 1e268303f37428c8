#!/usr/bin/env bash
# wechatpay-node-v3 2.2.1 (Node): the same bill is its text, or {} with status 200, by the Content-Type of the reply alone.
#
# What one would expect: downloadBill hands back the bytes or the text of the file, whatever type the reply says that it is.
# Seen: text/plain gives the text. text/csv and application/octet-stream give {}, with status 200 and no error: the file was received and is
#   dropped. application/x-gzip gives a Buffer. Which type WeChat's bills have is not promised anywhere that we know of.
# Whom it hurts: a job that stores each day's bill stores "[object Object]", or nothing, on the day on which WeChat or a proxy on the way says another
#   type; it sees a success. WeChat makes bills for three months.
#
# Needs node, openssl and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund wechatpay-node-v3@2.2.1 superagent@8.0.6 > npm.log 2>&1 || { cat npm.log; exit 2; }
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=1999000001 2> /dev/null

cat > download.js <<'JS'
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const WxPay = require("wechatpay-node-v3");

const BILL = "记账时间,收支金额(元)\r\n`2026-11-29 09:00:01,`1.00\r\n";
const types = ["text/plain", "text/csv", "application/octet-stream", "application/x-gzip"];
let type = "";
const server = createServer((request, reply) => reply.writeHead(200, { "Content-Type": type }).end(BILL));

server.listen(0, "127.0.0.1", async () => {
  const pay = new WxPay({
    appid: "wx0000000000de0001", mchid: "1999000001", publicKey: readFileSync("cert.pem"), privateKey: readFileSync("key.pem"),
  });
  const seen = [];
  for (type of types) {
    const { status, data, error } = await pay.downloadBill(`http://127.0.0.1:${server.address().port}/v3/billdownload/file?token=t`);
    const what = data === BILL ? "the bill" : Buffer.isBuffer(data) ? `bytes, ${data.toString() === BILL ? "the bill" : "others"}` : JSON.stringify(data);
    seen.push(`${type}: status ${status}, error ${error}, ${what}`);
  }
  console.log(seen.join("\n"));
  const wanted = ["the bill", "{}", "{}", "bytes, the bill"];
  process.exit(seen.every((line, at) => line === `${types[at]}: status 200, error undefined, ${wanted[at]}`) ? 0 : 1);
});
JS
node download.js
