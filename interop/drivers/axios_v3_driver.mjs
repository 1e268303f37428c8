// Drives wechatpay-axios-plugin's own functions for V3: one JSON step a line in, one outcome out.
// Run it in the folder in which the package is installed.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { Aes, Formatter, Rsa } = createRequire(`${process.cwd()}/`)('wechatpay-axios-plugin');

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
  console.log(JSON.stringify({ value: CALLS[step.call](step) }));
}
