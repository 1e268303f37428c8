// Drives @tnwx/wxpay: one JSON step a line in, one JSON outcome a line out.
// Run it in the folder in which the package is installed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const here = createRequire(`${process.cwd()}/`);
const { WX_API_TYPE } = here('@tnwx/wxpay');
const { HttpKit, Kits, SIGN_KEY_TYPE } = here('@tnwx/kits');

const PATHS = {
  normal: WX_API_TYPE.SEND_RED_PACK,
  group: WX_API_TYPE.SEND_GROUP_RED_PACK,
  mini: WX_API_TYPE.SEND_MINI_PROGRAM_HB,
  query: WX_API_TYPE.GET_HB_INFO,
  work: WX_API_TYPE.SEND_WORK_WX_REDPACK,
  query_work: WX_API_TYPE.QUERY_WORK_WX_REDPACK,
};
const CONSTANTS = {
  normal: { client_ip: '127.0.0.1' },
  group: { amt_type: 'ALL_RAND' },
  mini: { notify_way: 'MINI_PROGRAM_JSAPI' },
  query: { bill_type: 'MCHT' },
  work: {},
  query_work: {},
};
const SEVEN = ['act_name', 'mch_billno', 'mch_id', 'nonce_str', 're_openid', 'total_amount', 'wxappid'];

function workSign(fields, secret) {
  const seven = Object.fromEntries(SEVEN.map((name) => [name, fields[name]]));
  return Kits.generateSignature(seven, secret, 'MD5', SIGN_KEY_TYPE.SECRET);
}

function sign({ fields, key, sign_type: kind }) {
  return kind === 'WORKWX' ? workSign(fields, key) : Kits.generateSignature(fields, key, kind);
}

function fields({ payer, packet, call }) {
  const appid = { [call.startsWith('query') ? 'appid' : 'wxappid']: payer.app_id };
  const said = {
    ...CONSTANTS[call], ...packet, ...appid, mch_id: payer.mch_id, nonce_str: Kits.generateStr(),
  };
  return call === 'work' ? { ...said, workwx_sign: workSign(said, payer.work_secret) } : said;
}

// As its examples do it: signed XML, posted with the certificate, read as XML.
async function outcome(step) {
  if (step.call === 'sign') { return { value: sign(step) }; }
  if (step.call === 'read') { return { value: await Kits.xml2obj(step.document) }; }
  const { payer } = step;
  try {
    const xml = await Kits.generateSignedXml(fields(step), payer.key, 'MD5');
    const certificate = payer.p12_path ? readFileSync(payer.p12_path) : undefined;
    const url = payer.base_url + PATHS[step.call];
    const reply = await HttpKit.getHttpDelegate.httpPostWithCert(url, xml, certificate, payer.mch_id);
    const value = await Kits.xml2obj(reply);
    return { kind: 'result', code: value.err_code, value };
  } catch (error) {
    return { kind: 'error', type: error.code ?? error.name, value: { text: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
