#!/usr/bin/env bash
# @tnwx/wxpay 2.5.6 (Node): no signature of a notification is ever right.
#
# Guess, before its code was read: WxPay.notifySignatureValid is true for what the package's own Kits.generateSignature has signed.
# Seen: false, for MD5 and for HMAC-SHA256. WxPay.isSignatureValid begins with "if (data || typeof data !== 'object') return
#   false", where !data was meant: whatever is an object is wrong. Compared by hand, the signatures agree.
# Whom it hurts: whoever asks it refuses every notification, so WeChat sends each again and again and the order stays unpaid; it
#   passes every test in which a forged notification must be refused.
#
# Needs node and npm's registry. Exits with 1 if it does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @tnwx/wxpay@2.5.6 @tnwx/kits@2.5.6 > npm.log 2>&1 || { cat npm.log; exit 2; }

cat > verify.js <<'JS'
const { Kits } = require("@tnwx/kits");
const { WxPay } = require("@tnwx/wxpay");

const key = "0123456789abcdef0123456789abcdef";
const told = ["MD5", "HMAC-SHA256"].map((kind) => {
  const notified = { return_code: "SUCCESS", mch_id: "1999000001", total_fee: "100", sign_type: kind };
  notified.sign = Kits.generateSignature(notified, key, kind);
  const valid = WxPay.notifySignatureValid(notified, key);
  const byHand = Kits.generateSignature(notified, key, kind) === notified.sign;
  console.log(kind, "valid:", valid, "the same when signed again:", byHand);
  return valid === false && byHand;
});
process.exit(told.every(Boolean) ? 0 : 1);
JS
node verify.js
