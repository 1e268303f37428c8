// Drives wechatpay-axios-plugin's own functions for V3: one JSON step a line in, one outcome out.
// Run it in the folder in which the package is installed.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { Aes, Formatter, Rsa, Wechatpay } = createRequire(`${process.cwd()}/`)('wechatpay-axios-plugin');

// What the caller gets: WeChat's word, or an error where its signature is not right.
async function called(step) {
  const { call, payer, transfer } = step;
  const client = new Wechatpay({
    mchid: payer.mch_id,
    serial: payer.serial_no,
    privateKey: step.private_key,
    certs: { [payer.public_key_id]: step.public_key },
    baseURL: `${payer.base_url}/`,
  });
  const bills = 'v3/fund-app/mch-transfer/transfer-bills';
  const headers = { 'Wechatpay-Serial': payer.public_key_id };
  const bill = `${bills}/out-bill-no/${transfer.out_bill_no}`;
  const asked = {
    transfer: () => client.chain(bills).post(transfer, { headers }),
    query: () => client.chain(bill).get({ headers }),
    cancel: () => client.chain(`${bill}/cancel`).post({}, { headers }),
  };
  try {
    const { data } = await asked[call]();
    return { kind: 'result', state: String(data.state) };
  } catch (error) {
    const code = error.response?.data?.code;
    return code ? { kind: 'refused', code } : { kind: 'error', value: String(error) };
  }
}

const CALLS = {
  sign: ({ method, path, timestamp, nonce, body, private_key: key }) => (
    Rsa.sign(Formatter.request(method, path, timestamp, nonce, body), key)
  ),
  verify: ({ timestamp, nonce, body, signature, public_key: key }) => (
    Rsa.verify(Formatter.response(timestamp, nonce, body), signature, key)
  ),
  open: ({ resource, api_v3_key: key }) => (
    Aes.AesGcm.decrypt(resource.ciphertext, key, resource.nonce, resource.associated_data)
  ),
  seal: ({ text, public_key: key }) => Rsa.encrypt(text, key),
  unseal: ({ sealed, private_key: key }) => Rsa.decrypt(sealed, key),
};

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  try {
    const found = CALLS[step.call] ? { value: await CALLS[step.call](step) } : await called(step);
    console.log(JSON.stringify(found));
  } catch (error) {
    console.error(error);
    console.log(JSON.stringify({ value: String(error) }));
  }
}
