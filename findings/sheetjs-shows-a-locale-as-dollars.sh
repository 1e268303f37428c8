#!/usr/bin/env bash
# SheetJS (xlsx 0.18.5, ssf 0.11.2): a number format that only names a locale is shown as dollars.
#
# Guess, before it was run: [$-804] names the Chinese locale and no currency, so [$-804]0.00 shows 1.88 as 1.88, as Excel and
#   LibreOffice do. Chinese Excel writes such codes by itself.
# Seen: the formatted text of the cell (.w, and with it sheet_to_csv and sheet_to_json with raw: false) is $1.88.
# Whom it hurts: whoever shows or exports a Chinese sheet by its formatted texts: yuan become dollars, and a number column
#   becomes one that no parser of numbers takes.
#
# Needs npm and its registry. Exits with 1 if SheetJS does otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit xlsx@0.18.5 > /dev/null
node - <<'JAVASCRIPT'
const XLSX = require("xlsx");

const sheet = { A1: { t: "n", v: 1.88, z: "[$-804]0.00" }, "!ref": "A1" };
const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, sheet, "s");
const read = XLSX.read(XLSX.write(book, { type: "buffer" }), { cellNF: true }).Sheets.s;
console.log("cell:", read.A1, "csv:", XLSX.utils.sheet_to_csv(read));
process.exit(read.A1.w === "$1.88" && XLSX.utils.sheet_to_csv(read) === "$1.88" ? 0 : 1);
JAVASCRIPT
