// Drives tenpay: one JSON step a line in, one JSON outcome a line out.
// Run it in the folder in which the package is installed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const here = createRequire(`${process.cwd()}/`);
const Payment = here('tenpay');
const util = here('tenpay/lib/util');

const CALLS = { normal: 'sendRedpack', group: 'sendGroupRedpack', query: 'redpackQuery' };
const WECHAT = 'https://api.mch.weixin.qq.com';

function sign({ fields, key, sign_type: kind }) {
  if (kind === 'WORKWX') { return null; } // it has none
  const text = `${util.toQueryString(fields)}&key=${key}`;
  return (kind === 'MD5' ? util.md5(text) : util.sha256(text, key)).toUpperCase();
}

function payment({ payer }) {
  const made = new Payment({
    appid: payer.app_id,
    mchid: payer.mch_id,
    partnerKey: payer.key,
    pfx: payer.p12_path ? readFileSync(payer.p12_path) : undefined,
  });
  for (const [name, url] of Object.entries(made.urls)) {
    made.urls[name] = url.replace(WECHAT, payer.base_url);
  }
  return made;
}

async function outcome(step) {
  if (step.call === 'sign') { return { value: sign(step) }; }
  if (step.call === 'read') { return { value: await util.parseXML(step.document) }; }
  try {
    return { kind: 'result', value: await payment(step)[CALLS[step.call]](step.packet) };
  } catch (error) {
    // Its errors have WeChat's err_code, or in its place WeChat's text, for a message.
    const code = /^[A-Z_]+$/.test(error.message) ? error.message : '';
    return { kind: 'error', type: error.name, code, value: { text: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
