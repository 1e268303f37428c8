#!/usr/bin/env bash
# SheetJS (xlsx 0.18.5, Node): WeChat's bill is read letter by letter in Latin-1, so that no column has its name; there is no error.
#
# What one would expect: a CSV in UTF-8 without a byte order mark, as WeChat's bills are, is read as UTF-8, at least where every byte
#   of it is valid UTF-8; what is no UTF-8 is asked for by an option.
# Seen: readFile, and read of a buffer, take each byte for a letter: 收支金额(元) is 14 letters such as æ and ¶, and the sum of the amounts by
#   their column's name is 0 of 2 rows. The amounts are there, under a name that nobody looks for. codepage: 65001, or a byte order mark, which
#   a spreadsheet adds when it saves the file anew, reads all of it: 3 yuan.
# Whom it hurts: whoever adds up a bill with the most used reader of spreadsheets in JavaScript, and tried it with a bill that had been opened
#   and saved once: that one is right, and those that come from WeChat count as days on which nothing was paid.
#
# Needs node and npm's registry. Exits with 1 if SheetJS does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund xlsx@0.18.5 > npm.log 2>&1 || { cat npm.log; exit 2; }

cat > read.js <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const XLSX = require("xlsx");

const AMOUNT = "收支金额(元)";
const bill = [
  `记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,${AMOUNT},账户结余(元),资金变更提交申请人,备注,业务凭证号`,
  "`2026-11-29 09:00:01,`10001,`701,`现金红包,`现金红包,`支出,`1.00,`998.00,`1999000001API,`抽奖,`A1",
  "`2026-11-29 09:00:02,`10002,`702,`现金红包,`现金红包,`支出,`2.00,`996.00,`1999000001API,`抽奖,`A2",
].join("\r\n");
writeFileSync("bill.csv", bill);
writeFileSync("saved.csv", `\ufeff${bill}`);

function sum(workbook) {
  const rows = XLSX.utils.sheet_to_json(workbook.Sheets[workbook.SheetNames[0]]);
  const amounts = rows.map((row) => Number(String(row[AMOUNT] ?? "0").replace("`", "")));
  return `${rows.length} rows, ${amounts.reduce((all, one) => all + one, 0)} yuan`;
}

const seen = [
  sum(XLSX.readFile("bill.csv")),
  sum(XLSX.read(readFileSync("bill.csv"))),
  sum(XLSX.readFile("bill.csv", { codepage: 65001 })),
  sum(XLSX.readFile("saved.csv")),
];
console.log(seen.join("\n"));
const wanted = ["2 rows, 0 yuan", "2 rows, 0 yuan", "2 rows, 3 yuan", "2 rows, 3 yuan"];
process.exit(JSON.stringify(seen) === JSON.stringify(wanted) ? 0 : 1);
JS
node read.js
