// Verifies webhooks with npm's library: one JSON step a line in, one JSON outcome a line out.
// Run it in the folder in which the package is installed.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const here = createRequire(`${process.cwd()}/`);
const { Webhook } = here('standardwebhooks');

function accepted({ secret, headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify({ accepted: accepted(JSON.parse(line)) })}\n`);
}
