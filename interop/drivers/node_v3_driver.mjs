// Drives wechatpay-node-v3's own functions for V3: one JSON step a line in, one outcome out. It does not have the product, so
// these are the calls that its manual gives for others. Run it in the folder in which the package is installed.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const WxPay = createRequire(`${process.cwd()}/`)('wechatpay-node-v3');
const BILLS = '/v3/fund-app/mch-transfer/transfer-bills';

async function called({ call, payer, transfer, ...step }) {
  const pay = new WxPay({
    appid: payer.app_id,
    mchid: payer.mch_id,
    serial_no: payer.serial_no,
    publicKey: Buffer.from(step.public_key),
    privateKey: Buffer.from(step.private_key),
  });
  const sent = (method, path, body) => {
    const type = { 'Content-Type': 'application/json', 'Wechatpay-Serial': payer.public_key_id };
    const headers = pay.getHeaders(pay.buildAuthorization(method, path, body), type);
    const url = `${payer.base_url}${path}`;
    return method === 'GET' ? pay.httpService.get(url, headers) : pay.httpService.post(url, body, headers);
  };
  const bill = `${BILLS}/out-bill-no/${transfer.out_bill_no}`;
  const asked = {
    transfer: () => sent('POST', BILLS, transfer),
    query: () => sent('GET', bill),
    cancel: () => sent('POST', `${bill}/cancel`),
  };
  // What the caller gets: a promise that is fulfilled each time.
  const { status, data, error } = await asked[call]();
  if (status === 200) return { kind: 'result', state: data.state ?? '' };
  if (status === undefined) return { kind: 'error', value: 'no status' };
  return { kind: 'refused', code: JSON.parse(error).code };
}

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  try {
    console.log(JSON.stringify(await called(step)));
  } catch (error) {
    console.error(error);
    console.log(JSON.stringify({ kind: 'error', value: String(error) }));
  }
}
