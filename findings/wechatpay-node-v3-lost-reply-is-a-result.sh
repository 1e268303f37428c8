#!/usr/bin/env bash
# wechatpay-node-v3 2.2.1 (Node): a call whose reply is lost is a result without a status; nothing is thrown, and the error's words are gone.
#
# What one would expect: batches_transfer rejects its promise where no reply comes, as each HTTP client of Node does; at most its result has
#   a status that says so, for its type says that status is a number.
# Seen: the promise is fulfilled each time. Where the server reads the request and hangs up: {errRaw: {code: "ECONNRESET"}}; where the reply
#   breaks off, the same; where it is no JSON, errRaw has it and status is undefined, though it was 200; where nobody listens, ECONNREFUSED. status and error
#   are undefined in all four, so that only errRaw.code tells "nothing was sent" from "it may be paid". try/catch sees none of them.
# Whom it hurts: result.status >= 400 and result.error, the two things by which the manual's results show a refusal, are both false for a transfer
#   that may be on its way: it is taken for sent, or for not sent and is sent anew.
#
# Needs node, openssl and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund wechatpay-node-v3@2.2.1 superagent@8.0.6 > npm.log 2>&1 || { cat npm.log; exit 2; }
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=1999000001 2> /dev/null

cat > lose.js <<'JS'
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const WxPay = require("wechatpay-node-v3");

const WECHAT = "https://api.mch.weixin.qq.com";
const JSON_TYPE = { "Content-Type": "application/json" };
const replies = {
  "hangs up": (request) => request.socket.destroy(),
  "breaks off": (request, reply) => {
    reply.writeHead(200, { ...JSON_TYPE, "Content-Length": "100" });
    reply.write('{"batch_id"', () => request.socket.destroy());
  },
  "is no JSON": (request, reply) => reply.writeHead(200, JSON_TYPE).end('{"batch_id":'),
};
let way = "";
let requests = 0;
const server = createServer((request, reply) => {
  request.resume().on("end", () => {
    requests += 1;
    replies[way](request, reply);
  });
});

async function transfer(url) {
  const pay = new WxPay({
    appid: "wx0000000000de0001", mchid: "1999000001", publicKey: readFileSync("cert.pem"), privateKey: readFileSync("key.pem"),
  });
  const own = pay.httpService;
  pay.createHttp({ post: (asked, body, headers) => own.post(asked.replace(WECHAT, url), body, headers) });
  try {
    const result = await pay.batches_transfer({ out_batch_no: "B1", transfer_detail_list: [] });
    return `result, status ${result.status}, error ${result.error}, code ${result.errRaw.code}`;
  } catch (error) {
    return `thrown: ${error.message}`;
  }
}

server.listen(0, "127.0.0.1", async () => {
  const seen = [];
  for (way of Object.keys(replies)) seen.push(await transfer(`http://127.0.0.1:${server.address().port}`));
  const closed = server.address().port;
  server.close();
  server.closeAllConnections();
  seen.push(await transfer(`http://127.0.0.1:${closed}`));
  console.log(`${requests} requests\n${seen.join("\n")}`);
  const wanted = ["ECONNRESET", "ECONNRESET", "undefined", "ECONNREFUSED"];
  const same = seen.every((line, at) => line === `result, status undefined, error undefined, code ${wanted[at]}`);
  process.exit(same && requests === 3 ? 0 : 1);
});
JS
node lose.js
