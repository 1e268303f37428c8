// Drives wechatpay-axios-plugin: one JSON step a line in, one JSON outcome a line out.
// Run it in the folder in which the package is installed.

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const sdk = createRequire(`${process.cwd()}/`)('wechatpay-axios-plugin');

const { Wechatpay, Hash, Formatter, Transformer } = sdk;

// Its constructor asks for what the third version of the protocol needs, too.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const THIRD = { serial: 'NONE', privateKey, certs: { any: publicKey } };

const PATHS = {
  normal: 'sendredpack',
  group: 'sendgroupredpack',
  mini: 'sendminiprogramhb',
  query: 'gethbinfo',
  work: 'sendworkwxredpack',
  query_work: 'queryworkwxredpack',
  preorder: 'hbpreorder',
};
const CONSTANTS = {
  normal: { client_ip: '127.0.0.1' },
  group: { amt_type: 'ALL_RAND' },
  mini: { notify_way: 'MINI_PROGRAM_JSAPI' },
  query: { bill_type: 'MCHT' },
  work: {},
  query_work: {},
  preorder: { amt_type: 'ALL_RAND', auth_mchid: '1000052601', auth_appid: 'wxbf42bd79c4391863' },
};
const SEVEN = ['act_name', 'mch_billno', 'mch_id', 'nonce_str', 're_openid', 'total_amount', 'wxappid'];

// As its README shows it for WeCom: the caller makes workwx_sign with its helpers.
function workSign(fields, secret) {
  const seven = Object.fromEntries(SEVEN.map((name) => [name, fields[name]]));
  const text = Formatter.queryStringLike(Formatter.ksort(seven));
  return Hash.md5(text, secret, true).toUpperCase();
}

function sign({ fields, key, sign_type: kind }) {
  return kind === 'WORKWX' ? workSign(fields, key) : Hash.sign(kind, fields, key);
}

function fields(step) {
  const { payer, packet, call } = step;
  const appid = { [call.startsWith('query') ? 'appid' : 'wxappid']: payer.app_id };
  const said = { ...CONSTANTS[call], ...packet, ...appid, mch_id: payer.mch_id };
  if (call !== 'work') { return said; }
  said.nonce_str = Formatter.nonce();
  return { ...said, workwx_sign: workSign(said, payer.work_secret) };
}

async function outcome(step) {
  if (step.call === 'sign') { return { value: sign(step) }; }
  if (step.call === 'read') { return { value: Transformer.toObject(step.document) }; }
  const { payer } = step;
  const merchant = payer.cert_path
    ? { cert: readFileSync(payer.cert_path), key: readFileSync(payer.key_path) }
    : {};
  const client = new Wechatpay({
    ...THIRD, mchid: payer.mch_id, secret: payer.key, merchant, baseURL: `${payer.base_url}/`,
  });
  try {
    const reply = await client.v2.mmpaymkttransfers[PATHS[step.call]].post(
      fields(step), { security: true },
    );
    return { kind: 'result', value: reply.data };
  } catch (error) {
    const told = error.response?.data;
    return { kind: 'error', type: error.code ?? error.name, code: told?.err_code, value: told ?? null };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
