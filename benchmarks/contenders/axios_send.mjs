// wechatpay-axios-plugin's own call of a red packet. Run it in the folder in which it is installed.
// What it is told and what it tells stands in task.py.

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Wechatpay } = createRequire(`${process.cwd()}/`)('wechatpay-axios-plugin');

const [host, port, folder] = process.argv.slice(2, 5);
const [warmUp, calls, atOnce] = process.argv.slice(5, 8).map(Number);

const { payer, packet } = JSON.parse(readFileSync(`${folder}/packet.json`));
// Its constructor asks for what the third version of the protocol needs, too.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const client = new Wechatpay({
  mchid: payer.mch_id,
  secret: payer.key,
  merchant: { cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) },
  baseURL: `https://${host}:${port}/`,
  serial: 'NONE',
  privateKey,
  certs: { any: publicKey },
});
const fields = {
  ...packet, total_num: 1, client_ip: payer.client_ip, wxappid: payer.app_id, mch_id: payer.mch_id,
};

async function some(count) {
  for (let made = 0; made < count; made += 1) {
    await client.v2.mmpaymkttransfers.sendredpack.post({ ...fields }, { security: true });
  }
}

const all = (count) => Promise.all(Array.from({ length: atOnce }, () => some(count / atOnce)));

function versionOf(name) {
  return JSON.parse(readFileSync(`${process.cwd()}/node_modules/${name}/package.json`)).version;
}

await all(warmUp);
const started = process.hrtime.bigint();
const before = process.cpuUsage();
await all(calls);
const { user, system } = process.cpuUsage(before);
const versions = { Node: process.versions.node };
for (const name of ['wechatpay-axios-plugin', 'axios']) { versions[name] = versionOf(name); }
console.log(JSON.stringify({
  seconds: Number(process.hrtime.bigint() - started) / 1e9,
  cpu_seconds: (user + system) / 1e6,
  versions,
}));
