// Drives wechat-pay: one JSON step a line in, one JSON outcome a line out.
// Run it in the folder in which the package is installed.

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import tls from 'node:tls';

const { Payment } = createRequire(`${process.cwd()}/`)('wechat-pay');

const CALLS = { normal: 'sendRedPacket', query: 'redPacketQuery' };
const CONSTANTS = { normal: { client_ip: '127.0.0.1' }, query: {} };

// WeChat's address is a constant of its code: Node's agent, which it uses, connects elsewhere.
function connectTo(url) {
  const { hostname, port } = new URL(url);
  const agent = new https.Agent();
  agent.createConnection = (options) => tls.connect({
    ...options, host: hostname, port, servername: hostname,
  });
  https.globalAgent = agent;
}

function payment({ payer, packet }) {
  return new Payment({
    appId: payer.app_id,
    mchId: payer.mch_id,
    partnerKey: payer.key,
    subMchId: packet.sub_mch_id,
    pfx: payer.p12_path ? readFileSync(payer.p12_path) : undefined,
  });
}

// It signs everything by MD5; the other kinds of its table cannot be asked for.
function sign({ fields, key, sign_type: kind }) {
  if (kind !== 'MD5') { return null; }
  return new Payment({ partnerKey: key })._getSign(fields);
}

async function read(document) {
  const reader = new Payment({});
  // It hands back what it read together with its opinion of it.
  return new Promise((resolve) => {
    reader.validate(document, (_, found) => resolve(found)).catch(() => undefined);
  });
}

// Of each reply that is no success it rejects a promise of its own, which no caller can get at.
// Node ends a program for that.
let endings = 0;
process.on('unhandledRejection', () => { endings += 1; });

async function outcome(step) {
  if (step.call === 'sign') { return { value: sign(step) }; }
  if (step.call === 'read') { return { value: await read(step.document) }; }
  connectTo(step.payer.base_url);
  const before = endings;
  return new Promise((resolve) => {
    const done = (error, value) => setImmediate(() => {
      const ends = endings > before ? ', and an unhandled rejection' : '';
      const type = `${error?.name ?? 'text'}${ends}`;
      resolve(error
        ? { kind: 'error', type, code: value?.err_code, value: value ?? null }
        : { kind: 'result', code: value.err_code, value });
    });
    const said = { ...CONSTANTS[step.call], ...step.packet };
    payment(step)[CALLS[step.call]](said, done).catch(() => undefined);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
