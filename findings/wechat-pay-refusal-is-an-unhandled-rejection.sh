#!/usr/bin/env bash
# wechat-pay 0.3.2 (Node): each refusal rejects a promise that no caller can get at, beside the one that it hands out.
#
# Guess, before it was run: a refusal is an error of the promise (or of the callback) that sendRedPacket gives, and catching it is
#   enough.
# Seen: the error is caught, and Node reports an unhandled rejection with the same err_code. Every function of its prototype was
#   wrapped into one that gives a promise, also validate, which it calls itself and whose promise it drops. A success has none.
# Whom it hurts: since version 15, Node ends a program for an unhandled rejection. A server that pays many people at once is gone, with
#   all calls under way, when one receiver is refused; try and catch around the call do not help.
#
# Needs node 15 or later, npm's registry and openssl. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund wechat-pay@0.3.2 > npm.log 2>&1 || { cat npm.log; exit 2; }
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2> /dev/null

cat > refuse.js <<'JS'
const { readFileSync } = require("node:fs");
const https = require("node:https");
const tls = require("node:tls");
const { Payment } = require("wechat-pay");

const seen = [];
process.on("unhandledRejection", (error) => seen.push(`unhandled: ${error.message}`));
const reply = (code) =>
  `<xml><return_code>SUCCESS</return_code><result_code>${code === "SUCCESS" ? code : "FAIL"}</result_code>` +
  `<err_code>${code}</err_code></xml>`;
const codes = ["SUCCESS", "NOTENOUGH"];
const server = https.createServer(
  { key: readFileSync("key.pem"), cert: readFileSync("cert.pem") },
  (request, response) => { request.resume().on("end", () => response.end(reply(codes.shift()))); },
);

server.listen(0, "127.0.0.1", async () => {
  // The package's address is a constant, so Node's agent leads it here.
  https.globalAgent.createConnection = (options) =>
    tls.connect({ ...options, host: "127.0.0.1", port: server.address().port, servername: "localhost" });
  const payment = new Payment({ appId: "wx1", mchId: "1999000001", partnerKey: "0".repeat(32) });
  const packet = {
    mch_billno: "B1", send_name: "s", re_openid: "o", total_amount: 100, total_num: 1, wishing: "w",
    client_ip: "203.0.113.7", act_name: "a", remark: "r",
  };
  for (let call = 0; call < 2; call += 1) {
    try {
      await payment.sendRedPacket({ ...packet });
      seen.push("paid");
    } catch (error) {
      seen.push(`caught: ${error.message}`);
    }
    await new Promise(setImmediate);
  }
  server.close();
  https.globalAgent.destroy();
  console.log(seen.join(", "));
  const wanted = ["paid", "caught: NOTENOUGH", "unhandled: NOTENOUGH"];
  process.exit(JSON.stringify([...seen].sort()) === JSON.stringify([...wanted].sort()) ? 0 : 1);
});
JS
NODE_EXTRA_CA_CERTS=cert.pem node refuse.js
